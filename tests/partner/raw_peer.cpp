#include "tests/partner/raw_peer.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "control/failover/message_writer.h"
#include "control/partner/start_tls.h"
#include "tests/failover/golden.h"

namespace tandem6 {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] int family() const { return storage.ss_family; }
};

SocketAddress address_of(const std::string& text, std::uint16_t port) {
  SocketAddress address;
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  if (inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.size = sizeof(*v6);
  } else {
    EXPECT_EQ(inet_pton(AF_INET, text.c_str(), &v4->sin_addr), 1) << text;
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof(*v4);
  }
  return address;
}

void be_patient(int descriptor) {
  constexpr timeval kPatience{.tv_sec = 10, .tv_usec = 0};
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
}

int bound_socket(const SocketAddress& address) {
  const int descriptor = socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(bind(descriptor, address.get(), address.size), 0) << std::strerror(errno);
  return descriptor;
}

}  // namespace

Octets framed(const FailoverMessage& message) {
  Octets frame;
  EXPECT_TRUE(write_message(message, kGoldenNow, frame));
  return frame;
}

Octets framed(const Octets& octets) {
  Octets frame;
  put_number(frame, octets.size(), 2);
  return frame + octets;
}

FailoverMessage connect_message(const std::string& relationship_name,
                                std::uint32_t transaction_id) {
  ConnectionParameters parameters;
  parameters.version = ProtocolVersion{};
  parameters.mclt = Lifetime{3600};
  parameters.keepalive = Lifetime{60};
  parameters.max_unacked_bndupd = 100;
  parameters.flags = ConnectionParameters::kFixedPdLength;
  parameters.relationship_name = relationship_name;
  return {.transaction_id = transaction_id, .sent_time = kGoldenNow, .body = Connect{parameters}};
}

RawPeer::RawPeer(const std::string& from, const std::string& to, std::uint16_t port)
    : descriptor_(bound_socket(address_of(from, 0))) {
  be_patient(descriptor_);
  const SocketAddress target = address_of(to, port);
  EXPECT_EQ(connect(descriptor_, target.get(), target.size), 0) << std::strerror(errno);
}

RawPeer::~RawPeer() {
  SSL_free(session_);
  SSL_CTX_free(context_);
  if (descriptor_ >= 0) close(descriptor_);
}

bool RawPeer::send(const Octets& octets) {
  for (std::size_t sent = 0; sent < octets.size();) {
    const ssize_t count =
        session_ != nullptr
            ? SSL_write(session_, octets.data() + sent, static_cast<int>(octets.size() - sent))
            : ::send(descriptor_, octets.data() + sent, octets.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

bool RawPeer::receive(std::uint8_t* into, std::size_t size) {
  for (std::size_t received = 0; received < size;) {
    const ssize_t count =
        session_ != nullptr ? SSL_read(session_, into + received, static_cast<int>(size - received))
                            : recv(descriptor_, into + received, size - received, 0);
    if (count <= 0) return false;
    received += static_cast<std::size_t>(count);
  }
  return true;
}

Octets RawPeer::receive_frame() {
  std::array<std::uint8_t, 2> size{};
  if (!receive(size.data(), size.size())) return {};
  Octets frame(std::size_t{size[0]} << 8 | size[1]);
  return receive(frame.data(), frame.size()) ? frame : Octets{};
}

bool RawPeer::ends_without_a_word() {
  std::uint8_t octet = 0;
  const ssize_t count = recv(descriptor_, &octet, 1, 0);
  return count == 0 || (count < 0 && errno == ECONNRESET);
}

bool RawPeer::waits_for_end() {
  std::array<std::uint8_t, 4096> octets;
  for (;;) {
    const ssize_t count = recv(descriptor_, octets.data(), octets.size(), 0);
    if (count == 0) return true;
    if (count < 0) return errno == ECONNRESET || errno == EPIPE;
  }
}

bool RawPeer::ends_politely() {
  std::array<std::uint8_t, 4096> octets;
  ssize_t count = 0;
  do {
    count = recv(descriptor_, octets.data(), octets.size(), 0);
  } while (count > 0);
  return count == 0;
}

void RawPeer::reset() {
  constexpr linger kAtOnce{.l_onoff = 1, .l_linger = 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &kAtOnce, sizeof(kAtOnce));
  close(std::exchange(descriptor_, -1));
}

void RawPeer::end_writing() const { shutdown(descriptor_, SHUT_WR); }

void RawPeer::shrink_receive_buffer() const {
  constexpr int kSmall = 4096;
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &kSmall, sizeof(kSmall));
}

bool RawPeer::start_tls(const TlsSettings& settings, int version_max) {
  if (!send(start_tls_frame(5))) return false;
  const Octets reply = receive_frame();
  if (!read_start_tls_reply(reply)) return false;
  return shake_hands(settings, version_max, false);
}

bool RawPeer::serve_tls(const TlsSettings& settings, int version_max) {
  const auto transaction_id = read_start_tls(receive_frame());
  if (!transaction_id) return false;
  send(start_tls_reply_frame(*transaction_id, std::nullopt));
  return shake_hands(settings, version_max, true);
}

bool RawPeer::shake_hands(const TlsSettings& settings, int version_max, bool is_server) {
  context_ = SSL_CTX_new(TLS_method());
  SSL_CTX_set_max_proto_version(context_, version_max);
  SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
  SSL_CTX_set_security_level(context_, 0);  // to be able to offer what must be refused
  SSL_CTX_load_verify_file(context_, settings.ca.c_str());
  if (!settings.certificate.empty()) {
    EXPECT_EQ(SSL_CTX_use_certificate_chain_file(context_, settings.certificate.c_str()), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey_file(context_, settings.key.c_str(), SSL_FILETYPE_PEM), 1);
  }
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
  session_ = SSL_new(context_);
  SSL_set_fd(session_, descriptor_);
  return (is_server ? SSL_accept(session_) : SSL_connect(session_)) == 1;
}

RawListener::RawListener(const std::string& address)
    : descriptor_(bound_socket(address_of(address, 0))) {
  EXPECT_EQ(listen(descriptor_, 8), 0);
  be_patient(descriptor_);
}
RawListener::~RawListener() { close(descriptor_); }

std::uint16_t RawListener::port() const {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  getsockname(descriptor_, reinterpret_cast<sockaddr*>(&storage), &size);
  return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);  // in both families
}

int RawListener::accept() const {
  const int descriptor = accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
  EXPECT_GE(descriptor, 0) << std::strerror(errno);
  be_patient(descriptor);
  return descriptor;
}

}  // namespace tandem6
