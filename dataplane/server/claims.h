// Claiming, testing and releasing a lease wherever its claim word lives: in an address pool, in a
// prefix pool, or (a reservation, in no pool) in the claim table itself.
#pragma once

#include "dataplane/lease/binding.h"
#include "dataplane/lease/claim_table.h"
#include "dataplane/server/service.h"

namespace tandem6 {

/// A lease and the pool that it would come from.
struct Candidate {
  IaType type;
  Ipv6Prefix lease;
  PoolIndex pool;  // kNoPool: a reservation, in no pool
};

[[nodiscard]] ClaimResult claim(const Service& service, const Candidate& candidate,
                                ShardId shard) noexcept;
/// The shard that holds it, or kNoShard.
[[nodiscard]] ShardId holder_of(const Service& service, const Candidate& candidate) noexcept;
/// REQUIRES: `shard` holds it.
void release(const Service& service, const Candidate& candidate, ShardId shard) noexcept;
/// REQUIRES: binding.claimed. Clears it.
void release_claim(const Service& service, Binding& binding, ShardId shard) noexcept;

[[nodiscard]] inline Candidate candidate_of(const Binding& binding) noexcept {
  return {binding.ia_type, binding.lease(), binding.pool};
}

/// The pool that counts this binding among its quarantined addresses while it is ABANDONED; null:
/// a prefix, or a lease in no pool.
[[nodiscard]] AddressPool* quarantine_pool(const Service& service, const Binding& binding) noexcept;

/// A prefix belongs to neither half while a client has it and comes back as the primary's, whoever
/// gave it: call it when a client gets one, or was told of by the partner. The only place
/// where a single prefix moves. Nothing for addresses, whose half is their low bit.
/// If it moves, the binding's next change tells the disk (`half_left`): emit one in the same turn.
/// REQUIRES: binding.claimed (only the holder of a prefix moves it).
void leave_half(const Service& service, Binding& binding) noexcept;

/// The half that a lease is in, or falls to when its binding ends. What is in no pool is as the
/// pools begin: by the low bit of an address, and FREE for a prefix.
[[nodiscard]] Half half_of(const Service& service, const Candidate& candidate) noexcept;
[[nodiscard]] inline Half half_of(const Service& service, const Binding& binding) noexcept {
  return half_of(service, candidate_of(binding));
}

}  // namespace tandem6
