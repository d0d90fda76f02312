// One failover endpoint: one relationship as one of its two servers lives it (RFC 8156). Pure:
// events and the time go in, effects in stated order come out; no socket, clock, thread, log or
// disk.
//
// The executor (the daemon, or a test) owes it:
//  - effects are carried out in their order, each when those before it are done (effects.h);
//  - events come one at a time; a message with the time at which it was read off the connection;
//  - a Tick at least once a second.
//
// Invariants:
//  - the state that a STATE says is on disk before it is sent, and so is what the partner said,
//    before anything follows from it (6.3, 6.4, 8.1);
//  - fewer clients are answered before the partner hears of it, more only after it is on disk;
//  - nothing here grows with the number of leases: windows and the last transitions bound all of
//  it;
//  - one connection at a time, one update request at a time, per connection.
//
// The file is one idea, its functions are several files: endpoint.cpp (steps and time),
// endpoint_connection.cpp (section 6), endpoint_states.cpp (section 8), endpoint_transitions.cpp
// (the ways into each state), endpoint_commands.cpp (operators), endpoint_pools.cpp (4.2.2).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "control/failover/agreed_lead_time.h"
#include "control/failover/effects.h"
#include "control/failover/endpoint_settings.h"
#include "control/failover/events.h"
#include "control/failover/transaction_ids.h"
#include "control/failover/update_receiver.h"
#include "control/failover/update_sender.h"
#include "dataplane/lease/conflict.h"
#include "dataplane/lease/lead_time.h"

namespace tandem6 {

class Endpoint {
 public:
  explicit Endpoint(EndpointSettings settings);

  /// Appends to `effects`. The first event is Start, and only the first.
  void step(Event&& event, WallTime now, Effects& effects);

  // --- For operators and tests.
  [[nodiscard]] const EndpointSettings& settings() const noexcept { return settings_; }
  [[nodiscard]] EndpointState state() const noexcept;
  [[nodiscard]] WallTime start_time_of_state() const noexcept;
  [[nodiscard]] EndpointState partner_state() const noexcept;
  [[nodiscard]] bool communications_ok() const noexcept { return link_.phase == Phase::kOk; }
  [[nodiscard]] const EndpointRecord& record() const noexcept { return record_; }
  [[nodiscard]] const Serving& serving() const noexcept { return serving_; }
  [[nodiscard]] const UpdateSender& updates() const noexcept { return sender_; }
  [[nodiscard]] const UpdateReceiver& partner_updates() const noexcept { return receiver_; }
  [[nodiscard]] Lifetime mclt() const noexcept { return lead_time_.shorter(); }
  /// UPDREQ or UPDREQALL, and not all has come yet.
  [[nodiscard]] bool has_asked_for_updates() const noexcept { return link_.request_id != 0; }
  /// When the partner counts as down without anybody saying so; none: off, or it is heard.
  [[nodiscard]] const std::optional<WallTime>& auto_partner_down_at() const noexcept {
    return auto_partner_down_at_;
  }
  /// For tests: the counter comes round after 2^24 messages.
  void set_last_transaction_id(std::uint32_t id) noexcept { transaction_ids_.set_last(id); }
  struct Transition {
    WallTime at;
    EndpointState from = EndpointState::kNone;
    EndpointState to = EndpointState::kNone;
    std::string why;
  };
  static constexpr std::size_t kTransitionCountMax = 20;
  [[nodiscard]] const std::deque<Transition>& transitions() const noexcept { return transitions_; }

 private:
  /// Of the connection; RFC 8156 section 6.
  enum class Phase : std::uint8_t {
    kNone,
    kOpening,        // primary: TCP, and TLS
    kAwaitingReply,  // primary: CONNECT is sent
    kAwaitingState,  // the exchange is over, STATE is sent
    kOk,             // STATE has come
  };
  struct Link {
    ConnectionId id = 0;
    Phase phase = Phase::kNone;
    WallTime last_received{};
    WallTime last_sent{};
    Lifetime send_interval{};  // FO_SEND_TIME
    std::uint32_t partner_window = 0;
    std::uint32_t connect_id = 0;   // transaction-id of our CONNECT
    bool had_communicated = false;  // before this connection: the C flag, frozen
    std::uint32_t request_id = 0;   // our UPDREQ or UPDREQALL without UPDDONE; 0: none
    bool request_all = false;
    WallTime request_progress{};  // of updates asked for by either side
    WallTime next_rescan{};
  };

  // --- endpoint.cpp
  void on(event::Start&& start);
  void on(event::Tick&&);
  void on(event::ChangesWaiting&&);
  void on(event::Applied&& applied);
  void on(event::Taken&& taken);
  void note_what_was_sent(std::size_t first_effect);
  void persist(bool is_lazy = false);
  void report(Severity severity, std::string text);
  [[nodiscard]] EndpointState current() const noexcept;
  [[nodiscard]] bool in_state(EndpointState state) const noexcept;

  // --- endpoint_connection.cpp
  void on(event::Connected&& connected);
  void on(event::ConnectReceived&& received);
  void on(event::Received&& received);
  void on(event::Closed&& closed);
  void on(event::Shutdown&&);
  void receive(std::uint32_t id, Connect&& message);
  void receive(std::uint32_t id, ConnectReply&& message);
  void receive(std::uint32_t id, Disconnect&& message);
  void receive(std::uint32_t id, State&& message);
  void receive(std::uint32_t id, Contact&& message);
  void receive(std::uint32_t id, PoolRequest&& message);
  void receive(std::uint32_t id, PoolResponse&& message);
  void receive(std::uint32_t id, UpdateRequest&& message);
  void receive(std::uint32_t id, UpdateDone&& message);
  void receive(std::uint32_t id, BindingUpdate&& message);
  void receive(std::uint32_t id, BindingReply&& message);
  void open_when_due();
  void tend_connection();
  [[nodiscard]] Lifetime rescan_interval() const noexcept;
  void begin_link(ConnectionId id, Phase phase);
  void accept_partner(const ConnectionParameters& parameters);
  [[nodiscard]] std::optional<StatusReport> fault_of(const ConnectionParameters& parameters) const;
  [[nodiscard]] ConnectionParameters own_parameters() const;
  void compare_fingerprints(const ConnectionParameters& parameters);
  void send(FailoverMessage::Body&& body);
  void send_as(std::uint32_t id, FailoverMessage::Body&& body);
  void send_state();
  void refuse_and_close(const StatusReport& status);
  void disconnect(std::string why);
  void close(std::string why);
  void connection_lost(const std::string& why);
  [[nodiscard]] bool is_skewed(const FailoverMessage& message) const noexcept;

  // --- endpoint_states.cpp
  void act_on_partner();
  void in_normal(EndpointState partner);
  void in_communications_interrupted(EndpointState partner);
  void in_partner_down(EndpointState partner);
  void note_what_was_told();
  void in_potential_conflict(EndpointState partner);
  void in_recover(EndpointState partner);
  void in_recover_wait(EndpointState partner);
  void in_recover_done(EndpointState partner);
  void in_resolution_interrupted(EndpointState partner);
  void in_conflict_done(EndpointState partner);
  void startup_with_contact();
  void communications_failed(const std::string& why);
  void update_done();
  [[nodiscard]] bool owes_update() const noexcept;
  void request_update();
  void drop_request();
  void settle_updates();
  [[nodiscard]] bool leases_are_new() const noexcept { return origin_ != LeasesOrigin::kKept; }
  [[nodiscard]] bool has_old_leases() const noexcept;
  void pass_time_in_state();
  [[nodiscard]] bool partner_took_over_after_us() const noexcept;

  // --- endpoint_transitions.cpp
  void become_normal(std::string_view why);
  void become_communications_interrupted(std::string_view why);
  void become_partner_down(std::string_view why);
  void become_potential_conflict(std::string_view why);
  void become_recover_wait(std::string_view why);
  void become_recover_done(std::string_view why);
  void become_resolution_interrupted(std::string_view why);
  void become_conflict_done(std::string_view why);
  void leave_startup(EndpointState next, std::string_view why);
  void enter(EndpointState next, std::string_view why);
  void publish();
  void serve_less();
  void serve();
  [[nodiscard]] Serving serving_now() const noexcept;

  // --- endpoint_commands.cpp
  void on(event::PartnerDown&& command);

  // --- endpoint_pools.cpp
  void on(event::Shares&& shares);
  void on(event::BlockTaken&& taken);
  [[nodiscard]] bool may_move_prefixes() const noexcept;
  void balance_when_due();
  void ask_for_prefixes_when_due();
  void note_block_answers(const BindingReply& reply);

  // For the time of one step.
  WallTime now_;
  Effects* effects_ = nullptr;

  const EndpointSettings settings_;
  AgreedLeadTime lead_time_;
  TransactionIds transaction_ids_;
  UpdateSender sender_;
  UpdateReceiver receiver_;

  /// What is on disk, or on its way there. Its state is CURRENT-STATE, in STARTUP PREVIOUS-STATE.
  EndpointRecord record_;
  bool in_startup_ = true;
  bool had_record_ = false;  // before this start
  bool ran_before_ = false;  // that record, or one of another role, shows a partner or clients
  LeasesOrigin origin_ = LeasesOrigin::kKept;  // as it is again when an UPDREQALL is done
  WallTime process_start_;
  WallTime time_of_failure_;  // kNoTime: unknown
  WallTime startup_end_;
  /// PARTNER-DOWN: the partner was seen with S clear since, so the MCLT bound holds again.
  bool partner_is_back_ = false;
  std::optional<WallTime> auto_partner_down_at_;  // while communications have failed
  Lifetime auto_partner_down_left_{};             // while they are OK
  Serving serving_;

  Link link_;
  ConnectionId last_connection_ = 0;
  WallTime next_open_;
  bool is_shutting_down_ = false;
  bool partner_is_leaving_ = false;  // it has just said that it shuts down
  std::string last_fault_;  // of the connection, so that it is reported once and not every retry

  WallTime next_balance_;
  bool wants_prefixes_ = false;  // secondary: POOLREQ when what is pending is through (F-179)
  struct TakeBack {
    bool is_waiting = false;          // for the partner's reply
    std::optional<Ipv6Prefix> block;  // that was asked for; none: it is still being looked for
    std::uint64_t count_max = 0;      // halves with each refusal; 0: no limit
  };
  std::map<std::uint16_t, TakeBack> take_backs_;  // by pool
  struct Giving {
    std::uint64_t left = 0;
  };
  std::map<std::uint16_t, Giving> givings_;  // by pool: the run under way

  std::deque<Transition> transitions_;
};

}  // namespace tandem6
