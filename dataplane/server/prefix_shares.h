// Who may delegate which prefixes: the pools' halves as the partners share them out by blocks (RFC
// 8156 section 4.2.2, proportional allocation; rulings ). A block is an aligned
// power of two of prefixes of one pool, named by the shorter prefix that covers them, so that a
// message of one bare IAPREFIX moves it whole.
//
// Called by the endpoint's thread; pools are lock-free, so workers go on meanwhile. What keeps a
// prefix from being given twice: only who holds a prefix writes its half. A block that moves is
// held by nobody else while it does (or it does not move); a worker first claims, then looks at the
// half, which stays as it is until the worker lets go. So a block is all of one server's, whatever
// comes in between.
//
// A single prefix that a client gets leaves its block and is FREE when it comes back (leave_half in
// claims.h): what of a block is still FREE-BACKUP, the map alone says. So what is told to the
// partner again, or stored, is what find_block finds, not the blocks that once were given.
#pragma once

#include <cstdint>
#include <optional>

#include "dataplane/lease/lease_update.h"
#include "dataplane/server/relationships.h"
#include "dataplane/server/service.h"
#include "dataplane/server/serving_rules.h"

namespace tandem6 {

/// How a pool is shared out at the moment; racy, for the balance and for people.
struct PoolShares {
  std::uint64_t free_primary = 0;    // delegable prefixes that nobody holds, FREE
  std::uint64_t free_secondary = 0;  // likewise FREE-BACKUP
};
/// Counts in the pool's map: a word for each 64 prefixes.
[[nodiscard]] PoolShares shares_of(const Service& service, PoolIndex pool) noexcept;

/// The largest block of `half`, at most `count_max` prefixes (and PrefixPool::kBlockCountMax), in
/// which nobody holds any prefix and none is reserved; the first of that size. None: the half has
/// no free prefix. REQUIRES: count_max >= 1. As costly as shares_of.
[[nodiscard]] std::optional<Ipv6Prefix> find_block(const Service& service, PoolIndex pool,
                                                   Half half, std::uint64_t count_max) noexcept;

/// Moves the block to `half`. False, with nothing changed: somebody holds a prefix in it.
/// REQUIRES: the block lies in one prefix pool and is no longer than its delegated length.
[[nodiscard]] bool move_block(const Service& service, const Ipv6Prefix& block, Half half) noexcept;

/// Whose a bare prefix is by this status (PENDING-FREE: FREE, R-33); none where it needs a client.
[[nodiscard]] std::optional<Half> half_told(BindingStatus status) noexcept;

/// Judges and applies a bare prefix of the partner: FREE-BACKUP or FREE (PENDING-FREE: FREE, R-33)
/// of a block of a pool of the relationship. Refusals: 17, not a pool of ours; 18, a status that
/// needs a client; 19, a prefix in it is held (F-174), or at a secondary in PARTNER-DOWN: what it
/// freed there without the primary's ack, and says so, has become the primary's, and the
/// primary may have said this before it heard of that.
[[nodiscard]] LeaseVerdict apply_prefix_update(const Service& service,
                                               RelationshipIndex relationship,
                                               const ServingRules& rules,
                                               const LeaseUpdate& update) noexcept;

/// The pool that a block lies in, if it belongs to the relationship.
[[nodiscard]] std::optional<PoolIndex> pool_of_block(const Service& service,
                                                     RelationshipIndex relationship,
                                                     const Ipv6Prefix& block) noexcept;

}  // namespace tandem6
