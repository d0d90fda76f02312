// The section `storage` of the file.
#pragma once

#include <optional>

#include "control/config/yaml_fields.h"
#include "storage/storage_settings.h"

namespace tandem6 {

void read_storage_section(const std::optional<Field>& field, StorageSettings& storage,
                          Faults& faults);

}  // namespace tandem6
