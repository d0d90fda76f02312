// Octets over a connected socket, in clear or, from some point on, in TLS. Never waits: each call
// says what to wait for before it is made again. No Asio in here.
#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "control/partner/tls_context.h"

namespace tandem6 {

enum class ChannelStep : std::uint8_t {
  kDone,
  kWantsRead,   // again when the socket can be read
  kWantsWrite,  // again when it can be written
  kEnded,       // the partner has ended it
  kFailed,      // fault() says why
};

/// Control thread. Borrows the socket, which does not block. REQUIRES: attach comes first.
class Channel {
 public:
  Channel() = default;
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  void attach(int descriptor) noexcept { descriptor_ = descriptor; }
  /// Everything after this is TLS. False: no memory.
  [[nodiscard]] bool begin_tls(std::shared_ptr<const TlsContext> context, bool is_server);
  [[nodiscard]] ChannelStep handshake();
  /// `count` is how many octets came or went, when kDone.
  [[nodiscard]] ChannelStep read(std::span<std::uint8_t> into, std::size_t& count);
  /// After kWantsRead or kWantsWrite it must be called with the same octets again.
  [[nodiscard]] ChannelStep write(std::span<const std::uint8_t> octets, std::size_t& count);
  /// Says that nothing more will be written. Best effort.
  void end();
  /// After `end`: throws away what has come. kDone: and more may be there.
  [[nodiscard]] ChannelStep discard();

  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }
  /// The fault is one of TLS, not of the socket.
  [[nodiscard]] bool is_tls_fault() const noexcept { return is_tls_fault_; }
  [[nodiscard]] bool is_tls() const noexcept { return session_ != nullptr; }
  /// "in clear" or "TLSv1.3".
  [[nodiscard]] std::string describe() const;

  /// Octets of TCP so far.
  struct Traffic {
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
  };
  [[nodiscard]] const Traffic& traffic() const noexcept { return traffic_; }

 private:
  friend struct ChannelBio;  // what OpenSSL calls

  ChannelStep step_of_socket(std::int64_t result);
  ChannelStep step_of_session(int result);
  std::int64_t receive(void* into, std::size_t size) noexcept;
  std::int64_t send(const void* octets, std::size_t size) noexcept;

  int descriptor_ = -1;
  SSL* session_ = nullptr;
  std::shared_ptr<const TlsContext> context_;
  Traffic traffic_;
  int socket_error_ = 0;  // of the last call that failed for good
  bool is_tls_fault_ = false;
  bool is_established_ = false;
  std::string fault_;
  std::string certificate_fault_;
};

}  // namespace tandem6
