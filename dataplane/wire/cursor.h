// A reading cursor over received bytes with a sticky error: read every field, test once at the end.
#pragma once

#include <cstdint>
#include <span>

namespace tandem6 {

/// Borrows the bytes; valid as long as they are. After an overrun every read yields zero or an
/// empty span and `ok()` stays false.
class Cursor {
 public:
  explicit Cursor(std::span<const std::uint8_t> bytes) noexcept : rest_(bytes) {}

  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
  [[nodiscard]] std::size_t remaining() const noexcept { return rest_.size(); }
  [[nodiscard]] std::span<const std::uint8_t> rest() const noexcept { return rest_; }

  std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u24() noexcept { return static_cast<std::uint32_t>(number(3)); }
  std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(number(4)); }

  std::span<const std::uint8_t> bytes(std::size_t count) noexcept {
    if (count > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

 private:
  std::uint64_t number(std::size_t size) noexcept {
    std::uint64_t value = 0;
    for (const std::uint8_t octet : bytes(size)) value = value << 8 | octet;
    return value;
  }

  std::span<const std::uint8_t> rest_;
  bool ok_ = true;
};

/// One option as it stands on the wire.
struct OptionView {
  std::uint16_t code = 0;
  std::span<const std::uint8_t> value;
};

/// Takes the next option. REQUIRES: !cursor.at_end(). On an overrun the cursor is no longer ok.
inline OptionView next_option(Cursor& cursor) noexcept {
  OptionView option;
  option.code = cursor.u16();
  const std::uint16_t length = cursor.u16();
  option.value = cursor.bytes(length);
  return option;
}

}  // namespace tandem6
