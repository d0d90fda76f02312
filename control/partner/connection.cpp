#include "control/partner/connection.h"

#include <boost/asio/post.hpp>
#include <sstream>
#include <utility>

#include "control/failover/message_reader.h"
#include "control/partner/start_tls.h"

namespace tandem6 {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

constexpr std::size_t kReadSizeMax = std::size_t{64} << 10;  // before others have their turn

}  // namespace

Connection::Connection(Socket socket, ConnectionSetup setup, ConnectionOwner& owner,
                       PartnerCounters& counters)
    : socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      setup_(std::move(setup)),
      owner_(&owner),
      counters_(&counters),
      queue_(setup_.limits.queue_octets_max) {}

void Connection::hand_over(ConnectionOwner& owner, PartnerCounters& counters, ConnectionId id) {
  owner_ = &owner;
  counters_ = &counters;
  id_ = id;
}

void Connection::forget() {
  owner_ = nullptr;
  finish("nobody wants it any more");
}

std::string Connection::describe() const {
  ErrorCode error;
  const auto partner = socket_.remote_endpoint(error);
  std::ostringstream text;
  text << channel_.describe();
  if (!error) text << " with " << partner.address().to_string();
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - began_);
  text << " for " << age.count() << " s";
  return text.str();
}

// --- Reading.

void Connection::wait_readable() {
  if (state_ == State::kGone || std::exchange(waits_for_read_, true)) return;
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const ErrorCode& error) {
    self->waits_for_read_ = false;
    if (!error) self->readable();
  });
}

void Connection::readable() {
  if (is_over()) return;
  if (std::exchange(write_wants_read_, false)) write();
  switch (state_) {
    case State::kHandshake:
      if (chunk_.empty()) handshake();
      break;
    case State::kStartTls:
    case State::kStartTlsReply:
    case State::kUp:
      if (!is_paused_) read();
      break;
    case State::kLingering:
      discard();
      break;
    case State::kConnecting:
    case State::kFlushing:
    case State::kGone:
      break;
  }
}

void Connection::read() {
  const ChannelStep step = fill();
  deliver();
  if (!takes_frames()) return;
  if (step == ChannelStep::kEnded || step == ChannelStep::kFailed) return end_of(step);
  wait_for(step);
}

ChannelStep Connection::fill() {
  std::array<std::uint8_t, 16384> octets;
  read_at_ = setup_.clock();
  ChannelStep step = ChannelStep::kDone;
  for (std::size_t taken = 0; taken < kReadSizeMax;) {
    std::size_t count = 0;
    step = channel_.read(octets, count);
    if (step != ChannelStep::kDone) break;
    frames_.append(std::span(octets).first(count));
    taken += count;
  }
  count_traffic();
  return step;
}

bool Connection::takes_frames() const noexcept {
  return !is_paused_ &&
         (state_ == State::kStartTls || state_ == State::kStartTlsReply || state_ == State::kUp);
}

Stage Connection::stage() const noexcept {
  if (state_ == State::kStartTls) return Stage::kStartTls;
  if (state_ == State::kStartTlsReply) return Stage::kStartTlsReply;
  if (setup_.role == Role::kPrimary || !is_first_) return Stage::kRunning;
  return channel_.is_tls() ? Stage::kConnectInTls : Stage::kConnectInClear;
}

/// What is called here may close or pause.
void Connection::deliver() {
  while (takes_frames()) {
    if (const auto type = frames_.next_type()) {
      const auto fault = fault_of_type(stage(), setup_.role, MessageType{*type});
      if (fault) return fail(fault->event, fault->why);
    }
    const auto frame = frames_.next();
    if (!frame) return;
    take_frame(*frame);
  }
}

void Connection::take_frame(std::span<const std::uint8_t> frame) {
  if (state_ == State::kStartTls) return take_start_tls(frame);
  if (state_ == State::kStartTlsReply) return take_start_tls_reply(frame);
  if (!frame.empty() && MessageType{frame[0]} == MessageType::kStartTls) {
    const auto transaction_id = read_start_tls(frame);
    if (transaction_id) return refuse_tls(*transaction_id);
  }
  take_message(frame);
}

void Connection::take_message(std::span<const std::uint8_t> frame) {
  auto message = read_message(frame, read_at_);
  if (!message && ends_connection(message.error())) {
    return fail(PartnerEvent::kFrame, text_of(message.error()));
  }
  ++counters_->messages_received;
  set_deadline(setup_.limits.idle_time_max);
  if (!message) return counters_->count(PartnerEvent::kUnknown);
  is_first_ = false;
  const WallTime read_at = read_clock_.read_at(message->sent_time, read_at_);
  if (owner_ != nullptr) owner_->has_message(*this, std::move(*message), read_at);
}

void Connection::pause_reading(bool is_paused) {
  if (is_paused == is_paused_ || !is_up()) return;
  is_paused_ = is_paused;
  if (is_paused) {
    counters_->count(PartnerEvent::kWindow);
    return read_clock_.paused(setup_.clock());
  }
  read_clock_.resumed(setup_.clock());
  set_deadline(setup_.limits.idle_time_max);
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->resume(); });
}

/// First what was read before the pause.
void Connection::resume() {
  deliver();
  if (takes_frames()) readable();
}

// --- Writing.

void Connection::send(FailoverMessage&& message) {
  if (is_closing()) return;
  if (!queue_.push(std::move(message))) {
    return fail(PartnerEvent::kDeadline, "the partner does not read what is sent");
  }
  if (is_up()) wait_writable();
}

void Connection::write_plain(std::vector<std::uint8_t> frame) {
  chunk_.insert(chunk_.end(), frame.begin(), frame.end());
  wait_writable();
}

void Connection::wait_writable() {
  if (state_ == State::kGone || std::exchange(waits_for_write_, true)) return;
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const ErrorCode& error) {
    self->waits_for_write_ = false;
    if (!error) self->writable();
  });
}

void Connection::writable() {
  if (is_over()) return;  // what waits was stamped before a standstill
  if (std::exchange(read_wants_write_, false)) readable();
  if (state_ == State::kHandshake && chunk_.empty()) return handshake();
  if (state_ != State::kGone) write();
}

void Connection::write() {
  if (!prepare_chunk()) return;
  ChannelStep step = ChannelStep::kDone;
  while (written_ < chunk_.size() && step == ChannelStep::kDone) {
    std::size_t count = 0;
    step = channel_.write(std::span(chunk_).subspan(written_), count);
    written_ += count;
  }
  count_traffic();
  switch (step) {
    case ChannelStep::kDone:
      return chunk_is_written();
    case ChannelStep::kWantsWrite:
      return wait_writable();
    case ChannelStep::kWantsRead:
      write_wants_read_ = true;
      return wait_readable();
    case ChannelStep::kEnded:
    case ChannelStep::kFailed:
      return write_failed();
  }
}

/// False: there is nothing to write.
bool Connection::prepare_chunk() {
  if (!chunk_.empty()) return true;
  if (state_ != State::kUp && state_ != State::kFlushing) return false;
  const auto count = queue_.encode(setup_.clock(), chunk_);
  if (!count) {
    finish(std::string("a ") + name_of(count.error()) + " of ours does not fit a frame");
    return false;
  }
  counters_->messages_sent += *count;
  if (chunk_.empty()) chunk_is_written();
  return !chunk_.empty();
}

void Connection::chunk_is_written() {
  chunk_.clear();
  written_ = 0;
  if (state_ == State::kHandshake) return handshake();
  if (!queue_.empty()) return wait_writable();
  if (state_ == State::kFlushing) linger();
}

/// What the partner said before, and why it has gone, may still be there to be read.
void Connection::write_failed() {
  if (!takes_frames()) return end_of(ChannelStep::kFailed);
  const std::string fault = channel_.fault();
  const ChannelStep step = fill();
  deliver();
  if (!takes_frames()) return;
  if (step == ChannelStep::kEnded || step == ChannelStep::kFailed) return end_of(step);
  finish("the connection is broken: " + fault);
}

// --- Ending.

void Connection::close(std::string why) {
  if (is_closing()) return;
  if (!is_up()) return finish(std::move(why));
  why_ = std::move(why);
  state_ = State::kFlushing;
  set_deadline(setup_.limits.close_time_max);
  wait_writable();
}

void Connection::linger() {
  channel_.end();
  count_traffic();
  state_ = State::kLingering;
  wait_readable();
}

void Connection::discard() {
  ChannelStep step = ChannelStep::kDone;
  for (std::size_t i = 0; i < 4 && step == ChannelStep::kDone; ++i) step = channel_.discard();
  count_traffic();
  if (step == ChannelStep::kEnded || step == ChannelStep::kFailed) return finish(std::move(why_));
  wait_readable();
}

void Connection::wait_for(ChannelStep step) {
  if (step == ChannelStep::kWantsRead) return wait_readable();
  if (step == ChannelStep::kWantsWrite) {
    read_wants_write_ = true;
    return wait_writable();
  }
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->readable(); });
}

/// By the partner, or by what lies between.
void Connection::end_of(ChannelStep step) {
  if (state_ == State::kFlushing) return finish(std::move(why_));
  if (state_ == State::kStartTlsReply) {
    return fail(PartnerEvent::kTls,
                "the partner closes on STARTTLS; it may be configured without TLS");
  }
  if (channel_.is_tls_fault()) return fail(PartnerEvent::kTls, channel_.fault());
  if (!is_first_) counters_->count(PartnerEvent::kReconnect);
  std::string why = step == ChannelStep::kEnded ? "the partner has closed the connection"
                                                : "the connection is broken: " + channel_.fault();
  if (frames_.pending() > 0) why += ", in the middle of a message";
  finish(std::move(why));
}

void Connection::fail(PartnerEvent event, std::string why) {
  if (state_ == State::kGone) return;
  counters_->count(event);
  finish(std::move(why));
}

void Connection::finish(std::string why) {
  if (state_ == State::kGone) return;
  state_ = State::kGone;
  ErrorCode ignored;
  socket_.close(ignored);
  timer_.cancel();
  asio::post(timer_.get_executor(), [self = shared_from_this(), why = std::move(why)] {
    ConnectionOwner* owner = std::exchange(self->owner_, nullptr);
    if (owner != nullptr) owner->has_closed(*self, why);
  });
}

void Connection::set_deadline(std::chrono::milliseconds time) {
  deadline_ = Clock::now() + time;
  if (deadline_ < timer_ends_) arm_timer();
}

void Connection::arm_timer() {
  timer_ends_ = deadline_;
  timer_.expires_at(deadline_);
  timer_.async_wait([weak = weak_from_this()](const ErrorCode& error) {
    const auto self = weak.lock();
    if (error || self == nullptr || self->state_ == State::kGone) return;
    if (Clock::now() < self->deadline_) return self->arm_timer();
    self->timer_ends_ = Clock::time_point::max();
    if (!self->is_over()) self->deadline_passed();
  });
}

bool Connection::is_over() {
  return state_ == State::kGone || (owner_ != nullptr && owner_->stood_still());
}

void Connection::deadline_passed() {
  if (is_paused_ && is_up()) return set_deadline(setup_.limits.idle_time_max);
  if (state_ == State::kLingering) return finish(std::move(why_));
  fail(PartnerEvent::kDeadline, what_was_late());
}

std::string Connection::what_was_late() const {
  switch (state_) {
    case State::kConnecting:
      return "the partner does not answer";
    case State::kStartTls:
      return "no STARTTLS came in time";
    case State::kStartTlsReply:
      return "STARTTLS was not answered in time";
    case State::kHandshake:
      return "the TLS handshake took too long";
    case State::kFlushing:
      return why_ + " (the partner did not read all of what was sent before)";
    default:
      return is_first_ ? "no whole message came in time" : "no whole message came for too long";
  }
}

void Connection::count_traffic() {
  const Channel::Traffic& traffic = channel_.traffic();
  counters_->octets_received += traffic.received - counted_.received;
  counters_->octets_sent += traffic.sent - counted_.sent;
  counted_ = traffic;
}

}  // namespace tandem6
