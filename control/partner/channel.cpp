#include "control/partner/channel.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <system_error>
#include <utility>

#include "control/partner/certificate_text.h"

namespace tandem6 {
namespace {

bool would_wait(int error) noexcept {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

int bounded(std::size_t size) noexcept {
  return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
}

}  // namespace

/// OpenSSL's own BIO of sockets would raise SIGPIPE, and counts nothing.
struct ChannelBio {
  static int write(BIO* bio, const char* octets, int size) {
    auto* channel = static_cast<Channel*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const std::int64_t count = channel->send(octets, static_cast<std::size_t>(size));
    if (count < 0 && channel->socket_error_ == 0) BIO_set_retry_write(bio);
    return static_cast<int>(count);
  }

  static int read(BIO* bio, char* into, int size) {
    auto* channel = static_cast<Channel*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const std::int64_t count = channel->receive(into, static_cast<std::size_t>(size));
    if (count < 0 && channel->socket_error_ == 0) BIO_set_retry_read(bio);
    if (count == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return static_cast<int>(count);
  }

  static long control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    return 0;
  }

  /// One for the process.
  static BIO_METHOD* method() {
    static BIO_METHOD* const kMethod = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "partner");
      if (made == nullptr) return made;
      BIO_meth_set_write(made, write);
      BIO_meth_set_read(made, read);
      BIO_meth_set_ctrl(made, control);
      return made;
    }();
    return kMethod;
  }
};

Channel::~Channel() { SSL_free(session_); }

bool Channel::begin_tls(std::shared_ptr<const TlsContext> context, bool is_server) {
  context_ = std::move(context);
  BIO* bio = BIO_new(ChannelBio::method());
  if (bio == nullptr) return false;
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  session_ = context_->make_session(certificate_fault_);
  if (session_ == nullptr) {
    BIO_free(bio);
    return false;
  }
  SSL_set_bio(session_, bio, bio);
  if (is_server) {
    SSL_set_accept_state(session_);
  } else {
    SSL_set_connect_state(session_);
  }
  return true;
}

ChannelStep Channel::handshake() {
  ERR_clear_error();
  const ChannelStep step = step_of_session(SSL_do_handshake(session_));
  is_established_ = step == ChannelStep::kDone;
  return step;
}

ChannelStep Channel::read(std::span<std::uint8_t> into, std::size_t& count) {
  count = 0;
  if (session_ != nullptr) {
    ERR_clear_error();
    const int result = SSL_read(session_, into.data(), bounded(into.size()));
    if (result > 0) count = static_cast<std::size_t>(result);
    return step_of_session(result);
  }
  const std::int64_t result = receive(into.data(), into.size());
  if (result == 0) return ChannelStep::kEnded;
  if (result > 0) count = static_cast<std::size_t>(result);
  return result < 0 && socket_error_ == 0 ? ChannelStep::kWantsRead : step_of_socket(result);
}

ChannelStep Channel::write(std::span<const std::uint8_t> octets, std::size_t& count) {
  count = 0;
  if (session_ != nullptr) {
    ERR_clear_error();
    const int result = SSL_write(session_, octets.data(), bounded(octets.size()));
    if (result > 0) count = static_cast<std::size_t>(result);
    return step_of_session(result);
  }
  const std::int64_t result = send(octets.data(), octets.size());
  if (result >= 0) count = static_cast<std::size_t>(result);
  return result < 0 && socket_error_ == 0 ? ChannelStep::kWantsWrite : step_of_socket(result);
}

void Channel::end() {
  if (is_established_ && !is_tls_fault_) {
    ERR_clear_error();
    SSL_shutdown(session_);
    ERR_clear_error();
  }
  shutdown(descriptor_, SHUT_WR);
}

ChannelStep Channel::discard() {
  std::array<std::uint8_t, 16384> octets;
  const std::int64_t result = receive(octets.data(), octets.size());
  if (result == 0) return ChannelStep::kEnded;
  return result < 0 && socket_error_ == 0 ? ChannelStep::kWantsRead : step_of_socket(result);
}

std::string Channel::describe() const {
  return session_ == nullptr ? "in clear" : SSL_get_version(session_);
}

ChannelStep Channel::step_of_socket(std::int64_t result) {
  if (result >= 0) return ChannelStep::kDone;
  fault_ = std::error_code(socket_error_, std::generic_category()).message();
  return ChannelStep::kFailed;
}

ChannelStep Channel::step_of_session(int result) {
  const int error = SSL_get_error(session_, result);
  switch (error) {
    case SSL_ERROR_NONE:
      return ChannelStep::kDone;
    case SSL_ERROR_WANT_READ:
      return ChannelStep::kWantsRead;
    case SSL_ERROR_WANT_WRITE:
      return ChannelStep::kWantsWrite;
    case SSL_ERROR_ZERO_RETURN:
      return ChannelStep::kEnded;
    default:
      break;
  }
  if (socket_error_ != 0 && certificate_fault_.empty()) return step_of_socket(-1);
  std::string fault = take_tls_error();
  if (!certificate_fault_.empty()) fault = certificate_fault_;
  if (fault.empty()) return ChannelStep::kEnded;
  fault_ = std::move(fault);
  is_tls_fault_ = true;
  return ChannelStep::kFailed;
}

std::int64_t Channel::receive(void* into, std::size_t size) noexcept {
  const ssize_t count = recv(descriptor_, into, size, 0);
  socket_error_ = count < 0 && !would_wait(errno) ? errno : 0;
  if (count > 0) traffic_.received += static_cast<std::uint64_t>(count);
  return count;
}

std::int64_t Channel::send(const void* octets, std::size_t size) noexcept {
  const ssize_t count = ::send(descriptor_, octets, size, MSG_NOSIGNAL);
  socket_error_ = count < 0 && !would_wait(errno) ? errno : 0;
  if (count > 0) traffic_.sent += static_cast<std::uint64_t>(count);
  return count;
}

}  // namespace tandem6
