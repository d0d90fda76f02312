#include "control/config/links_section.h"

#include <algorithm>
#include <map>

#include "control/config/lifetimes.h"
#include "control/config/link_match.h"
#include "control/config/link_pools.h"
#include "control/config/link_relationship.h"
#include "control/config/scalars.h"
#include "dataplane/lease/binding.h"

namespace tandem6 {
namespace {

constexpr Rule kLinksRule{
    "clients get leases by the link they are on",
    "add at least one: {name: …, match: {port: …}, address-pools: [\"2001:db8:7::/64\"]}"};

/// Reads one link after the other; knows what must differ between them.
class LinksReader {
 public:
  LinksReader(const std::vector<std::string>& port_names,
              const std::vector<RelationshipName>& relationship_names,
              const OptionSet& server_options, Faults& faults)
      : matches_(port_names, faults),
        relationships_(relationship_names, faults),
        server_options_(server_options),
        faults_(faults) {}

  void read(const Field& element) {
    const Section section(element, element.position,
                          {"name", "relationship", "match", "address-pools", "prefix-pools",
                           "lifetimes", "rapid-commit", "create-on-renew", "client-only", "options",
                           "send-always", "reservations"},
                          faults_);
    LinkSettings& link = links_.emplace_back();
    read_link_name(section, link);
    link.relationship = relationships_.read(section);
    link.matches = matches_.read(section, link.name);
    LinkBeingRead reading{link, links_.size() - 1, ranges_, faults_};
    read_address_pools(section.find("address-pools"), reading);
    read_prefix_pools(section.find("prefix-pools"), reading);
    read_reservations(section.find("reservations"), reading);
    link.lifetimes = read_lifetimes(section.find("lifetimes"), faults_);
    relationships_.check_lifetimes(section, link);
    read_flags(section, link);
    read_link_options(section, link);
  }

  [[nodiscard]] std::vector<LinkSettings> finish() {
    std::vector<std::string> names;
    names.reserve(links_.size());
    for (const LinkSettings& link : links_) names.push_back(link.name);
    check_overlaps(std::move(ranges_), names, faults_);
    relationships_.check_all_used();
    return std::move(links_);
  }

 private:
  void read_link_name(const Section& section, LinkSettings& link) {
    const auto& field = section.require(
        "name", {"commands and tables refer to the link by it", "add one, such as olt-7"}, faults_);
    const auto name = read_name(field, faults_);
    if (!name) return;
    link.name = *name;
    const auto [first, is_new] = names_.emplace(*name, field->position);
    if (is_new) return;
    faults_.add(field->position, "two links are called " + quoted(*name),
                "commands could not tell them apart; the first is in " + line_of(first->second),
                "give each link its own name");
  }

  void read_flags(const Section& section, LinkSettings& link) {
    const auto& client_only = section.find("client-only");
    link.rapid_commit =
        read_flag(section.find("rapid-commit"), faults_).value_or(link.rapid_commit);
    link.create_on_renew =
        read_flag(section.find("create-on-renew"), faults_).value_or(link.create_on_renew);
    link.client_only = read_flag(client_only, faults_).value_or(link.client_only);
    if (!link.client_only || link.matches.empty()) return;
    if (std::ranges::none_of(link.matches,
                             [](const LinkMatch& match) { return match.port.has_value(); })) {
      faults_.add(client_only->position, "client-only is set, but no match of the link has a port",
                  "it drops what relays send to the link's port", "add {port: …}, or remove it");
    }
  }

  void read_link_options(const Section& section, LinkSettings& link) {
    const auto& field = section.find("options");
    const OptionSet own = read_options(field, section.find("send-always"), faults_);
    link.options = merge_options(server_options_, own,
                                 field ? field->key_position : section.position(), faults_);
  }

  LinkMatchReader matches_;
  LinkRelationshipReader relationships_;
  const OptionSet& server_options_;
  Faults& faults_;
  std::map<std::string, FilePosition> names_;
  std::vector<LinkSettings> links_;
  std::vector<LeaseRange> ranges_;
};

/// Bindings name links and pools by 16 bits, of which the last number stands for none.
void check_counts(const std::vector<LinkSettings>& links, FilePosition position, Faults& faults) {
  std::size_t address_pool_count = 0;
  std::size_t prefix_pool_count = 0;
  for (const LinkSettings& link : links) {
    address_pool_count += link.address_pools.size();
    prefix_pool_count += link.prefix_pools.size();
  }
  const auto check = [&](std::size_t count, const char* of_what) {
    if (count <= kNoPool) return;
    faults.add(position, std::to_string(count) + ' ' + of_what + " are too many",
               "a lease remembers its link and pool by a number of 16 bits",
               "split them over several servers, " + std::to_string(kNoPool) + " each");
  };
  check(links.size(), "links");
  check(address_pool_count, "address pools");
  check(prefix_pool_count, "prefix pools");
}

}  // namespace

std::vector<LinkSettings> read_links_section(
    const std::optional<Field>& field, const std::vector<std::string>& port_names,
    const std::vector<RelationshipName>& relationship_names, const OptionSet& server_options,
    Faults& faults) {
  if (!field) {
    faults.add({}, "links is missing", kLinksRule);
    return {};
  }
  const std::vector<Field> elements = read_list(field, kLinksRule, faults);
  if (elements.empty() && (field->is_empty() || field->node.IsSequence())) {
    faults.add(field->position, "links has no link", kLinksRule);
  }
  LinksReader reader(port_names, relationship_names, server_options, faults);
  for (const Field& element : elements) reader.read(element);
  auto links = reader.finish();
  check_counts(links, field->key_position, faults);
  return links;
}

}  // namespace tandem6
