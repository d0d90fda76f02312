// The cells of Figure 4, by what is known here (rows) and what the partner says (columns):
//
//                    ACTIVE     EXPIRED  RELEASED  FREE/FREE-BACKUP  RESET   ABANDONED
//   ACTIVE           accept(3)  time(1)  accept*   time(1)           accept* accept
//   RESET            time(2)    accept   accept    accept            accept  accept
//   all others       accept     accept   accept    accept            accept  accept
//
//   * never ends the unexpired lease of another client
//
// What is FREE here and was another client's takes ACTIVE whatever the times, and so does what
// knows less of our own contacts than the partner does; what is in doubt here takes FREE, and
// ACTIVE over what has ended.
//
// ABANDONED against what has ended, and RESET against what knows no DECLINE: by the contacts alone,
// see judge_abandoned.
// Ties fall for the update, but for those that would take the lease of a client away.
#include "dataplane/lease/conflict.h"

#include <algorithm>
#include <optional>

#include "dataplane/lease/lease_rules.h"

namespace tandem6 {

namespace {

/// As a binding holds it: before 2000 is none, after 2136 is never. Else a repeat of an update
/// could differ from what was stored of it.
WallTime as_stored(WallTime time) noexcept { return PackedTime(time); }

enum class Order : std::uint8_t { kEarlier, kTie, kLater };

/// How a time of the update lies to one of the binding. In one clock, that of the partner, times
/// are exact and the same is as good as later: a repeat must be acked again.
Order order_of(WallTime sent, WallTime known, const Binding& binding) noexcept {
  const std::int64_t difference = sent.seconds - known.seconds;  // as stored: neither is negative
  if (binding.from_partner) return difference >= 0 ? Order::kLater : Order::kEarlier;
  if (difference > kClockToleranceSeconds) return Order::kLater;
  return difference < -kClockToleranceSeconds ? Order::kEarlier : Order::kTie;
}

/// Clearly past its end by our own clock.
bool is_over(const Binding& binding, WallTime now) noexcept {
  const WallTime end = binding.state_expiration_time;
  return now.seconds - end.seconds > kClockToleranceSeconds;
}

/// time(1). What the partner told last it may also end by the clock that it told it in: an EXPIRED
/// comes with the very second in which the lease ran out there, and would come too early here
/// wherever our clock is behind.
Judgement judge_by_end(const KnownLease& known, const LeaseUpdate& update, WallTime now) noexcept {
  const Binding& binding = *known.binding;
  if (is_over(binding, now)) return Judgement::kTake;
  if (!binding.from_partner || !known.is_same_client) return Judgement::kOutdated;
  const WallTime end = binding.state_expiration_time;
  const bool has_ended = as_stored(update.start_time_of_state) >= end || now >= end;
  return has_ended && !end.is_infinite() ? Judgement::kTake : Judgement::kOutdated;
}

WallTime latest_contact(const LeaseUpdate& update) noexcept {
  return std::max(as_stored(update.client_time), as_stored(update.partner_raw_clt_time));
}

/// Its hold is over here, and the partner has not heard of the DECLINE: taken for an answer to the
/// RESET, what it says would leave it with an address that it is about to hear is ABANDONED.
bool knows_no_decline(const Binding& binding, const LeaseUpdate& update) noexcept {
  return binding.status == BindingStatus::kReset && !binding.from_partner &&
         is_end(status_of(update)) &&
         latest_contact(update).seconds + kClockToleranceSeconds <
             tandem6::latest_contact(binding).seconds;
}

/// One server knows that the address was found in use, the other that the lease is over. Their
/// updates may cross, so both must judge alike, or each takes the other's word: whoever ended the
/// lease knowing of the DECLINE, or of a later contact, is right; else ABANDONED is. The contacts
/// decide, exactly: each was written down by one server and passed on as it is. When an end was
/// noticed, or a free lease was freed, says nothing of what its server knew.
std::optional<Judgement> judge_abandoned(const Binding& binding,
                                         const LeaseUpdate& update) noexcept {
  const WallTime said = latest_contact(update);
  const WallTime known = latest_contact(binding);
  if (binding.status == BindingStatus::kAbandoned && is_end(status_of(update))) {
    return said >= known ? Judgement::kTake : Judgement::kOutdated;
  }
  if (knows_no_decline(binding, update)) return Judgement::kOutdated;
  if (is_end(binding.status) && status_of(update) == BindingStatus::kAbandoned) {
    return said > known ? Judgement::kTake : Judgement::kOutdated;
  }
  return std::nullopt;
}

/// What the partner says of a lease of an old copy, whatever the times. What is free there may be
/// another's any moment; and what runs there has not ended here, but an address that was found in
/// use was so for its client.
bool is_settled_by(const KnownLease& known, const LeaseUpdate& update) noexcept {
  if (!holds_its_lease(status_of(update))) return known.is_same_client;
  if (status_of(update) != BindingStatus::kActive) return false;
  switch (known.binding->status) {
    case BindingStatus::kActive:
      return false;
    case BindingStatus::kAbandoned:
      return !known.is_same_client;
    default:
      return true;
  }
}

/// The partner remembers a contact of ours that is not known here: what is here is an old copy, and
/// was free when it was taken.
bool knows_forgotten_contact(const Binding& binding, const LeaseUpdate& update) noexcept {
  return status_of(update) == BindingStatus::kActive &&
         as_stored(update.partner_raw_clt_time) > latest_contact(binding);
}

/// time(2): the client was heard after the binding here entered its status.
Order contact_order(const Binding& binding, const LeaseUpdate& update) noexcept {
  const WallTime contact = as_stored(update.client_time);
  if (contact.is_none()) return Order::kEarlier;
  return order_of(contact, binding.start_time_of_state, binding);
}

/// What the partner calls ACTIVE has run out all the same: it had no contact to notice.
bool has_run_out(const LeaseUpdate& update, WallTime now) noexcept {
  const WallTime end = state_expiration_of(update);
  return !end.is_none() && !end.is_infinite() && now.seconds - end.seconds > kClockToleranceSeconds;
}

/// accept(3). A lease that has run out takes no running one away (R-29 says it of ended ones); else
/// two servers that met after a PARTNER-DOWN could hand each other their clients crosswise.
Judgement judge_two_active(const KnownLease& known, const LeaseUpdate& update, Role receiver,
                           WallTime now) noexcept {
  const Binding& binding = *known.binding;
  if (known.is_same_client) {
    const Order order = order_of(time_of(update), time_of(binding), binding);
    return order == Order::kLater ? Judgement::kTake : Judgement::kMerge;
  }
  const bool runs = !is_over(binding, now) && !binding.in_doubt;
  if (has_run_out(update, now) && runs) return Judgement::kOutdated;
  if (receiver == Role::kSecondary) return Judgement::kTake;
  return contact_order(binding, update) == Order::kLater ? Judgement::kTake
                                                         : Judgement::kAddressInUse;
}

/// What ends a lease that may be running must be later, and never ends another client's.
/// When a hold ended is no contact: the client may have been given the lease again since its
/// DECLINE, by us. So while it runs the contacts decide.
Judgement judge_given_back(const KnownLease& known, const LeaseUpdate& update,
                           WallTime now) noexcept {
  const Binding& binding = *known.binding;
  const bool runs = !is_over(binding, now);
  if (!known.is_same_client && runs) return Judgement::kOutdated;
  const bool by_contact = runs && update.status == BindingStatus::kReset;
  const WallTime said = by_contact ? latest_contact(update) : time_of(update);
  return order_of(said, time_of(binding), binding) == Order::kLater ? Judgement::kTake
                                                                    : Judgement::kOutdated;
}

Judgement judge_active(const KnownLease& known, const LeaseUpdate& update, Role receiver,
                       WallTime now) noexcept {
  const Binding& binding = *known.binding;
  switch (status_of(update)) {
    case BindingStatus::kActive:
      return judge_two_active(known, update, receiver, now);
    case BindingStatus::kExpired:
    case BindingStatus::kPendingFree:
    case BindingStatus::kFree:
    case BindingStatus::kFreeBackup:
      return judge_by_end(known, update, now);
    case BindingStatus::kReleased:
    case BindingStatus::kReset:
      return judge_given_back(known, update, now);
    case BindingStatus::kAbandoned:
      break;  // whoever found it in use, within seconds of the grant too
  }
  const Order order = order_of(time_of(update), time_of(binding), binding);
  return order == Order::kEarlier ? Judgement::kOutdated : Judgement::kTake;
}

}  // namespace

BindingStatus status_of(const LeaseUpdate& update) noexcept {
  if (update.status != BindingStatus::kPendingFree) return update.status;
  // Prefixes fall to the primary, addresses by their low bit.
  return update.ia_type == IaType::kPrefixDelegation ? BindingStatus::kFree
                                                     : free_status(half_of(update.lease.address));
}

WallTime time_of(const LeaseUpdate& update) noexcept {
  const WallTime contact = as_stored(update.client_time);
  const WallTime start = as_stored(update.start_time_of_state);
  switch (status_of(update)) {
    case BindingStatus::kActive:
    case BindingStatus::kReleased:
      return contact.is_none() ? start : contact;
    case BindingStatus::kExpired: {
      // Noticed there, perhaps of a lease that we gave: as time_of(binding) has it.
      const WallTime either = latest_contact(update);
      return either.is_none() ? start : either;
    }
    case BindingStatus::kPendingFree:
    case BindingStatus::kFree:
    case BindingStatus::kFreeBackup:
    case BindingStatus::kAbandoned:
    case BindingStatus::kReset:
      break;
  }
  return std::max(contact, start);
}

WallTime time_of(const Binding& binding) noexcept {
  // An end that was noticed here is no contact: where the partner heard the client last, that is
  // what both compare, or each would take its own word for the newer one for ever.
  const WallTime here =
      binding.from_partner ? kNoTime : WallTime(binding.client_last_transaction_time);
  const WallTime contact = std::max(here, WallTime(binding.partner_raw_clt_time));
  return contact.is_none() ? WallTime(binding.start_time_of_state) : contact;
}

WallTime latest_contact(const Binding& binding) noexcept {
  return std::max<WallTime>(binding.client_last_transaction_time, binding.partner_raw_clt_time);
}

WallTime state_expiration_of(const LeaseUpdate& update) noexcept {
  const WallTime said = as_stored(update.state_expiration_time);
  const WallTime contact = as_stored(update.client_time);
  if (update.status != BindingStatus::kActive || contact.is_none()) return said;
  return std::max(said, contact + update.valid_lifetime);
}

Judgement judge(const KnownLease& known, const LeaseUpdate& update, Role receiver,
                WallTime now) noexcept {
  if (known.binding == nullptr) return Judgement::kTake;
  const Binding& binding = *known.binding;
  if (is_end(status_of(update)) && is_promised_twice(binding, now)) return Judgement::kTooEarly;
  if (binding.in_doubt && is_settled_by(known, update)) return Judgement::kTake;
  if (binding.status == BindingStatus::kActive) return judge_active(known, update, receiver, now);
  if (const auto judgement = judge_abandoned(binding, update)) return *judgement;
  // Free here, and remembered only for another client: whoever has it since is served by a clock
  // that may have been set back.
  if (!known.is_same_client && !holds_its_lease(binding.status) &&
      update.status == BindingStatus::kActive) {
    return Judgement::kTake;
  }
  if (known.is_same_client && knows_forgotten_contact(binding, update)) return Judgement::kTake;
  const bool is_revived =
      binding.status == BindingStatus::kReset && update.status == BindingStatus::kActive;
  const Order order = is_revived ? contact_order(binding, update)
                                 : order_of(time_of(update), time_of(binding), binding);
  return order == Order::kEarlier ? Judgement::kOutdated : Judgement::kTake;
}

}  // namespace tandem6
