#include "control/config/link_pools.h"

#include <algorithm>

#include "control/config/link_match.h"
#include "control/config/scalars.h"
#include "dataplane/lease/address_pool.h"
#include "dataplane/lease/prefix_pool.h"

namespace tandem6 {
namespace {

Ipv6Address last_address_of(const Ipv6Prefix& range) {
  const PrefixMask mask(range.length);
  return Ipv6Address::from_halves(range.address.high() | ~mask.high,
                                  range.address.low() | ~mask.low);
}

/// The reserved identifiers are two aligned blocks and the zero; so a pool whose first and last one
/// are reserved has no other.
bool has_only_reserved_identifiers(const Ipv6Prefix& range) {
  return is_reserved_interface_identifier(range.address) &&
         is_reserved_interface_identifier(last_address_of(range));
}

void check_address_pool(const Ipv6Prefix& pool, const Field& field, LinkBeingRead& reading) {
  Faults& faults = reading.faults;
  if (!check_leasable(pool, field.position, faults)) return;
  const auto prefixes = link_prefixes(reading.link.matches);
  const bool is_inside = std::ranges::any_of(
      prefixes, [&](const Ipv6Prefix& prefix) { return prefix.contains(pool); });
  if (!prefixes.empty() && !is_inside) {
    faults.add(field.position,
               "address pool " + pool.to_string() + " lies outside of the link's prefix " +
                   prefixes.front().to_string(),
               "its addresses could not be used on the link that the relay's link-address names",
               "write a pool inside of a link-address of match, or add its prefix there");
    return;
  }
  if (has_only_reserved_identifiers(pool)) {
    faults.add(field.position,
               "address pool " + pool.to_string() + " has reserved interface identifiers only",
               "RFC 5453 keeps them for anycast, so no client can be given one",
               "write a larger pool, or another");
    return;
  }
  reading.link.address_pools.push_back(pool);
  reading.ranges.push_back(
      {pool, LeaseRange::Kind::kAddressPool, 128, reading.index, field.position});
}

/// The length of the prefixes that clients get; nothing, and a fault, for one that does not fit.
std::optional<std::uint8_t> read_delegated_length(const Section& section, const Ipv6Prefix& range,
                                                  Faults& faults) {
  constexpr unsigned kDefault = PrefixPoolSettings{}.delegated_length;
  const auto& field = section.find("delegated-length");
  const auto given = read_number(
      field, 1, 128, {"it is the length of a prefix", "write a number such as 56"}, faults);
  if (field && !given) return std::nullopt;
  const auto length = static_cast<unsigned>(given.value_or(kDefault));
  const FilePosition position = field ? field->position : section.position();
  const std::string what = std::string("delegated-length ") + (field ? "is " : "defaults to ") +
                           std::to_string(length) + " in pool " + range.to_string();
  if (length < range.length) {
    faults.add(position, what, "a delegated prefix is a part of its pool",
               "write a length from " + std::to_string(range.length) + " on");
    return std::nullopt;
  }
  if (length - range.length > PrefixPool::kPrefixCountLog2Max) {
    faults.add(position, what, "a pool has 16777216 (2^24) prefixes at most",
               "write a length of at most " +
                   std::to_string(range.length + PrefixPool::kPrefixCountLog2Max) +
                   ", or split the pool");
    return std::nullopt;
  }
  return static_cast<std::uint8_t>(length);
}

/// RFC 6603 section 4.2: longer than the delegated prefix (S-156).
std::optional<std::uint8_t> read_excluded_length(const Section& section,
                                                 std::uint8_t delegated_length, Faults& faults) {
  if (delegated_length == 128) {
    if (const auto& field = section.find("excluded-length")) {
      faults.add(field->position, what_is(*field), "nothing can be excluded from a /128",
                 "remove it");
    }
    return std::nullopt;
  }
  const std::string right =
      "write a number from " + std::to_string(delegated_length + 1) + " to 128";
  const auto length = read_number(
      section.find("excluded-length"), delegated_length + 1U, 128,
      {"the excluded prefix is a part of the delegated one (RFC 6603 section 4.2)", right}, faults);
  if (!length) return std::nullopt;
  return static_cast<std::uint8_t>(*length);
}

}  // namespace

void read_address_pools(const std::optional<Field>& field, LinkBeingRead& reading) {
  constexpr Rule kRule{"it is a list of prefixes", "write [\"2001:db8:7::/64\"]"};
  for (const Field& element : read_list(field, kRule, reading.faults)) {
    if (const auto pool = read_prefix(element, reading.faults)) {
      check_address_pool(*pool, element, reading);
    }
  }
}

void read_prefix_pools(const std::optional<Field>& field, LinkBeingRead& reading) {
  constexpr Rule kRule{"it is a list of pools",
                       "write [{prefix: \"2001:db8:8000::/36\", delegated-length: 56}]"};
  Faults& faults = reading.faults;
  for (const Field& element : read_list(field, kRule, faults)) {
    const Section section(element, element.position,
                          {"prefix", "delegated-length", "excluded-length"}, faults);
    const auto& prefix_field = section.require(
        "prefix", {"delegated prefixes are taken from it", "add one, such as 2001:db8:8000::/36"},
        faults);
    const auto prefix = read_prefix(prefix_field, faults);
    if (!prefix || !check_leasable(*prefix, prefix_field->position, faults)) continue;
    const auto length = read_delegated_length(section, *prefix, faults);
    // The range is claimed all the same, so that an overlap is found in the same run.
    reading.ranges.push_back({*prefix, LeaseRange::Kind::kPrefixPool,
                              length.value_or(prefix->length), reading.index,
                              prefix_field->position});
    if (!length) continue;
    reading.link.prefix_pools.push_back(
        {*prefix, *length, read_excluded_length(section, *length, faults)});
  }
}

}  // namespace tandem6
