#include "control/config/link_relationship.h"

#include <algorithm>

#include "control/config/duration.h"
#include "control/config/nearest_word.h"
#include "control/config/scalars.h"
#include "dataplane/lease/lead_time.h"

namespace tandem6 {

RelationshipIndex LinkRelationshipReader::read(const Section& link) {
  const auto& field = link.find("relationship");
  if (!field) return kNoRelationship;
  const auto name = read_name(field, faults_);
  const auto found =
      name ? std::ranges::find(names_, *name, &RelationshipName::name) : names_.end();
  if (found == names_.end()) {
    is_any_unknown_ = true;
    if (name) refuse_unknown(*field, *name);
    return kNoRelationship;
  }
  const auto index = found - names_.begin();
  is_used_[static_cast<std::size_t>(index)] = true;
  return static_cast<RelationshipIndex>(index);
}

void LinkRelationshipReader::refuse_unknown(const Field& field, const std::string& name) {
  std::vector<std::string_view> words;
  for (const RelationshipName& known : names_) {
    if (known.name.empty()) return;  // It may be this one; the file has that other fault.
    words.push_back(known.name);
  }
  const auto nearest = nearest_word(name, words);
  std::string right = "add it under failover, or remove the key to serve the link alone";
  if (nearest) {
    right = "did you mean " + quoted(*nearest) + '?';
  } else if (!words.empty()) {
    right = "write the name of a relationship under failover, such as " + quoted(words.front());
  }
  faults_.add(field.position, "no relationship is called " + quoted(name),
              "the link would have no partner", right);
}

// whoever configures it would not get it.
void LinkRelationshipReader::check_lifetimes(const Section& section, const LinkSettings& link) {
  const auto& lifetimes = section.find("lifetimes");
  const Lifetime valid = link.lifetimes.valid;
  if (link.relationship == kNoRelationship || !lifetimes || valid >= kFailoverLifetimeMin) return;
  faults_.add(lifetimes->position, lifetimes->name + " makes leases of " + to_text(valid),
              "no lease of a link with a partner is under 30s (RFC 8156 section 1)",
              "write a valid lifetime of 30s or more, or remove relationship");
}

void LinkRelationshipReader::check_all_used() {
  if (is_any_unknown_) return;
  for (std::size_t index = 0; index < names_.size(); ++index) {
    const RelationshipName& known = names_[index];
    if (is_used_[index] || known.name.empty()) continue;
    faults_.add(known.position, "no link has the relationship " + quoted(known.name),
                "the partners would have nothing to share",
                "write relationship: " + printable(known.name) +
                    " into a link, or remove it from failover");
  }
}

}  // namespace tandem6
