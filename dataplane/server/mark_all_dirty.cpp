// Joining a relationship: what is held here is news to the partner.
#include <algorithm>

#include "dataplane/lease/lease_rules.h"
#include "dataplane/server/lease_timers.h"
#include "dataplane/server/partner_bindings.h"

namespace tandem6 {

namespace {

constexpr BindingIndex kPlaceCountMax = 1024;  // that a call looks at

/// An ended one that a partner was told of stays told: roles may have changed and the
/// partner not, which may have given it to somebody since.
void mark_dirty(Binding& binding) noexcept {
  binding.needs_update = true;
  if (!has_ended(binding.status)) binding.update_sent = false;
  binding.acked_partner_lifetime = kNoTime;
}

}  // namespace

BindingIndex mark_all_dirty(const PartnerContext& context, BindingIndex from,
                            bool only_abandoned) noexcept {
  Shard& shard = context.shard;
  const BindingIndex place_count = shard.place_count();
  if (from >= place_count) return kNoBinding;
  const BindingIndex end = from + std::min(kPlaceCountMax, place_count - from);
  for (BindingIndex at = shard.first_from(from, end); at != kNoBinding;
       at = shard.first_from(at + 1, end)) {
    Binding& binding = shard.at(at);
    if (!holds_its_lease(binding.status) ||
        relationship_of(context.service, binding) != context.relationship) {
      continue;
    }
    if (only_abandoned && binding.status != BindingStatus::kAbandoned) continue;
    if (shard.change_room() == 0) return at;
    mark_dirty(binding);
    shard.emit(at);
  }
  return end == place_count ? kNoBinding : end;
}

}  // namespace tandem6
