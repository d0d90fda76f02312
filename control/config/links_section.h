// The section `links` of the file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/config/failover_section.h"
#include "control/config/options.h"
#include "control/config/yaml_fields.h"
#include "dataplane/server/settings.h"

namespace tandem6 {

/// All links, checked each by itself and against one another. `server_options` are inherited.
[[nodiscard]] std::vector<LinkSettings> read_links_section(
    const std::optional<Field>& field, const std::vector<std::string>& port_names,
    const std::vector<RelationshipName>& relationship_names, const OptionSet& server_options,
    Faults& faults);

}  // namespace tandem6
