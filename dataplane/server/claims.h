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

/// The half that the lease of this binding falls to when it ends.
[[nodiscard]] Half half_of(const Service& service, const Binding& binding) noexcept;

}  // namespace tandem6
