// The way out to the kernel for everything that is not for the server: the server is no IP stack.
//
//  - On a device over a kernel interface (net_af_packet) the kernel sees every frame by itself; we
//    only stand on that interface (KernelInterface).
//  - On a device that DPDK owns (a NIC; net_af_xdp, whose program takes all frames of its queue) a
//    TAP device "t6-PORT" with the same MAC address is the kernel's end. Workers carry frames
//    between its queues and the port's.
//  - Other virtual devices (net_memif, net_ring, net_null, net_pcap, net_tap, …) have none.
//
// Control's thread, but for the TAP's queues, which belong to the workers.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "dataplane/net/kernel_interface.h"
#include "dataplane/net/port.h"

namespace tandem6 {

class KernelPath {
 public:
  /// What `settings` asks for; never kAutomatic.
  [[nodiscard]] static KernelPathKind kind_of(const PortSettings& settings);
  /// REQUIRES: `port` is configured. `index` of the port, for the name of DPDK's device.
  [[nodiscard]] static std::expected<std::unique_ptr<KernelPath>, std::string> open(
      const PortSettings& settings, unsigned index, const Port& port, rte_mempool* pool);

  /// DPDK's number of the TAP.
  [[nodiscard]] std::optional<std::uint16_t> tap() const noexcept;
  [[nodiscard]] KernelPathKind kind() const noexcept { return kind_; }
  /// For the operator: "interface eth1", "TAP t6-access", "none".
  [[nodiscard]] std::string description() const;
  /// Of a kernel interface: up and with carrier.
  [[nodiscard]] bool interface_running() const { return interface_ && interface_->running(); }
  /// Call it now and then (each second): restores addresses and groups after a loss of the link.
  /// An error is returned once for each loss.
  [[nodiscard]] std::expected<void, std::string> tend(const Port& port);

 private:
  explicit KernelPath(KernelPathKind kind) noexcept : kind_(kind) {}
  [[nodiscard]] std::expected<void, std::string> open_tap(unsigned index, const Port& port,
                                                          rte_mempool* pool);

  KernelPathKind kind_;
  std::string interface_name_;
  bool link_was_up_ = true;
  // The order matters: the presence on the TAP's interface ends before the TAP.
  std::unique_ptr<Port> tap_;
  std::unique_ptr<KernelInterface> interface_;
};

}  // namespace tandem6
