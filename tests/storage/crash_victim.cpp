// A storage that is killed: lanes at full rate through the committer, until somebody ends it.
//   crash_victim DATABASE LOG power|process
#include <sys/prctl.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "storage/committer.h"
#include "tests/storage/crash_log.h"
#include "tests/storage/lane_history.h"

namespace tandem6 {
namespace {

/// One worker's turn: changes while the ring takes them, then a look at the mark.
void turn(const LaneWorkload& workload, LaneFeeder& feeder, CrashLog::Lane& log) {
  for (unsigned i = 0; i < 32; ++i) {
    log.emitted.store(feeder.next_number);  // before the committer can see it
    if (!workload.emit_next(feeder)) break;
  }
  log.told.store(feeder.mark.read());
}

int serve(const std::string& database, CrashLog& log, Durability durability) {
  auto store = Store::open({.path = database});
  if (!store.has_value()) {
    std::fprintf(stderr, "%s\n", store.error().c_str());
    return 1;
  }
  std::vector<std::unique_ptr<LaneFeeder>> feeders;
  std::vector<CommitLane> lanes;
  std::vector<LaneWorkload> workloads;
  for (unsigned lane = 0; lane < CrashLog::kLaneCount; ++lane) {
    feeders.push_back(std::make_unique<LaneFeeder>());
    lanes.push_back(feeders.back()->lane());
    workloads.push_back({.seed = log.seed,
                         .lane = lane,
                         .client_count = log.client_count,
                         .expiry_base = log.expiry_base});
  }
  Committer committer(**store, lanes, {.durability = durability});
  committer.start();
  log.serving.store(1);
  for (;;) {
    for (unsigned lane = 0; lane < CrashLog::kLaneCount; ++lane) {
      turn(workloads[lane], *feeders[lane], log.lanes[lane]);
    }
    std::this_thread::yield();
  }
}

}  // namespace
}  // namespace tandem6

int main(int count, char** words) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // not longer than the test
  if (count != 4) return 2;
  const std::string mode = words[3];
  return tandem6::serve(
      words[1], tandem6::map_crash_log(words[2]),
      mode == "power" ? tandem6::Durability::kPower : tandem6::Durability::kProcess);
}
