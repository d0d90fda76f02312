#include "control/failover/endpoint.h"

#include <algorithm>
#include <utility>

#include "dataplane/wire/check.h"

namespace tandem6 {

Endpoint::Endpoint(EndpointSettings settings)
    : settings_(std::move(settings)),
      lead_time_(settings_.role, settings_.mclt, Lifetime{0}),
      sender_(transaction_ids_) {}

void Endpoint::step(Event&& event, WallTime now, Effects& effects) {
  T6_CHECK(effects_ == nullptr);
  T6_CHECK(std::holds_alternative<event::Start>(event) == process_start_.is_none());
  now_ = now;
  effects_ = &effects;
  const std::size_t first_effect = effects.size();
  std::visit([this](auto&& happened) { on(std::move(happened)); }, std::move(event));
  note_what_was_sent(first_effect);
  effects_ = nullptr;
}

EndpointState Endpoint::current() const noexcept {
  return static_cast<EndpointState>(record_.state);
}
bool Endpoint::in_state(EndpointState state) const noexcept {
  return !in_startup_ && current() == state;
}
EndpointState Endpoint::state() const noexcept {
  return in_startup_ ? EndpointState::kStartup : current();
}
WallTime Endpoint::start_time_of_state() const noexcept { return record_.start_time_of_state; }
EndpointState Endpoint::partner_state() const noexcept {
  return static_cast<EndpointState>(record_.partner_state);
}

namespace {

/// Section 8.3.2 step 2: the state that a failure of communications leads to.
EndpointState after_failure(EndpointState state) noexcept {
  switch (state) {
    case EndpointState::kNormal:
      return EndpointState::kCommunicationsInterrupted;
    case EndpointState::kPotentialConflict:
      return EndpointState::kResolutionInterrupted;
    default:
      return state;
  }
}

/// More than having waited for a partner that never came.
bool shows_a_past(const EndpointRecord& record) noexcept {
  return record.state != static_cast<std::uint8_t>(EndpointState::kRecover) ||
         record.partner_state != 0 || record.has_communicated;
}

bool is_usable(const EndpointRecord& record, Role role) noexcept {
  return record.role == static_cast<std::uint8_t>(role) &&
         record.state >= static_cast<std::uint8_t>(EndpointState::kNormal) &&
         record.state <= static_cast<std::uint8_t>(EndpointState::kConflictDone);
}

}  // namespace

/// Section 8.3.2 steps 1 to 4, with.
void Endpoint::on(event::Start&& start) {
  process_start_ = now_;
  had_record_ = start.record.has_value() && is_usable(*start.record, settings_.role);
  ran_before_ = start.record.has_value() && shows_a_past(*start.record);
  origin_ = start.origin;
  if (had_record_) {
    record_ = *start.record;
    lead_time_ = AgreedLeadTime(settings_.role, settings_.mclt, record_.mclt);
    lead_time_.resume_before(record_.mclt_before, record_.mclt_before_until);
    if (!record_.last_heartbeat.is_none()) {
      // No lease is given before it is on disk, so none was given later than either.
      const WallTime heartbeats_end = record_.last_heartbeat + settings_.heartbeat;
      time_of_failure_ =
          std::min<WallTime>(std::max<WallTime>(heartbeats_end, start.last_client_contact), now_);
    }
    const EndpointState resumed = after_failure(current());
    if (resumed != current()) {
      record_.previous_state = record_.state;
      record_.state = static_cast<std::uint8_t>(resumed);
      record_.start_time_of_state = now_;
    }
  }
  if (!had_record_ || is_old_copy(origin_)) {
    // What the leases of before were, only the partner knows; so it is all to be asked for.
    record_.state = static_cast<std::uint8_t>(EndpointState::kRecover);
    record_.previous_state = 0;
    record_.start_time_of_state = now_;
    record_.has_communicated = false;
    record_.recover_wait_end = kNoTime;
    time_of_failure_ = kNoTime;
  }
  record_.role = static_cast<std::uint8_t>(settings_.role);
  startup_end_ = now_ + settings_.startup;
  next_open_ = now_;
  serving_ = serving_now();
  effects_->push_back(effect::Serve{serving_});
  if (!had_record_) effects_->push_back(effect::MarkAllDirty{});
  if (is_old_copy(origin_)) effects_->push_back(effect::DoubtOldCopy{});
  persist();
  open_when_due();
}

void Endpoint::on(event::Tick&&) {
  if (!in_startup_ && now_ >= record_.last_heartbeat + settings_.heartbeat) persist(true);
  tend_connection();
  open_when_due();
  pass_time_in_state();
  balance_when_due();
  ask_for_prefixes_when_due();
  serve();  // an old MCLT may have run out
}

void Endpoint::on(event::ChangesWaiting&&) { sender_.changes_waiting(*effects_); }

void Endpoint::on(event::Applied&& applied) {
  // The reply goes first; ours follows by way of the unsent ones (F-248).
  if (receiver_.applied(applied, *effects_)) sender_.changes_waiting(*effects_);
}

void Endpoint::on(event::Taken&& taken) {
  sender_.taken(std::move(taken), now_, *effects_);
  note_what_was_told();
  ask_for_prefixes_when_due();
}

/// Every message puts off the next CONTACT (F-126).
void Endpoint::note_what_was_sent(std::size_t first_effect) {
  for (std::size_t i = first_effect; i < effects_->size(); ++i) {
    const auto* sent = std::get_if<effect::Send>(&(*effects_)[i]);
    if (sent != nullptr && sent->id == link_.id) link_.last_sent = now_;
  }
}

/// STARTUP answers nobody, so that it tells nothing of when this server last operated.
void Endpoint::persist(bool is_lazy) {
  if (!in_startup_) record_.last_heartbeat = now_;
  record_.mclt = lead_time_.agreed();
  record_.mclt_before = lead_time_.before();
  record_.mclt_before_until = lead_time_.before_counts_until();
  effects_->push_back(effect::Persist{.record = record_, .is_lazy = is_lazy});
}

void Endpoint::report(Severity severity, std::string text) {
  effects_->push_back(effect::Report{severity, settings_.relationship_name + ": " + text});
}

}  // namespace tandem6
