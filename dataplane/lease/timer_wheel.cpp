#include "dataplane/lease/timer_wheel.h"

#include <algorithm>
#include <bit>

#include "dataplane/lease/partner_rules.h"
#include "dataplane/wire/check.h"

namespace tandem6 {

WallTime due_time(const Binding& binding, Lifetime mclt) noexcept {
  const bool is_active = binding.status == BindingStatus::kActive;
  return is_active ? end_of_active(binding, mclt) : WallTime(binding.state_expiration_time);
}

TimerWheel::TimerWheel(Binding* bindings)
    : bindings_(bindings), lists_(bindings, kLevelCount * kSlotCount) {}

TimerWheel::Tick TimerWheel::tick_of(WallTime time) noexcept {
  return static_cast<Tick>(std::clamp<std::int64_t>(time.seconds, 0, 0xfffffffe));
}

TimerWheel::Tick TimerWheel::deadline_of(BindingIndex index) const noexcept {
  return tick_of(due_time_of(bindings_[index]));
}

bool TimerWheel::is_occupied(unsigned level, unsigned slot) const noexcept {
  return (occupied_[level][slot / 64] >> (slot % 64) & 1) != 0;
}

std::optional<unsigned> TimerWheel::first_occupied(unsigned level, unsigned from) const noexcept {
  const auto& words = occupied_[level];
  unsigned word = from / 64;
  std::uint64_t bits = words[word] & (~0ULL << (from % 64));
  while (bits == 0) {
    if (++word == words.size()) return std::nullopt;
    bits = words[word];
  }
  return word * 64 + static_cast<unsigned>(std::countr_zero(bits));
}

std::optional<TimerWheel::Event> TimerWheel::next_event() const noexcept {
  // A half cascaded slot lies at or before `current_` and holds back everything after it.
  for (unsigned level = kLevelCount - 1; level != 0; --level) {
    const unsigned slot = octet_of(current_, level);
    if (is_occupied(level, slot)) return Event{level, slot, current_};
  }
  for (unsigned level = 0; level < kLevelCount; ++level) {
    const std::optional<unsigned> slot = first_occupied(level, octet_of(current_, level));
    if (!slot) continue;
    const unsigned shift = level * kSlotCountLog2;
    const std::uint64_t above = std::uint64_t{current_} >> (shift + kSlotCountLog2);
    return Event{level, *slot, static_cast<Tick>(((above << kSlotCountLog2) | *slot) << shift)};
  }
  return std::nullopt;
}

void TimerWheel::place(BindingIndex index) noexcept {
  const Tick tick = std::max(deadline_of(index), current_);
  const unsigned highest_bit = 31U - static_cast<unsigned>(std::countl_zero((tick ^ current_) | 1));
  const unsigned level = highest_bit / kSlotCountLog2;
  const unsigned slot = octet_of(tick, level);
  lists_.push_back(level * kSlotCount + slot, index);
  occupied_[level][slot / 64] |= 1ULL << (slot % 64);
}

void TimerWheel::insert(BindingIndex index, WallTime now) noexcept {
  const WallTime deadline = due_time_of(bindings_[index]);
  T6_CHECK(!deadline.is_none() && !deadline.is_infinite());
  // An empty wheel may jump; so the first binding does not cascade all the way from the year 2000.
  if (size_ == 0) current_ = std::max(current_, tick_of(now));
  place(index);
  ++size_;
}

void TimerWheel::remove(BindingIndex index) noexcept {
  if (const std::optional<std::uint32_t> emptied = lists_.remove(index)) {
    const unsigned slot = *emptied % kSlotCount;
    occupied_[*emptied / kSlotCount][slot / 64] &= ~(1ULL << (slot % 64));
  }
  --size_;
}

void TimerWheel::cascade(const Event& event, std::size_t& steps) noexcept {
  const std::uint32_t list = event.level * kSlotCount + event.slot;
  while (steps != 0 && !lists_.empty(list)) {
    const BindingIndex index = lists_.first(list);
    const BindingIndex next = lists_.next(index);
    if (next != kNoBinding) __builtin_prefetch(&bindings_[next].list_next, 1);
    remove(index);
    place(index);
    ++size_;
    --steps;
  }
}

BindingIndex TimerWheel::pop_due(WallTime now, std::size_t& steps) noexcept {
  const Tick limit = tick_of(now);
  for (;;) {
    const std::optional<Event> event = next_event();
    if (!event || event->start > limit) {
      current_ = std::max(current_, limit);
      return kNoBinding;
    }
    current_ = event->start;
    if (event->level != 0) {
      if (steps == 0) return kNoBinding;
      cascade(*event, steps);
      continue;
    }
    const BindingIndex index = lists_.first(event->slot);
    const BindingIndex next = lists_.next(index);
    if (next != kNoBinding) __builtin_prefetch(&bindings_[next].list_next, 1);
    if (deadline_of(index) <= limit) {
      remove(index);
      return index;
    }
    // Its time was moved on without arming it anew: never early, so it goes round once more.
    if (steps == 0) return kNoBinding;
    --steps;
    remove(index);
    place(index);
    ++size_;
  }
}

bool TimerWheel::has_due(WallTime now) const noexcept {
  const std::optional<Event> event = next_event();
  return event && event->start <= tick_of(now);
}

}  // namespace tandem6
