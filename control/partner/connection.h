// One connection between partners, from its first octet to its last: STARTTLS and TLS, frames,
// deadlines, writing. Private to this folder: it has Asio's types.
//
// Everything ends in `finish`: the socket is closed at once, and `has_closed` comes from the event
// loop, so never from inside of a call of the owner's. Handlers that are still under way find the
// connection gone and let go of it.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "control/failover/effects.h"
#include "control/failover/frame_reader.h"
#include "control/failover/message.h"
#include "control/partner/channel.h"
#include "control/partner/partner_counters.h"
#include "control/partner/partner_limits.h"
#include "control/partner/read_clock.h"
#include "control/partner/send_queue.h"
#include "control/partner/tls_context.h"
#include "control/partner/type_rules.h"
#include "dataplane/lease/role.h"

namespace tandem6 {

class Connection;

/// Whoever has the connection: the listener up to its CONNECT, then its link.
class ConnectionOwner {
 public:
  /// The primary's is up, TLS included.
  virtual void is_up(Connection& connection) = 0;
  virtual void has_message(Connection& connection, FailoverMessage&& message, WallTime read_at) = 0;
  /// Once, last; from the event loop.
  virtual void has_closed(Connection& connection, const std::string& why) = 0;
  /// Before anything is read or written: true when this process stood still, and everything was
  /// closed.
  virtual bool stood_still() = 0;
  virtual ~ConnectionOwner() = default;
};

struct ConnectionSetup {
  Role role = Role::kPrimary;
  std::shared_ptr<const TlsContext> tls;  // none: in clear
  PartnerLimits limits;
  std::function<WallTime()> clock;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  /// Owner and counters are borrowed, until `hand_over` or `forget`.
  Connection(Socket socket, ConnectionSetup setup, ConnectionOwner& owner,
             PartnerCounters& counters);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // --- How it begins.
  void connect(const std::string& local, const std::string& partner, std::uint16_t port);
  void accepted();

  // --- What its owner does.
  void hand_over(ConnectionOwner& owner, PartnerCounters& counters, ConnectionId id);
  void set_id(ConnectionId id) noexcept { id_ = id; }
  void send(FailoverMessage&& message);
  void close(std::string why);
  /// At once; what waits to be written is lost.
  void abort(std::string why) { finish(std::move(why)); }
  /// At once, and the owner hears nothing more.
  void forget();
  void pause_reading(bool is_paused);

  [[nodiscard]] ConnectionId id() const noexcept { return id_; }
  [[nodiscard]] bool is_closing() const noexcept { return state_ >= State::kFlushing; }
  [[nodiscard]] bool is_up() const noexcept { return state_ == State::kUp; }
  [[nodiscard]] bool is_gone() const noexcept { return state_ == State::kGone; }
  [[nodiscard]] PartnerCounters& counters() noexcept { return *counters_; }
  /// "TLSv1.3 with 2001:db8::2 for 71 s".
  [[nodiscard]] std::string describe() const;

 private:
  using Clock = std::chrono::steady_clock;

  enum class State : std::uint8_t {
    kConnecting,
    kStartTls,       // the secondary waits for it
    kStartTlsReply,  // the primary waits for it
    kHandshake,
    kUp,
    kFlushing,   // what was sent before the end is written
    kLingering,  // what the partner still says is thrown away
    kGone,
  };

  // How it comes up: connection_start.cpp.
  void connected(const boost::system::error_code& error);
  void start_tls();
  void refuse_tls(std::uint32_t transaction_id);
  void take_start_tls(std::span<const std::uint8_t> frame);
  void take_start_tls_reply(std::span<const std::uint8_t> frame);
  void begin_handshake();
  void handshake();
  void become_up();

  // Reading.
  void wait_readable();
  void readable();
  void read();
  void resume();
  ChannelStep fill();
  void deliver();
  [[nodiscard]] bool takes_frames() const noexcept;
  [[nodiscard]] Stage stage() const noexcept;
  void take_frame(std::span<const std::uint8_t> frame);
  void take_message(std::span<const std::uint8_t> frame);

  // Writing.
  void write_plain(std::vector<std::uint8_t> frame);
  void wait_writable();
  void writable();
  void write();
  [[nodiscard]] bool prepare_chunk();
  void chunk_is_written();
  void write_failed();
  void linger();
  void discard();

  // Ending.
  void wait_for(ChannelStep step);
  void end_of(ChannelStep step);
  void fail(PartnerEvent event, std::string why);
  void finish(std::string why);
  void set_deadline(std::chrono::milliseconds time);
  void arm_timer();
  [[nodiscard]] bool is_over();
  void deadline_passed();
  [[nodiscard]] std::string what_was_late() const;
  void count_traffic();

  Socket socket_;
  boost::asio::steady_timer timer_;
  Channel channel_;
  ConnectionSetup setup_;
  ConnectionOwner* owner_;  // none: nobody wants to hear
  PartnerCounters* counters_;
  ConnectionId id_ = 0;
  State state_ = State::kConnecting;
  std::string why_;  // it is closing
  Clock::time_point began_ = Clock::now();

  FrameReader frames_;
  ReadClock read_clock_;
  WallTime read_at_;      // of the last octets
  bool is_first_ = true;  // no whole message has come
  bool is_paused_ = false;
  bool waits_for_read_ = false;
  bool waits_for_write_ = false;
  bool read_wants_write_ = false;  // TLS; likewise below
  bool write_wants_read_ = false;

  SendQueue queue_;
  std::vector<std::uint8_t> chunk_;
  std::size_t written_ = 0;  // of chunk_

  // The timer is armed once and looks, when it is over, whether the deadline was moved meanwhile:
  // so a message costs no timer.
  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::time_point timer_ends_ = Clock::time_point::max();
  Channel::Traffic counted_;
};

}  // namespace tandem6
