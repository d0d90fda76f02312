#include "tests/failover/endpoint_bench.h"

#include <algorithm>
#include <utility>

namespace tandem6 {

EndpointSettings bench_settings(Role role) {
  EndpointSettings settings;
  settings.relationship_name = "east";
  settings.role = role;
  settings.mclt = Lifetime{3600};
  settings.keepalive = Lifetime{60};
  settings.contacts_per_keepalive = 4;
  settings.max_unacked_bndupd = 100;
  settings.startup = Lifetime{10};
  settings.connect_retry = Lifetime{5};
  settings.connect_retry_refused = Lifetime{60};
  settings.stall = Lifetime{40};
  settings.rescan = Lifetime{60};
  settings.heartbeat = Lifetime{10};
  return settings;
}

EndpointRecord record_in(Role role, EndpointState state) {
  EndpointRecord record;
  record.role = static_cast<std::uint8_t>(role);
  record.state = static_cast<std::uint8_t>(state);
  record.has_communicated = true;
  record.partner_state = static_cast<std::uint8_t>(EndpointState::kNormal);
  record.partner_flags = ServerFlags::kCommunicated;
  record.start_time_of_state = WallTime{799'990'000};
  record.partner_start_time_of_state = WallTime{799'990'000};
  record.last_contact = WallTime{799'980'000};
  record.last_heartbeat = WallTime{799'999'940};
  if (state == EndpointState::kRecoverWait) record.recover_wait_end = WallTime{800'003'000};
  record.mclt = Lifetime{3600};
  return record;
}

LeaseUpdate update_of(std::uint32_t number) {
  LeaseUpdate update;
  const std::array<std::uint8_t, 6> duid = {0,
                                            4,
                                            static_cast<std::uint8_t>(number >> 24),
                                            static_cast<std::uint8_t>(number >> 16),
                                            static_cast<std::uint8_t>(number >> 8),
                                            static_cast<std::uint8_t>(number)};
  update.duid = Duid(duid);
  update.iaid = Iaid{number};
  update.lease = {Ipv6Address::from_halves(0x20010db800000000, number), 128};
  update.valid_lifetime = Lifetime{3600};
  update.start_time_of_state = WallTime{799'999'000};
  return update;
}

LeaseUpdate block_of(std::uint32_t number, BindingStatus status) {
  LeaseUpdate update;
  update.ia_type = IaType::kPrefixDelegation;
  update.lease = {Ipv6Address::from_halves(0x20010db900000000 | std::uint64_t{number} << 16, 0),
                  48};
  update.status = status;
  update.start_time_of_state = WallTime{799'999'000};
  return update;
}

BindingReply reply_with(const BindingUpdate& update, StatusCode code) {
  BindingReply reply;
  for (const BindingUpdate::Lease& lease : update.leases) {
    reply.leases.push_back({.ack = {.duid = lease.update.duid,
                                    .ia_type = lease.update.ia_type,
                                    .iaid = lease.update.iaid,
                                    .lease = lease.update.lease,
                                    .status = lease.update.status,
                                    .state_expiration_time = lease.update.state_expiration_time,
                                    .partner_lifetime_sent = lease.update.partner_lifetime},
                            .status = {code, ""}});
  }
  return reply;
}

EndpointBench::EndpointBench(const EndpointSettings& chosen) : settings(chosen) {
  partner = {.version = ProtocolVersion{},
             .mclt = chosen.mclt,
             .keepalive = Lifetime{60},
             .max_unacked_bndupd = 50,
             .flags = ConnectionParameters::kFixedPdLength,
             .relationship_name = chosen.relationship_name,
             .fingerprint = {}};
}

// --- Life.

void EndpointBench::start(std::optional<EndpointRecord> record, LeasesOrigin origin) {
  endpoint = std::make_unique<Endpoint>(settings);
  checker_ = std::make_unique<EffectChecker>(settings);
  opening_ = connection_ = 0;
  happen(
      event::Start{.record = record, .origin = origin, .last_client_contact = last_client_contact});
}

void EndpointBench::start_in(EndpointState state) {
  start(record_in(settings.role, state));
  pass(settings.startup.seconds);
  EXPECT_EQ(this->state(), state);
}

void EndpointBench::restart(std::uint32_t later, LeasesOrigin origin) {
  const std::optional<EndpointRecord> record = checker_->on_disk();
  now.seconds += later;
  start(record, origin);
}

void EndpointBench::happen(Event event) {
  const std::size_t from = effects.size();
  checker_->happens(event);
  if (const auto* closed = std::get_if<event::Closed>(&event)) {
    if (closed->id == connection_) connection_ = 0;
  }
  endpoint->step(std::move(event), now, effects);
  for (std::size_t i = from; i < effects.size(); ++i) checker_->check(effects[i]);
  watch_connection(from);
  if (answers_takes) answer_takes(from);
}

void EndpointBench::watch_connection(std::size_t from) {
  for (std::size_t i = from; i < effects.size(); ++i) {
    if (const auto* open = std::get_if<effect::Open>(&effects[i])) opening_ = open->id;
    if (const auto* close = std::get_if<effect::Close>(&effects[i])) {
      if (close->id == connection_) connection_ = 0;
      if (close->id == opening_) opening_ = 0;
    }
    const auto* send = std::get_if<effect::Send>(&effects[i]);
    if (send == nullptr) continue;
    const std::uint32_t id = send->message.transaction_id;
    if (std::holds_alternative<Connect>(send->message.body)) last_connect_id = id;
    if (std::holds_alternative<UpdateRequest>(send->message.body)) last_request_ = id;
    const auto* reply = std::get_if<ConnectReply>(&send->message.body);
    if (reply != nullptr && !reply->refusal) connection_ = send->id;
  }
}

void EndpointBench::answer_takes(std::size_t from) {
  for (std::size_t i = from; i < effects.size(); ++i) {
    const auto* take = std::get_if<effect::Take>(&effects[i]);
    if (take == nullptr) continue;
    event::Taken taken{.ticket = take->ticket, .is_end = false, .groups = {}};
    while (!unsent.empty() && taken.groups.size() < take->count) {
      taken.groups.push_back(std::move(unsent.front()));
      unsent.pop_front();
    }
    taken.is_end = unsent.empty();
    return happen(std::move(taken));  // which looks at what comes of it
  }
}

void EndpointBench::pass(std::uint32_t seconds) {
  for (std::uint32_t i = 0; i < seconds; ++i) {
    ++now.seconds;
    if (is_connected() && now >= last_contact_ + Lifetime{10}) {
      last_contact_ = now;
      receive(Contact{});
    }
    happen(event::Tick{});
  }
}

void EndpointBench::pass_in_silence(std::uint32_t seconds) {
  for (std::uint32_t i = 0; i < seconds; ++i) {
    ++now.seconds;
    happen(event::Tick{});
  }
}

// --- The partner.

void EndpointBench::exchange() {
  if (settings.role == Role::kPrimary) {
    for (int i = 0; opening_ == 0 && i < 200; ++i) pass_in_silence(1);
    ASSERT_NE(opening_, 0U) << "the primary opens no connection";
    connection_ = std::exchange(opening_, 0);
    happen(event::Connected{connection_});
    receive(ConnectReply{.parameters = partner, .refusal = std::nullopt}, last_connect_id);
  } else {
    happen(event::ConnectReceived{.id = ++last_incoming_,
                                  .message = {.transaction_id = 0x700,
                                              .sent_time = {now.seconds + partner_clock},
                                              .body = Connect{partner}}});
  }
}

void EndpointBench::connect(EndpointState state, ServerFlags flags) {
  exchange();
  partner_is(state, flags);
}

void EndpointBench::partner_is(EndpointState state, ServerFlags flags) {
  receive(State{.state = state,
                .flags = flags,
                .start_time_of_state = now,
                .partner_down_time = state == EndpointState::kPartnerDown ? now : kNoTime});
}

void EndpointBench::receive(FailoverMessage::Body body, std::uint32_t transaction_id) {
  happen(event::Received{.id = connection_,
                         .message = {.transaction_id = transaction_id,
                                     .sent_time = {now.seconds + partner_clock},
                                     .body = std::move(body)}});
}

void EndpointBench::finish_update() { receive(UpdateDone{}, last_request_); }

void EndpointBench::lose_connection() {
  ASSERT_TRUE(is_connected());
  happen(event::Closed{.id = connection_, .why = "the cable is cut"});
}

void EndpointBench::reach_normal() {
  start(record_in(settings.role, EndpointState::kNormal));
  connect(EndpointState::kNormal);
  EXPECT_EQ(state(), EndpointState::kNormal);
}

void EndpointBench::reach_in_contact(EndpointState wanted) {
  using enum EndpointState;
  if (wanted == kNormal) return reach_normal();
  if (wanted == kPotentialConflict) {
    start_in(kResolutionInterrupted);
    connect(kResolutionInterrupted);
  } else {
    start_in(wanted);
    connect(wanted == kRecoverDone ? kCommunicationsInterrupted : kRecover);
  }
  EXPECT_EQ(state(), wanted);
}

// --- What came of it.

std::optional<State> EndpointBench::last_state() const {
  const std::vector<State> states = sent<State>();
  return states.empty() ? std::nullopt : std::optional(states.back());
}

std::vector<EndpointState> EndpointBench::states_sent() const {
  std::vector<EndpointState> states;
  for (const State& state : sent<State>()) states.push_back(state.state);
  return states;
}

namespace {

struct LineOf {
  std::string operator()(const effect::Persist& persist) const {
    return std::string(persist.is_lazy ? "persist lazily " : "persist ") +
           name_of(static_cast<EndpointState>(persist.record.state));
  }
  std::string operator()(const effect::Serve& serve) const {
    switch (serve.serving.answers) {
      case Serving::Answers::kNobody:
        return "serve nobody";
      case Serving::Answers::kOwnClients:
        return "serve own clients";
      case Serving::Answers::kEverybody:
        return "serve everybody";
    }
    return "";
  }
  std::string operator()(const effect::Open&) const { return "open"; }
  std::string operator()(const effect::Send& send) const {
    std::string line = std::string("send ") + name_of(send.message.type());
    if (const auto* state = std::get_if<State>(&send.message.body)) {
      line += std::string(" ") + name_of(state->state) + (state->flags.startup() ? " (S)" : "");
    }
    return line;
  }
  std::string operator()(const effect::Close&) const { return "close"; }
  std::string operator()(const effect::Apply& apply) const {
    return "apply " + apply.content->lease.to_string();
  }
  std::string operator()(const effect::Acknowledge& acknowledge) const {
    return "acknowledge " + acknowledge.ack.lease.to_string();
  }
  std::string operator()(const effect::LeasesAreWhole&) const { return "leases are whole"; }
  std::string operator()(const effect::DoubtOldCopy&) const { return "doubt the old copy"; }
  std::string operator()(const effect::NoteRefusal& refusal) const {
    return "note refusal of " + refusal.lease.lease.to_string();
  }
  std::string operator()(const effect::BeginSweep& begin) const {
    return begin.all ? "sweep all" : "sweep";
  }
  std::string operator()(const effect::Take& take) const {
    return take.of_sweep ? "take of sweep" : "take";
  }
  std::string operator()(const effect::ForgetSent&) const { return "forget sent"; }
  std::string operator()(const effect::MarkAllDirty&) const { return "mark all dirty"; }
  std::string operator()(const effect::ArmReuseTimers&) const { return "arm reuse timers"; }
  std::string operator()(const effect::ReadShares&) const { return "read shares"; }
  std::string operator()(const effect::GiveBlock& give) const {
    return "give block of " + std::to_string(give.count);
  }
  std::string operator()(const effect::FindBlockToTakeBack& find) const {
    return "find block of " + std::to_string(find.count);
  }
  std::string operator()(const effect::Report&) const { return ""; }
  std::string operator()(const effect::CommandDone& done) const {
    return done.taken ? "command taken" : "command refused";
  }
};

}  // namespace

std::vector<std::string> EndpointBench::log() const {
  std::vector<std::string> lines;
  for (const EndpointEffect& effect : effects) {
    std::string line = std::visit(LineOf{}, effect);
    if (!line.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

bool EndpointBench::has_alarm() const {
  return std::ranges::any_of(all<effect::Report>(), [](const effect::Report& report) {
    return report.severity == Severity::kAlarm;
  });
}

}  // namespace tandem6
