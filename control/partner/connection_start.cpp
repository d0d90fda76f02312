// How a connection comes up (RFC 8156 section 6.1, RFC 7653 sections 8.2 and 9.1).
#include <boost/asio/post.hpp>
#include <utility>

#include "control/partner/connection.h"
#include "control/partner/socket_setup.h"
#include "control/partner/start_tls.h"

namespace tandem6 {
namespace {

using ErrorCode = boost::system::error_code;
using Protocol = boost::asio::ip::tcp;

/// The only message of its side in clear, so any number will do.
constexpr std::uint32_t kStartTlsId = 1;

}  // namespace

/// From the address that the partner knows us by; it drops connections from others (F-088).
void Connection::connect(const std::string& local, const std::string& partner, std::uint16_t port) {
  set_deadline(setup_.limits.start_time_max);
  const auto from = address_of(local);
  const auto to = address_of(partner);
  if (!from) return finish(from.error());
  if (!to) return finish(to.error());
  const Protocol::endpoint target(*to, port);
  ErrorCode error;
  socket_.open(target.protocol(), error);
  if (error) return finish("no socket: " + error.message());
  leave_port_to_connect(socket_.native_handle());
  socket_.bind({*from, 0}, error);
  if (error) return finish("the local address " + local + ": " + error.message());
  socket_.async_connect(target, [self = shared_from_this()](const ErrorCode& result) {
    if (self->state_ == State::kConnecting) self->connected(result);
  });
}

void Connection::connected(const ErrorCode& error) {
  if (error) return finish("the partner cannot be connected to: " + error.message());
  start_tls();
}

void Connection::accepted() {
  set_deadline(setup_.limits.start_time_max);
  // The partner may be faster: whatever goes wrong comes from the event loop.
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] {
    if (self->state_ == State::kConnecting) self->start_tls();
  });
}

void Connection::start_tls() {
  ErrorCode error;
  socket_.native_non_blocking(true, error);
  if (error) return finish("the socket: " + error.message());
  channel_.attach(socket_.native_handle());
  tune_connection(socket_.native_handle(), setup_.limits.idle_time_max);
  if (setup_.tls == nullptr) return become_up();
  if (setup_.role == Role::kPrimary) {
    state_ = State::kStartTlsReply;
    write_plain(start_tls_frame(kStartTlsId));
  } else {
    state_ = State::kStartTls;
  }
  wait_readable();
}

void Connection::take_start_tls(std::span<const std::uint8_t> frame) {
  const auto transaction_id = read_start_tls(frame);
  if (!transaction_id) return fail(PartnerEvent::kFrame, "a STARTTLS shorter than its header");
  // Octets in clear must not count as said in TLS.
  if (frames_.pending() > 0) {
    return fail(PartnerEvent::kTls, "something follows STARTTLS before its REPLY");
  }
  write_plain(start_tls_reply_frame(*transaction_id, std::nullopt));
  begin_handshake();
}

void Connection::take_start_tls_reply(std::span<const std::uint8_t> frame) {
  if (const auto reply = read_start_tls_reply(frame); !reply) {
    return fail(PartnerEvent::kTls, reply.error());
  }
  if (frames_.pending() > 0) {
    return fail(PartnerEvent::kTls, "something follows the REPLY to STARTTLS in clear");
  }
  begin_handshake();
}

/// Insecure mode: the partner is told, and that it is over (F-077).
void Connection::refuse_tls(std::uint32_t transaction_id) {
  counters_->count(PartnerEvent::kTls);
  write_plain(start_tls_reply_frame(
      transaction_id, StatusReport{.code = StatusCode::kTlsConnectionRefused,
                                   .text = "this relationship is configured without TLS"}));
  close("STARTTLS, and no TLS is configured here");
}

void Connection::begin_handshake() {
  state_ = State::kHandshake;
  if (written_ == chunk_.size()) handshake();
}

void Connection::handshake() {
  if (!channel_.is_tls() && !channel_.begin_tls(setup_.tls, setup_.role == Role::kSecondary)) {
    return finish("TLS cannot be started");
  }
  const ChannelStep step = channel_.handshake();
  count_traffic();
  switch (step) {
    case ChannelStep::kDone:
      return become_up();
    case ChannelStep::kWantsRead:
      return wait_readable();
    case ChannelStep::kWantsWrite:
      return wait_writable();
    case ChannelStep::kEnded:
      return fail(PartnerEvent::kTls, "the partner has closed the connection during the handshake");
    case ChannelStep::kFailed:
      break;
  }
  // The partner gets to read the alert.
  counters_->count(PartnerEvent::kTls);
  why_ = channel_.fault();
  set_deadline(setup_.limits.close_time_max);
  linger();
}

void Connection::become_up() {
  state_ = State::kUp;
  began_ = Clock::now();
  set_deadline(setup_.limits.first_message_time_max);
  if (setup_.role == Role::kPrimary && owner_ != nullptr) owner_->is_up(*this);
  if (state_ != State::kUp) return;
  // TLS may have read more than the handshake.
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] { self->readable(); });
}

}  // namespace tandem6
