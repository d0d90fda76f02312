// The `address-pools`, `prefix-pools` and `reservations` of a link.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/config/lease_ranges.h"
#include "control/config/yaml_fields.h"
#include "dataplane/server/settings.h"

namespace tandem6 {

/// What belongs to one link while its pools are read. REQUIRES: `link.matches` is read.
struct LinkBeingRead {
  LinkSettings& link;
  std::size_t index;                // in the file
  std::vector<LeaseRange>& ranges;  // of all links: gets those of this one
  Faults& faults;
};

void read_address_pools(const std::optional<Field>& field, LinkBeingRead& reading);
void read_prefix_pools(const std::optional<Field>& field, LinkBeingRead& reading);
/// REQUIRES: the pools are read.
void read_reservations(const std::optional<Field>& field, LinkBeingRead& reading);

}  // namespace tandem6
