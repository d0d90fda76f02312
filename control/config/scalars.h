// Single values of the file, read and checked. Each function gives nothing when the field is
// absent, and nothing plus a fault when it is not what it must be.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "control/config/yaml_fields.h"
#include "dataplane/lease/wall_time.h"
#include "dataplane/wire/duid.h"
#include "dataplane/wire/ipv6.h"

namespace tandem6 {

/// Any text that is not empty, is UTF-8, and holds no NUL (S-172).
[[nodiscard]] std::optional<std::string> read_text(const std::optional<Field>& field,
                                                   const Rule& rule, Faults& faults);
/// A name that commands and tables show: 1 to 63 octets without spaces and control characters.
[[nodiscard]] std::optional<std::string> read_name(const std::optional<Field>& field,
                                                   Faults& faults);
/// yes, no, on, off, true, false.
[[nodiscard]] std::optional<bool> read_flag(const std::optional<Field>& field, Faults& faults);
/// Decimal, or hexadecimal behind "0x".
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view text);
[[nodiscard]] std::optional<std::uint64_t> read_number(const std::optional<Field>& field,
                                                       std::uint64_t min, std::uint64_t max,
                                                       const Rule& rule, Faults& faults);
/// `rule` is for durations outside of min..max.
[[nodiscard]] std::optional<Lifetime> read_duration(const std::optional<Field>& field, Lifetime min,
                                                    Lifetime max, const Rule& rule, Faults& faults);
/// An address that can belong to one host: not multicast, unspecified or loopback.
[[nodiscard]] std::optional<Ipv6Address> read_unicast_address(const std::optional<Field>& field,
                                                              Faults& faults);
[[nodiscard]] std::optional<Ipv6Prefix> read_prefix(const std::optional<Field>& field,
                                                    Faults& faults);
[[nodiscard]] std::optional<Duid> read_duid(const std::optional<Field>& field, Faults& faults);
/// Pairs of hexadecimal digits; nothing for other text, and for none.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> parse_hex(std::string_view text);

/// The words of a field that knows just a few; each says what it stands for.
template <typename Value>
using Choices = std::initializer_list<std::pair<std::string_view, Value>>;

/// A fault for a word that is none of `words`.
void refuse_choice(const Field& field, std::string_view why,
                   const std::vector<std::string_view>& words, Faults& faults);

template <typename Value>
[[nodiscard]] std::optional<Value> read_choice(const std::optional<Field>& field,
                                               Choices<Value> choices, std::string_view why,
                                               Faults& faults) {
  if (!field) return std::nullopt;
  std::vector<std::string_view> words;
  for (const auto& [word, value] : choices) {
    if (field->node.IsScalar() && field->node.Scalar() == word) return value;
    words.push_back(word);
  }
  refuse_choice(*field, why, words, faults);
  return std::nullopt;
}

}  // namespace tandem6
