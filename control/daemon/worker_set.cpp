#include "control/daemon/worker_set.h"

namespace tandem6 {
namespace {

/// As many as replies can be held, so that the ring is never the tighter bound of the two.
constexpr std::uint32_t kChangeRingSize = HeldReplies::kCountMax;

}  // namespace

WorkerSet::WorkerSet(unsigned worker_count, std::uint32_t binding_count_max,
                     const Service& service) {
  const std::uint32_t share = (binding_count_max + worker_count - 1) / worker_count;
  for (unsigned worker = 0; worker < worker_count; ++worker) {
    auto slot = std::make_unique<Slot>();
    slot->shard = std::make_unique<Shard>(
        static_cast<ShardId>(worker),
        Shard::Capacity{.binding_count_max = share, .change_ring_size = kChangeRingSize},
        service.key());
    slot->server = std::make_unique<ShardServer>(service, *slot->shard, slot->wire);
    slots_.push_back(std::move(slot));
  }
}

std::vector<Datapath::WorkerParts> WorkerSet::datapath_parts() {
  std::vector<Datapath::WorkerParts> parts;
  for (const auto& slot : slots_) {
    parts.push_back({.server = slot->server.get(), .mark = &slot->mark, .wire = &slot->wire});
  }
  return parts;
}

std::vector<CommitLane> WorkerSet::commit_lanes() {
  std::vector<CommitLane> lanes;
  for (const auto& slot : slots_) {
    lanes.push_back({.changes = &slot->shard->changes(), .mark = &slot->mark});
  }
  return lanes;
}

}  // namespace tandem6
