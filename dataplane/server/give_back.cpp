#include "dataplane/server/give_back.h"

#include <algorithm>

#include "dataplane/lease/lease_rules.h"
#include "dataplane/server/lease_choice.h"
#include "dataplane/wire/pd_exclude.h"

namespace tandem6 {

namespace {

BindingIndex running_binding_of(const Exchange& exchange, const IaView& ia,
                                const Ipv6Prefix* lease) noexcept {
  for (const BindingIndex index : exchange.bindings()) {
    const Binding& binding = exchange.shard.at(index);
    if (exchange.is_of(binding, ia) && exchange.fits_link(binding) &&
        is_running(binding, exchange.now) && (lease == nullptr || binding.lease() == *lease)) {
      return index;
    }
  }
  return kNoBinding;
}

/// An excluded prefix that is not the one in the binding makes the whole IA unknown (S-158).
bool excludes_wrongly(const Exchange& exchange, const LeaseHint& hint,
                      const Binding& binding) noexcept {
  if (hint.pd_exclude.empty()) return false;
  if (binding.pool == kNoPool) return true;
  const PrefixPoolSettings& pool =
      exchange.link_settings()
          .prefix_pools[static_cast<std::size_t>(binding.pool - exchange.link->first_prefix_pool)];
  if (!pool.excluded_length) return true;
  const auto told = decode_pd_exclude(binding.lease(), hint.pd_exclude);
  return told != Ipv6Prefix{binding.address, *pool.excluded_length};
}

}  // namespace

void give_back(Exchange& exchange, const IaView& ia, Effect effect) noexcept {
  IaPlan& plan = exchange.plan.begin_ia(ia);
  if (running_binding_of(exchange, ia, nullptr) == kNoBinding) {
    plan.set_status(StatusCode::kNoBinding);
    return;
  }
  plan.left_out = true;
  LeaseHints hints(ia);
  LeaseHint hint;
  while (hints.next(hint) && exchange.plan.has_room()) {
    const Ipv6Prefix lease{hint.address, hint.prefix_length};
    const BindingIndex index = running_binding_of(exchange, ia, &lease);
    if (index == kNoBinding) {
      exchange.counters.note(OddReason::kRelease);
      continue;
    }
    if (exchange.plan.mentions(lease)) continue;
    if (excludes_wrongly(exchange, hint, exchange.shard.at(index))) {
      plan.left_out = false;
      plan.set_status(StatusCode::kNoBinding);
      continue;
    }
    Decision decision = extend(exchange, index);
    decision.effect = effect;
    decision.told = false;
    exchange.plan.add(decision);
  }
}

}  // namespace tandem6
