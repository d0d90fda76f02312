// The connection (RFC 8156 section 6): CONNECT and CONNECTREPLY, STATE, keepalive, skew, closing.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "control/failover/configuration_fingerprint.h"
#include "control/failover/endpoint.h"

namespace tandem6 {

namespace {

constexpr ProtocolVersion kVersion{1, 0};
constexpr std::uint32_t kKeepaliveMin = 4;  // a quarter of it is the least interval

StatusReport status(StatusCode code, std::string text) { return {code, std::move(text)}; }

std::string text_of(const StatusReport& report) {
  std::string text = name_of(report.code);
  if (!report.text.empty()) text += ": " + report.text;
  return text;
}

}  // namespace

// --- Opening.

/// The primary tries again and again; a connection attempt ends with Connected or Closed (F-082,
/// F-083).
void Endpoint::open_when_due() {
  if (settings_.role != Role::kPrimary || link_.id != 0 || is_shutting_down_ || now_ < next_open_) {
    return;
  }
  link_ = Link{.id = ++last_connection_, .phase = Phase::kOpening};
  link_.last_received = now_;  // the keepalive bounds the attempt as well
  effects_->push_back(effect::Open{link_.id});
}

void Endpoint::begin_link(ConnectionId id, Phase phase) {
  link_ = Link{.id = id, .phase = phase};
  link_.last_received = now_;
  link_.last_sent = now_;
  link_.send_interval =
      Lifetime{std::max(settings_.keepalive.seconds / settings_.contacts_per_keepalive, 1U)};
  link_.had_communicated = record_.has_communicated;
}

void Endpoint::on(event::Connected&& connected) {
  if (connected.id != link_.id || link_.phase != Phase::kOpening) return;
  begin_link(connected.id, Phase::kAwaitingReply);
  link_.connect_id = transaction_ids_.next();
  ConnectionParameters parameters = own_parameters();
  parameters.relationship_name = settings_.relationship_name;
  send_as(link_.connect_id, Connect{std::move(parameters)});
}

ConnectionParameters Endpoint::own_parameters() const {
  return {.version = kVersion,
          .mclt = lead_time_.configured(),
          .keepalive = settings_.keepalive,
          .max_unacked_bndupd = settings_.max_unacked_bndupd,
          .flags = ConnectionParameters::kFixedPdLength,
          .relationship_name = {},
          .fingerprint = settings_.fingerprint};
}

/// Why what a partner says of itself cannot be worked with.
std::optional<StatusReport> Endpoint::fault_of(const ConnectionParameters& parameters) const {
  if (!parameters.version || !parameters.mclt || !parameters.keepalive ||
      !parameters.max_unacked_bndupd || !parameters.flags) {
    return status(StatusCode::kUnspecFail, "an option that is required is missing");
  }
  if (parameters.version->major != kVersion.major) {
    return status(StatusCode::kNotSupported, "protocol version 1 is spoken here");
  }
  if (*parameters.flags != ConnectionParameters::kFixedPdLength) {
    return status(StatusCode::kNotSupported,
                  "prefixes of one length from each delegable prefix, and no other flags");
  }
  if (parameters.keepalive->seconds < kKeepaliveMin) {
    return status(StatusCode::kUnspecFail, "a keepalive-time below 4 s");
  }
  if (*parameters.max_unacked_bndupd == 0) {
    return status(StatusCode::kUnspecFail, "no update could ever be sent");
  }
  if (parameters.mclt->seconds < kFailoverLifetimeMin.seconds ||
      *parameters.mclt > kFailoverLifetimeMax) {
    return status(StatusCode::kUnspecFail, "an MCLT outside of 30 s to 2^30 s");
  }
  return std::nullopt;
}

/// What both sides have agreed on; STATE follows from both (F-100).
void Endpoint::accept_partner(const ConnectionParameters& parameters) {
  link_.partner_window = *parameters.max_unacked_bndupd;
  link_.send_interval =
      Lifetime{std::max(parameters.keepalive->seconds / settings_.contacts_per_keepalive, 1U)};
  lead_time_.agree(*parameters.mclt, now_);
  link_.phase = Phase::kAwaitingState;
  compare_fingerprints(parameters);
  persist();
  serve();  // the MCLT may be another one
  send_state();
}

void Endpoint::compare_fingerprints(const ConnectionParameters& parameters) {
  if (parameters.fingerprint.empty() || settings_.fingerprint.empty()) return;
  for (const std::string& difference : differences(settings_.fingerprint, parameters.fingerprint)) {
    report(Severity::kAlarm, "the configurations differ: " + difference);
  }
}

/// At the secondary. A second valid CONNECT takes the place of the first connection, which is
/// closed before.
void Endpoint::on(event::ConnectReceived&& received) {
  if (received.id == link_.id) return;  // a CONNECT is acted on as the first message only
  auto* connect = std::get_if<Connect>(&received.message.body);
  if (connect == nullptr || settings_.role != Role::kSecondary || is_shutting_down_) {
    effects_->push_back(effect::Close{received.id, "no CONNECT for this server's role"});
    return;
  }
  std::optional<StatusReport> fault;
  if (is_skewed(received.message)) {
    fault = status(StatusCode::kExcessiveTimeSkew, "the clocks are more than 5 s apart");
  } else if (!connect->parameters.relationship_name.empty()
                 ? connect->parameters.relationship_name != settings_.relationship_name
                 : !settings_.is_only_one) {
    fault = status(StatusCode::kConfigurationConflict, "no relationship of this name");
  } else {
    fault = fault_of(connect->parameters);
  }
  if (fault) {
    report(Severity::kWarning, "a CONNECT is refused: " + text_of(*fault));
    effects_->push_back(effect::Send{received.id,
                                     {.transaction_id = received.message.transaction_id,
                                      .sent_time = kNoTime,
                                      .body = ConnectReply{.parameters = {}, .refusal = fault}}});
    effects_->push_back(effect::Close{received.id, text_of(*fault)});
    return;
  }
  if (link_.id != 0) close("the partner has connected anew");
  begin_link(received.id, Phase::kAwaitingState);
  record_.last_contact = now_;
  ConnectionParameters parameters = own_parameters();
  parameters.mclt = connect->parameters.mclt;  // F-099
  send_as(received.message.transaction_id, ConnectReply{std::move(parameters), std::nullopt});
  accept_partner(connect->parameters);
}

// --- Receiving.

void Endpoint::on(event::Received&& received) {
  if (received.id != link_.id || link_.phase <= Phase::kOpening) return;
  link_.last_received = now_;
  record_.last_contact = now_;
  if (is_skewed(received.message)) {
    report(Severity::kAlarm, "the clocks are more than 5 s apart; the connection is given up");
    return refuse_and_close(
        status(StatusCode::kExcessiveTimeSkew, "the clocks are more than 5 s apart"));
  }
  const std::uint32_t id = received.message.transaction_id;
  std::visit([&](auto&& body) { receive(id, std::move(body)); }, std::move(received.message.body));
}

bool Endpoint::is_skewed(const FailoverMessage& message) const noexcept {
  return std::abs(message.sent_time.seconds - now_.seconds) > kClockToleranceSeconds;
}

/// Only as the first message, and that comes as ConnectReceived.
void Endpoint::receive(std::uint32_t, Connect&&) {
  report(Severity::kNotice, "a CONNECT on a connection that is up is not acted on");
}

void Endpoint::receive(std::uint32_t id, ConnectReply&& message) {
  if (link_.phase != Phase::kAwaitingReply || id != link_.connect_id) return;
  if (message.refusal && message.refusal->code != StatusCode::kSuccess) {
    const std::string why = "the partner refuses the connection: " + text_of(*message.refusal);
    close(why);
    next_open_ = now_ + settings_.connect_retry_refused;
    return;
  }
  if (auto fault = fault_of(message.parameters)) return refuse_and_close(*fault);
  if (*message.parameters.mclt != lead_time_.configured()) {
    return refuse_and_close(status(StatusCode::kConfigurationConflict,
                                   "the MCLT of the reply is not that of the CONNECT"));
  }
  accept_partner(message.parameters);
}

void Endpoint::receive(std::uint32_t, Disconnect&& message) {
  const std::string why = message.status ? text_of(*message.status) : "without a reason";
  const bool is_planned = message.status && message.status->code == StatusCode::kServerShuttingDown;
  partner_is_leaving_ = is_planned;
  close("the partner has disconnected, " + why);
  partner_is_leaving_ = false;
  next_open_ = now_ + (is_planned ? Lifetime{2 * settings_.connect_retry.seconds}
                                  : settings_.connect_retry_refused);
}

/// 6.4. Communications are OK from the first one on (F-103).
void Endpoint::receive(std::uint32_t, State&& message) {
  if (link_.phase < Phase::kAwaitingState) {
    return refuse_and_close(status(StatusCode::kUnspecFail, "STATE before the CONNECT exchange"));
  }
  const WallTime down_time =
      message.state == EndpointState::kPartnerDown ? message.partner_down_time : kNoTime;
  const bool is_first = link_.phase != Phase::kOk;
  const bool is_news = record_.partner_state != static_cast<std::uint8_t>(message.state) ||
                       record_.partner_flags != message.flags.octet ||
                       record_.partner_start_time_of_state != message.start_time_of_state ||
                       record_.partner_down_time != down_time;
  if (!is_first && !is_news) return;  // F-115
  link_.request_progress = now_;      // what it waited for until now may begin
  record_.partner_state = static_cast<std::uint8_t>(message.state);
  record_.partner_flags = message.flags.octet;
  record_.partner_start_time_of_state = message.start_time_of_state;
  record_.partner_down_time = down_time;
  if (is_first) {
    link_.phase = Phase::kOk;
    link_.next_rescan = now_ + rescan_interval();
    last_fault_.clear();
    if (auto_partner_down_at_) auto_partner_down_left_ = time_left(*auto_partner_down_at_, now_);
    auto_partner_down_at_.reset();
    sender_.begin(link_.id, link_.partner_window, *effects_);
    receiver_.begin(link_.id, settings_.max_unacked_bndupd);
    report(Severity::kNotice, "communications with the partner are OK");
  }
  if (!owes_update()) record_.has_communicated = true;
  persist();
  if (in_startup_) startup_with_contact();
  serve();
  act_on_partner();
  settle_updates();
}

void Endpoint::receive(std::uint32_t, Contact&&) {}

void Endpoint::receive(std::uint32_t id, PoolRequest&&) {
  if (settings_.role != Role::kPrimary || link_.phase != Phase::kOk) {
    return report(Severity::kNotice, "a POOLREQ to a secondary is not acted on");
  }
  send_as(id, PoolResponse{});
  next_balance_ = now_;
  balance_when_due();
}

/// Only says that the POOLREQ has come (F-170).
void Endpoint::receive(std::uint32_t, PoolResponse&&) {}

void Endpoint::receive(std::uint32_t id, UpdateRequest&& message) {
  if (link_.phase != Phase::kOk) return;
  link_.request_progress = now_;
  sender_.requested(id, message.all, *effects_);
}

void Endpoint::receive(std::uint32_t id, UpdateDone&&) {
  if (link_.request_id == 0 || id != link_.request_id) return;
  drop_request();
  update_done();
}

void Endpoint::receive(std::uint32_t id, BindingUpdate&& message) {
  if (link_.phase != Phase::kOk) return;
  link_.request_progress = now_;
  sender_.partner_tells(message, *effects_);
  note_what_was_told();
  if (!receiver_.received(id, std::move(message), *effects_)) {
    refuse_and_close(status(StatusCode::kUnspecFail, "more BNDUPDs than were agreed on"));
  }
}

void Endpoint::receive(std::uint32_t id, BindingReply&& message) {
  if (link_.phase != Phase::kOk) return;
  link_.request_progress = now_;
  const EndpointState partner = partner_state();
  const bool knows_promises =
      partner != EndpointState::kRecover && partner != EndpointState::kRecoverWait;
  sender_.answered(id, message, knows_promises, now_, *effects_);
  note_block_answers(message);
  note_what_was_told();
  ask_for_prefixes_when_due();
}

// --- Sending.

void Endpoint::send(FailoverMessage::Body&& body) {
  send_as(transaction_ids_.next(), std::move(body));
}

void Endpoint::send_as(std::uint32_t id, FailoverMessage::Body&& body) {
  effects_->push_back(effect::Send{
      link_.id, {.transaction_id = id, .sent_time = kNoTime, .body = std::move(body)}});
}

/// 6.3. STARTUP is told by the S flag, with PREVIOUS-STATE beside it (8.3.1).
void Endpoint::send_state() {
  ServerFlags flags;
  if (link_.had_communicated) flags.octet |= ServerFlags::kCommunicated;
  if (in_startup_) flags.octet |= ServerFlags::kStartup;
  if (link_.phase == Phase::kOk && ServerFlags{record_.partner_flags}.startup()) {
    flags.octet |= ServerFlags::kAckStartup;
  }
  send(State{.state = current(),
             .flags = flags,
             .start_time_of_state = record_.start_time_of_state,
             .partner_down_time = current() == EndpointState::kPartnerDown
                                      ? WallTime(record_.start_time_of_state)
                                      : kNoTime});
}

// --- Keeping and ending.

void Endpoint::tend_connection() {
  if (link_.id == 0) return;
  if (now_ >= link_.last_received + settings_.keepalive) {
    if (link_.phase > Phase::kOpening)
      return disconnect("nothing was heard for the keepalive-time");
    return close("the partner does not answer");
  }
  if (link_.phase <= Phase::kOpening) return;
  if (link_.phase == Phase::kOk) {
    // 8.5.2, R-51: an update that makes no progress; 8.8.2: updates that are not answered.
    // A partner in RECOVER-WAIT is silent until its time is over, and will say so.
    const bool waits = link_.request_id != 0 || (in_state(EndpointState::kPotentialConflict) &&
                                                 partner_state() != EndpointState::kRecoverWait);
    if (waits && now_ >= link_.request_progress + settings_.stall) {
      return disconnect("the updates that are waited for do not come");
    }
    const WallTime waiting = sender_.waiting_since();
    if (!waiting.is_none() && now_ >= waiting + settings_.stall) {
      return disconnect("the partner does not answer updates");
    }
    // Best when nothing is on its way, for that is told twice else; but a busy server never rests.
    const bool is_overdue = now_ >= link_.next_rescan + rescan_interval();
    if (now_ >= link_.next_rescan && (sender_.is_idle() || is_overdue)) {
      link_.next_rescan = now_ + rescan_interval();
      sender_.rescan(*effects_);
    }
  }
  if (now_ >= link_.last_sent + link_.send_interval) send(Contact{});
}

/// The two scan at different paces. In step each could leave out every time what the other one
/// speaks of that very moment.
Lifetime Endpoint::rescan_interval() const noexcept {
  if (settings_.role == Role::kPrimary) return settings_.rescan;
  return Lifetime{std::max(settings_.rescan.seconds * 3 / 4, 1U)};
}

void Endpoint::refuse_and_close(const StatusReport& why) {
  send(Disconnect{why});
  close(text_of(why));
  next_open_ = now_ + settings_.connect_retry_refused;
}

/// The connection is given up, the partner is not: tried again as soon as one that was cut (F-029).
void Endpoint::disconnect(std::string why) {
  if (link_.phase > Phase::kOpening) send(Disconnect{status(StatusCode::kUnspecFail, why)});
  close(std::move(why));
}

void Endpoint::close(std::string why) {
  effects_->push_back(effect::Close{link_.id, why});
  connection_lost(why);
}

void Endpoint::on(event::Closed&& closed) {
  if (closed.id == link_.id && link_.id != 0) connection_lost(closed.why);
}

void Endpoint::connection_lost(const std::string& why) {
  const bool was_ok = communications_ok();
  link_ = Link{};
  next_open_ = now_ + settings_.connect_retry;
  sender_.end();
  receiver_.end();
  transaction_ids_.release_all();
  take_backs_.clear();
  givings_.clear();
  // The same fault at every retry is told once.
  const Severity severity = partner_is_leaving_ ? Severity::kNotice : Severity::kWarning;
  if (was_ok || why != last_fault_) report(severity, "no connection: " + why);
  last_fault_ = why;
  if (was_ok) communications_failed(why);
}

void Endpoint::on(event::Shutdown&&) {
  is_shutting_down_ = true;
  if (link_.phase > Phase::kOpening) {
    send(Disconnect{status(StatusCode::kServerShuttingDown, "this server is shut down")});
  }
  if (link_.id != 0) close("this server is shut down");
  persist();
}

}  // namespace tandem6
