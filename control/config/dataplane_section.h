// The section `dataplane` of the file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/config/yaml_fields.h"
#include "dataplane/net/net_settings.h"

namespace tandem6 {

/// Fills what the section says into `net`; gives the names of all ports, those with faults too.
[[nodiscard]] std::vector<std::string> read_dataplane_section(const std::optional<Field>& field,
                                                              NetSettings& net, Faults& faults);

}  // namespace tandem6
