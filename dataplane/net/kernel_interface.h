// The server's presence on a kernel interface: its addresses stand there, and a socket that
// swallows everything holds UDP port 547 and the group memberships. The kernel then does neighbour
// discovery, multicast membership (MLD) and ping for us, and answers no DHCPv6 message with "port
// unreachable". Netlink and sockets only, no DPDK. Control's thread.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/wire/ipv6.h"

namespace tandem6 {

class KernelInterface {
 public:
  /// Puts up the interface, adds the addresses that are missing (as /64, without duplicate address
  /// detection: a server must answer at once), binds UDP 547 there and joins ff02::1:2 and
  /// ff05::1:3 (S-001).
  [[nodiscard]] static std::expected<std::unique_ptr<KernelInterface>, std::string> attach(
      const std::string& name, const std::vector<Ipv6Address>& addresses);
  /// Leaves the groups and removes the addresses that attach() added.
  ~KernelInterface();
  KernelInterface(const KernelInterface&) = delete;
  KernelInterface& operator=(const KernelInterface&) = delete;

  /// True when the interface is up and has carrier.
  [[nodiscard]] bool running() const;
  /// After a loss of the link: puts back addresses that the kernel took away, and joins the groups
  /// again, which makes the kernel report them to the routers and switches at once (S-001).
  [[nodiscard]] std::expected<void, std::string> restore();

 private:
  explicit KernelInterface(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] std::expected<void, std::string> add_addresses();
  [[nodiscard]] std::expected<void, std::string> hold_port();
  [[nodiscard]] std::expected<void, std::string> join_groups();
  [[nodiscard]] std::unexpected<std::string> failed(const std::string& what) const;  // with errno

  std::string name_;
  unsigned index_ = 0;
  std::vector<Ipv6Address> addresses_;
  std::vector<Ipv6Address> added_;
  int socket_ = -1;
};

}  // namespace tandem6
