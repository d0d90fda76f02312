#include "dataplane/server/lease_timers.h"

#include "dataplane/lease/lead_time.h"
#include "dataplane/server/partner_bindings.h"

namespace tandem6 {

namespace {

constexpr int kArmedAtOnceMax = 256;

/// Of an ended binding state_expiration_time is no promise to anybody but what was made of this
/// very rule before; counted in, it would move on for ever.
WallTime reuse_time(const Binding& binding, const ServingRules& rules) noexcept {
  Binding promises = binding;
  promises.state_expiration_time = kNoTime;
  return reusable_from(promises, rules.partner_down_since, rules.mclt_max);
}

bool is_reset_elsewhere(const Service& service, const ServingRules& rules,
                        const Binding& binding) noexcept {
  return rules.has_partner && half_of(service, binding) != own_half(rules.role);
}

void set_timer_of_ended(const ServingRules& rules, Shard& shard, BindingIndex index,
                        WallTime now) noexcept {
  if (!rules.has_partner) {
    shard.arm(index, now, now);  // it waited for a partner of before
  } else if (rules.is_partner_down()) {
    shard.arm(index, reuse_time(shard.at(index), rules), now);
  } else {
    shard.arm(index, kNoTime, now);
  }
}

}  // namespace

void set_timer(const Service& service, const ServingRules& rules, Shard& shard, BindingIndex index,
               WallTime now) noexcept {
  const Binding& binding = shard.at(index);
  if (has_ended(binding.status)) {
    set_timer_of_ended(rules, shard, index, now);
  } else if (binding.status == BindingStatus::kAbandoned &&
             is_reset_elsewhere(service, rules, binding)) {
    shard.disarm(index);
  } else {
    shard.arm(index, now);
  }
}

void end_wait(const Service& service, const ServingRules& rules, Shard& shard, BindingIndex index,
              WallTime now) noexcept {
  Binding& binding = shard.at(index);
  T6_CHECK(has_ended(binding.status) && binding.claimed);
  if (!rules.is_partner_down() || reuse_time(binding, rules) > now) {
    return set_timer_of_ended(rules, shard, index, now);
  }
  binding.needs_update = true;
  binding.update_sent = false;
  binding.from_partner = false;
  free_lease(service, shard, index, now, Urgency::kLazy);
}

BindingIndex arm_reuse_timers(const PartnerContext& context, BindingIndex from) noexcept {
  if (!context.rules.is_partner_down()) return kNoBinding;
  Shard& shard = context.shard;
  // What waits for an ack is dirty.
  BindingIndex index = shard.first_dirty_from(from);
  for (int n = 0; n < kArmedAtOnceMax && index != kNoBinding; ++n) {
    const Binding& binding = shard.at(index);
    if (has_ended(binding.status) && binding.claimed &&
        relationship_of(context.service, binding) == context.relationship) {
      set_timer_of_ended(context.rules, shard, index, context.now);
    }
    index = shard.first_dirty_from(index + 1);
  }
  return index;
}

}  // namespace tandem6
