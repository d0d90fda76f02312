// Which leases of sparse space are taken, and by which shard: the lock-free heart of all address
// pools. One atomic 64-bit word per lease.
//
// Problem: any worker may claim any address at any time; no two may ever hold one, and no worker
// may wait for another. An open-addressed table with deletions invites the classic fault: two
// threads insert one key in two different free slots. The way out here is a claim in three steps:
//
//   1. put PENDING(fingerprint, shard) into a free slot of the key's window;
//   2. scan the whole window for the same fingerprint: TAKEN by another: withdraw. PENDING in a
//      lower slot: withdraw. PENDING in a higher slot: knock it out (PENDING -> FREE); if that
//      fails, look again;
//   3. PENDING -> TAKEN; this fails exactly if a lower claimant has knocked us out.
//
// Why no two can be TAKEN: of two claimants A (slot i) and B (slot j > i), either B's scan of i
// comes after A's step 1, and B withdraws; or it came before, so B's step 1 came before A's too,
// and A's scan meets B at j: knocks it out, or finds it TAKEN and withdraws. All words are
// sequentially consistent. No step waits; a claim may fail for contention only (kContended).
//
// The key is a fingerprint: 54 bits of a keyed hash of the address, on top of the window's
// position. Two addresses that collide in both (for ten million leases a chance of about 10^-9) are
// taken for one: the second is refused. The error is always on the safe side.
#pragma once

#include <cstdint>

#include "dataplane/lease/allocation_key.h"
#include "dataplane/wire/ipv6.h"

namespace tandem6 {

/// 0..253.
using ShardId = std::uint8_t;
inline constexpr ShardId kNoShard = 0xff;

enum class ClaimResult : std::uint8_t {
  kClaimed,
  kTaken,      // held, by another shard or by this one
  kContended,  // another shard is claiming this very lease now; draw the next candidate
  kFull,       // no slot in the window
};

/// All functions lock-free, any thread; one thread per ShardId at a time.
class ClaimTable {
 public:
  /// Memory for `lease_count_max` leases at a load of at most one half, taken when touched.
  ClaimTable(std::uint64_t lease_count_max, const AllocationKey& key);
  ~ClaimTable();
  ClaimTable(const ClaimTable&) = delete;
  ClaimTable& operator=(const ClaimTable&) = delete;

  [[nodiscard]] ClaimResult claim(const Ipv6Address& address, ShardId shard) noexcept;
  /// REQUIRES: `shard` holds the claim.
  void release(const Ipv6Address& address, ShardId shard) noexcept;
  /// The shard that holds it, or kNoShard. A pending claim does not count.
  [[nodiscard]] ShardId holder(const Ipv6Address& address) const noexcept;

  /// Starts the memory loads that a `claim` or `holder` of this address will want.
  void prefetch(const Ipv6Address& address) const noexcept;
  [[nodiscard]] std::uint64_t slot_count() const noexcept;

 private:
  struct Impl;
  Impl* impl_;
};

}  // namespace tandem6
