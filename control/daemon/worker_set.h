// What stands behind each worker of the packet path: its shard, the server on it, its counters and
// its mark.
#pragma once

#include <memory>
#include <vector>

#include "dataplane/lease/committed_mark.h"
#include "dataplane/lease/shard.h"
#include "dataplane/net/datapath.h"
#include "dataplane/net/shard_server.h"
#include "dataplane/server/service.h"
#include "dataplane/wire/counters.h"
#include "storage/commit_lane.h"

namespace tandem6 {

/// Built by control before the workers start; then each part belongs to whom its header says.
class WorkerSet {
 public:
  /// Shares `binding_count_max` out among the shards. `service` is borrowed. Throws std::bad_alloc
  /// when the address space cannot be reserved.
  WorkerSet(unsigned worker_count, std::uint32_t binding_count_max, const Service& service);

  [[nodiscard]] std::vector<Datapath::WorkerParts> datapath_parts();
  [[nodiscard]] std::vector<CommitLane> commit_lanes();
  [[nodiscard]] std::size_t size() const noexcept { return slots_.size(); }
  [[nodiscard]] const Shard& shard(std::size_t worker) const { return *slots_[worker]->shard; }
  /// Before the workers start.
  [[nodiscard]] Shard& shard(std::size_t worker) { return *slots_[worker]->shard; }
  [[nodiscard]] const WireCounters& wire(std::size_t worker) const { return slots_[worker]->wire; }

 private:
  struct Slot {
    std::unique_ptr<Shard> shard;
    WireCounters wire;
    CommittedMark mark;
    std::unique_ptr<ShardServer> server;
  };
  std::vector<std::unique_ptr<Slot>> slots_;
};

}  // namespace tandem6
