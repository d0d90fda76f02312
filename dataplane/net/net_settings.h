// What the packet path needs to know of the configuration. No DPDK in here: control/config fills
// it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/wire/ipv6.h"

namespace tandem6 {

struct PortSettings {
  std::string name;    // "access"
  std::string device;  // a PCI address, or a virtual device "net_af_packet0,iface=…"
  std::vector<Ipv6Address> addresses;  // of the server on this port; one link-local at least
  std::vector<std::uint16_t> vlans;    // VLAN ids served; empty: untagged and every tag
  /// Answers go to this MAC address instead of the way their request came.
  std::optional<std::array<std::uint8_t, 6>> next_hop;
};

enum class IdleMode : std::uint8_t {
  kPoll,   // a worker never sleeps: for dedicated cores (default)
  kSleep,  // a worker that finds nothing sleeps, longer and longer up to 1 ms
};

struct NetSettings {
  std::vector<std::string> eal_arguments;
  unsigned worker_count = 1;
  IdleMode idle = IdleMode::kPoll;
  std::uint32_t binding_count_max = 1u << 20;  // of all workers together
  std::vector<PortSettings> ports;
};

}  // namespace tandem6
