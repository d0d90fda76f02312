// The `relationship` of a link: which partner shares its leases.
#pragma once

#include <vector>

#include "control/config/failover_section.h"
#include "dataplane/server/settings.h"

namespace tandem6 {

/// Reads the relationship of one link after the other and remembers which are used.
class LinkRelationshipReader {
 public:
  /// `names`: those of the file; borrowed.
  LinkRelationshipReader(const std::vector<RelationshipName>& names, Faults& faults)
      : names_(names), is_used_(names.size()), faults_(faults) {}

  /// kNoRelationship: the link is served alone.
  [[nodiscard]] RelationshipIndex read(const Section& link);
  /// REQUIRES: the relationship and the lifetimes of the link are read.
  void check_lifetimes(const Section& section, const LinkSettings& link);
  /// After the last link: a relationship without one is a fault.
  void check_all_used();

 private:
  void refuse_unknown(const Field& field, const std::string& name);

  const std::vector<RelationshipName>& names_;
  std::vector<bool> is_used_;
  bool is_any_unknown_ = false;  // then it is unknown, too, which are used
  Faults& faults_;
};

}  // namespace tandem6
