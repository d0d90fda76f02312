// Numbers in records: little-endian, whatever the machine. A reader with a sticky error keeps
// decoders straight-line: read every field, test once at the end.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <span>

#include "dataplane/wire/check.h"

namespace tandem6 {

template <std::unsigned_integral Number>
[[nodiscard]] constexpr Number little_endian(Number number) noexcept {
  if constexpr (std::endian::native == std::endian::little || sizeof(Number) == 1) {
    return number;
  } else if constexpr (sizeof(Number) == 2) {
    return __builtin_bswap16(number);
  } else if constexpr (sizeof(Number) == 4) {
    return __builtin_bswap32(number);
  } else {
    return __builtin_bswap64(number);
  }
}

/// Writes into a buffer that is large enough: that it is, the caller's format says, and every write
/// checks.
class RecordWriter {
 public:
  explicit RecordWriter(std::span<std::uint8_t> buffer) noexcept : buffer_(buffer) {}

  template <std::unsigned_integral Number>
  void number(Number value) noexcept {
    T6_CHECK(buffer_.size() - size_ >= sizeof(Number));
    value = little_endian(value);
    std::memcpy(buffer_.data() + size_, &value, sizeof(Number));
    size_ += sizeof(Number);
  }
  void octets(std::span<const std::uint8_t> value) noexcept {
    T6_CHECK(buffer_.size() - size_ >= value.size());
    if (!value.empty()) std::memcpy(buffer_.data() + size_, value.data(), value.size());
    size_ += value.size();
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::span<const std::uint8_t> written() const noexcept {
    return buffer_.first(size_);
  }

 private:
  std::span<std::uint8_t> buffer_;
  std::size_t size_ = 0;
};

/// Reads what may be anything: past the end it gives zeros, and `ok` is false from then on.
class RecordReader {
 public:
  explicit RecordReader(std::span<const std::uint8_t> octets) noexcept : rest_(octets) {}

  template <std::unsigned_integral Number>
  [[nodiscard]] Number number() noexcept {
    Number value = 0;
    const auto from = octets(sizeof(Number));
    if (from.size() == sizeof(Number)) std::memcpy(&value, from.data(), sizeof(Number));
    return little_endian(value);
  }
  /// A view of the next `size` octets; empty past the end.
  [[nodiscard]] std::span<const std::uint8_t> octets(std::size_t size) noexcept {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  [[nodiscard]] std::size_t left() const noexcept { return rest_.size(); }
  [[nodiscard]] bool ok() const noexcept { return ok_; }

 private:
  std::span<const std::uint8_t> rest_;
  bool ok_ = true;
};

}  // namespace tandem6
