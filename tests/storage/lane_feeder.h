// A worker's side of the committer: emits changes of made-up bindings and reads its mark.
#pragma once

#include <cstdint>

#include "storage/commit_lane.h"

namespace tandem6 {

struct LaneFeeder {
  static constexpr std::size_t kRingSize = 1024;

  SpscRing<Change> ring{kRingSize};
  CommittedMark mark;
  std::uint64_t next_number = 1;

  /// The binding of client `client`, ACTIVE until `expires`. False when the ring is full.
  bool emit(std::uint64_t client, std::uint32_t expires = 1000, ChangeKind kind = ChangeKind::kPut,
            Urgency urgency = Urgency::kTold) {
    Change* change = ring.slot();
    if (change == nullptr) return false;
    *change = change_of(client, expires, kind);
    change->urgency = urgency;
    change->number = next_number++;
    ring.publish();
    return true;
  }
  [[nodiscard]] CommitLane lane() { return {.changes = &ring, .mark = &mark}; }

  static Duid duid_of(std::uint64_t client) {
    std::array<std::uint8_t, 10> octets{0, 3};
    for (std::size_t i = 0; i < 8; ++i) {
      octets[2 + i] = static_cast<std::uint8_t>(client >> (8 * (7 - i)));
    }
    return Duid(octets);
  }
  static Change change_of(std::uint64_t client, std::uint32_t expires, ChangeKind kind) {
    Change change{};
    change.kind = kind;
    change.dirty_index = kind == ChangeKind::kPut ? DirtyIndex::kAdd : DirtyIndex::kRemove;
    change.duid = duid_of(client);
    change.binding.address =
        Ipv6Address::from_halves(0x20010db800070000, client * 0x9e3779b97f4a7c15);
    change.binding.iaid = Iaid{1};
    change.binding.duid_size = 10;
    change.binding.status = BindingStatus::kActive;
    change.binding.needs_update = true;
    change.binding.valid_lifetime = Lifetime{expires};
    change.binding.preferred_lifetime = Lifetime{expires / 2};
    change.binding.state_expiration_time = WallTime{expires};
    return change;
  }
};

}  // namespace tandem6
