// A binding that comes back from disk at start: into its shard, its claim into its pool, its timer
// into the wheel. What has expired meanwhile ends by the rules, at the worker's first turns.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/lease/shard.h"
#include "dataplane/server/service.h"

namespace tandem6 {

enum class Restored : std::uint8_t {
  kServed,
  /// It lies in no pool and is nobody's reservation today. Kept to its end and never renewed
  /// (ruling R-08).
  kUnplaced,
  /// Another binding holds the lease; this one was left out.
  kConflict,
  /// It overlaps what today's pools lease in another size or type, so that one of its addresses
  /// could be another client's; left out. The operator must decide.
  kOverlap,
  kNoMemory,  // the shard, or the table of claims, is full; left out
};

/// Before the workers start; one thread at a time for each shard (claims of several shards are
/// independent). `binding` brings what outlives a restart, `shard` is its client's home; the DUID
/// and `attributes` are copied. REQUIRES: the shard has no binding of this client, IA and lease
/// yet.
[[nodiscard]] Restored restore(const Service& service, Shard& shard, const Binding& binding,
                               const ClientKey& client, const BindingAttributes& attributes,
                               WallTime now) noexcept;

/// A block of delegable prefixes is of `half`, as the disk says: in the order of load_blocks,
/// before any binding. False, and nothing moves: it fits no pool that is shared with a partner
/// today; its record stays (R-08: if the pool comes back as it was, so does the split).
[[nodiscard]] bool restore_half(const Service& service, const Ipv6Prefix& block,
                                Half half) noexcept;

/// Fetches what `restore` of this lease will touch; some leases ahead of it, loading ten million
/// costs half.
void prefetch_restore(const Service& service, const Shard& shard, const Ipv6Prefix& lease,
                      const ClientKey& client) noexcept;

}  // namespace tandem6
