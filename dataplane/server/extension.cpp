#include "dataplane/server/extension.h"

#include <algorithm>

#include "dataplane/lease/lead_time.h"
#include "dataplane/lease/lease_rules.h"
#include "dataplane/server/entitlement.h"
#include "dataplane/server/lease_choice.h"
#include "dataplane/server/lease_search.h"

namespace tandem6 {

namespace {

Decision run_out(const Exchange& exchange, BindingIndex index) noexcept {
  Decision decision = extend(exchange, index);
  decision.effect = Effect::kNone;
  decision.extended = false;
  decision.preferred = Lifetime{0};
  const Lifetime left = time_left(exchange.shard.at(index).state_expiration_time, exchange.now);
  // infinity, given before there was a partner, is not said again.
  decision.valid = exchange.rules.has_partner ? std::min(left, kFailoverLifetimeMax) : left;
  return decision;
}

/// The lease belongs on another link than this one. What lies on no link of ours may be another
/// server's for this very link (RFC 6853 section 6): of that we know nothing.
bool is_foreign(const Exchange& exchange, const IaView& ia, const Ipv6Prefix& lease) noexcept {
  return !exchange.link->fits(ia.type, lease) && exchange.service.fits_any_link(ia.type, lease);
}

/// Another client holds it here; were this one left in the belief that it has it, both would.
bool is_held_by_another(const Exchange& exchange, const IaView& ia,
                        const Ipv6Prefix& lease) noexcept {
  for (const BindingIndex index : exchange.bindings()) {
    const Binding& binding = exchange.shard.at(index);
    if (binding.claimed && binding.ia_type == ia.type && binding.lease() == lease) return false;
  }
  Pools& pools = exchange.service.pools();
  if (ia.type == IaType::kNonTemporaryAddress) {
    return pools.claims().holder(lease.address) != kNoShard;
  }
  const Link& link = *exchange.link;
  for (PoolIndex i = 0; i < link.prefix_pool_count; ++i) {
    const PrefixPool& pool = pools.prefix_pool(static_cast<PoolIndex>(link.first_prefix_pool + i));
    if (pool.contains(lease)) return pool.holder(lease) != kNoShard;
  }
  return false;
}

}  // namespace

bool extend_bindings(Exchange& exchange, const IaView& ia) noexcept {
  bool any = false;
  for (const BindingIndex index : exchange.bindings()) {
    const Binding& binding = exchange.shard.at(index);
    if (!exchange.is_of(binding, ia) || !is_running(binding, exchange.now)) continue;
    any = true;
    // F-337: only what the RENEW names may change.
    if (!exchange.rules.may_allocate && !lists(ia, binding.lease())) continue;
    if (!exchange.fits_link(binding)) {
      exchange.plan.add(Decision::withdrawn(binding.lease()));
    } else if (!may_keep(exchange, ia, binding)) {
      exchange.plan.add(run_out(exchange, index));
    } else {
      exchange.plan.add(extend(exchange, index));
    }
  }
  return any;
}

bool refuse_listed(Exchange& exchange, const IaView& ia, Refuse which) noexcept {
  bool any = false;
  LeaseHints hints(ia);
  LeaseHint hint;
  while (hints.next(hint) && exchange.plan.has_refusal_room()) {
    const Ipv6Prefix lease{hint.address, hint.prefix_length};
    if (hint.address.is_unspecified() || exchange.plan.mentions(lease)) continue;
    if (which == Refuse::kLost && !is_foreign(exchange, ia, lease) &&
        !is_held_by_another(exchange, ia, lease)) {
      continue;
    }
    exchange.counters.note(OddReason::kHintBad);
    exchange.plan.refuse(lease);
    any = true;
  }
  return any;
}

}  // namespace tandem6
