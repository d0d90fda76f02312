#include "dataplane/lease/partner_rules.h"

#include <algorithm>

#include "dataplane/lease/lead_time.h"
#include "dataplane/lease/lease_rules.h"
#include "dataplane/wire/check.h"

namespace tandem6 {

namespace {

/// EXPIRED, RELEASED, RESET: over here, and kept from all others until the partner agrees.
bool waits_for_ack(BindingStatus status) noexcept {
  return status == BindingStatus::kExpired || status == BindingStatus::kReleased ||
         status == BindingStatus::kReset;
}

bool raise(PackedTime& time, WallTime other) noexcept {
  if (other <= WallTime(time)) return false;
  time = other;
  return true;
}

/// Of what an update does not replace anyway, nothing of a former client is left.
void start_anew(Binding& binding) noexcept {
  clear_promised_times(binding);
  binding.client_last_transaction_time = kNoTime;
  binding.pd_excluded = false;
}

/// Figure 5, "always update" and "only if received > current". What was not sent is none, so that
/// time_of the binding is the time that was sent; but a partner-lifetime that we acked once
/// stays promised (R-16: waiting times use the greatest), and so does the end of a lease that the
/// client may have from us: of two answers to one REBIND it keeps whichever it likes.
void replace(Binding& binding, const LeaseUpdate& update, bool same_client) noexcept {
  const bool goes_on = same_client && binding.status == BindingStatus::kActive &&
                       status_of(update) == BindingStatus::kActive;
  const WallTime promised = goes_on ? WallTime(binding.state_expiration_time) : kNoTime;
  binding.status = status_of(update);
  binding.start_time_of_state = update.start_time_of_state;
  binding.state_expiration_time = std::max(promised, state_expiration_of(update));
  binding.partner_raw_clt_time = update.client_time;
  binding.valid_lifetime = update.valid_lifetime;
  binding.preferred_lifetime = std::min(update.preferred_lifetime, update.valid_lifetime);
  (void)raise(binding.expiration_time, update.partner_lifetime);
  (void)raise(binding.client_last_transaction_time, update.partner_raw_clt_time);
  (void)raise(binding.partner_lifetime, update.expiration_time);
  if (!holds_its_lease(binding.status)) clear_promised_times(binding);
  binding.needs_update = false;
  binding.update_sent = false;
  binding.from_partner = true;
}

/// Whether we know of a contact or of a lease time that the partner does not. It says in option 126
/// which contact of ours it knows: without looking there, each of its answers to an UPDREQALL would
/// be answered in turn.
bool says_more(const Binding& binding, const LeaseUpdate& update) noexcept {
  const WallTime known_here = latest_contact(binding);
  const WallTime known_there = std::max(update.client_time, update.partner_raw_clt_time);
  return known_here > known_there ||
         WallTime(binding.state_expiration_time) > state_expiration_of(update);
}

/// The lifetimes stay those of the later contact, which is ours.
void merge(Binding& binding, const LeaseUpdate& update) noexcept {
  if (says_more(binding, update)) binding.needs_update = true;
  const struct {
    PackedTime Binding::* time;
    WallTime sent;
  } times[] = {{&Binding::start_time_of_state, update.start_time_of_state},
               {&Binding::state_expiration_time, state_expiration_of(update)},
               {&Binding::partner_raw_clt_time, update.client_time},
               {&Binding::expiration_time, update.partner_lifetime},
               {&Binding::client_last_transaction_time, update.partner_raw_clt_time},
               {&Binding::partner_lifetime, update.expiration_time}};
  bool has_changed = false;
  for (const auto& each : times) has_changed |= raise(binding.*each.time, each.sent);
  // A merge that changes nothing leaves the version that is on its way the present one; else two
  // servers whose updates cross would send them for ever.
  if (has_changed) binding.update_sent = false;
}

/// At most one BNDUPD of a lease should be on its way; an ack that is visibly of an older
/// one must still not end the lease.
bool is_of_present_version(const Binding& binding, const LeaseAck& ack) noexcept {
  return binding.update_sent && ack.status == binding.status &&
         (ack.partner_lifetime_sent.is_none() ||
          ack.partner_lifetime_sent >= WallTime(binding.partner_lifetime));
}

}  // namespace

void grant_with_partner(Binding& binding, WallTime now, const Grant& grant) noexcept {
  tandem6::grant(binding, now, grant.preferred, grant.valid);
  (void)raise(binding.partner_lifetime,
              partner_lifetime_after(now, grant.t1, grant.valid, grant.desired));
  binding.needs_update = true;
}

void end_with_partner(Binding& binding, BindingStatus how, WallTime now) noexcept {
  T6_CHECK(waits_for_ack(how));
  enter_status(binding, how, now);
  if (how == BindingStatus::kReleased) binding.client_last_transaction_time = now;
  binding.state_expiration_time = kNoTime;
  binding.from_partner = false;
  binding.needs_update = true;
}

void abandon_with_partner(Binding& binding, WallTime now, Lifetime hold) noexcept {
  const WallTime known = latest_contact(binding);
  abandon(binding, now, hold);
  // Later than every contact known, by which an end that crosses it is judged (conflict.h); but a
  // clock that is further ahead than a partner's may be is not followed.
  const std::int64_t ahead = known.seconds - now.seconds;
  if (ahead >= 0 && ahead <= kClockToleranceSeconds) {
    binding.client_last_transaction_time = known + Lifetime{1};
  }
  binding.needs_update = true;
}

void become_free(Binding& binding, Half half, WallTime now) noexcept {
  enter_status(binding, free_status(half), now);
  clear_promised_times(binding);
  // Without a contact its time is start-time-of-state, which is of our clock now.
  if (WallTime(binding.partner_raw_clt_time).is_none()) binding.from_partner = false;
}

void take_update(Binding& binding, const LeaseUpdate& update, Judgement judgement,
                 bool same_client) noexcept {
  T6_CHECK(judgement == Judgement::kTake || (judgement == Judgement::kMerge && same_client));
  if (!same_client) start_anew(binding);
  if (judgement == Judgement::kTake) {
    replace(binding, update, same_client);
  } else {
    merge(binding, update);
  }
}

bool take_ack(Binding& binding, const LeaseAck& ack) noexcept {
  const bool is_present = is_of_present_version(binding, ack);
  if (holds_its_lease(binding.status) && ack.partner_lifetime_sent.seconds > 0) {
    binding.acked_partner_lifetime = ack.partner_lifetime_sent;
    (void)raise(binding.acked_partner_lifetime_max, ack.partner_lifetime_sent);
  }
  if (!is_present) return false;
  binding.needs_update = false;
  binding.update_sent = false;
  return waits_for_ack(binding.status);
}

void recall_promise(Binding& binding, WallTime partner_lifetime_before, Lifetime mclt) noexcept {
  if (binding.status != BindingStatus::kActive) return;
  const bool was_acked_more = WallTime(binding.partner_lifetime) > partner_lifetime_before;
  const bool was_us = binding.from_partner && WallTime(binding.client_last_transaction_time) >
                                                  WallTime(binding.partner_raw_clt_time);
  if (!was_acked_more && !was_us) return;
  (void)raise(binding.state_expiration_time, WallTime(binding.partner_lifetime) + mclt);
}

WallTime end_of_active(const Binding& binding, Lifetime mclt) noexcept {
  const WallTime end = binding.state_expiration_time;
  const WallTime promised_there =
      WallTime(binding.expiration_time).is_none() ? end : binding.expiration_time + mclt;
  const WallTime latest = std::max(end, promised_there);
  return binding.from_partner ? latest + kPartnerExpiryGrace : latest;
}

}  // namespace tandem6
