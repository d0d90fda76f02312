// The other end of a connection, played octet by octet with plain blocking sockets; runs on a
// thread of its own (PartnerTest::play), so that the event loop goes on. What it waits for it
// waits for ten seconds.
#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <string>

#include "control/failover/message.h"
#include "control/failover/partner_settings.h"
#include "tests/wire/packet_builder.h"

namespace tandem6 {

/// With its size.
[[nodiscard]] Octets framed(const FailoverMessage& message);
/// Any octets with their size before them.
[[nodiscard]] Octets framed(const Octets& octets);
/// A CONNECT that nothing is wrong with.
[[nodiscard]] FailoverMessage connect_message(const std::string& relationship_name,
                                              std::uint32_t transaction_id = 7);

class RawPeer {
 public:
  /// Connects.
  RawPeer(const std::string& from, const std::string& to, std::uint16_t port);
  /// Takes a connection that was accepted.
  explicit RawPeer(int descriptor) : descriptor_(descriptor) {}
  ~RawPeer();
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  /// False: the connection is broken.
  bool send(const Octets& octets);
  bool send(const FailoverMessage& message) { return send(framed(message)); }
  /// The next frame without its size; empty: there is none any more.
  [[nodiscard]] Octets receive_frame();
  /// Reads to the end; true when it came without any octet before it. A reset is an end.
  [[nodiscard]] bool ends_without_a_word();
  /// Reads to the end; true when it is a FIN, no reset.
  [[nodiscard]] bool ends_politely();
  /// Whether the end, of whatever kind, has come.
  [[nodiscard]] bool waits_for_end();
  /// A reset instead of an end.
  void reset();
  void end_writing() const;
  /// The kernel takes little on its own.
  void shrink_receive_buffer() const;

  /// STARTTLS, its REPLY and the handshake, as a primary. False: it failed.
  bool start_tls(const TlsSettings& settings, int version_max);
  /// The same as a secondary.
  bool serve_tls(const TlsSettings& settings, int version_max);
  /// Only the handshake.
  bool shake_hands(const TlsSettings& settings, int version_max, bool is_server);
  [[nodiscard]] SSL* session() const noexcept { return session_; }

 private:
  [[nodiscard]] bool receive(std::uint8_t* into, std::size_t size);

  int descriptor_;
  SSL_CTX* context_ = nullptr;
  SSL* session_ = nullptr;
};

/// Listens at a free port, for tests of the primary.
class RawListener {
 public:
  explicit RawListener(const std::string& address);
  ~RawListener();
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;
  [[nodiscard]] std::uint16_t port() const;
  /// The descriptor of the next connection.
  [[nodiscard]] int accept() const;

 private:
  int descriptor_;
};

}  // namespace tandem6
