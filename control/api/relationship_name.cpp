#include "control/api/relationship_name.h"

#include <string_view>

#include "control/config/nearest_word.h"

namespace tandem6 {

std::expected<RelationshipView, RpcError> find_relationship(
    const std::vector<RelationshipView>& relationships, const std::string& name) {
  std::vector<std::string_view> names;
  std::string list;
  for (const RelationshipView& relationship : relationships) {
    if (relationship.name == name) return relationship;
    names.push_back(relationship.name);
    list += (list.empty() ? "" : ", ") + relationship.name;
  }
  std::string message = "no relationship is called `" + name + "`";
  if (names.empty()) {
    message += "; this server has no partner, its configuration has no failover";
  } else if (const auto nearest = nearest_word(name, names)) {
    message += "; did you mean `" + std::string(*nearest) + "`? There are " + list;
  } else {
    message += "; there are " + list;
  }
  return std::unexpected(RpcError{.message = std::move(message)});
}

}  // namespace tandem6
