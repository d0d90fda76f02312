#include "dataplane/server/partner_bindings.h"

#include <algorithm>
#include <array>

#include "dataplane/lease/conflict.h"
#include "dataplane/lease/lease_rules.h"
#include "dataplane/lease/partner_rules.h"

namespace tandem6 {

namespace {

constexpr const char* kElsewhere = "The lease lies in no pool of this relationship here";
constexpr const char* kOtherLength = "Prefixes of another length are delegated here";
constexpr const char* kReserved = "The lease is reserved for another client here";

PlacementResult refused(const char* why) noexcept { return {std::nullopt, why}; }

bool is_address(IaType type) noexcept { return type == IaType::kNonTemporaryAddress; }

/// the reservation of another client, or another IA.
bool is_reserved_for_another(const Service& service, PoolIndex link,
                             const LeaseUpdate& update) noexcept {
  const Reservations& reservations = service.reservations();
  const bool is_reserved = is_address(update.ia_type)
                               ? reservations.is_reserved(update.lease.address)
                               : reservations.is_reserved(update.lease);
  if (!is_reserved) return false;
  const ClientKey client = service.client_key(update.duid.bytes());
  const Reservation* const its =
      reservations.find(link, client.duid, client.hash, update.ia_type, update.iaid);
  if (its == nullptr) return true;
  return is_address(update.ia_type) ? its->address != update.lease.address
                                    : its->prefix != update.lease;
}

const char* text_of(Judgement judgement) noexcept {
  switch (judgement) {
    case Judgement::kAddressInUse:
      return "Another client has the lease here";
    case Judgement::kTooEarly:
      return "Another client was promised the lease and may have it still";
    default:
      return "What is known here is newer";
  }
}

}  // namespace

RelationshipIndex relationship_of(const Service& service, const Binding& binding) noexcept {
  if (binding.link < service.link_count()) {
    return service.link(binding.link).settings->relationship;
  }
  const bool partner_may_know =
      !WallTime(binding.partner_lifetime).is_none() || !WallTime(binding.expiration_time).is_none();
  if (!partner_may_know) return kNoRelationship;
  for (std::size_t i = 0; i < service.link_count(); ++i) {
    const RelationshipIndex relationship = service.link(i).settings->relationship;
    if (relationship != kNoRelationship) return relationship;
  }
  return kNoRelationship;
}

BindingIndex find_exactly(const Service& service, const Shard& shard,
                          const LeaseName& name) noexcept {
  std::array<BindingIndex, Shard::kClientBindingCountMax> found;
  const std::size_t count = shard.find_client(service.client_key(name.duid), found);
  for (std::size_t i = 0; i < count; ++i) {
    const Binding& binding = shard.at(found[i]);
    if (binding.ia_type == name.type && binding.iaid == name.iaid &&
        binding.lease() == name.lease) {
      return found[i];
    }
  }
  return kNoBinding;
}

BindingIndex find_holder(const Shard& shard, const Ipv6Prefix& lease) noexcept {
  const BindingIndex index = shard.find_lease(lease.address, lease.length);
  return index != kNoBinding && shard.at(index).claimed ? index : kNoBinding;
}

PlacementResult place_update(const PartnerContext& context, const LeaseUpdate& update) noexcept {
  const Service& service = context.service;
  const auto place = service.places().find(update.ia_type, update.lease);
  if (!place || service.link(place->link).settings->relationship != context.relationship) {
    return refused(kElsewhere);
  }
  if (place->delegated_length != update.lease.length || update.lease != update.lease.masked()) {
    return refused(kOtherLength);
  }
  if (update.status == BindingStatus::kActive &&
      is_reserved_for_another(service, place->link, update)) {
    return refused(kReserved);
  }
  // As `restore` has it: a reserved address is in no pool, a reserved prefix has its word there.
  const bool is_reserved_address =
      is_address(update.ia_type) && service.reservations().is_reserved(update.lease.address);
  const PoolIndex pool = is_reserved_address ? kNoPool : place->pool;
  return {Placement{place->link, {update.ia_type, update.lease, pool}}};
}

UpdateOutcome refuse(const PartnerContext& context, BindingIndex known,
                     Judgement judgement) noexcept {
  UpdateOutcome outcome;
  outcome.verdict = {.status = judgement == Judgement::kAddressInUse
                                   ? StatusCode::kAddressInUse
                                   : StatusCode::kOutdatedBindingInformation,
                     .reason = text_of(judgement)};
  Binding& binding = context.shard.at(known);
  if (judgement != Judgement::kOutdated || binding.needs_update || binding.in_doubt) return outcome;
  binding.needs_update = true;
  binding.update_sent = false;
  context.shard.emit(known, ChangeKind::kPut, Urgency::kLazy);
  outcome.answer_with_ours = true;
  return outcome;
}

std::uint64_t free_lease(const Service& service, Shard& shard, BindingIndex index, WallTime now,
                         Urgency urgency) noexcept {
  Binding& binding = shard.at(index);
  // Its last client found it in use elsewhere: nobody is to come back to it by right. The partner
  // has to know first that it is free.
  const bool is_forgotten = binding.status == BindingStatus::kReset && !binding.needs_update;
  become_free(binding, half_of(service, binding), now);
  if (binding.claimed) release_claim(service, binding, shard.id());
  if (is_forgotten) {
    const std::uint64_t number = shard.emit(index, ChangeKind::kErase, urgency);
    shard.erase(index);
    return number;
  }
  const std::uint64_t number = shard.emit(index, ChangeKind::kPut, urgency);
  shard.keep_in_history(index);
  return number;
}

WallTime promised_until(const Binding& loser, WallTime now) noexcept {
  const WallTime itself = is_running(loser, now) ? WallTime(loser.state_expiration_time) : kNoTime;
  const WallTime another =
      is_promised_twice(loser, now) ? WallTime(loser.expiration_time) : kNoTime;
  return std::max(itself, another);
}

std::uint64_t forget_loser(const Service& service, Shard& shard, BindingIndex index) noexcept {
  Binding& binding = shard.at(index);
  AddressPool* const quarantine = quarantine_pool(service, binding);
  if (binding.status == BindingStatus::kAbandoned && quarantine != nullptr) {
    quarantine->leave_quarantine(shard.id());
  }
  release_claim(service, binding, shard.id());
  const std::uint64_t number = shard.emit(index, ChangeKind::kErase, Urgency::kTold);
  shard.erase(index);
  return number;
}

}  // namespace tandem6
