// Anything may happen to an endpoint, in any order and under any id: it never stops on a check of
// its own, and keeps what its headers promise (effect_checker.h).
// F-094, F-100, F-103, F-111, F-114, F-288
#include <gtest/gtest.h>

#include <random>

#include "control/failover/endpoint.h"
#include "tests/failover/effect_checker.h"
#include "tests/failover/endpoint_bench.h"

namespace tandem6 {
namespace {

class Chaos {
 public:
  explicit Chaos(std::uint64_t seed) : random_(seed), is_calm_(seed % 3 != 0) {
    settings_ = bench_settings(draw(2) == 0 ? Role::kPrimary : Role::kSecondary);
    settings_.is_only_one = draw(2) == 0;
    settings_.max_unacked_bndupd = 1 + draw(5);
    settings_.start_alone = draw(2) == 0;
    if (draw(2) == 0) settings_.auto_partner_down = Lifetime{3600 + draw(3600)};
    checker_ = std::make_unique<EffectChecker>(settings_);
    endpoint_ = std::make_unique<Endpoint>(settings_);
    step(event::Start{.record = any_record(),
                      .origin = static_cast<LeasesOrigin>(draw(2) == 0 ? draw(4) : 0)});
  }

  void live(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) act();
  }

 private:
  /// In most lives the unlikely is rare, so that the states are reached that take several steps.
  bool is_odd(std::uint32_t one_in) { return draw(is_calm_ ? 25 * one_in : one_in) == 0; }
  std::uint32_t draw(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }

  std::optional<EndpointRecord> any_record() {
    if (draw(5) == 0) return std::nullopt;
    EndpointRecord record = record_in(draw(8) == 0 ? partner_of(settings_.role) : settings_.role,
                                      static_cast<EndpointState>(draw(13)));
    record.has_communicated = draw(3) != 0;
    if (draw(5) == 0) record.last_heartbeat = kNoTime;
    record.mclt = Lifetime{draw(3) == 0 ? 0 : 3600 * (1 + draw(2))};
    return record;
  }

  void act() {
    if (!endpoint_->communications_ok() && draw(2) == 0) return step_towards_contact();
    const std::uint32_t what = draw(100);
    if (what < 25) {
      now_.seconds += is_odd(10) ? draw(4000) : draw(10);
      return step(event::Tick{});
    }
    if (what < 70) return step_received(any_body());
    if (what < 72 && is_odd(1)) return step(event::Connected{any_connection()});
    if (what < 75 && is_odd(1)) return step_connect_received();
    if (what < 77 && is_odd(1)) return step(event::Closed{.id = any_connection(), .why = "cut"});
    if (what < 79 && is_odd(1)) return step(event::PartnerDown{draw(2) == 0});
    if (what < 80 && is_odd(20)) return step(event::Shutdown{});
    if (what < 82) return step(event::ChangesWaiting{});
    if (what < 88) return step_taken();
    if (what < 92) return step_applied();
    if (what < 96) {
      return step(event::Shares{{{.pool = static_cast<std::uint16_t>(draw(2)),
                                  .free_primary = draw(100),
                                  .free_secondary = draw(100)}}});
    }
    step_block();
  }

  void step_towards_contact() {
    if (settings_.role == Role::kSecondary && draw(2) == 0) return step_connect_received();
    switch (draw(4)) {
      case 0:
        now_.seconds += 5;
        return step(event::Tick{});
      case 1:
        return step(event::Connected{any_connection()});
      case 2:
        return step_received(ConnectReply{.parameters = any_parameters(), .refusal = std::nullopt});
      default:
        return step_received(any_state_message());
    }
  }

  void step(Event&& event) {
    checker_->happens(event);
    effects_.clear();
    endpoint_->step(std::move(event), now_, effects_);
    for (const EndpointEffect& effect : effects_) {
      checker_->check(effect);
      note(effect);
    }
    look();
  }

  void note(const EndpointEffect& effect) {
    if (const auto* open = std::get_if<effect::Open>(&effect)) connection_ = open->id;
    if (const auto* take = std::get_if<effect::Take>(&effect)) ticket_ = take->ticket;
    if (const auto* apply = std::get_if<effect::Apply>(&effect)) update_ = apply->update;
    const auto* send = std::get_if<effect::Send>(&effect);
    if (send == nullptr) return;
    connection_ = send->id;
    if (std::holds_alternative<Connect>(send->message.body) ||
        std::holds_alternative<UpdateRequest>(send->message.body)) {
      asked_ = send->message.transaction_id;
    }
    if (const auto* update = std::get_if<BindingUpdate>(&send->message.body)) {
      last_update_ = {send->message.transaction_id, *update};
    }
  }

  void look() {
    EXPECT_LE(endpoint_->updates().unanswered(), 5U) << "F-094";
    EXPECT_LE(endpoint_->partner_updates().unanswered(), 10U);
    EXPECT_LE(endpoint_->transitions().size(), Endpoint::kTransitionCountMax);
    const EndpointState state = endpoint_->state();
    if (state == EndpointState::kNormal || state == EndpointState::kPotentialConflict) {
      EXPECT_TRUE(endpoint_->communications_ok()) << name_of(state);
    }
    if (state == EndpointState::kStartup) {
      EXPECT_EQ(endpoint_->serving().answers, Serving::Answers::kNobody) << "F-288";
    }
    if (settings_.role == Role::kSecondary && !was_conflict_done_at_start()) {
      EXPECT_NE(state, EndpointState::kConflictDone) << "F-386";
    }
    EXPECT_EQ(checker_->on_disk()->state,
              static_cast<std::uint8_t>(state == EndpointState::kStartup
                                            ? static_cast<EndpointState>(endpoint_->record().state)
                                            : state));
  }

  // A record that says so was not written by this program; it is resumed as it stands.
  [[nodiscard]] bool was_conflict_done_at_start() {
    if (endpoint_->state() != EndpointState::kConflictDone) return true;
    return endpoint_->transitions().back().from == EndpointState::kStartup;
  }

  ConnectionId any_connection() { return is_odd(4) ? draw(20) : connection_; }
  std::uint32_t any_id() { return is_odd(2) ? draw(1000) : asked_; }
  EndpointState any_state() {
    if (is_odd(15)) return static_cast<EndpointState>(draw(256));
    if (is_calm_ && draw(3) != 0) return endpoint_->partner_state();
    return draw(2) == 0 ? EndpointState::kNormal : static_cast<EndpointState>(2 + draw(9));
  }
  State any_state_message() {
    return {.state = any_state(),
            .flags = {static_cast<std::uint8_t>(draw(6) == 0 ? draw(256) : 1)},
            .start_time_of_state = any_time(),
            .partner_down_time = any_time()};
  }
  WallTime any_time() { return {now_.seconds - static_cast<std::int64_t>(draw(10'000))}; }

  ConnectionParameters any_parameters() {
    ConnectionParameters parameters{.version = ProtocolVersion{},
                                    .mclt = settings_.mclt,
                                    .keepalive = Lifetime{4 + draw(100)},
                                    .max_unacked_bndupd = 1 + draw(5),
                                    .flags = ConnectionParameters::kFixedPdLength,
                                    .relationship_name = settings_.relationship_name,
                                    .fingerprint = {}};
    if (settings_.role == Role::kSecondary) parameters.mclt = Lifetime{30 + draw(7200)};
    if (is_odd(8)) parameters.flags = static_cast<std::uint16_t>(draw(4));
    if (is_odd(20)) parameters.max_unacked_bndupd = 0;
    if (is_odd(20)) parameters.version.reset();
    if (is_odd(20)) parameters.relationship_name.clear();
    return parameters;
  }

  LeaseUpdate any_update() {
    return draw(4) == 0
               ? block_of(draw(4), draw(2) == 0 ? BindingStatus::kFree : BindingStatus::kFreeBackup)
               : update_of(draw(12));
  }

  FailoverMessage::Body any_body() {
    switch (draw(14)) {
      case 0:
        return Connect{any_parameters()};
      case 1:
      case 2:
        if (is_odd(4)) {
          return ConnectReply{.parameters = {},
                              .refusal = StatusReport{StatusCode::kNotSupported, "no"}};
        }
        return ConnectReply{.parameters = any_parameters(), .refusal = std::nullopt};
      case 3:
        if (!is_odd(5)) return Contact{};
        return Disconnect{
            draw(2) == 0 ? std::nullopt
                         : std::optional(StatusReport{static_cast<StatusCode>(draw(23)), "bye"})};
      case 4:
      case 5:
      case 6:
      case 7:
        return any_state_message();
      case 8:
        return PoolRequest{};
      case 9:
        return PoolResponse{};
      case 10:
        return UpdateRequest{draw(2) == 0};
      case 11:
        return UpdateDone{};
      case 12: {
        BindingUpdate update;
        for (std::uint32_t i = 0; i < draw(4); ++i) {
          update.leases.push_back({.update = any_update(), .verdict = {}});
        }
        return update;
      }
      default:
        return BindingReply{};
    }
  }

  void step_received(FailoverMessage::Body body) {
    event::Received received{
        .id = any_connection(),
        .message = {.transaction_id = any_id(), .sent_time = now_, .body = std::move(body)}};
    if (is_odd(60)) received.message.sent_time.seconds += 6;
    if (std::holds_alternative<BindingReply>(received.message.body) && draw(5) != 0) {
      received.message.transaction_id = last_update_.first;
      received.message.body = reply_with(
          last_update_.second, draw(3) == 0 ? StatusCode::kAddressInUse : StatusCode::kSuccess);
    }
    step(std::move(received));
  }

  // A connection of the listener has an id of its own.
  void step_connect_received() {
    const ConnectionId id = draw(10) == 0 && settings_.role == Role::kSecondary && connection_ != 0
                                ? connection_
                                : ++last_incoming_;
    if (id == connection_ && !endpoint_->communications_ok()) return;
    FailoverMessage::Body body = is_odd(10) ? any_body() : Connect{any_parameters()};
    const std::int64_t skew = is_odd(20) ? 6 : 0;
    step(event::ConnectReceived{.id = id,
                                .message = {.transaction_id = draw(1000),
                                            .sent_time = {now_.seconds + skew},
                                            .body = std::move(body)}});
  }

  void step_taken() {
    event::Taken taken{
        .ticket = is_odd(4) ? draw(30) : ticket_, .is_end = draw(2) == 0, .groups = {}};
    for (std::uint32_t i = draw(8); i != 0; --i) {
      taken.groups.push_back({any_update()});
      if (draw(3) == 0) taken.groups.back().push_back(update_of(draw(12)));
    }
    step(std::move(taken));
  }

  void step_applied() {
    step(event::Applied{.update = draw(4) == 0 ? draw(30) : update_,
                        .lease = draw(3),
                        .verdict = {static_cast<StatusCode>(draw(20)), "because"},
                        .answer_with_ours = draw(2) == 0});
  }

  void step_block() {
    event::BlockTaken taken{.pool = static_cast<std::uint16_t>(draw(3)), .block = std::nullopt};
    if (draw(3) != 0) {
      taken.block =
          block_of(draw(4), draw(2) == 0 ? BindingStatus::kFree : BindingStatus::kFreeBackup);
      taken.count = 1 + draw(64);
    }
    step(std::move(taken));
  }

  std::mt19937_64 random_;
  const bool is_calm_;
  EndpointSettings settings_;
  std::unique_ptr<EffectChecker> checker_;
  std::unique_ptr<Endpoint> endpoint_;
  Effects effects_;
  WallTime now_{800'000'000};
  ConnectionId connection_ = 0;
  ConnectionId last_incoming_ = 100;
  std::uint32_t ticket_ = 0;
  std::uint32_t update_ = 0;
  std::uint32_t asked_ = 0;
  std::pair<std::uint32_t, BindingUpdate> last_update_;
};

TEST(EndpointProperty, AnythingMayHappen) {
  for (std::uint64_t seed = 1; seed <= 5000; ++seed) {
    SCOPED_TRACE(seed);
    Chaos(seed).live(300);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace tandem6
