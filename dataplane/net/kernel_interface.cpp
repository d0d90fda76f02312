#include "dataplane/net/kernel_interface.h"

#include <linux/filter.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "dataplane/net/frame.h"

namespace tandem6 {
namespace {

constexpr std::uint8_t kPrefixLength = 64;  // RFC 4291: of every unicast subnet

struct AddressRequest {
  nlmsghdr header{};
  ifaddrmsg message{};
  rtattr attribute{};
  std::array<std::uint8_t, 16> address{};
};
static_assert(sizeof(AddressRequest) == 16 + 8 + 4 + 16, "as the kernel reads it");

/// RTM_NEWADDR or RTM_DELADDR (man 7 rtnetlink). Returns 0 or an errno.
int change_address(std::uint16_t type, unsigned interface, const Ipv6Address& address) {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return errno;
  AddressRequest request;
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = type;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  if (type == RTM_NEWADDR) request.header.nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
  request.message.ifa_family = AF_INET6;
  request.message.ifa_prefixlen = kPrefixLength;
  request.message.ifa_flags = IFA_F_NODAD;
  request.message.ifa_index = interface;
  request.attribute.rta_len = RTA_LENGTH(16);
  request.attribute.rta_type = IFA_LOCAL;
  request.address = address.octets;
  int result = EIO;
  struct {
    nlmsghdr header;
    nlmsgerr error;
    char rest[512];
  } reply{};
  if (send(fd, &request, sizeof request, 0) < 0 || recv(fd, &reply, sizeof reply, 0) < 0) {
    result = errno;
  } else if (reply.header.nlmsg_type == NLMSG_ERROR) {
    result = -reply.error.error;
  }
  close(fd);
  return result;
}

ifreq request_for(const std::string& name) {
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  return request;
}

}  // namespace

std::unexpected<std::string> KernelInterface::failed(const std::string& what) const {
  return std::unexpected("interface " + name_ + ": " + what + ": " + std::strerror(errno));
}

std::expected<std::unique_ptr<KernelInterface>, std::string> KernelInterface::attach(
    const std::string& name, const std::vector<Ipv6Address>& addresses) {
  std::unique_ptr<KernelInterface> interface(new KernelInterface(name));
  interface->addresses_ = addresses;
  interface->index_ = if_nametoindex(name.c_str());
  if (interface->index_ == 0) return interface->failed("it is not there");
  for (const auto step : {&KernelInterface::hold_port, &KernelInterface::add_addresses,
                          &KernelInterface::join_groups}) {
    const std::expected<void, std::string> done = (interface.get()->*step)();
    if (!done) return std::unexpected(done.error());
  }
  return interface;
}

KernelInterface::~KernelInterface() {
  for (const Ipv6Address& address : added_) change_address(RTM_DELADDR, index_, address);
  if (socket_ >= 0) close(socket_);
}

std::expected<void, std::string> KernelInterface::hold_port() {
  socket_ = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return failed("no UDP socket");
  ifreq request = request_for(name_);
  if (ioctl(socket_, SIOCGIFFLAGS, &request) != 0) return failed("its flags");
  if ((request.ifr_flags & IFF_UP) == 0) {
    request.ifr_flags |= IFF_UP;
    if (ioctl(socket_, SIOCSIFFLAGS, &request) != 0) return failed("it cannot be put up");
  }
  const int on = 1;
  if (setsockopt(socket_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0 ||
      setsockopt(socket_, SOL_SOCKET, SO_BINDTODEVICE, name_.data(),
                 static_cast<socklen_t>(name_.size())) != 0) {
    return failed("a UDP socket cannot be bound to it");
  }
  // Every datagram is thrown away before it takes memory; it has still met a socket.
  sock_filter drop_all = BPF_STMT(BPF_RET | BPF_K, 0);
  const sock_fprog program{.len = 1, .filter = &drop_all};
  if (setsockopt(socket_, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0) {
    return failed("the filter of its UDP socket");
  }
  sockaddr_in6 local{};
  local.sin6_family = AF_INET6;
  local.sin6_port = htons(kDhcpServerPort);
  if (bind(socket_, reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0) {
    return failed(errno == EADDRINUSE
                      ? "UDP port 547 is taken there: another DHCPv6 server or relay runs"
                      : "UDP port 547");
  }
  return {};
}

std::expected<void, std::string> KernelInterface::add_addresses() {
  for (const Ipv6Address& address : addresses_) {
    const int error = change_address(RTM_NEWADDR, index_, address);
    if (error == EEXIST) continue;
    if (error != 0) {
      errno = error;
      return failed("address " + address.to_string() + " cannot be added (is IPv6 off there?)");
    }
    if (std::ranges::find(added_, address) == added_.end()) added_.push_back(address);
  }
  return {};
}

std::expected<void, std::string> KernelInterface::join_groups() {
  for (const Ipv6Address& group : {all_dhcp_relay_agents_and_servers(), all_dhcp_servers()}) {
    ipv6_mreq membership{};
    std::memcpy(&membership.ipv6mr_multiaddr, group.octets.data(), 16);
    membership.ipv6mr_interface = index_;
    // Left first when it was joined: only a new membership is reported.
    setsockopt(socket_, IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, &membership, sizeof membership);
    if (setsockopt(socket_, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &membership, sizeof membership) !=
        0) {
      return failed("group " + group.to_string() + " cannot be joined");
    }
  }
  return {};
}

bool KernelInterface::running() const {
  ifreq request = request_for(name_);
  return ioctl(socket_, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) != 0 &&
         (request.ifr_flags & IFF_RUNNING) != 0;
}

std::expected<void, std::string> KernelInterface::restore() {
  const std::expected<void, std::string> added = add_addresses();
  return added ? join_groups() : added;
}

}  // namespace tandem6
