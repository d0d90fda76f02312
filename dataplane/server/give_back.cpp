#include "dataplane/server/give_back.h"

#include <algorithm>

#include "dataplane/lease/lease_rules.h"
#include "dataplane/server/claims.h"
#include "dataplane/server/lease_choice.h"
#include "dataplane/wire/pd_exclude.h"

namespace tandem6 {

namespace {

/// Of one client at a time; further declined addresses only go to the back of the queue.
constexpr std::size_t kQuarantinedPerClientMax = 3;

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

/// An excluded prefix that is not the one in the binding.
bool excludes_wrongly(const Exchange& exchange, const LeaseHint& hint,
                      const Binding& binding) noexcept {
  if (hint.pd_exclude.empty()) return false;
  if (!binding.pd_excluded) return true;
  const auto told = decode_pd_exclude(binding.lease(), hint.pd_exclude);
  return !told || told != exchange.excluded_from(binding.lease(), binding.pool);
}

/// One such makes the whole IA unknown (S-158).
bool lists_wrong_exclusion(const Exchange& exchange, const IaView& ia) noexcept {
  LeaseHints hints(ia);
  LeaseHint hint;
  while (hints.next(hint)) {
    const Ipv6Prefix lease{hint.address, hint.prefix_length};
    const BindingIndex index = running_binding_of(exchange, ia, &lease);
    if (index != kNoBinding && excludes_wrongly(exchange, hint, exchange.shard.at(index))) {
      return true;
    }
  }
  return false;
}

/// How many leases a client keeps from all others, by what it declined before and in this message.
std::size_t quarantined_count(const Exchange& exchange) noexcept {
  const auto abandoned = std::ranges::count_if(exchange.bindings(), [&](BindingIndex index) {
    return exchange.shard.at(index).status == BindingStatus::kAbandoned;
  });
  const auto planned = std::ranges::count_if(
      exchange.plan.decisions(),
      [](const Decision& decision) { return decision.effect == Effect::kDecline; });
  return static_cast<std::size_t>(abandoned + planned);
}

/// Of one client and of one pool only so many, so that nobody declines a pool empty.
bool may_quarantine(const Exchange& exchange, const Binding& binding) noexcept {
  if (quarantined_count(exchange) >= kQuarantinedPerClientMax) return false;
  const AddressPool* pool = quarantine_pool(exchange.service, binding);
  return pool == nullptr || pool->has_quarantine_room();
}

}  // namespace

void give_back(Exchange& exchange, const IaView& ia, Effect effect) noexcept {
  const OddReason not_its_own =
      effect == Effect::kRelease ? OddReason::kRelease : OddReason::kDeclineCap;
  IaPlan& plan = exchange.plan.begin_ia(ia);
  if (running_binding_of(exchange, ia, nullptr) == kNoBinding ||
      lists_wrong_exclusion(exchange, ia)) {
    exchange.counters.note(not_its_own);
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
      exchange.counters.note(not_its_own);
      continue;
    }
    if (exchange.plan.mentions(lease)) continue;
    Decision decision = extend(exchange, index);
    decision.effect = effect;
    decision.told = false;
    if (effect == Effect::kDecline && !may_quarantine(exchange, exchange.shard.at(index))) {
      exchange.counters.note(OddReason::kDeclineCap);
      decision.effect = Effect::kDiscard;
    }
    exchange.plan.add(decision);
  }
}

}  // namespace tandem6
