// Options as an operator names them: "dns-servers" or "23".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "control/config/yaml_fields.h"
#include "dataplane/wire/option_table.h"

namespace tandem6 {

struct NamedOption {
  std::uint16_t code = 0;
  const OptionRow* row = nullptr;  // null: a code that the table does not know
};

/// The option of this name or number that an operator may set; a fault when there is none, or when
/// it is the protocol's own business.
[[nodiscard]] std::optional<NamedOption> find_settable_option(std::string_view text,
                                                              FilePosition position,
                                                              Faults& faults);

struct PlacedCode {
  std::uint16_t code = 0;
  FilePosition position;
};

/// A list of names and numbers (`send-always`, `relay-supplied-options`); one named twice is a
/// fault.
[[nodiscard]] std::vector<PlacedCode> read_option_codes(const std::optional<Field>& field,
                                                        Faults& faults);

/// "dns-servers (23)", or "option 200".
[[nodiscard]] std::string option_label(std::uint16_t code);

}  // namespace tandem6
