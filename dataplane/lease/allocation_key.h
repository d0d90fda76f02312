// The secret of allocation: a keyed hash that makes leases stable for a client and unpredictable
// for everybody else (RFC 7943's idea, S-253). Two servers with one key and one configuration
// compute the same leases for the same client (RFC 6853 section 6.3).
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/wire/identity_association.h"
#include "dataplane/wire/ipv6.h"

namespace tandem6 {

/// Tells pools apart in a draw: made from the pool's range and the length of its leases (128 for
/// addresses), nothing else, and no secret.
[[nodiscard]] std::uint64_t salt_of_pool(const Ipv6Prefix& range,
                                         std::uint8_t lease_length) noexcept;

/// Immutable after construction; any thread.
class AllocationKey {
 public:
  explicit AllocationKey(const std::array<std::uint8_t, 16>& octets) noexcept;

  /// SipHash-2-4 of the octets.
  [[nodiscard]] std::uint64_t hash(std::span<const std::uint8_t> octets) const noexcept;

  /// One draw: two independent 64-bit words for (client, IA, pool, attempt).
  struct Draw {
    std::uint64_t high;
    std::uint64_t low;
  };
  /// `duid_hash` is `hash` of the DUID, `pool_salt` comes from the pool's prefix (so that two
  /// servers agree whatever the order of their configuration).
  [[nodiscard]] Draw draw(std::uint64_t duid_hash, IaType type, Iaid iaid, std::uint64_t pool_salt,
                          std::uint32_t attempt) const noexcept;

 private:
  std::uint64_t k0_;
  std::uint64_t k1_;
};

}  // namespace tandem6
