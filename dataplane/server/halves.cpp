#include "dataplane/server/halves.h"

#include "dataplane/lease/lease_rules.h"
#include "dataplane/server/entitlement.h"

namespace tandem6 {

namespace {

bool is_own(const ServingRules& rules, Half half) noexcept { return half == own_half(rules.role); }

bool is_other_half_due(const Exchange& exchange) noexcept {
  return exchange.now >= exchange.rules.other_half_opens();
}

/// a reserved lease is in no pool, and either server may give it. Of the other half only
/// while the partner would hear of it, or has been down long enough: were it reserved differently
/// there, its client might have it.
bool may_give_reserved(const Exchange& exchange) noexcept {
  return exchange.rules.is_in_contact || is_other_half_due(exchange);
}

/// The half that the lease will be in once it is free, whatever happened to its block.
Half half_after(const Binding& binding) noexcept {
  return binding.ia_type == IaType::kNonTemporaryAddress ? half_of(binding.address) : Half::kFree;
}

bool may_revive(const Exchange& exchange, const IaView& ia, const Binding& binding) noexcept {
  if (!exchange.rules.may_allocate) return false;
  return is_own(exchange.rules, half_after(binding)) ||
         (is_reserved_for(exchange, ia, binding.lease()) && may_give_reserved(exchange));
}

}  // namespace

bool may_give(const Exchange& exchange, const IaView& ia, const Candidate& candidate) noexcept {
  const ServingRules& rules = exchange.rules;
  if (!rules.has_partner) return true;
  if (!rules.may_allocate) return false;
  if (is_own(rules, half_of(exchange.service, candidate))) return true;
  if (is_reserved_for(exchange, ia, candidate.lease)) return may_give_reserved(exchange);
  return candidate.type == IaType::kPrefixDelegation && candidate.pool != kNoPool &&
         is_other_half_open(exchange, candidate.lease.length);
}

bool may_have_again(const Exchange& exchange, const IaView& ia, const Binding& binding) noexcept {
  const bool has_partner = exchange.rules.has_partner;
  switch (binding.status) {
    case BindingStatus::kActive:
      // Past its end it is as one that has ended, though its timer has not fired yet.
      return !has_partner || is_running(binding, exchange.now) || may_revive(exchange, ia, binding);
    case BindingStatus::kExpired:
    case BindingStatus::kReleased:
      if (!has_partner) return true;
      // What the partner has ended it may give away as soon as it has our ack.
      return !binding.update_sent && !binding.from_partner && may_revive(exchange, ia, binding);
    case BindingStatus::kFree:
    case BindingStatus::kFreeBackup:
      return may_give(exchange, ia, candidate_of(binding));
    case BindingStatus::kPendingFree:
    case BindingStatus::kAbandoned:
    case BindingStatus::kReset:
      break;
  }
  return false;
}

bool is_still_ours(const Exchange& exchange, const IaView& ia,
                   const Candidate& candidate) noexcept {
  if (!exchange.rules.has_partner || candidate.type == IaType::kNonTemporaryAddress ||
      candidate.pool == kNoPool) {
    return true;
  }
  return is_own(exchange.rules, half_of(exchange.service, candidate)) ||
         is_other_half_due(exchange) || is_reserved_for(exchange, ia, candidate.lease);
}

bool is_other_half_open(const Exchange& exchange, std::uint8_t length) noexcept {
  if (!exchange.rules.has_partner) return true;
  if (!is_other_half_due(exchange)) return false;
  const Link& link = *exchange.link;
  for (PoolIndex i = 0; i < link.prefix_pool_count; ++i) {
    const PrefixPool& pool =
        exchange.service.pools().prefix_pool(static_cast<PoolIndex>(link.first_prefix_pool + i));
    if (pool.delegated_length() == length &&
        pool.find_free(AllocationKey::Draw{}, own_half(exchange.rules.role))) {
      return false;
    }
  }
  return true;
}

}  // namespace tandem6
