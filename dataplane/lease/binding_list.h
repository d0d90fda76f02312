// Lists of bindings, threaded through Binding::list_next and list_previous.
//
// The ends of a list carry a mark with the list's number in place of a neighbour's index. So a
// binding can be taken out without knowing which list it stands in, whatever has become of the time
// that once chose the list.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dataplane/lease/binding.h"

namespace tandem6 {

/// What Binding::list_kind says.
enum class ListKind : std::uint8_t { kNone = 0, kTimer = 1, kHistory = 2 };

/// A fixed number of lists over one slab. The owning shard's worker only; constant time each.
class BindingLists {
 public:
  /// `bindings` is borrowed and outlives this. Allocates, once.
  BindingLists(Binding* bindings, std::uint32_t list_count);

  [[nodiscard]] BindingIndex first(std::uint32_t list) const noexcept { return ends_[list].first; }
  [[nodiscard]] bool empty(std::uint32_t list) const noexcept { return first(list) == kNoBinding; }
  /// The next one of the same list; kNoBinding after the last.
  [[nodiscard]] BindingIndex next(BindingIndex index) const noexcept {
    const BindingIndex next = bindings_[index].list_next;
    return is_mark(next) ? kNoBinding : next;
  }

  /// REQUIRES: the binding stands in no list.
  void push_back(std::uint32_t list, BindingIndex index) noexcept;
  /// Returns the number of the list when it is empty now, else nothing. REQUIRES: the binding
  /// stands in a list of this object.
  std::optional<std::uint32_t> remove(BindingIndex index) noexcept;

 private:
  struct Ends {
    BindingIndex first = kNoBinding;
    BindingIndex last = kNoBinding;
  };
  static constexpr BindingIndex kMark = 0x80000000;

  [[nodiscard]] static bool is_mark(BindingIndex link) noexcept { return (link & kMark) != 0; }
  [[nodiscard]] static std::uint32_t list_of(BindingIndex mark) noexcept { return mark & ~kMark; }

  Binding* bindings_;
  std::vector<Ends> ends_;
};

}  // namespace tandem6
