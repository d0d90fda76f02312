#include "dataplane/net/kernel_path.h"

#include <rte_ethdev.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <string_view>

namespace tandem6 {
namespace {

constexpr std::size_t kInterfaceNameSizeMax = 15;
constexpr std::uint16_t kTapDescriptorCount = 256;

bool names_driver(const std::string& device_string, std::string_view driver) {
  return device_name(device_string).find(driver) != std::string::npos;
}

/// A PCI address is one of a NIC that DPDK owns: "0000:03:00.0", "03:00.0".
bool is_pci_address(const std::string& device_string) {
  const std::string name = device_name(device_string);
  return name.find(':') != std::string::npos &&
         name.find_first_not_of("0123456789abcdefABCDEF:.") == std::string::npos;
}

std::string text_of(const MacAddress& mac) {
  std::array<char, 18> text{};
  std::snprintf(text.data(), text.size(), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
                mac[3], mac[4], mac[5]);
  return text.data();
}

/// The TAP is the server's own: nobody on an access network may configure it. Where the kernel
/// does not know these settings there is nothing to switch off.
void refuse_router_advertisements(const std::string& interface) {
  for (const char* setting : {"accept_ra", "autoconf"}) {
    std::ofstream("/proc/sys/net/ipv6/conf/" + interface + "/" + setting) << '0';
  }
}

}  // namespace

KernelPathKind KernelPath::kind_of(const PortSettings& settings) {
  if (settings.kernel_path != KernelPathKind::kAutomatic) return settings.kernel_path;
  if (names_driver(settings.device, "af_packet")) return KernelPathKind::kInterface;
  if (names_driver(settings.device, "af_xdp") || is_pci_address(settings.device)) {
    return KernelPathKind::kTap;
  }
  return KernelPathKind::kNone;
}

std::expected<std::unique_ptr<KernelPath>, std::string> KernelPath::open(
    const PortSettings& settings, unsigned index, const Port& port, rte_mempool* pool) {
  std::unique_ptr<KernelPath> path(new KernelPath(kind_of(settings)));
  if (path->kind_ == KernelPathKind::kNone) return path;
  path->interface_name_ = device_argument(settings.device, "iface");
  if (path->kind_ == KernelPathKind::kTap) {
    path->interface_name_ = ("t6-" + settings.name).substr(0, kInterfaceNameSizeMax);
    const std::expected<void, std::string> opened = path->open_tap(index, port, pool);
    if (!opened) return std::unexpected(opened.error());
  }
  auto interface = KernelInterface::attach(path->interface_name_, settings.addresses);
  if (!interface) return std::unexpected("port " + settings.name + ": " + interface.error());
  path->interface_ = std::move(*interface);
  return path;
}

std::expected<void, std::string> KernelPath::open_tap(unsigned index, const Port& port,
                                                      rte_mempool* pool) {
  const std::string device = "net_tap_t6_" + std::to_string(index) + ",iface=" + interface_name_ +
                             ",mac=" + text_of(port.mac());
  auto tap = Port::open(interface_name_, device);
  if (!tap) return std::unexpected(tap.error());
  tap_ = std::move(*tap);
  // The worker that owns a queue of the port owns the TAP's queue of the same number.
  if (tap_->queue_count_for(port.queue_count()) < port.queue_count()) {
    return std::unexpected("port " + interface_name_ + ": a TAP device has no " +
                           std::to_string(port.queue_count()) +
                           " queues: use fewer workers, or no TAP");
  }
  const auto configured = tap_->configure(port.queue_count(), kTapDescriptorCount, pool);
  if (!configured) return configured;
  rte_eth_dev_set_mtu(tap_->device(), port.mtu());
  refuse_router_advertisements(interface_name_);
  return tap_->start(false);
}

std::optional<std::uint16_t> KernelPath::tap() const noexcept {
  if (!tap_) return std::nullopt;
  return tap_->device();
}

std::string KernelPath::description() const {
  switch (kind_) {
    case KernelPathKind::kInterface:
      return "interface " + interface_name_;
    case KernelPathKind::kTap:
      return "TAP " + interface_name_;
    default:
      return "none";
  }
}

std::expected<void, std::string> KernelPath::tend(const Port& port) {
  if (!interface_) return {};
  const bool up = tap_ ? port.link_up() : interface_->running();
  const bool came_back = up && !link_was_up_;
  link_was_up_ = up;
  return came_back ? interface_->restore() : std::expected<void, std::string>{};
}

}  // namespace tandem6
