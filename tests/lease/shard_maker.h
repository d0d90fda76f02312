// What the tests of the shard have in common: a key, clients with right hashes, leases by number.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "dataplane/lease/shard.h"

namespace tandem6::test {

inline const AllocationKey& key() {
  static const AllocationKey the_key(
      std::array<std::uint8_t, 16>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
  return the_key;
}

using Octets = std::vector<std::uint8_t>;

/// Borrows `duid`.
inline ClientKey client(const Octets& duid) { return {duid, key().hash(duid)}; }

/// A DUID of `size` octets that says `number` in its last four (of at least six).
inline Octets duid_of(std::uint32_t number, std::size_t size = 14) {
  Octets duid(size, 0xd0);
  duid[0] = 0;
  duid[1] = 1;
  for (std::size_t i = 0; i < 4; ++i) {
    duid[size - 1 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return duid;
}

inline Ipv6Prefix address_lease(std::uint32_t number) {
  return {Ipv6Address::from_halves(0x20010db800000001, 0x1000000000000000 + number), 128};
}
inline Ipv6Prefix prefix_lease(std::uint32_t number, std::uint8_t length = 56) {
  return Ipv6Prefix{Ipv6Address::from_halves(0x20010db800000000 | std::uint64_t{number} << 8, 0),
                    length}
      .masked();
}

/// What the committer would take from the shard's ring.
inline std::vector<Change> take_changes(Shard& shard) {
  std::vector<Change> all;
  std::array<Change, 16> some;
  while (const std::size_t count = shard.changes().pop(some)) {
    all.insert(all.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return all;
}

}  // namespace tandem6::test
