// Who we are on a port: what a frame is compared with and what a reply is sent from. Immutable
// after construction, read by all workers. No DPDK in here.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "dataplane/net/net_settings.h"
#include "dataplane/wire/ipv6.h"

namespace tandem6 {

using MacAddress = std::array<std::uint8_t, 6>;

struct PortIdentity {
  MacAddress mac{};
  std::vector<Ipv6Address> addresses;
  Ipv6Address link_local;
  std::optional<Ipv6Address> wider_scope;  // the first that is not link-local
  std::vector<std::uint16_t> vlans;        // as in PortSettings
  std::optional<MacAddress> next_hop;
};

/// REQUIRES: `settings` has a link-local address (control/config has seen to it).
[[nodiscard]] PortIdentity identity_of(const PortSettings& settings, const MacAddress& mac);

}  // namespace tandem6
