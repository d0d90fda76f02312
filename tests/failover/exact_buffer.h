// Octets in a heap block of their exact size, so that AddressSanitizer sees a read of one too many.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>

namespace tandem6 {

class ExactBuffer {
 public:
  explicit ExactBuffer(std::span<const std::uint8_t> octets)
      : block_(new std::uint8_t[octets.size()]), size_(octets.size()) {
    std::ranges::copy(octets, block_.get());
  }
  [[nodiscard]] std::span<const std::uint8_t> view() const { return {block_.get(), size_}; }

 private:
  std::unique_ptr<std::uint8_t[]> block_;
  std::size_t size_;
};

}  // namespace tandem6
