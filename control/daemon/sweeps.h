// Where an endpoint's passes over the shards stand, between one piece that it takes and the next:
// the sweep that its partner asked for, and what is unsent (effects.h: BeginSweep, Take). The
// simulator goes by the same.
//
// What is unsent goes round, so that under any load each binding has its turn: a piece begins where
// the one before it ended, and only one that began at the first shard can say that nothing is left.
#pragma once

#include "dataplane/server/partner_updates.h"

namespace tandem6 {

class Sweeps {
 public:
  explicit Sweeps(std::size_t shard_count) noexcept : shard_count_(shard_count) {}

  void begin_sweep(bool all) noexcept {
    sweep_ = {};
    is_of_all_ = all;
  }

  void begin_piece(bool of_sweep) noexcept {
    is_of_sweep_ = of_sweep;
    may_be_last_ = of_sweep || (unsent_.shard == 0 && unsent_.from == 0);
  }
  [[nodiscard]] bool is_at_end() const noexcept { return place().shard == shard_count_; }
  /// REQUIRES: !is_at_end().
  [[nodiscard]] unsigned shard() const noexcept { return place().shard; }
  [[nodiscard]] BindingIndex from() const noexcept { return place().from; }
  [[nodiscard]] UpdateKind kind() const noexcept {
    return is_of_sweep_ && is_of_all_ ? UpdateKind::kAll : UpdateKind::kUnsent;
  }
  /// Where the shard says that it goes on; kNoBinding: it is through.
  void go_on_at(BindingIndex next) noexcept {
    Place& here = is_of_sweep_ ? sweep_ : unsent_;
    if (next == kNoBinding) {
      here = {.shard = here.shard + 1, .from = 0};
    } else {
      here.from = next;
    }
  }
  /// True: all shards have been looked at, and nothing is left of them.
  [[nodiscard]] bool end_piece() noexcept {
    if (!is_at_end()) return false;
    if (!is_of_sweep_) unsent_ = {};
    return may_be_last_;
  }

 private:
  struct Place {
    unsigned shard = 0;
    BindingIndex from = 0;
  };
  [[nodiscard]] const Place& place() const noexcept { return is_of_sweep_ ? sweep_ : unsent_; }

  std::size_t shard_count_;
  Place sweep_;
  Place unsent_;
  bool is_of_all_ = false;
  // Of the piece under way.
  bool is_of_sweep_ = false;
  bool may_be_last_ = false;
};

}  // namespace tandem6
