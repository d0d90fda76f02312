// Records as octets, for the tests of their formats: written down as hex, damaged, sealed anew.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "storage/checksum.h"

namespace tandem6 {

using RecordBuffer = std::vector<std::uint8_t>;

/// Of pairs of digits; spaces are for the reader only.
inline RecordBuffer from_hex(std::string_view text) {
  RecordBuffer octets;
  for (std::size_t at = 0; at + 1 < text.size();) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    std::uint8_t octet = 0;
    std::from_chars(text.data() + at, text.data() + at + 2, octet, 16);
    octets.push_back(octet);
    at += 2;
  }
  return octets;
}

inline RecordBuffer copy_of(std::span<const std::uint8_t> octets) {
  return {octets.begin(), octets.end()};
}

/// `content` with the checksum that makes it a whole value under `key`.
inline RecordBuffer sealed(std::span<const std::uint8_t> key, RecordBuffer content) {
  const std::uint32_t sum = crc32c(content, crc32c(key));
  for (unsigned shift = 0; shift < 32; shift += 8) {
    content.push_back(static_cast<std::uint8_t>(sum >> shift));
  }
  return content;
}

/// `value` without its checksum.
inline RecordBuffer unsealed(std::span<const std::uint8_t> value) {
  return copy_of(value.first(value.size() - 4));
}

/// Calls `check(key, value)` with each single-bit flip of key and value, each shorter and each of
/// some longer ones. Every buffer has the exact size, so that a sanitizer sees any overrun.
template <typename Check>
void for_each_damage(const RecordBuffer& key, const RecordBuffer& value, Check check) {
  const auto flip = [](RecordBuffer octets, std::size_t bit) {
    octets[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    return octets;
  };
  const auto first = [](const RecordBuffer& octets, std::size_t size) {
    return copy_of(std::span(octets).first(size));
  };
  const auto extended = [](RecordBuffer octets, std::size_t count, std::uint8_t octet) {
    octets.insert(octets.end(), count, octet);
    octets.shrink_to_fit();
    return octets;
  };
  for (std::size_t bit = 0; bit < key.size() * 8; ++bit) check(flip(key, bit), value);
  for (std::size_t bit = 0; bit < value.size() * 8; ++bit) check(key, flip(value, bit));
  for (std::size_t size = 0; size < key.size(); ++size) check(first(key, size), value);
  for (std::size_t size = 0; size < value.size(); ++size) check(key, first(value, size));
  for (const std::uint8_t octet : std::to_array<std::uint8_t>({0x00, 0x01, 0xff})) {
    for (std::size_t count = 1; count < 20; ++count) {
      check(extended(key, count, octet), value);
      check(key, extended(value, count, octet));
    }
  }
}

}  // namespace tandem6
