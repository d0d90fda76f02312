#include "control/config/options.h"

#include <algorithm>
#include <string>

#include "control/config/option_values.h"

namespace tandem6 {
namespace {

/// What a reply has room for beside its leases in the smallest packet of IPv6 (1280 octets).
constexpr std::size_t kOptionOctetsMax = 1024;

bool holds(const std::vector<PlacedCode>& codes, std::uint16_t code) {
  return std::ranges::find(codes, code, &PlacedCode::code) != codes.end();
}

}  // namespace

OptionSet read_options(const std::optional<Field>& options, const std::optional<Field>& send_always,
                       Faults& faults) {
  OptionSet set;
  std::map<std::uint16_t, FilePosition> seen;
  if (options) {
    for (const auto& [key, field] : read_mapping(*options, faults)) {
      const auto option = find_settable_option(key, field.key_position, faults);
      if (!option) continue;
      const auto [first, is_new] = seen.emplace(option->code, field.key_position);
      if (!is_new) {
        faults.add(
            field.key_position, option_label(option->code) + " stands twice",
            "by name and by number it is one option; the first is in " + line_of(first->second),
            "keep one of the two");
        continue;
      }
      auto octets = read_option(*option, field, faults);
      // A faulty value counts as one, so that `send-always` does not complain a second time.
      set.octets_by_code[option->code] = octets ? std::move(*octets) : std::vector<std::uint8_t>();
    }
  }
  set.always = read_option_codes(send_always, faults);
  return set;
}

std::vector<EncodedOption> merge_options(const OptionSet& server, const OptionSet& link,
                                         FilePosition position, Faults& faults) {
  auto merged = link.octets_by_code;
  merged.insert(server.octets_by_code.begin(), server.octets_by_code.end());
  for (const PlacedCode& code : link.always) {
    if (merged.contains(code.code)) continue;
    faults.add(code.position, option_label(code.code) + " is to be sent always, but has no value",
               "neither the options of the link nor those of the server set it",
               "set it under options, or remove it here");
  }
  std::vector<EncodedOption> options;
  std::size_t octet_count = 0;
  for (auto& [code, octets] : merged) {
    octet_count += octets.size();
    const bool is_always = holds(server.always, code) || holds(link.always, code);
    options.push_back({code, std::move(octets), is_always});
  }
  if (octet_count > kOptionOctetsMax) {
    faults.add(position, "the options have " + std::to_string(octet_count) + " octets together",
               "a reply with them would not fit into one packet of 1280 octets",
               "leave some out: " + std::to_string(kOptionOctetsMax) + " octets at most");
  }
  return options;
}

}  // namespace tandem6
