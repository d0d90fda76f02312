#include "tests/simulation/record_checker.h"

#include <algorithm>
#include <utility>

#include "dataplane/lease/conflict.h"
#include "dataplane/lease/lease_rules.h"
#include "dataplane/server/lease_timers.h"

namespace tandem6::simulation {

namespace {

// Timers run once a second, and a disk may stand still.
constexpr std::int64_t kOverdueSeconds = 60;
constexpr Milliseconds kUntoldMs = 40'000;
constexpr std::uint32_t kRoomyWindow = 32;

std::string key_of(const Ipv6Prefix& lease, const Duid& client) {
  return lease.to_string() + ' ' + client.to_string();
}

WallTime latest_contact_of(const LeaseUpdate& update) {
  return std::max(update.client_time, update.partner_raw_clt_time);
}

bool runs(const Binding& binding, WallTime now) {
  return binding.status == BindingStatus::kActive &&
         WallTime(binding.state_expiration_time).seconds > now.seconds + kClockToleranceSeconds;
}

/// Of a lease that has ended: the latest that anybody was promised it, or may have promised.
WallTime promised_until(const Binding& binding, WallTime partner_down_since) {
  return std::max({partner_down_since, WallTime(binding.start_time_of_state),
                   WallTime(binding.partner_lifetime), WallTime(binding.acked_partner_lifetime),
                   WallTime(binding.acked_partner_lifetime_max),
                   WallTime(binding.expiration_time)});
}

}  // namespace

void RecordChecker::writes(const LeaseRecord& record, ChangeKind kind, const LeaseRecord* before,
                           Half half, const Occasion& occasion, const Standing& standing,
                           Milliseconds at, const Report& report) {
  const std::string key = key_of(record.binding.lease(), record.duid);
  const Binding& binding = record.binding;
  if (kind == ChangeKind::kPut && binding.needs_update && !binding.update_sent) {
    untold_since_.try_emplace(key, at);
  } else {
    untold_since_.erase(key);
  }
  if (std::holds_alternative<ByClient>(occasion)) {
    if (kind == ChangeKind::kPut) by_client(record, before, half, standing, report);
  } else if (std::holds_alternative<ByTime>(occasion)) {
    by_time(record, before, standing, report);
  } else if (const auto* update = std::get_if<const LeaseUpdate*>(&occasion)) {
    by_update(record, kind, before, half, **update, standing, report);
  } else if (const auto* ack = std::get_if<const LeaseAck*>(&occasion)) {
    by_ack(record, before, **ack, report);
  }
}

void RecordChecker::by_client(const LeaseRecord& record, const LeaseRecord* before, Half half,
                              const Standing& standing, const Report& report) {
  const Binding& binding = record.binding;
  const bool is_news = before == nullptr || before->binding.status != binding.status;
  if (is_news && holds_its_lease(binding.status) && !binding.needs_update) {
    report(text_of(record) + " is not to be told");
  }
  if (!is_news || binding.status != BindingStatus::kActive ||
      binding.ia_type != IaType::kPrefixDelegation) {
    return;
  }
  // Its own client's, which has ended here, is the primary's next.
  const bool is_ended = before != nullptr && has_ended(before->binding.status);
  if (standing.is_behind) return;
  if (is_ended ? standing.role == Role::kPrimary : half == own_half(standing.role)) return;
  const bool is_open = standing.partner_down_since && !standing.is_partner_back &&
                       standing.now >= *standing.partner_down_since + standing.least_mclt;
  if (!is_open) report(text_of(record) + " is of the partner's half");
}

void RecordChecker::by_time(const LeaseRecord& record, const LeaseRecord* before,
                            const Standing& standing, const Report& report) {
  if (before == nullptr || !has_ended(before->binding.status) || standing.is_behind) return;
  if (holds_its_lease(record.binding.status)) return;
  if (!standing.partner_down_since) return report(text_of(*before) + " is free by time alone");
  const WallTime from =
      promised_until(before->binding, *standing.partner_down_since) + standing.least_mclt;
  if (standing.now < from) {
    report(text_of(*before) + " is free " + std::to_string(from.seconds - standing.now.seconds) +
           " s too early");
  }
}

void RecordChecker::by_update(const LeaseRecord& record, ChangeKind kind, const LeaseRecord* before,
                              Half half, const LeaseUpdate& update, const Standing& standing,
                              const Report& report) {
  check_lost(record, kind, before, update, standing, report);
  if (before == nullptr) return;
  const bool is_old_end =
      before->binding.from_partner && is_end(update.status) &&
      !holds_its_lease(before->binding.status) &&
      update.start_time_of_state <= WallTime(before->binding.start_time_of_state);
  if (is_old_end && half == Half::kFreeBackup && record.binding.half_left) {
    report(text_of(*before) + " leaves its half by an end of before");
  }
  if (before->duid == update.duid && is_promised_twice(before->binding, standing.now) &&
      is_end(update.status)) {
    report(text_of(*before) + " ends while somebody else may have it");
  }
  const bool knows_no_decline = latest_contact_of(update).seconds + kClockToleranceSeconds <
                                latest_contact(before->binding).seconds;
  const bool is_answered =
      kind == ChangeKind::kErase || record.binding.status != BindingStatus::kReset;
  if (before->binding.status == BindingStatus::kReset && !before->binding.from_partner &&
      is_answered && before->duid == update.duid && is_end(update.status) && knows_no_decline) {
    report(text_of(*before) + " is answered by who knows no DECLINE");
  }
  if (before->binding.status != BindingStatus::kActive) return;
  if (standing.has_lost_data) return;  // the partner knows better
  const Binding& known = before->binding;
  if (before->duid == update.duid) {
    const bool is_older =
        latest_contact(known).seconds > latest_contact_of(update).seconds + kClockToleranceSeconds;
    const bool is_untold = known.needs_update && !known.from_partner && is_older;
    const bool is_found_in_use = update.status == BindingStatus::kAbandoned;
    if (is_found_in_use && !known.from_partner && runs(known, standing.now) &&
        kind == ChangeKind::kPut &&
        WallTime(record.binding.state_expiration_time) < WallTime(known.state_expiration_time)) {
      report(text_of(record) + " is held for less than it was given for");
    }
    if (update.status == BindingStatus::kActive && is_untold && !record.binding.needs_update) {
      report(text_of(record) + " is not to be told, for the partner told what is older");
    }
    return;
  }
  const bool has_lost_it =
      kind == ChangeKind::kErase || record.binding.status != BindingStatus::kActive;
  if (!has_lost_it || !runs(known, standing.now)) return;
  if (is_end(status_of(update))) return report(text_of(*before) + " ends with another's lease");
  if (update.status != BindingStatus::kActive) return;
  const WallTime end = state_expiration_of(update);
  if (end.seconds < standing.now.seconds - kClockToleranceSeconds) {
    report(text_of(*before) + " yields to one that has run out");
  }
  const std::int64_t later =
      update.client_time.seconds - WallTime(known.start_time_of_state).seconds;
  const bool is_later = known.from_partner ? later >= 0 : later > kClockToleranceSeconds;
  if (standing.role == Role::kPrimary && !is_later) {
    report(text_of(*before) + " yields at the primary to one that was not later");
  }
}

/// a running lease goes to another client, and the one who loses it keeps its time.
void RecordChecker::check_lost(const LeaseRecord& record, ChangeKind kind,
                               const LeaseRecord* before, const LeaseUpdate& update,
                               const Standing& standing, const Report& report) {
  if (record.duid != update.duid) {
    const bool is_lost =
        before != nullptr && kind == ChangeKind::kErase && update.status == BindingStatus::kActive;
    lost_until_ = is_lost && runs(before->binding, standing.now)
                      ? WallTime(before->binding.state_expiration_time)
                      : kNoTime;
    lost_ = record.binding.lease();
    return;
  }
  if (std::exchange(lost_until_, kNoTime) <= WallTime(record.binding.expiration_time)) return;
  if (kind == ChangeKind::kPut && record.binding.lease() == lost_) {
    report(text_of(record) + " is not kept for as long as its loser was told");
  }
}

void RecordChecker::by_ack(const LeaseRecord& record, const LeaseRecord* before,
                           const LeaseAck& ack, const Report& report) {
  if (before == nullptr || !before->binding.needs_update || record.binding.needs_update) return;
  const Binding& known = before->binding;
  const bool is_of_it =
      ack.status == known.status && (known.status != BindingStatus::kActive ||
                                     ack.partner_lifetime_sent >= WallTime(known.partner_lifetime));
  if (!is_of_it) report(text_of(*before) + " is known by the ack of an older version");
}

void RecordChecker::told(const LeaseRecord& record, Lifetime t1, Lifetime valid, Lifetime desired,
                         WallTime now, const Report& report) {
  const Binding& binding = record.binding;
  const WallTime partner_lifetime = binding.partner_lifetime;
  if (!binding.needs_update && WallTime(binding.acked_partner_lifetime) < partner_lifetime) {
    report(text_of(record) + " is not to be told");
  }
  const Lifetime renewal = t1.seconds == 0 ? Lifetime{valid.seconds / 2} : std::min(t1, valid);
  const WallTime due = now + renewal + desired;
  if (partner_lifetime < due) {
    report("the partner-lifetime of " + text_of(record) + " is " +
           std::to_string(due.seconds - partner_lifetime.seconds) + " s too short");
  }
}

void RecordChecker::refused(const LeaseRecord* before, const LeaseUpdate& update, bool is_held,
                            const Report& report) {
  if (before == nullptr) {
    if (update.status == BindingStatus::kActive && !is_held) {
      report(update.lease.to_string() + ", which nobody has here, is refused");
    }
    return;
  }
  const Binding& known = before->binding;
  if (known.promised_twice) return;
  const bool is_said = known.status == status_of(update) || !holds_its_lease(known.status);
  const bool is_repeat = known.from_partner && is_said && is_end(update.status) &&
                         update.status != BindingStatus::kReset && !update.client_time.is_none() &&
                         WallTime(known.partner_raw_clt_time) == update.client_time;
  if (is_repeat && !is_held) report(text_of(*before) + " is refused when it is told again");
  const bool is_later =
      latest_contact_of(update).seconds > latest_contact(known).seconds + kClockToleranceSeconds;
  if (known.status == BindingStatus::kActive && update.status == BindingStatus::kAbandoned &&
      is_later) {
    report(text_of(*before) + " outlasts a later DECLINE");
  }
}

void RecordChecker::look(const LeaseRecord& record, const Standing& standing,
                         const Report& report) {
  if (!standing.partner_down_since || !has_ended(record.binding.status)) return;
  const WallTime since = std::max(*standing.partner_down_since, standing.declared_at);
  const WallTime from = promised_until(record.binding, since) + standing.greatest_mclt;
  if (standing.now.seconds > from.seconds + kOverdueSeconds) {
    report(text_of(record) + " could be free for " +
           std::to_string(standing.now.seconds - from.seconds) + " s");
  }
}

bool RecordChecker::is_untold(const LeaseRecord& record) const {
  return untold_since_.contains(key_of(record.binding.lease(), record.duid));
}

void RecordChecker::is_told(const LeaseUpdate& update) {
  untold_since_.erase(key_of(update.lease, update.duid));
}

void RecordChecker::partner_hears(bool does, std::uint32_t window, Lifetime rescan, Milliseconds at,
                                  const Report& report) {
  if (!does || window < kRoomyWindow) {
    hears_since_ = -1;
    return;
  }
  if (hears_since_ < 0) hears_since_ = at;
  // What was left out for what the partner told meanwhile goes with a scan.
  const Milliseconds limit = kUntoldMs + 2000 * static_cast<Milliseconds>(rescan.seconds);
  for (const auto& [lease, since] : untold_since_) {
    if (at > std::max(since, hears_since_) + limit) report(lease + " is told to nobody");
  }
}

}  // namespace tandem6::simulation
