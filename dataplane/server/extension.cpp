#include "dataplane/server/extension.h"

#include "dataplane/lease/lease_rules.h"
#include "dataplane/server/lease_choice.h"

namespace tandem6 {

namespace {

Decision zeroed(const Ipv6Prefix& lease) noexcept {
  return {.lease = lease, .extended = false, .preferred = Lifetime{0}, .valid = Lifetime{0}};
}

bool is_reserved(const Exchange& exchange, const Binding& binding) noexcept {
  const Reservations& reservations = exchange.service.reservations();
  if (reservations.empty()) return false;
  return binding.ia_type == IaType::kNonTemporaryAddress
             ? reservations.is_reserved(binding.address)
             : reservations.is_reserved(binding.lease());
}

/// A lease that has become somebody's reservation runs to its end and is not extended.
bool is_reserved_for_others(const Exchange& exchange, const Binding& binding) noexcept {
  if (!is_reserved(exchange, binding)) return false;
  const Reservation* mine =
      exchange.service.reservations().find(exchange.link->index, exchange.client.duid,
                                           exchange.client.hash, binding.ia_type, binding.iaid);
  if (mine == nullptr) return true;
  return binding.ia_type == IaType::kNonTemporaryAddress ? mine->address != binding.address
                                                         : mine->prefix != binding.lease();
}

Decision run_out(const Exchange& exchange, BindingIndex index) noexcept {
  Decision decision = extend(exchange, index);
  decision.effect = Effect::kNone;
  decision.extended = false;
  decision.preferred = Lifetime{0};
  decision.valid = time_left(exchange.shard.at(index).state_expiration_time, exchange.now);
  return decision;
}

/// True when a client on this link could have the lease: the address lies in one of its prefixes,
/// or the prefix in one of its pools or reservations.
bool fits_link(const Exchange& exchange, const IaView& ia, const Ipv6Prefix& lease) noexcept {
  if (ia.type == IaType::kNonTemporaryAddress) return exchange.link->is_on_link(lease.address);
  for (const PrefixPoolSettings& pool : exchange.link_settings().prefix_pools) {
    if (pool.prefix.contains(lease)) return true;
  }
  for (const Reservation& reservation : exchange.link_settings().reservations) {
    if (reservation.prefix && reservation.prefix->contains(lease)) return true;
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
    if (!exchange.plan.has_room()) break;
    if (!exchange.fits_link(binding)) {
      exchange.plan.add(zeroed(binding.lease()));
    } else if (is_reserved_for_others(exchange, binding)) {
      exchange.plan.add(run_out(exchange, index));
    } else {
      exchange.plan.add(extend(exchange, index));
    }
  }
  return any;
}

bool zero_listed(Exchange& exchange, const IaView& ia, ZeroWhich which) noexcept {
  bool any = false;
  LeaseHints hints(ia);
  LeaseHint hint;
  while (hints.next(hint) && exchange.plan.has_room()) {
    const Ipv6Prefix lease{hint.address, hint.prefix_length};
    if (hint.address.is_unspecified() || exchange.plan.mentions(lease)) continue;
    if (which == ZeroWhich::kForeign && fits_link(exchange, ia, lease)) continue;
    exchange.plan.add(zeroed(lease));
    any = true;
  }
  return any;
}

}  // namespace tandem6
