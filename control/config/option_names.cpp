#include "control/config/option_names.h"

#include <algorithm>
#include <string>

#include "control/config/nearest_word.h"
#include "control/config/scalars.h"

namespace tandem6 {
namespace {

/// The wire library counts no code from here on as requested.
constexpr std::uint64_t kCodeEnd = 256;

/// Options of the protocol for which there is a key of another name, or a word worth saying.
struct OwnOption {
  std::uint16_t code;
  Rule rule;
};
constexpr OwnOption kOwnOptions[] = {
    {4, {"temporary addresses are obsolete (RFC 9915)", "remove it"}},
    {7, {"it is a setting of the server", "set server.preference"}},
    {12, {"Server Unicast is obsolete and never sent (RFC 9915)", "remove it"}},
    {14, {"it is a setting of the link", "set rapid-commit: yes"}},
    {32, {"it is a setting of the server", "set server.information-refresh-time"}},
    {67, {"it is a setting of the pool", "set excluded-length in prefix-pools"}},
};
constexpr Rule kProtocolRule{"the protocol itself decides what stands in this option", "remove it"};

/// Codes without a row that belong to leasequery (RFC 5007, 5460, 7653) or to DHCP 4o6 (RFC 7341):
/// no client is ever told them.
bool belongs_to_other_messages(std::uint16_t code) {
  return code == 44 || code == 48 || code == 80 || code == 87 || code == 101 || code == 102;
}

const Rule* refusal_of(const NamedOption& option) {
  const auto* const own = std::ranges::find(kOwnOptions, option.code, &OwnOption::code);
  if (own != std::end(kOwnOptions)) return &own->rule;
  if (option.row != nullptr) return option.row->configurable ? nullptr : &kProtocolRule;
  return belongs_to_other_messages(option.code) ? &kProtocolRule : nullptr;
}

void refuse_unknown_name(std::string_view text, FilePosition position, Faults& faults) {
  std::vector<std::string_view> names;
  for (const OptionRow& row : option_table()) {
    if (row.configurable) names.emplace_back(row.name);
  }
  const auto nearest = nearest_word(text, names);
  faults.add(position, "unknown option " + quoted(text), "no option has this name",
             nearest ? "did you mean " + quoted(*nearest) + '?'
                     : "write its number with {hex: \"…\"}, or a name of the manual");
}

}  // namespace

std::optional<NamedOption> find_settable_option(std::string_view text, FilePosition position,
                                                Faults& faults) {
  NamedOption option;
  if (const auto number = parse_number(text)) {
    if (*number == 0 || *number >= kCodeEnd) {
      faults.add(position, "option code " + quoted(text) + " is out of range",
                 "no option of DHCPv6 that a client can ask for has this number",
                 "write a code from 1 to 255");
      return std::nullopt;
    }
    option.code = static_cast<std::uint16_t>(*number);
    option.row = find_option(option.code);
  } else {
    option.row = find_option_by_name(text);
    if (option.row == nullptr) {
      refuse_unknown_name(text, position, faults);
      return std::nullopt;
    }
    option.code = option.row->code;
  }
  if (const Rule* refusal = refusal_of(option)) {
    faults.add(position, option_label(option.code) + " cannot be configured", *refusal);
    return std::nullopt;
  }
  return option;
}

std::vector<PlacedCode> read_option_codes(const std::optional<Field>& field, Faults& faults) {
  constexpr Rule kRule{"it is a list of options",
                       "write names or numbers, such as [dns-servers, \"64\"]"};
  std::vector<PlacedCode> codes;
  for (const Field& element : read_list(field, kRule, faults)) {
    const auto text = read_text(element, kRule, faults);
    if (!text) continue;
    const auto option = find_settable_option(*text, element.position, faults);
    if (!option) continue;
    const auto first = std::ranges::find(codes, option->code, &PlacedCode::code);
    if (first != codes.end()) {
      faults.add(element.position, option_label(option->code) + " stands twice in " + field->name,
                 "the first is in " + line_of(first->position), "keep one of the two");
      continue;
    }
    codes.push_back({option->code, element.position});
  }
  return codes;
}

std::string option_label(std::uint16_t code) {
  const OptionRow* const row = find_option(code);
  return row != nullptr ? std::string(row->name) + " (" + std::to_string(code) + ')'
                        : "option " + std::to_string(code);
}

}  // namespace tandem6
