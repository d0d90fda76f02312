// Appends numbers, octets and options to a frame. Part of the writer of messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dataplane/wire/option_table.h"
#include "dataplane/wire/parsed_message.h"

namespace tandem6 {

/// Borrows the vector. Sizes are not checked here: an option that does not fit its length field
/// makes a frame that does not fit either, and the frame is measured in the end.
class OctetWriter {
 public:
  explicit OctetWriter(std::vector<std::uint8_t>& out) noexcept : out_(out) {}

  [[nodiscard]] std::size_t size() const noexcept { return out_.size(); }

  void u8(std::uint8_t value) { out_.push_back(value); }
  void u16(std::uint16_t value) { number(value, 2); }
  void u24(std::uint32_t value) { number(value, 3); }
  void u32(std::uint32_t value) { number(value, 4); }
  void bytes(Bytes value) { out_.insert(out_.end(), value.begin(), value.end()); }
  void zeros(std::size_t count) { out_.insert(out_.end(), count, 0); }

  /// An option around what is written until `end`, which gets what this returns.
  [[nodiscard]] std::size_t begin(OptionCode code) {
    u16(static_cast<std::uint16_t>(code));
    u16(0);
    return out_.size();
  }
  void end(std::size_t value_at) { patch_u16(value_at - 2, out_.size() - value_at); }
  void patch_u16(std::size_t at, std::size_t value) {
    out_[at] = static_cast<std::uint8_t>(value >> 8);
    out_[at + 1] = static_cast<std::uint8_t>(value);
  }

  void option(OptionCode code, Bytes value) {
    const std::size_t option = begin(code);
    bytes(value);
    end(option);
  }
  void option_u8(OptionCode code, std::uint8_t value) { option_number(code, value, 1); }
  void option_u16(OptionCode code, std::uint16_t value) { option_number(code, value, 2); }
  void option_u32(OptionCode code, std::uint32_t value) { option_number(code, value, 4); }

 private:
  void number(std::uint32_t value, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
      out_.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  }
  void option_number(OptionCode code, std::uint32_t value, int size) {
    u16(static_cast<std::uint16_t>(code));
    u16(static_cast<std::uint16_t>(size));
    number(value, size);
  }

  std::vector<std::uint8_t>& out_;
};

}  // namespace tandem6
