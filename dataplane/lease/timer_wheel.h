// The timers of a shard's bindings: a hierarchical wheel over seconds of WallTime that covers all
// 2^32 of them.
//
// Four levels of 256 slots, one per octet of the time. With respect to `current_`, a binding stands
// at the level of the highest octet in which its time differs from it, in the slot that this octet
// names; so level 0 holds single seconds, and a slot of level L spans 256^L seconds. When
// `current_` reaches the first second of a slot of level 1..3, the slot is cascaded: its bindings
// move to lower levels. A bitmap per level says which slots are occupied, so that the next event is
// found by looking at bits, however many hours lie between; the wheel never walks empty seconds.
//
// A slot may be left half cascaded when a call's steps are used up. `current_` then stays at the
// slot's first second until it is empty, so nothing is lost or early; it is only later, and
// has_due() says so.
//
// A binding is due when due_time <= now. Bindings armed for a time that has passed are due at once.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "dataplane/lease/binding.h"
#include "dataplane/lease/binding_list.h"
#include "dataplane/lease/wall_time.h"

namespace tandem6 {

/// When a binding is due: ACTIVE when its lease ends here, which for one that the partner has heard
/// of may be later than its client was told; every other one at its state_expiration_time.
[[nodiscard]] WallTime due_time(const Binding& binding, Lifetime mclt) noexcept;

/// The owning shard's worker only.
class TimerWheel {
 public:
  /// `bindings` is borrowed and outlives this.
  explicit TimerWheel(Binding* bindings);

  /// The larger MCLT known of any relationship. What is armed already follows it: later when it
  /// grows, not earlier when it shrinks.
  void set_mclt(Lifetime mclt) noexcept { mclt_ = mclt; }
  [[nodiscard]] WallTime due_time_of(const Binding& binding) const noexcept {
    return due_time(binding, mclt_);
  }

  /// REQUIRES: the binding stands in no list and has a due_time that is neither none nor never.
  void insert(BindingIndex index, WallTime now) noexcept;
  /// REQUIRES: the binding stands in this wheel.
  void remove(BindingIndex index) noexcept;

  /// Takes out one binding that is due; kNoBinding when none is, or when `steps` are used up. Each
  /// binding that is moved down a level costs a step.
  [[nodiscard]] BindingIndex pop_due(WallTime now, std::size_t& steps) noexcept;
  /// True when pop_due has something to take out or to move down at `now`.
  [[nodiscard]] bool has_due(WallTime now) const noexcept;

  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }

 private:
  using Tick = std::uint32_t;  // seconds of WallTime; never 0xffffffff, which is kNever

  static constexpr unsigned kLevelCount = 4;
  static constexpr unsigned kSlotCountLog2 = 8;
  static constexpr unsigned kSlotCount = 1U << kSlotCountLog2;

  /// The next slot that needs work, and the first second of its span.
  struct Event {
    unsigned level;
    unsigned slot;
    Tick start;
  };

  [[nodiscard]] static Tick tick_of(WallTime time) noexcept;
  [[nodiscard]] static unsigned octet_of(Tick tick, unsigned level) noexcept {
    return (tick >> (level * kSlotCountLog2)) & (kSlotCount - 1);
  }
  [[nodiscard]] Tick deadline_of(BindingIndex index) const noexcept;
  [[nodiscard]] bool is_occupied(unsigned level, unsigned slot) const noexcept;
  [[nodiscard]] std::optional<unsigned> first_occupied(unsigned level,
                                                       unsigned from) const noexcept;
  [[nodiscard]] std::optional<Event> next_event() const noexcept;
  void place(BindingIndex index) noexcept;
  void cascade(const Event& event, std::size_t& steps) noexcept;

  Binding* bindings_;
  BindingLists lists_;  // number: level * kSlotCount + slot
  std::array<std::array<std::uint64_t, kSlotCount / 64>, kLevelCount> occupied_{};
  Tick current_ = 0;  // every binding with an earlier time has been taken out
  std::uint32_t size_ = 0;
  Lifetime mclt_{};
};

}  // namespace tandem6
