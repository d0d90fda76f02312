// One endpoint on a bench: time, a disk of one record, and a partner that says what the test has it
// say. The bench keeps every effect in its order and has an EffectChecker watch.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/failover/endpoint.h"
#include "tests/failover/effect_checker.h"

namespace tandem6 {

/// A relationship with the default times, spelled out where tests count on them.
[[nodiscard]] EndpointSettings bench_settings(Role role);
/// What is on disk of a server that was in `state` a minute ago and has talked to its partner.
[[nodiscard]] EndpointRecord record_in(Role role, EndpointState state);
/// An update of an address lease: `number` makes the client and the address.
[[nodiscard]] LeaseUpdate update_of(std::uint32_t number);
/// A bare block of prefixes.
[[nodiscard]] LeaseUpdate block_of(std::uint32_t number, BindingStatus status);
/// The reply that accepts all of it, or refuses all of it.
[[nodiscard]] BindingReply reply_with(const BindingUpdate& update,
                                      StatusCode code = StatusCode::kSuccess);

inline constexpr ServerFlags kCommunicatedFlag{ServerFlags::kCommunicated};
inline constexpr ServerFlags kStartupFlag{ServerFlags::kCommunicated | ServerFlags::kStartup};

class EndpointBench {
 public:
  explicit EndpointBench(const EndpointSettings& settings);
  explicit EndpointBench(Role role) : EndpointBench(bench_settings(role)) {}

  // --- Life. Each Take is answered at once with the next of `unsent`, so the endpoint has nothing
  // --- to say of leases unless the test fills it.
  void start(std::optional<EndpointRecord> record = std::nullopt,
             LeasesOrigin origin = LeasesOrigin::kKept);
  /// As above, and past the time of STARTUP: in that state, without a partner.
  void start_in(EndpointState state);
  /// Dies and starts from what is on disk, `later` seconds later.
  void restart(std::uint32_t later = 1, LeasesOrigin origin = LeasesOrigin::kKept);
  void happen(Event event);
  /// So many seconds with a Tick in each; a partner that is connected sends CONTACT every 10 s.
  void pass(std::uint32_t seconds);
  void pass_in_silence(std::uint32_t seconds);

  // --- The partner.
  /// The exchange of CONNECT and CONNECTREPLY on a new connection; waits for the primary's Open.
  void exchange();
  /// And the partner's STATE.
  void connect(EndpointState partner, ServerFlags flags = kCommunicatedFlag);
  void partner_is(EndpointState state, ServerFlags flags = kCommunicatedFlag);
  void receive(FailoverMessage::Body body, std::uint32_t transaction_id = 0x700);
  /// UPDDONE for the last UPDREQ or UPDREQALL.
  void finish_update();
  void lose_connection();
  /// Everything up to here for a server in NORMAL.
  void reach_normal();
  /// In contact in that state, with a partner in a state that leaves it so.
  void reach_in_contact(EndpointState state);

  // --- What came of it, since the last forget().
  void forget() { effects.clear(); }
  template <typename Body>
  [[nodiscard]] std::vector<Body> sent() const {
    std::vector<Body> found;
    for (const auto& send : all<effect::Send>()) {
      if (const auto* body = std::get_if<Body>(&send.message.body)) found.push_back(*body);
    }
    return found;
  }
  template <typename Kind>
  [[nodiscard]] std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const EndpointEffect& effect : effects) {
      if (const auto* kind = std::get_if<Kind>(&effect)) found.push_back(*kind);
    }
    return found;
  }
  [[nodiscard]] std::optional<State> last_state() const;
  [[nodiscard]] std::vector<EndpointState> states_sent() const;
  /// "persist NORMAL", "send STATE NORMAL", "serve everybody" and so on; reports left out.
  [[nodiscard]] std::vector<std::string> log() const;
  [[nodiscard]] bool has_alarm() const;
  [[nodiscard]] const EndpointRecord& disk() const { return *checker_->on_disk(); }
  [[nodiscard]] EndpointState state() const { return endpoint->state(); }
  [[nodiscard]] bool is_connected() const { return connection_ != 0; }
  [[nodiscard]] ConnectionId connection() const { return connection_; }

  const EndpointSettings settings;
  WallTime now{800'000'000};
  std::unique_ptr<Endpoint> endpoint;
  Effects effects;
  ConnectionParameters partner;    // what it says of itself
  std::int64_t partner_clock = 0;  // ahead of ours
  bool answers_takes = true;
  std::deque<std::vector<LeaseUpdate>> unsent;
  WallTime last_client_contact{};     // of the leases on disk, at a start
  std::uint32_t last_connect_id = 0;  // of the primary's CONNECT

 private:
  void answer_takes(std::size_t from);
  void watch_connection(std::size_t from);

  std::unique_ptr<EffectChecker> checker_;
  ConnectionId opening_ = 0;
  ConnectionId connection_ = 0;
  ConnectionId last_incoming_ = 100;
  std::uint32_t last_request_ = 0;
  WallTime last_contact_;
};

}  // namespace tandem6
