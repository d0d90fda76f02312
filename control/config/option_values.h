// One option's value: from what an operator writes to octets of the wire.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "control/config/option_names.h"
#include "control/config/yaml_fields.h"

namespace tandem6 {

/// The whole option, header included (several, one behind the other, where the table allows it and
/// the operator wrote a list of {hex: …}). Nothing plus a fault when the value does not fit.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> read_option(const NamedOption& option,
                                                                   const Field& field,
                                                                   Faults& faults);

}  // namespace tandem6
