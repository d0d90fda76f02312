// What lanes told the committer, and what of it a crash may leave: the judge of the crash tests.
//
// Every change of a lane is made from a seed and its number alone, so a process that was killed
// need not say what it did, only how far it was. The expiry of a binding names the change that
// wrote it, so two states are the same only if each binding is of the same change. Each lane has
// clients of its own, as each worker has.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage/store.h"
#include "tests/storage/lane_feeder.h"

namespace tandem6 {

/// client -> expiry of its binding
using LaneState = std::map<std::uint64_t, std::uint32_t>;

struct LaneWorkload {
  std::uint64_t seed = 0;
  unsigned lane = 0;
  std::uint32_t client_count = 1000;
  std::uint32_t expiry_base = 0;  // greater than every expiry of earlier workloads of this lane

  static constexpr std::uint64_t kClientsPerLane = 1'000'000;

  struct Step {
    std::uint64_t client;
    std::uint32_t expires;
    ChangeKind kind;
    Urgency urgency;
  };
  [[nodiscard]] Step step(std::uint64_t number) const;
  /// The newest change up to `mark` that somebody was told of: everything up to it is promised.
  [[nodiscard]] std::uint64_t promised_at(std::uint64_t mark) const;
  /// The next change of the feeder; false when the ring is full.
  [[nodiscard]] bool emit_next(LaneFeeder& feeder) const;
};

void apply_step(LaneState& state, const LaneWorkload::Step& step);

/// The states of all lanes as the disk has them, or what is wrong with it: a record that does not
/// check, a client twice, an index that disagrees with the leases.
struct DiskState {
  std::vector<LaneState> lanes;
  std::string fault;
};
[[nodiscard]] DiskState read_lanes(const Store& store, unsigned lane_count);

/// How many of the workload's changes are on disk, when it began from `before`: any number from
/// `told` to `emitted`. None: changes are lost, or there are holes.
[[nodiscard]] std::optional<std::uint64_t> surviving_count(const LaneState& before,
                                                           const LaneWorkload& workload,
                                                           std::uint64_t told,
                                                           std::uint64_t emitted,
                                                           const LaneState& on_disk);

/// For people: where `on_disk` differs from what was told.
[[nodiscard]] std::string describe_loss(const LaneState& before, const LaneWorkload& workload,
                                        std::uint64_t told, std::uint64_t emitted,
                                        const LaneState& on_disk);

}  // namespace tandem6
