// What is held here when a relationship begins anew: news to a partner that never knew of it, and
// hearsay where the database is an old copy.
#include <algorithm>

#include "dataplane/lease/lease_rules.h"
#include "dataplane/server/lease_timers.h"
#include "dataplane/server/partner_bindings.h"

namespace tandem6 {

namespace {

constexpr BindingIndex kPlaceCountMax = 1024;  // that a call looks at

/// Calls `change` with the place of each binding of the relationship that is held.
template <typename Change>
BindingIndex for_each_held(const PartnerContext& context, BindingIndex from, Change&& change) {
  Shard& shard = context.shard;
  const BindingIndex place_count = shard.place_count();
  if (from >= place_count) return kNoBinding;
  const BindingIndex end = from + std::min(kPlaceCountMax, place_count - from);
  for (BindingIndex at = shard.first_from(from, end); at != kNoBinding;
       at = shard.first_from(at + 1, end)) {
    const Binding& binding = shard.at(at);
    if (!holds_its_lease(binding.status) ||
        relationship_of(context.service, binding) != context.relationship) {
      continue;
    }
    if (shard.change_room() == 0) return at;
    change(at);
  }
  return end == place_count ? kNoBinding : end;
}

/// An ended one that a partner was told of stays told: roles may have changed and the
/// partner not, which may have given it to somebody since.
void mark_dirty(Binding& binding) noexcept {
  binding.needs_update = true;
  if (!has_ended(binding.status)) binding.update_sent = false;
  binding.acked_partner_lifetime = kNoTime;
}

/// The latest that this server can have promised since, without the partner's knowledge. Of what
/// the partner acked since it has taken a later version than ours, and tells it.
WallTime promised_since(const PartnerContext& context, const Binding& binding) noexcept {
  const WallTime known_there =
      std::max({context.now, WallTime(binding.partner_lifetime),
                WallTime(binding.acked_partner_lifetime_max), WallTime(binding.expiration_time)});
  return known_there + context.rules.mclt_max;
}

/// The half that it falls to when it ends: who may give it again.
bool falls_to_us(const PartnerContext& context, const Binding& binding) noexcept {
  const Half half =
      binding.ia_type == IaType::kPrefixDelegation ? Half::kFree : half_of(binding.address);
  return half == own_half(context.rules.role);
}

/// One whose end was told is its client's no more before the partner has answered, and then
/// for MCLT at most.
bool may_have_come_back(const PartnerContext& context, const Binding& binding) noexcept {
  const bool has_left =
      binding.status == BindingStatus::kExpired || binding.status == BindingStatus::kReleased;
  return has_left && !binding.update_sent && falls_to_us(context, binding);
}

void doubt(const PartnerContext& context, BindingIndex index) noexcept {
  Binding& binding = context.shard.at(index);
  if (may_have_come_back(context, binding)) {
    binding.status = BindingStatus::kActive;
    binding.needs_update = false;
  }
  if (binding.status == BindingStatus::kActive) {
    binding.state_expiration_time =
        std::max<WallTime>(binding.state_expiration_time, promised_since(context, binding));
  }
  binding.acked_partner_lifetime = kNoTime;
  binding.from_partner = false;
  binding.in_doubt = true;
  set_timer(context.service, context.rules, context.shard, index, context.now);
}

/// The partner has told everything that it holds, and this is not among it.
bool is_free_there_to_give(const PartnerContext& context, const Binding& binding,
                           const BlockBook& book) noexcept {
  const auto told = binding.ia_type == IaType::kPrefixDelegation
                        ? book.half_told_in_doubt(binding.lease())
                        : std::nullopt;
  return told.value_or(half_of(context.service, binding)) != own_half(context.rules.role);
}

}  // namespace

BindingIndex mark_all_dirty(const PartnerContext& context, BindingIndex from) noexcept {
  return for_each_held(context, from, [&](BindingIndex at) {
    mark_dirty(context.shard.at(at));
    context.shard.emit(at);
  });
}

BindingIndex doubt_old_copy(const PartnerContext& context, BindingIndex from) noexcept {
  return for_each_held(context, from, [&](BindingIndex at) {
    Binding& binding = context.shard.at(at);
    if (binding.status == BindingStatus::kAbandoned) {
      mark_dirty(binding);
      binding.in_doubt = true;
    } else {
      doubt(context, at);
    }
    context.shard.emit(at);
  });
}

BindingIndex settle_old_copy(const PartnerContext& context, BindingIndex from,
                             const BlockBook& book) noexcept {
  return for_each_held(context, from, [&](BindingIndex at) {
    Binding& binding = context.shard.at(at);
    if (!binding.in_doubt) return;
    binding.in_doubt = false;
    if (!context.rules.has_old_leases || binding.status == BindingStatus::kAbandoned) return;
    // Nothing is told of it: of ours another client may have been given it since, and for MCLT
    // nobody is to renew it there; of theirs the partner knows better.
    if (binding.status == BindingStatus::kActive) binding.needs_update = false;
    if (is_free_there_to_give(context, binding, book)) {
      free_lease(context.service, context.shard, at, context.now, Urgency::kLazy);
    } else {
      context.shard.emit(at);
    }
  });
}

}  // namespace tandem6
