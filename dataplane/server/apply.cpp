#include "dataplane/server/apply.h"

#include "dataplane/lease/lease_rules.h"
#include "dataplane/server/claims.h"
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

void grant_lease(Exchange& exchange, const Decision& decision) noexcept {
  Binding& binding = exchange.shard.at(decision.binding);
  grant(binding, exchange.now, decision.preferred, decision.valid);
  binding.pool = decision.pool;
  binding.link = exchange.link->index;
  binding.pd_excluded =
      binding.ia_type == IaType::kPrefixDelegation &&
      exchange.message.requests(static_cast<std::uint16_t>(OptionCode::kPdExclude)) &&
      exchange.excluded_from(decision.lease, decision.pool).has_value();
  remember_attributes(exchange, decision.binding);
  exchange.shard.arm(decision.binding, exchange.now);
  exchange.shard.emit(decision.binding);
}

void release_lease(Exchange& exchange, const Decision& decision) noexcept {
  Binding& binding = exchange.shard.at(decision.binding);
  end_alone(binding, BindingStatus::kReleased, exchange.now, half_of(exchange.service, binding));
  release_claim(exchange.service, binding, exchange.shard.id());
  exchange.shard.emit(decision.binding);
  exchange.shard.keep_in_history(decision.binding);
}

/// Nobody is to come back to it by right, and it is nobody's: it only waits behind fresh ones.
void discard_lease(Exchange& exchange, const Decision& decision) noexcept {
  Binding& binding = exchange.shard.at(decision.binding);
  end_alone(binding, BindingStatus::kReleased, exchange.now, half_of(exchange.service, binding));
  release_claim(exchange.service, binding, exchange.shard.id());
  exchange.shard.emit(decision.binding, ChangeKind::kErase);
  exchange.shard.erase(decision.binding);
}

void decline_lease(Exchange& exchange, const Decision& decision) noexcept {
  Binding& binding = exchange.shard.at(decision.binding);
  abandon(binding, exchange.now, exchange.service.settings().decline_hold);
  if (AddressPool* pool = quarantine_pool(exchange.service, binding); pool != nullptr) {
    pool->enter_quarantine(exchange.shard.id());
  }
  exchange.shard.arm(decision.binding, exchange.now);
  exchange.shard.emit(decision.binding);
}

}  // namespace

std::uint64_t apply(Exchange& exchange) noexcept {
  bool changed = false;
  for (const Decision& decision : exchange.plan.decisions()) {
    switch (decision.effect) {
      case Effect::kNone:
        continue;
      case Effect::kGrant:
        grant_lease(exchange, decision);
        break;
      case Effect::kRelease:
        release_lease(exchange, decision);
        break;
      case Effect::kDecline:
        decline_lease(exchange, decision);
        break;
      case Effect::kDiscard:
        discard_lease(exchange, decision);
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
