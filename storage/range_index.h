// Where a configuration wants leases to lie, to be asked about many of them.
#pragma once

#include <cstdint>
#include <vector>

#include "dataplane/wire/identity_association.h"
#include "dataplane/wire/ipv6.h"

namespace tandem6 {

/// A pool, or one reserved lease.
struct RangeOfLeases {
  IaType type = IaType::kNonTemporaryAddress;
  Ipv6Prefix range;
  std::uint8_t lease_length = 128;  // of each lease in it
};

/// Immutable; any thread.
class RangeIndex {
 public:
  explicit RangeIndex(std::vector<RangeOfLeases> ranges);
  /// Of how many ranges this could be a lease.
  [[nodiscard]] unsigned count_around(IaType type, const Ipv6Prefix& lease) const;

 private:
  std::vector<RangeOfLeases> ranges_;  // sorted
  std::vector<std::uint8_t> lengths_;  // of ranges that there are
};

}  // namespace tandem6
