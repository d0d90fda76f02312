// Virtual time: what is to happen when, in milliseconds. Of things due at one time the one that was
// put down first is first, so that a life is the same each time.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

namespace tandem6::simulation {

using Milliseconds = std::int64_t;

class Agenda {
 public:
  [[nodiscard]] Milliseconds now() const noexcept { return now_; }
  void at(Milliseconds when, std::function<void()> what) {
    entries_.push({std::max(when, now_), ++count_, std::move(what)});
  }
  void in(Milliseconds after, std::function<void()> what) { at(now_ + after, std::move(what)); }
  /// The next thing that is due before `end` happens; false: there is none, and it is `end` now.
  bool next_before(Milliseconds end) {
    if (entries_.empty() || entries_.top().when >= end) {
      now_ = std::max(now_, end);
      return false;
    }
    now_ = entries_.top().when;
    // The top is const only to keep its order, which is of no account once it is taken.
    const auto what = std::move(const_cast<Entry&>(entries_.top()).what);
    entries_.pop();
    what();
    return true;
  }

 private:
  struct Entry {
    Milliseconds when;
    std::uint64_t order;
    std::function<void()> what;
    bool operator<(const Entry& other) const noexcept {
      return when != other.when ? when > other.when : order > other.order;
    }
  };
  Milliseconds now_ = 0;
  std::uint64_t count_ = 0;
  std::priority_queue<Entry> entries_;
};

}  // namespace tandem6::simulation
