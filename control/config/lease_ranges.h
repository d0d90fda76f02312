// Whether two pools or reservations of the file claim one lease. Thousands of links are common, so
// the check sorts once instead of comparing all pairs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/config/faults.h"
#include "dataplane/server/settings.h"

namespace tandem6 {

/// A pool or a reservation, and where it stands.
struct LeaseRange {
  enum class Kind : std::uint8_t { kAddressPool, kPrefixPool, kReservedAddress, kReservedPrefix };

  Ipv6Prefix range;  // of an address: /128
  Kind kind = Kind::kAddressPool;
  std::uint8_t delegated_length = 0;  // of a prefix pool
  std::size_t link = 0;               // index into the names
  FilePosition position;
};

/// False, and a fault, for a range with multicast, link-local, loopback or unspecified addresses.
[[nodiscard]] bool check_leasable(const Ipv6Prefix& range, FilePosition position, Faults& faults);

/// A fault for each range that overlaps another, save a reservation inside a pool of its own link
/// (of a prefix: with the pool's delegated length). O(n log n).
void check_overlaps(std::vector<LeaseRange> ranges, const std::vector<std::string>& link_names,
                    Faults& faults);

}  // namespace tandem6
