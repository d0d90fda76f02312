// A word of memory that several threads share. Each function is one atomic step, and all steps have
// their place in one order (sequential consistency), which is what the proofs of bitmap_tree.h and
// free_lease_map.h argue with.
//
// The tests build those files a second time with T6_STEP_BY_STEP, where each step first asks a
// scheduler of theirs who comes next.
#pragma once

#include <atomic>

namespace tandem6 {

#ifdef T6_STEP_BY_STEP
void before_shared_step() noexcept;
inline namespace step_by_step {
#else
inline void before_shared_step() noexcept {}
#endif

/// Borrows the word.
template <typename T>
class SharedWord {
 public:
  explicit SharedWord(T& word) noexcept : word_(word) {}

  [[nodiscard]] T load() const noexcept {
    before_shared_step();
    return word_.load();
  }
  void store(T value) const noexcept {
    before_shared_step();
    word_.store(value);
  }
  /// Both return what was there before.
  T fetch_or(T bits) const noexcept {
    before_shared_step();
    return word_.fetch_or(bits);
  }
  T fetch_and(T bits) const noexcept {
    before_shared_step();
    return word_.fetch_and(bits);
  }
  /// Whether the word was `expected` and is now `desired`.
  [[nodiscard]] bool exchange_if(T expected, T desired) const noexcept {
    before_shared_step();
    return word_.compare_exchange_strong(expected, desired);
  }

 private:
  std::atomic_ref<T> word_;
};

#ifdef T6_STEP_BY_STEP
}  // namespace step_by_step
#endif

}  // namespace tandem6
