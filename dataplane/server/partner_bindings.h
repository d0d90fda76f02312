// What the parts of the partner's side of a shard have in common: whose a binding is, where a lease
// of an update stands, and the end of a lease that nobody waits for any longer. For
// partner_updates.h's sources and lease_timers.cpp only; the shard's worker.
#pragma once

#include <optional>

#include "dataplane/lease/conflict.h"
#include "dataplane/server/claims.h"
#include "dataplane/server/partner_updates.h"

namespace tandem6 {

/// The relationship whose partner is told of this binding: that of its link. One that lies on no
/// link of today's is still the business of a partner that may know of it; which one it was
/// nobody knows any more, so it is the first.
[[nodiscard]] RelationshipIndex relationship_of(const Service& service,
                                                const Binding& binding) noexcept;

/// A client's lease as updates and acks name it; borrows the DUID.
struct LeaseName {
  std::span<const std::uint8_t> duid;
  IaType type;
  Iaid iaid;
  Ipv6Prefix lease;
};
[[nodiscard]] inline LeaseName name_of(const LeaseUpdate& update) noexcept {
  return {update.duid.bytes(), update.ia_type, update.iaid, update.lease};
}

/// The binding of exactly this name; kNoBinding: none.
[[nodiscard]] BindingIndex find_exactly(const Service& service, const Shard& shard,
                                        const LeaseName& name) noexcept;
/// The binding of this shard that holds the lease, of whatever client; kNoBinding: none.
[[nodiscard]] BindingIndex find_holder(const Shard& shard, const Ipv6Prefix& lease) noexcept;

/// The lease that an update is about, as the configuration knows it.
struct Placement {
  PoolIndex link = kNoPool;
  Candidate candidate;
};
/// The first task with an update (7.5.4; ): on refusal `refusal` says why.
struct PlacementResult {
  std::optional<Placement> placement;
  const char* refusal = "";
};
[[nodiscard]] PlacementResult place_update(const PartnerContext& context,
                                           const LeaseUpdate& update) noexcept;

/// What the judgement of an update comes to when it is not taken; tells the known binding, where
/// there is one, that the partner is to be told of it (F-247 to F-249).
[[nodiscard]] UpdateOutcome refuse(const PartnerContext& context, BindingIndex known,
                                   Judgement judgement) noexcept;

/// The claimed binding becomes free for good: claim released, emitted with this urgency, and kept
/// in the history, or forgotten where nobody is to come back to it. Returns the change's number.
std::uint64_t free_lease(const Service& service, Shard& shard, BindingIndex index, WallTime now,
                         Urgency urgency) noexcept;

/// until when the client of a binding that is to give way, or one that had the lease before
/// it, may believe that it has it. kNoTime: nobody does.
[[nodiscard]] WallTime promised_until(const Binding& loser, WallTime now) noexcept;

/// The claimed binding of a client that has lost its lease to another one is over and forgotten, so
/// that its client is told so when it comes. Returns the change's number.
std::uint64_t forget_loser(const Service& service, Shard& shard, BindingIndex index) noexcept;

}  // namespace tandem6
