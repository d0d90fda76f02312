#include "dataplane/server/lease_ends.h"

#include <algorithm>

#include "dataplane/lease/lease_rules.h"
#include "dataplane/lease/partner_rules.h"
#include "dataplane/server/claims.h"
#include "dataplane/server/lease_timers.h"
#include "dataplane/server/partner_bindings.h"

namespace tandem6 {

namespace {

/// Alone: free, and remembered so that its client finds it again.
void free_at_once(const EndContext& context, BindingIndex index, BindingStatus how,
                  Urgency urgency) noexcept {
  Binding& binding = context.shard.at(index);
  end_alone(binding, how, context.now, half_of(context.service, binding));
  release_claim(context.service, binding, context.shard.id());
  context.shard.emit(index, ChangeKind::kPut, urgency);
  context.shard.keep_in_history(index);
}

/// Alone: free and forgotten.
void forget(const EndContext& context, BindingIndex index, BindingStatus how,
            Urgency urgency) noexcept {
  Binding& binding = context.shard.at(index);
  end_alone(binding, how, context.now, half_of(context.service, binding));
  release_claim(context.service, binding, context.shard.id());
  context.shard.emit(index, ChangeKind::kErase, urgency);
  context.shard.erase(index);
}

/// With a partner: over for its client, but held.
void wait_for_ack(const EndContext& context, BindingIndex index, BindingStatus how,
                  Urgency urgency) noexcept {
  end_with_partner(context.shard.at(index), how, context.now);
  set_timer(context.service, context.rules, context.shard, index, context.now);
  context.shard.emit(index, ChangeKind::kPut, urgency);
}

/// How long a declined lease is kept from all: at least as long as anybody was promised it.
Lifetime hold_of(const EndContext& context, const Binding& binding) noexcept {
  const Lifetime configured = context.service.settings().decline_hold;
  if (!is_promised_twice(binding, context.now)) return configured;
  const std::int64_t promised = WallTime(binding.expiration_time).seconds - context.now.seconds;
  return std::max(configured, Lifetime{static_cast<std::uint32_t>(promised)});
}

void keep_from_all(const EndContext& context, BindingIndex index, Lifetime hold) noexcept {
  Binding& binding = context.shard.at(index);
  if (context.rules.has_partner) {
    abandon_with_partner(binding, context.now, hold);
  } else {
    abandon(binding, context.now, hold);
  }
  AddressPool* const pool = quarantine_pool(context.service, binding);
  if (pool != nullptr) pool->enter_quarantine(context.shard.id());
  set_timer(context.service, context.rules, context.shard, index, context.now);
  context.shard.emit(index);
}

void leave_quarantine(const EndContext& context, BindingIndex index) noexcept {
  AddressPool* const pool = quarantine_pool(context.service, context.shard.at(index));
  if (pool != nullptr) pool->leave_quarantine(context.shard.id());
}

void end_hold(const EndContext& context, BindingIndex index) noexcept {
  if (!context.rules.has_partner) {
    leave_quarantine(context, index);
    // Its last owner found it in use elsewhere: nobody is to come back to it by right.
    forget(context, index, BindingStatus::kExpired, Urgency::kLazy);
    return;
  }
  const Half half = half_of(context.service, context.shard.at(index));
  if (half != own_half(context.rules.role)) {
    // The server whose half it is resets it, and tells us.
    context.shard.arm(index, kNoTime, context.now);
    return;
  }
  leave_quarantine(context, index);
  wait_for_ack(context, index, BindingStatus::kReset, Urgency::kLazy);
}

}  // namespace

void end_released(const EndContext& context, BindingIndex index) noexcept {
  // It runs out instead: who was to yield it may have it still.
  if (is_promised_twice(context.shard.at(index), context.now)) return;
  if (context.rules.has_partner) {
    wait_for_ack(context, index, BindingStatus::kReleased, Urgency::kTold);
  } else {
    free_at_once(context, index, BindingStatus::kReleased, Urgency::kTold);
  }
}

void end_declined(const EndContext& context, BindingIndex index) noexcept {
  keep_from_all(context, index, hold_of(context, context.shard.at(index)));
}

void end_discarded(const EndContext& context, BindingIndex index) noexcept {
  if (is_promised_twice(context.shard.at(index), context.now)) return;
  if (!context.rules.has_partner) {
    forget(context, index, BindingStatus::kReleased, Urgency::kTold);
    return;
  }
  // Its hold is over before it began: RESET, which not even its client gets back, and which the ack
  // makes as if it had never been.
  abandon_with_partner(context.shard.at(index), context.now, Lifetime{0});
  wait_for_ack(context, index, BindingStatus::kReset, Urgency::kTold);
}

bool hold_what_partner_forgot(const EndContext& context, BindingIndex index) noexcept {
  Binding& binding = context.shard.at(index);
  const bool is_abandoned = binding.status == BindingStatus::kAbandoned;
  if (!is_abandoned && !has_ended(binding.status)) return false;
  if (is_promised_twice(binding, context.now) || WallTime(binding.expiration_time).is_none()) {
    return false;  // held already, or never promised there
  }
  const WallTime promised = binding.expiration_time + context.rules.mclt_max;
  if (promised <= context.now) return false;
  // Nor does the partner's word end it earlier: it may have heard of an earlier end.
  binding.expiration_time = promised;
  binding.promised_twice = true;
  const WallTime end = is_abandoned ? WallTime(binding.state_expiration_time) : kNoTime;
  const std::int64_t hold = std::max(promised, end).seconds - context.now.seconds;
  if (!is_abandoned) {
    keep_from_all(context, index, Lifetime{static_cast<std::uint32_t>(hold)});
    return true;
  }
  binding.state_expiration_time = std::max(promised, end);
  binding.needs_update = true;
  binding.update_sent = false;
  set_timer(context.service, context.rules, context.shard, index, context.now);
  context.shard.emit(index);
  return true;
}

void end_by_time(const Service& service, Shard& shard, BindingIndex index, WallTime now) noexcept {
  const Binding& binding = shard.at(index);
  const ServingRules rules = service.rules_of(relationship_of(service, binding));
  const EndContext context{service, rules, shard, now};
  if (binding.status == BindingStatus::kAbandoned) {
    end_hold(context, index);
  } else if (!rules.has_partner) {
    // One that waited for a partner of before is free as well.
    const auto end = binding.status == BindingStatus::kReset ? forget : free_at_once;
    end(context, index, BindingStatus::kExpired, Urgency::kLazy);
  } else if (binding.status == BindingStatus::kActive) {
    wait_for_ack(context, index, BindingStatus::kExpired, Urgency::kLazy);
  } else {
    end_wait(service, rules, shard, index, now);
  }
}

}  // namespace tandem6
