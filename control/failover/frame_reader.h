// Cuts the octets of a TCP stream into frames: a size of two octets, then that many (RFC 8156
// section 5.1, RFC 5460 section 5.1). Bounded by one frame and one read.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tandem6 {

/// One per connection; its thread only.
class FrameReader {
 public:
  /// What was read from the socket; any cut of the stream (F-013).
  void append(std::span<const std::uint8_t> octets);
  /// The next whole frame without its size; nullopt: read more. The span holds until the next call
  /// of either function.
  [[nodiscard]] std::optional<std::span<const std::uint8_t>> next();
  /// The first octet of the next frame, whole or not, so that one which may not come is known
  /// before it is there; nullopt: it has not come, or the frame is empty.
  [[nodiscard]] std::optional<std::uint8_t> next_type() const noexcept;
  /// Octets held that make no whole frame yet.
  [[nodiscard]] std::size_t pending() const noexcept { return buffer_.size() - begin_; }

 private:
  std::vector<std::uint8_t> buffer_;
  std::size_t begin_ = 0;
};

}  // namespace tandem6
