// The counters of all workers under the names of the documents: `received.solicit`,
// `drop.no_link`, `ans.no_addrs_avail`, `net.held`. Pure but for the racy reads of the counters.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "control/api/server_view.h"
#include "control/daemon/drop_reporter.h"
#include "dataplane/net/net_counters.h"
#include "dataplane/wire/counters.h"

namespace tandem6 {

/// One worker's; borrowed.
struct WorkerCounters {
  const WireCounters* wire = nullptr;
  const NetCounters* net = nullptr;
};

/// The same names in the same order at each call with as many workers. Message types and status
/// codes that have a name are all there, zero or not.
[[nodiscard]] std::vector<CounterView> counter_views(std::span<const WorkerCounters> workers);

[[nodiscard]] DropReporter::Counts sum_of_drops(std::span<const WorkerCounters> workers);

}  // namespace tandem6
