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

/// How the frames that are not for the server reach the kernel (dataplane/net/kernel_path.h).
enum class KernelPathKind : std::uint8_t {
  kAutomatic,  // by the kind of the device (default)
  kInterface,  // the kernel sees them by itself on the interface under the device
  kTap,        // through a TAP device of ours
  kNone,       // not at all
};

struct PortSettings {
  std::string name;    // "access"
  std::string device;  // a PCI address, or a virtual device "net_af_packet0,iface=…"
  std::vector<Ipv6Address> addresses;  // of the server on this port; one link-local at least
  /// VLAN ids served, of the outer tag; 0 stands for untagged. Empty: untagged and every tag.
  std::vector<std::uint16_t> vlans;
  /// Answers go to this MAC address instead of the way their request came.
  std::optional<std::array<std::uint8_t, 6>> next_hop;
  KernelPathKind kernel_path = KernelPathKind::kAutomatic;
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
