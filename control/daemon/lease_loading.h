// Leases from disk into the shards at start: progress for people, and what could not be served.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "control/daemon/worker_set.h"
#include "dataplane/server/service.h"
#include "storage/store.h"

namespace tandem6 {

/// What the load found; shown in the log and in `storage status`.
struct LoadReport {
  std::uint64_t lease_count = 0;           // in memory
  std::uint64_t unplaced_count = 0;        // of these, in no pool of today's configuration
  std::uint64_t block_count = 0;           // of delegable prefixes, whose half is known
  std::uint64_t unplaced_block_count = 0;  // likewise, in no pool shared with a partner today
  std::uint64_t set_aside_count = 0;       // records of both kinds
  std::uint64_t damaged_gap_count = 0;
  LeasesOrigin origin = LeasesOrigin::kKept;  // this start's findings included
  WallTime last_client_contact = kNoTime;     // that this server had itself
  double seconds = 0;
};

/// Control thread, before the workers start and before the committer does: records that cannot be
/// served are set aside in `store`. The error tells the operator what to decide: too many leases
/// for the memory that is configured, or leases that today's pools would give to others.
[[nodiscard]] std::expected<LoadReport, std::string> load_into(WorkerSet& workers,
                                                               const Service& service, Store& store,
                                                               WallTime now);

}  // namespace tandem6
