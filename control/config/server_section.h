// The section `server` of the file.
#pragma once

#include <optional>

#include "control/config/configuration.h"
#include "control/config/options.h"
#include "control/config/yaml_fields.h"

namespace tandem6 {

/// Fills what the section says into `configuration`; gives the options that links inherit.
[[nodiscard]] OptionSet read_server_section(const std::optional<Field>& field,
                                            Configuration& configuration, Faults& faults);

}  // namespace tandem6
