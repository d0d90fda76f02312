// Where a lease belongs by today's configuration: its link and its pool, found by the lease alone.
#pragma once

#include <optional>
#include <vector>

#include "dataplane/lease/binding.h"
#include "dataplane/server/settings.h"

namespace tandem6 {

struct LeasePlace {
  PoolIndex link = kNoPool;
  PoolIndex pool = kNoPool;             // kNoPool: a reservation outside of every pool
  std::uint8_t delegated_length = 128;  // that leases of this place have
};

/// Immutable after construction; any thread. Ranges of one type do not overlap (the configuration
/// check sees to it), so a binary search finds the only one that can contain a lease.
class LeasePlaces {
 public:
  explicit LeasePlaces(const std::vector<LinkSettings>& links);

  /// The place whose range contains the lease; none: it lies on no link of ours.
  [[nodiscard]] std::optional<LeasePlace> find(IaType type, const Ipv6Prefix& lease) const noexcept;
  /// True when some range, of either type, overlaps the lease.
  [[nodiscard]] bool overlaps(const Ipv6Prefix& lease) const noexcept;

 private:
  struct Row {
    Ipv6Prefix range;
    LeasePlace place;
  };
  [[nodiscard]] static bool overlaps(const std::vector<Row>& rows,
                                     const Ipv6Prefix& lease) noexcept;

  std::vector<Row> addresses_;  // sorted by range
  std::vector<Row> prefixes_;
};

}  // namespace tandem6
