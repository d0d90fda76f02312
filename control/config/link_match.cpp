#include "control/config/link_match.h"

#include <algorithm>

#include "control/config/nearest_word.h"
#include "control/config/scalars.h"

namespace tandem6 {
namespace {

constexpr Rule kMatchRule{
    "no message would ever belong to the link",
    "write {link-address: \"2001:db8:7::/64\"}, {port: …}, {interface-id: …} or {relay: …}"};

/// All conditions in one text; two matches with the same conditions have the same.
std::string conditions_of(const LinkMatch& match) {
  std::string text;
  if (match.link_address) text += "link-address " + match.link_address->to_string() + '\n';
  if (match.port) text += "port " + *match.port + '\n';
  if (match.relay) text += "relay " + match.relay->to_string() + '\n';
  if (match.interface_id) {
    text += "interface-id ";
    text.append(match.interface_id->begin(), match.interface_id->end());
  }
  return text;
}

}  // namespace

std::vector<LinkMatch> LinkMatchReader::read(const Section& link, const std::string& link_name) {
  const auto& field = link.require("match", kMatchRule, faults_);
  if (!field) return {};
  const std::vector<Field> elements = read_list_or_one(field);
  if (elements.empty()) {
    faults_.add(field->position, field->name + " has no condition", kMatchRule);
  }
  std::vector<LinkMatch> matches;
  for (const Field& element : elements) matches.push_back(read_one(element, link_name));
  return matches;
}

LinkMatch LinkMatchReader::read_one(const Field& field, const std::string& link_name) {
  const std::size_t fault_count = faults_.count();
  const Section section(field, field.position, {"link-address", "port", "interface-id", "relay"},
                        faults_);
  LinkMatch match;
  read_link_address(section, match);
  read_port(section, match);
  read_interface_id(section, match);
  match.relay = read_unicast_address(section.find("relay"), faults_);
  if (faults_.count() != fault_count) return match;
  if (!match.link_address && !match.port && !match.interface_id && !match.relay) {
    faults_.add(field.position, field.name + " has no condition", kMatchRule);
    return match;
  }
  check_is_new(match, field, link_name);
  return match;
}

void LinkMatchReader::read_link_address(const Section& section, LinkMatch& match) {
  const auto& field = section.find("link-address");
  match.link_address = read_prefix(field, faults_);
  if (match.link_address && match.link_address->address.is_multicast()) {
    faults_.add(field->position, what_is(*field) + ", multicast",
                "a relay's link-address belongs to one interface (RFC 8415 section 19.1.1)",
                "write the unicast prefix of the link");
  }
}

void LinkMatchReader::read_port(const Section& section, LinkMatch& match) {
  const auto& field = section.find("port");
  match.port = read_name(field, faults_);
  if (!match.port || port_names_.empty()) return;
  if (std::ranges::find(port_names_, *match.port) != port_names_.end()) return;
  const std::vector<std::string_view> names(port_names_.begin(), port_names_.end());
  const auto nearest = nearest_word(*match.port, names);
  faults_.add(
      field->position, "no port is called " + quoted(*match.port),
      "the link would never see a message",
      nearest ? "did you mean " + quoted(*nearest) + '?'
              : "write the name of a port under dataplane.ports, such as " + quoted(names.front()));
}

void LinkMatchReader::read_interface_id(const Section& section, LinkMatch& match) {
  constexpr Rule kRule{"it is the Interface-Id that the relay sends",
                       "write its text, or its octets as 0x and pairs of hexadecimal digits"};
  const auto& field = section.find("interface-id");
  const auto text = read_text(field, kRule, faults_);
  if (!text) return;
  if (!text->starts_with("0x")) {
    match.interface_id.emplace(text->begin(), text->end());
    return;
  }
  match.interface_id = parse_hex(std::string_view(*text).substr(2));
  if (!match.interface_id) faults_.add(field->position, what_is(*field), kRule);
}

void LinkMatchReader::check_is_new(const LinkMatch& match, const Field& field,
                                   const std::string& link_name) {
  const auto [first, is_new] =
      known_.emplace(conditions_of(match), Known{link_name, field.position});
  if (is_new) return;
  const Known& known = first->second;
  faults_.add(field.position,
              "the match of link " + quoted(link_name) + " is also that of link " +
                  quoted(known.link_name) + " in " + line_of(known.position),
              "a message could not be told to belong to one of them",
              "add a condition, or put the pools into one link");
}

std::vector<Ipv6Prefix> link_prefixes(const std::vector<LinkMatch>& matches) {
  std::vector<Ipv6Prefix> prefixes;
  for (const LinkMatch& match : matches) {
    if (!match.link_address) continue;
    const Ipv6Prefix& prefix = *match.link_address;
    // Link-local and unspecified ones tell links apart (S-133), but are not what is on the link.
    const bool is_unspecified = prefix.length == 128 && prefix.address.is_unspecified();
    if (!prefix.address.is_link_local() && !is_unspecified) prefixes.push_back(prefix);
  }
  return prefixes;
}

}  // namespace tandem6
