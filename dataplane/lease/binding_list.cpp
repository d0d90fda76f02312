#include "dataplane/lease/binding_list.h"

#include "dataplane/wire/check.h"

namespace tandem6 {

BindingLists::BindingLists(Binding* bindings, std::uint32_t list_count)
    : bindings_(bindings), ends_(list_count) {}

void BindingLists::push_back(std::uint32_t list, BindingIndex index) noexcept {
  Binding& binding = bindings_[index];
  T6_CHECK(binding.list_next == kNoBinding && binding.list_previous == kNoBinding);
  Ends& ends = ends_[list];
  binding.list_next = kMark | list;
  if (ends.last == kNoBinding) {
    binding.list_previous = kMark | list;
    ends.first = index;
  } else {
    binding.list_previous = ends.last;
    bindings_[ends.last].list_next = index;
  }
  ends.last = index;
}

std::optional<std::uint32_t> BindingLists::remove(BindingIndex index) noexcept {
  Binding& binding = bindings_[index];
  std::optional<std::uint32_t> emptied;
  T6_CHECK(binding.list_next != kNoBinding && binding.list_previous != kNoBinding);
  if (is_mark(binding.list_previous)) {
    Ends& ends = ends_[list_of(binding.list_previous)];
    T6_CHECK(ends.first == index);
    ends.first = is_mark(binding.list_next) ? kNoBinding : binding.list_next;
  } else {
    bindings_[binding.list_previous].list_next = binding.list_next;
  }
  if (is_mark(binding.list_next)) {
    Ends& ends = ends_[list_of(binding.list_next)];
    T6_CHECK(ends.last == index);
    ends.last = is_mark(binding.list_previous) ? kNoBinding : binding.list_previous;
    if (ends.last == kNoBinding) emptied = list_of(binding.list_next);
  } else {
    bindings_[binding.list_next].list_previous = binding.list_previous;
  }
  binding.list_next = kNoBinding;
  binding.list_previous = kNoBinding;
  return emptied;
}

}  // namespace tandem6
