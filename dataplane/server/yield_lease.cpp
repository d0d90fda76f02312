// The half of an update that another shard has to do: its client loses the lease.
#include "dataplane/lease/conflict.h"
#include "dataplane/lease/lease_rules.h"
#include "dataplane/server/partner_bindings.h"

namespace tandem6 {

UpdateOutcome yield_lease(const PartnerContext& context, const LeaseUpdate& update) noexcept {
  Shard& shard = context.shard;
  const PlacementResult placed = place_update(context, update);
  UpdateOutcome outcome;
  if (!placed.placement) {
    outcome.verdict = {StatusCode::kConfigurationConflict, placed.refusal};
    return outcome;
  }
  const BindingIndex holder = find_holder(shard, update.lease);
  if (holder == kNoBinding) {
    // Over meanwhile; or held for a lease of another size that overlaps it.
    if (holder_of(context.service, placed.placement->candidate) == shard.id()) {
      outcome.verdict = {StatusCode::kConfigurationConflict,
                         "A lease of another size overlaps it here"};
    }
    return outcome;
  }
  const Binding& binding = shard.at(holder);
  const Judgement judgement = judge({.binding = &binding, .is_same_client = false}, update,
                                    context.rules.role_as_judge(), context.now);
  if (judgement != Judgement::kTake) return refuse(context, holder, judgement);
  outcome.promised_until = promised_until(binding, context.now);
  if (is_running(binding, context.now)) {
    outcome.verdict.reason = "Another client had the lease here and has lost it";
  }
  outcome.change_number = forget_loser(context.service, shard, holder);
  return outcome;
}

}  // namespace tandem6
