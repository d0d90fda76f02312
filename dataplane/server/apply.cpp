#include "dataplane/server/apply.h"

#include "dataplane/lease/lease_rules.h"
#include "dataplane/lease/partner_rules.h"
#include "dataplane/server/claims.h"
#include "dataplane/server/lease_ends.h"
#include "dataplane/server/lease_timers.h"
#include "dataplane/wire/option_table.h"

namespace tandem6 {

namespace {

/// What a later look at the lease will want to know: the client's name and where it sits.
void remember_attributes(Exchange& exchange, BindingIndex index) noexcept {
  const ParsedMessage& message = exchange.message;
  const auto kept = [](Bytes octets) {
    return octets.size() <= kAttributeSizeMax ? octets : Bytes{};
  };
  // What the server itself noted of the client stays.
  BindingAttributes attributes = exchange.shard.attributes_of(exchange.shard.at(index));
  attributes.client_fqdn = kept(message.client_fqdn);
  attributes.remote_id = {};
  attributes.interface_id = {};
  // The relay nearest the client that says it; levels further out serve other purposes.
  const auto relays = message.relays();
  for (auto level = relays.rbegin(); level != relays.rend(); ++level) {
    if (attributes.remote_id.empty()) attributes.remote_id = kept(level->remote_id);
    if (attributes.interface_id.empty()) attributes.interface_id = kept(level->interface_id);
  }
  // A full store costs the operator this information, never the client its lease.
  (void)exchange.shard.set_attributes(index, attributes);
}

void write_grant(const Exchange& exchange, const Decision& decision, Binding& binding) noexcept {
  if (!exchange.rules.has_partner) {
    grant(binding, exchange.now, decision.preferred, decision.valid);
    return;
  }
  grant_with_partner(binding, exchange.now,
                     {.preferred = decision.preferred,
                      .valid = decision.valid,
                      .desired = decision.desired,
                      .t1 = exchange.times.t1});
}

void grant_lease(Exchange& exchange, const Decision& decision) noexcept {
  Binding& binding = exchange.shard.at(decision.binding);
  write_grant(exchange, decision, binding);
  binding.pool = decision.pool;
  binding.link = exchange.link->index;
  binding.pd_excluded =
      binding.ia_type == IaType::kPrefixDelegation &&
      exchange.message.requests(static_cast<std::uint16_t>(OptionCode::kPdExclude)) &&
      exchange.excluded_from(decision.lease, decision.pool).has_value();
  if (exchange.rules.has_partner) leave_half(exchange.service, binding);
  remember_attributes(exchange, decision.binding);
  set_timer(exchange.service, exchange.rules, exchange.shard, decision.binding, exchange.now);
  exchange.shard.emit(decision.binding);
}

}  // namespace

std::uint64_t apply(Exchange& exchange) noexcept {
  const EndContext context{exchange.service, exchange.rules, exchange.shard, exchange.now};
  bool changed = false;
  for (const Decision& decision : exchange.plan.decisions()) {
    switch (decision.effect) {
      case Effect::kNone:
        continue;
      case Effect::kGrant:
        grant_lease(exchange, decision);
        break;
      case Effect::kRelease:
        end_released(context, decision.binding);
        break;
      case Effect::kDecline:
        end_declined(context, decision.binding);
        break;
      case Effect::kDiscard:
        end_discarded(context, decision.binding);
        break;
    }
    changed = true;
  }
  return changed ? exchange.shard.last_change() : 0;
}

void undo(Exchange& exchange) noexcept {
  for (const Decision& decision : exchange.plan.decisions()) {
    if (!decision.claimed_now) continue;
    Binding& binding = exchange.shard.at(decision.binding);
    release(exchange.service, {binding.ia_type, decision.lease, decision.pool},
            exchange.shard.id());
    binding.claimed = false;
    if (decision.inserted) exchange.shard.erase(decision.binding);
  }
}

}  // namespace tandem6
