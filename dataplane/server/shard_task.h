// Work of the control plane on a shard, done by the shard's worker between two bursts.
//
// The asker makes a task, gives it to a worker and leaves it alone until it comes back; the worker
// calls `advance` once a turn until the task says that it is done. So the memory of a task is the
// asker's all the time, and nothing is allocated on the packet path.
#pragma once

#include "dataplane/lease/shard.h"
#include "dataplane/lease/wall_time.h"
#include "dataplane/server/service.h"

namespace tandem6 {

class ShardTask {
 public:
  virtual ~ShardTask() = default;
  /// The worker: does a bounded piece. True: this was all.
  virtual bool advance(const Service& service, Shard& shard, WallTime now) noexcept = 0;
};

}  // namespace tandem6
