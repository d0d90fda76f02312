#include "control/config/scalars.h"

#include <algorithm>
#include <charconv>

#include "control/config/duration.h"

namespace tandem6 {
namespace {

/// The text of the field, or a fault.
std::optional<std::string> scalar_of(const std::optional<Field>& field, const Rule& rule,
                                     Faults& faults) {
  if (!field) return std::nullopt;
  if (field->node.IsScalar()) return field->node.Scalar();
  faults.add(field->position, what_is(*field), rule);
  return std::nullopt;
}

/// As RFC 3629: no overlong form, no surrogate, nothing past U+10FFFF.
bool is_utf8(std::string_view text) {
  const auto octet = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  for (std::size_t at = 0; at < text.size();) {
    const unsigned char lead = octet(at);
    const std::size_t size = lead < 0x80   ? 1
                             : lead < 0xc0 ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                                           : 4;
    if (size == 0 || lead > 0xf4 || size > text.size() - at) return false;
    std::uint32_t point = size == 1 ? lead : lead & (0x7fU >> size);
    for (std::size_t i = 1; i < size; ++i) {
      if ((octet(at + i) & 0xc0) != 0x80) return false;
      point = point << 6 | (octet(at + i) & 0x3fU);
    }
    const bool is_surrogate = point >= 0xd800 && point <= 0xdfff;
    if (point < kSmallest[size] || is_surrogate || point > 0x10ffff) return false;
    at += size;
  }
  return true;
}

bool is_name_octet(char character) {
  const auto octet = static_cast<unsigned char>(character);
  return octet > 0x20 && octet != 0x7f;
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

/// A prefix whose text is right but for bits past its length: what it was meant to be.
std::optional<Ipv6Prefix> prefix_with_host_bits(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  const auto address = Ipv6Address::parse(text.substr(0, slash));
  const auto length = parse_number(text.substr(slash + 1));
  if (!address || !length || *length > 128) return std::nullopt;
  return Ipv6Prefix{*address, static_cast<std::uint8_t>(*length)}.masked();
}

}  // namespace

std::optional<std::string> read_text(const std::optional<Field>& field, const Rule& rule,
                                     Faults& faults) {
  auto text = scalar_of(field, rule, faults);
  if (!text) return std::nullopt;
  if (text->empty() || !is_utf8(*text) || text->find('\0') != text->npos) {
    faults.add(
        field->position,
        text->empty() ? field->name + " is empty" : field->name + " is not UTF-8 text without NUL",
        rule);
    return std::nullopt;
  }
  return text;
}

std::optional<std::string> read_name(const std::optional<Field>& field, Faults& faults) {
  constexpr std::size_t kNameSizeMax = 63;
  constexpr Rule kRule{"commands, tables and metrics show this name",
                       "write 1 to 63 letters, digits, '-', '_' or '.', no spaces"};
  auto text = read_text(field, kRule, faults);
  if (!text) return std::nullopt;
  if (text->size() > kNameSizeMax || !std::ranges::all_of(*text, is_name_octet)) {
    faults.add(field->position, what_is(*field), kRule);
    return std::nullopt;
  }
  return text;
}

std::optional<bool> read_flag(const std::optional<Field>& field, Faults& faults) {
  if (!field) return std::nullopt;
  const std::string word = field->node.IsScalar() ? lower_case(field->node.Scalar()) : "";
  if (word == "yes" || word == "on" || word == "true") return true;
  if (word == "no" || word == "off" || word == "false") return false;
  faults.add(field->position, what_is(*field), "it is a switch", "write yes or no");
  return std::nullopt;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  const bool is_hex = text.starts_with("0x");
  if (is_hex) text.remove_prefix(2);
  // "010" is eight to YAML 1.1 and ten to most people.
  if (text.empty() || (!is_hex && text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), value, is_hex ? 16 : 10);
  if (error != std::errc() || end != text.end()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> read_number(const std::optional<Field>& field, std::uint64_t min,
                                         std::uint64_t max, const Rule& rule, Faults& faults) {
  const auto text = scalar_of(field, rule, faults);
  if (!text) return std::nullopt;
  const auto value = parse_number(*text);
  if (!value || *value < min || *value > max) {
    faults.add(field->position, what_is(*field), rule);
    return std::nullopt;
  }
  return value;
}

std::optional<Lifetime> read_duration(const std::optional<Field>& field, Lifetime min, Lifetime max,
                                      const Rule& rule, Faults& faults) {
  constexpr Rule kSyntax{"a duration is a whole number with its unit, under 136 years",
                         "write 90s, 15m, 12h, 7d or infinite"};
  const auto text = scalar_of(field, kSyntax, faults);
  if (!text) return std::nullopt;
  const auto duration = parse_duration(*text);
  if (!duration) {
    faults.add(field->position, what_is(*field), kSyntax);
    return std::nullopt;
  }
  if (*duration < min || *duration > max) {
    faults.add(field->position, what_is(*field), rule);
    return std::nullopt;
  }
  return duration;
}

std::optional<Ipv6Address> read_unicast_address(const std::optional<Field>& field, Faults& faults) {
  constexpr Rule kRule{"it is the address of one host",
                       "write a unicast IPv6 address in quotes, such as \"2001:db8::1\""};
  const auto text = scalar_of(field, kRule, faults);
  if (!text) return std::nullopt;
  const auto address = Ipv6Address::parse(*text);
  if (!address) {
    faults.add(field->position, what_is(*field), kRule);
    return std::nullopt;
  }
  if (address->is_multicast() || address->is_unspecified() || address->is_loopback()) {
    faults.add(field->position, what_is(*field) + ", a multicast, unspecified or loopback address",
               kRule);
    return std::nullopt;
  }
  return address;
}

std::optional<Ipv6Prefix> read_prefix(const std::optional<Field>& field, Faults& faults) {
  constexpr Rule kRule{"it is an IPv6 prefix",
                       "write address and length in quotes, such as \"2001:db8:7::/64\""};
  const auto text = scalar_of(field, kRule, faults);
  if (!text) return std::nullopt;
  if (const auto prefix = Ipv6Prefix::parse(*text)) return prefix;
  if (const auto meant = prefix_with_host_bits(*text)) {
    faults.add(field->position, what_is(*field), "the address has bits set past the length",
               "write " + quoted(meant->to_string()));
  } else {
    faults.add(field->position, what_is(*field), kRule);
  }
  return std::nullopt;
}

std::optional<Duid> read_duid(const std::optional<Field>& field, Faults& faults) {
  constexpr Rule kRule{"a DUID has 3 to 130 octets (RFC 8415 section 11.1)",
                       "write them in hexadecimal, such as \"00:03:00:01:02:00:00:00:00:01\""};
  const auto text = scalar_of(field, kRule, faults);
  if (!text) return std::nullopt;
  const auto duid = Duid::parse(*text);
  if (!duid) faults.add(field->position, what_is(*field), kRule);
  return duid;
}

std::optional<std::vector<std::uint8_t>> parse_hex(std::string_view text) {
  if (text.empty() || text.size() % 2 != 0) return std::nullopt;
  std::vector<std::uint8_t> octets;
  octets.reserve(text.size() / 2);
  for (std::size_t at = 0; at < text.size(); at += 2) {
    std::uint8_t octet = 0;
    const char* const last = text.data() + at + 2;
    const auto [end, error] = std::from_chars(text.data() + at, last, octet, 16);
    if (error != std::errc() || end != last) return std::nullopt;
    octets.push_back(octet);
  }
  return octets;
}

void refuse_choice(const Field& field, std::string_view why,
                   const std::vector<std::string_view>& words, Faults& faults) {
  std::string right = "write ";
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i != 0) right += i + 1 == words.size() ? " or " : ", ";
    right += words[i];
  }
  faults.add(field.position, what_is(field), why, right);
}

}  // namespace tandem6
