#include "control/partner/socket_setup.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace tandem6 {
namespace {

namespace ip = boost::asio::ip;

/// What the kernel holds that it has not sent: behind it a CONTACT waits.
constexpr int kUnsentOctetsMax = 128 << 10;

void set(int descriptor, int level, int option, int value) noexcept {
  setsockopt(descriptor, level, option, &value, sizeof(value));
}

}  // namespace

std::expected<ip::address, std::string> address_of(const std::string& text) {
  boost::system::error_code error;
  const ip::address address = ip::make_address(text, error);
  if (error) return std::unexpected("\"" + text + "\" is no numeric address");
  return address;
}

bool is_address_of(const std::string& configured, const ip::address& seen) {
  const auto address = address_of(configured);
  if (!address) return false;
  if (!address->is_v6() || !seen.is_v6() || address->to_v6().scope_id() != 0) {
    return *address == seen;
  }
  return address->to_v6().to_bytes() == seen.to_v6().to_bytes();
}

void tune_connection(int descriptor, std::chrono::milliseconds unacked_time_max) noexcept {
  set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  set(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentOctetsMax);
  set(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(unacked_time_max.count()));
  set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 0);  // the protocol has its own
}

void leave_port_to_connect(int descriptor) noexcept {
  set(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
}

void allow_absent_address(int descriptor, bool is_ipv6) noexcept {
  if (is_ipv6) {
    set(descriptor, IPPROTO_IPV6, IPV6_FREEBIND, 1);
  } else {
    set(descriptor, IPPROTO_IP, IP_FREEBIND, 1);
  }
}

}  // namespace tandem6
