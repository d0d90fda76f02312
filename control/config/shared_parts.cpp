#include "control/config/shared_parts.h"

#include <algorithm>
#include <string>

namespace tandem6 {

namespace {

std::string text_of(const std::optional<Lifetime>& lifetime) {
  return lifetime ? std::to_string(lifetime->seconds) : "-";
}

std::string hex_of(const std::vector<std::uint8_t>& octets) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t octet : octets) {
    text += kDigits[octet >> 4];
    text += kDigits[octet & 15];
  }
  return text;
}

/// Conditions on a port are this server's own: its partner's cables are others.
std::string text_of(const std::vector<LinkMatch>& matches) {
  std::vector<std::string> lines;
  for (const LinkMatch& match : matches) {
    if (match.port) continue;
    lines.push_back((match.link_address ? match.link_address->to_string() : "-") + '/' +
                    (match.interface_id ? hex_of(*match.interface_id) : "-") + '/' +
                    (match.relay ? match.relay->to_string() : "-"));
  }
  std::ranges::sort(lines);
  std::string text;
  for (const std::string& line : lines) text += line + ' ';
  return text;
}

std::string text_of(const LifetimeSettings& lifetimes) {
  return text_of(std::optional(lifetimes.preferred)) + ' ' +
         text_of(std::optional(lifetimes.valid)) + ' ' + text_of(lifetimes.t1) + ' ' +
         text_of(lifetimes.t2);
}

std::string text_of(const Reservation& reservation) {
  return reservation.duid.to_string() + ' ' +
         (reservation.iaid ? std::to_string(reservation.iaid->value) : "-") + ' ' +
         (reservation.address ? reservation.address->to_string() : "-") + ' ' +
         (reservation.prefix ? reservation.prefix->to_string() : "-");
}

void add_link(const LinkSettings& link, std::vector<SharedPart>& parts) {
  const std::string name = "link " + link.name;
  std::string options;
  for (const EncodedOption& option : link.options) options += hex_of(option.octets) + ' ';
  parts.push_back({name, text_of(link.matches) + (link.rapid_commit ? "rapid " : "") +
                             (link.create_on_renew ? "create" : "")});
  parts.push_back({"lifetimes of " + name, text_of(link.lifetimes)});
  parts.push_back({"options of " + name, options});
  for (const Ipv6Prefix& pool : link.address_pools) {
    parts.push_back({"address pool " + pool.to_string() + " of " + name, ""});
  }
  for (const PrefixPoolSettings& pool : link.prefix_pools) {
    parts.push_back({"prefix pool " + pool.prefix.to_string() + " of " + name,
                     std::to_string(pool.delegated_length) + ' ' +
                         std::to_string(pool.excluded_length.value_or(0))});
  }
  std::vector<std::string> reservations;
  for (const Reservation& each : link.reservations) reservations.push_back(text_of(each));
  std::ranges::sort(reservations);
  std::string all;
  for (const std::string& each : reservations) all += each + '\n';
  parts.push_back({"reservations of " + name, all});
}

}  // namespace

std::vector<SharedPart> shared_parts(const ServerSettings& settings,
                                     RelationshipIndex relationship) {
  std::vector<SharedPart> parts;
  for (const LinkSettings& link : settings.links) {
    if (link.relationship == relationship) add_link(link, parts);
  }
  return parts;
}

}  // namespace tandem6
