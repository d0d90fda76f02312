// The section `failover` of the file: the relationships with partners.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/config/yaml_fields.h"
#include "control/failover/partner_settings.h"

namespace tandem6 {

/// What links call a relationship by.
struct RelationshipName {
  std::string name;  // empty: it could not be read, or is that of an earlier one
  FilePosition position;
};

/// All relationships into `partners`, save the fingerprints, which take the links. Gives their
/// names in the same order, that of the file.
[[nodiscard]] std::vector<RelationshipName> read_failover_section(
    const std::optional<Field>& field, std::vector<PartnerSettings>& partners, Faults& faults);

}  // namespace tandem6
