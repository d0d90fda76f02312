#include "control/failover/frame_reader.h"

namespace tandem6 {
namespace {

constexpr std::size_t kSizeOfSize = 2;

}  // namespace

void FrameReader::append(std::span<const std::uint8_t> octets) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(begin_));
  begin_ = 0;
  buffer_.insert(buffer_.end(), octets.begin(), octets.end());
}

std::optional<std::span<const std::uint8_t>> FrameReader::next() {
  const std::span<const std::uint8_t> held = std::span(buffer_).subspan(begin_);
  if (held.size() < kSizeOfSize) return std::nullopt;
  const std::size_t size = std::size_t{held[0]} << 8 | held[1];
  if (held.size() - kSizeOfSize < size) return std::nullopt;
  begin_ += kSizeOfSize + size;
  return held.subspan(kSizeOfSize, size);
}

std::optional<std::uint8_t> FrameReader::next_type() const noexcept {
  const std::span<const std::uint8_t> held = std::span(buffer_).subspan(begin_);
  if (held.size() <= kSizeOfSize || (held[0] == 0 && held[1] == 0)) return std::nullopt;
  return held[kSizeOfSize];
}

}  // namespace tandem6
