// The `lifetimes` of a link.
#pragma once

#include <optional>

#include "control/config/yaml_fields.h"
#include "dataplane/server/settings.h"

namespace tandem6 {

/// Defaults: preferred 12h and valid 24h; of one of them alone, the other is half or twice it.
[[nodiscard]] LifetimeSettings read_lifetimes(const std::optional<Field>& field, Faults& faults);

}  // namespace tandem6
