#include "control/config/option_values.h"

#include <algorithm>
#include <span>
#include <string>

#include "control/config/scalars.h"
#include "dataplane/wire/domain_name.h"

namespace tandem6 {
namespace {

using Octets = std::vector<std::uint8_t>;

constexpr Rule kHexRule{"the octets of the value are given in hexadecimal",
                        "write {hex: \"0a1b2c\"}, an even number of digits"};

void append_number(Octets& octets, std::uint64_t value, unsigned size) {
  while (size-- > 0) octets.push_back(static_cast<std::uint8_t>(value >> (8 * size)));
}

void append(Octets& octets, std::span<const std::uint8_t> more) {
  for (const std::uint8_t octet : more) octets.push_back(octet);
}

std::optional<Octets> number_value(const Field& field, unsigned size, Faults& faults) {
  const std::uint64_t max = (std::uint64_t{1} << (8 * size)) - 1;
  const std::string right = "write a number from 0 to " + std::to_string(max);
  const auto value = read_number(
      field, 0, max, {"the option holds an unsigned number of fixed size", right}, faults);
  if (!value) return std::nullopt;
  Octets octets;
  append_number(octets, *value, size);
  return octets;
}

/// SOL_MAX_RT and INF_MAX_RT: clients ignore values outside of this (RFC 8415 21.24, 21.25).
bool is_maximum_retransmission(std::uint16_t code) {
  return code == static_cast<std::uint16_t>(OptionCode::kSolMaxRt) ||
         code == static_cast<std::uint16_t>(OptionCode::kInfMaxRt);
}
constexpr Rule kMaximumRetransmissionRule{
    "clients take 60 to 86400 seconds only (RFC 8415 sections 21.24, 21.25)",
    "write a duration from 60s to 24h"};

std::optional<Octets> duration_value(std::uint16_t code, const Field& field, Faults& faults) {
  const bool is_bounded = is_maximum_retransmission(code);
  const auto duration = read_duration(field, Lifetime{is_bounded ? 60U : 0U},
                                      is_bounded ? Lifetime{86400} : kInfiniteLifetime,
                                      kMaximumRetransmissionRule, faults);
  if (!duration) return std::nullopt;
  Octets octets;
  append_number(octets, duration->seconds, 4);
  return octets;
}

std::optional<Octets> addresses_value(const Field& field, Faults& faults) {
  Octets octets;
  bool good = true;
  for (const Field& element : read_list_or_one(field)) {
    const auto address = read_unicast_address(element, faults);
    good = good && address.has_value();
    if (address) append(octets, address->octets);
  }
  if (!good) return std::nullopt;
  return octets;
}

/// Uncompressed, as RFC 8415 section 10 wants them (S-162).
std::optional<Octets> domains_value(const std::vector<Field>& elements, Faults& faults) {
  constexpr Rule kRule{
      "it is a domain name (RFC 1035): labels of 1 to 63 octets, 255 in all",
      "write it with dots, such as \"example.net\"; others than ASCII as punycode"};
  Octets octets;
  bool good = true;
  for (const Field& element : elements) {
    const auto text = read_text(element, kRule, faults);
    const auto name = text ? DomainName::parse(*text) : std::nullopt;
    if (text && !name) faults.add(element.position, what_is(element), kRule);
    good = good && name.has_value();
    if (name) append(octets, name->wire());
  }
  if (!good) return std::nullopt;
  return octets;
}

std::optional<Octets> text_value(const Field& field, Faults& faults) {
  const auto text = read_text(field, {"the option holds text", "write UTF-8 text"}, faults);
  if (!text) return std::nullopt;
  return Octets(text->begin(), text->end());
}

std::optional<Octets> hex_value(const std::optional<Field>& field, Faults& faults) {
  if (!field) return std::nullopt;
  // {hex: ""} is a way to send an option of no octets.
  if (field->node.IsScalar() && field->node.Scalar().empty()) return Octets();
  const auto text = read_text(field, kHexRule, faults);
  if (!text) return std::nullopt;
  auto octets = parse_hex(*text);
  if (!octets) faults.add(field->position, what_is(*field), kHexRule);
  return octets;
}

std::optional<Octets> empty_value(const Field& field, Faults& faults) {
  const auto flag = read_flag(field, faults);
  if (!flag) return std::nullopt;
  if (*flag) return Octets();
  faults.add(field.position, what_is(field), "the option has no value, it is there or it is not",
             "write yes, or remove the key");
  return std::nullopt;
}

std::optional<Octets> list_or_scalar_value(const NamedOption& option, const Field& field,
                                           Faults& faults) {
  switch (option.row == nullptr ? ValueFormat::kHex : option.row->format) {
    case ValueFormat::kEmpty:
      return empty_value(field, faults);
    case ValueFormat::kUint8:
      return number_value(field, 1, faults);
    case ValueFormat::kUint16:
      return number_value(field, 2, faults);
    case ValueFormat::kUint32:
      return number_value(field, 4, faults);
    case ValueFormat::kDuration:
      return duration_value(option.code, field, faults);
    case ValueFormat::kAddresses:
      return addresses_value(field, faults);
    case ValueFormat::kDomains:
      return domains_value(read_list_or_one(field), faults);
    case ValueFormat::kDomain:
      return domains_value({field}, faults);
    case ValueFormat::kText:
      return text_value(field, faults);
    case ValueFormat::kHex:
    case ValueFormat::kContainer:
    case ValueFormat::kTime:
      break;
  }
  faults.add(field.position, what_is(field), kHexRule);
  return std::nullopt;
}

bool takes_names(const NamedOption& option) {
  return option.row != nullptr && (option.row->format == ValueFormat::kDomain ||
                                   option.row->format == ValueFormat::kDomains);
}

/// {hex: "…"}, which every option takes, and {name: …} of those that hold domain names.
std::optional<Octets> mapping_value(const NamedOption& option, const Field& field, Faults& faults) {
  const std::size_t fault_count = faults.count();
  const Section section = takes_names(option)
                              ? Section(field, field.position, {"name", "hex"}, faults)
                              : Section(field, field.position, {"hex"}, faults);
  const auto& name = section.find("name");
  const auto& hex = section.find("hex");
  if (name && !hex) return domains_value({*name}, faults);
  if (hex && !name) return hex_value(hex, faults);
  if (faults.count() == fault_count) {
    faults.add(field.position, field.name + (hex ? " has both a name and hex" : " has no value"),
               "there is one value", takes_names(option) ? "write {name: …}" : kHexRule.right);
  }
  return std::nullopt;
}

bool length_is_right(const NamedOption& option, const Field& field, std::size_t size,
                     Faults& faults) {
  constexpr std::size_t kSizeMax = 65535;
  if (option.row == nullptr ? size <= kSizeMax : length_fits(*option.row, size)) return true;
  std::string right = "write ";
  if (option.row == nullptr) {
    right += "at most 65535 octets";
  } else {
    const OptionRow& row = *option.row;
    right += std::to_string(row.length_min);
    if (row.length_max != row.length_min) right += " to " + std::to_string(row.length_max);
    right += " octets";
    if (row.length_unit != 1) right += ", a multiple of " + std::to_string(row.length_unit);
  }
  faults.add(
      field.position,
      "the value of " + option_label(option.code) + " has " + std::to_string(size) + " octets",
      "clients would discard it", right);
  return false;
}

/// One instance of the option, header included.
std::optional<Octets> read_instance(const NamedOption& option, const Field& field, Faults& faults) {
  const bool is_mapping = field.node.IsMap();
  const auto value = is_mapping ? mapping_value(option, field, faults)
                                : list_or_scalar_value(option, field, faults);
  if (!value || !length_is_right(option, field, value->size(), faults)) return std::nullopt;
  if (is_mapping && is_maximum_retransmission(option.code)) {
    const std::uint32_t seconds = static_cast<std::uint32_t>((*value)[0]) << 24 |
                                  (*value)[1] << 16 | (*value)[2] << 8 | (*value)[3];
    if (seconds < 60 || seconds > 86400) {
      faults.add(field.position, field.name + " is " + std::to_string(seconds) + " seconds",
                 kMaximumRetransmissionRule);
      return std::nullopt;
    }
  }
  Octets octets;
  append_number(octets, option.code, 2);
  append_number(octets, value->size(), 2);
  append(octets, *value);
  return octets;
}

/// One vendor option per enterprise number (S-164).
bool enterprise_is_new(const NamedOption& option, const Field& field, const Octets& instance,
                       std::vector<Octets>& seen, Faults& faults) {
  if (option.code != static_cast<std::uint16_t>(OptionCode::kVendorOptions)) return true;
  Octets enterprise(instance.begin() + 4, instance.begin() + 8);
  if (std::ranges::find(seen, enterprise) != seen.end()) {
    faults.add(field.position, field.name + " has this enterprise number twice",
               "a message has one vendor option for each (RFC 8415 section 21.17)",
               "put all sub-options of the enterprise into one");
    return false;
  }
  seen.push_back(std::move(enterprise));
  return true;
}

}  // namespace

std::optional<std::vector<std::uint8_t>> read_option(const NamedOption& option, const Field& field,
                                                     Faults& faults) {
  const bool is_repeated = field.node.IsSequence() && field.node.size() != 0 &&
                           field.node[0].IsMap() && option.row != nullptr && !option.row->singleton;
  if (!is_repeated) return read_instance(option, field, faults);
  Octets all;
  std::vector<Octets> enterprises;
  bool good = true;
  for (const Field& element : read_list_or_one(field)) {
    const auto instance = read_instance(option, element, faults);
    good = good && instance.has_value() &&
           enterprise_is_new(option, element, *instance, enterprises, faults);
    if (instance) append(all, *instance);
  }
  if (!good) return std::nullopt;
  return all;
}

}  // namespace tandem6
