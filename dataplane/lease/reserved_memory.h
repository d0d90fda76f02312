// Zeroed memory of which only what is touched is taken from the machine: tables are sized for the
// full house at start and cost what they hold.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace tandem6 {

namespace reserved_memory {
/// Throws std::bad_alloc.
[[nodiscard]] void* map(std::size_t size);
void unmap(void* memory, std::size_t size) noexcept;
}  // namespace reserved_memory

/// `count` values of T whose octets are all zero at first, page-aligned, in huge pages where the
/// machine gives them. Construct and destroy on any thread; the contents are the owner's.
template <typename T>
  requires std::is_trivially_destructible_v<T>
class ReservedMemory {
 public:
  explicit ReservedMemory(std::size_t count)
      : count_(count), data_(static_cast<T*>(reserved_memory::map(count * sizeof(T)))) {}
  ~ReservedMemory() { reserved_memory::unmap(data_, count_ * sizeof(T)); }
  ReservedMemory(const ReservedMemory&) = delete;
  ReservedMemory& operator=(const ReservedMemory&) = delete;

  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] T* data() const noexcept { return data_; }
  [[nodiscard]] T& operator[](std::size_t index) const noexcept { return data_[index]; }

 private:
  std::size_t count_;
  T* data_;
};

}  // namespace tandem6
