// The bindings of a shard: one array, dealt out from its start, with freed places dealt out again
// first. Nothing is filled at start: places never taken are untouched memory.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "dataplane/lease/binding.h"
#include "dataplane/lease/reserved_memory.h"
#include "dataplane/wire/check.h"

namespace tandem6 {

/// The owning shard's worker only, but for count(). A binding is live exactly when its duid_size is
/// not zero.
class BindingSlab {
 public:
  explicit BindingSlab(std::uint32_t count_max) : bindings_(count_max) {}

  [[nodiscard]] Binding* data() const noexcept { return bindings_.data(); }
  [[nodiscard]] Binding& operator[](BindingIndex index) const noexcept { return bindings_[index]; }
  /// Racy for other threads, stale is fine.
  [[nodiscard]] std::uint32_t count() const noexcept {
    return count_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] bool full() const noexcept { return count() == bindings_.count(); }

  /// A place with everything at its default; live once duid_size is set. REQUIRES: not full().
  [[nodiscard]] BindingIndex take() noexcept {
    BindingIndex index = first_freed_;
    if (index != kNoBinding) {
      first_freed_ = bindings_[index].list_next;
    } else {
      T6_CHECK(touched_count_ < bindings_.count());
      index = touched_count_++;
    }
    bindings_[index] = Binding{};
    count_.store(count() + 1, std::memory_order_relaxed);
    return index;
  }

  /// REQUIRES: taken, and in no list.
  void give(BindingIndex index) noexcept {
    bindings_[index] = Binding{};
    bindings_[index].list_next = first_freed_;
    first_freed_ = index;
    count_.store(count() - 1, std::memory_order_relaxed);
  }

  /// All live bindings stand before this place.
  [[nodiscard]] BindingIndex touched_count() const noexcept { return touched_count_; }
  /// The first live one in [from, end).
  [[nodiscard]] BindingIndex first_live_from(BindingIndex from, BindingIndex end) const noexcept {
    for (BindingIndex index = from; index < std::min(end, touched_count_); ++index) {
      if (bindings_[index].duid_size != 0) return index;
    }
    return kNoBinding;
  }
  [[nodiscard]] bool is_live(BindingIndex index) const noexcept {
    return index < touched_count_ && bindings_[index].duid_size != 0;
  }

 private:
  ReservedMemory<Binding> bindings_;
  BindingIndex touched_count_ = 0;         // places taken at least once
  BindingIndex first_freed_ = kNoBinding;  // of those, the free ones, linked by list_next
  std::atomic<std::uint32_t> count_{0};
};

}  // namespace tandem6
