// The keyed hash by which a shard finds the bindings of a lease.
//
// Clients have a say in which addresses they get, so an unkeyed hash could be made to collide; the
// full SipHash is not needed, as nobody outside ever sees the result.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/lease/allocation_key.h"
#include "dataplane/wire/ipv6.h"

namespace tandem6 {

/// Immutable after construction; any thread.
class LeaseHash {
 public:
  explicit LeaseHash(const AllocationKey& key) noexcept {
    for (std::size_t n = 0; n < secrets_.size(); ++n) {
      const std::array<std::uint8_t, 12> label = {
          'l', 'e', 'a', 's', 'e', ' ', 'h', 'a', 's', 'h', ' ', static_cast<std::uint8_t>(n)};
      secrets_[n] = key.hash(label);
    }
  }

  /// `lease` must be masked.
  [[nodiscard]] std::uint64_t operator()(const Ipv6Prefix& lease) const noexcept {
    const std::uint64_t folded =
        fold(lease.address.high() ^ secrets_[0], lease.address.low() ^ secrets_[1]);
    return fold(folded ^ secrets_[2], lease.length ^ secrets_[3]);
  }

 private:
  /// Both halves of the 128-bit product, as one.
  [[nodiscard]] static std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ using Wide = unsigned __int128;
    const Wide product = Wide{a} * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }

  std::array<std::uint64_t, 4> secrets_;
};

}  // namespace tandem6
