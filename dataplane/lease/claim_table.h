// Which leases of sparse space are taken, and by which shard: the lock-free heart of all address
// pools. One atomic 64-bit word per lease.
//
// Problem: any worker may claim any address at any time; no two may ever hold one, and no worker
// may wait for another. An open-addressed table with deletions invites the classic fault: two
// threads insert one key in two different free slots. The way out here is a claim in three steps.
//
// A key's window is 128 slots from its home on. Scanning all of them would cost sixteen cache
// lines, so each group of 16 homes keeps its *reach*: the greatest displacement from a home that
// was ever used there. It never falls. A claim then is:
//
//   0. look through the reach: TAKEN by anybody, or PENDING before any free slot: give up, nothing
//      written. This only saves work; nothing below relies on it;
//   1. raise the reach to the displacement of a free slot; put PENDING(fingerprint, shard) there;
//   2. read the reach; scan every slot within it for the same fingerprint. TAKEN: withdraw. PENDING
//      in a lower slot: withdraw. PENDING in a higher slot: knock it out (PENDING -> FREE); if that
//      fails, look again;
//   3. PENDING -> TAKEN; this fails exactly if a lower claimant has knocked us out.
//
// Why no two can be TAKEN at once. All words and reaches are sequentially consistent: every step
// has its place in one order. Suppose A (slot i) and B (slot j > i) of one key are TAKEN at a time
// t. A claimant's word stays in its slot from its step 1 to t: knocking out or withdrawing would
// have ended its claim, and a knocked-out word cannot come back, for only the shard's own thread
// writes words with its ShardId. Two cases:
//
//   - B, in its step 2, reads a reach that covers i, and then reads slot i after A's step 1. It
//     finds A's PENDING in a lower slot or A's TAKEN, and withdraws: contradiction.
//   - Otherwise B read the reach before A raised it, or read slot i before A's step 1; either way
//     B's step 1, which was earlier still, came before A's step 1. So did B's raise of the reach.
//     Hence A, in its step 2, reads a reach that covers j, and finds B's word at j. TAKEN: A
//     withdraws. PENDING: A knocks it out, and B's step 3 fails; or fails to, and finds TAKEN when
//     it looks again (the word cannot be anything else before t), and withdraws: contradiction.
//
// Claims of one key that overlap may all fail, with kContended; nobody waits, and a thread that
// sleeps in the middle of a claim hinders only claims of this one lease. A claim takes effect at
// step 3, a release at its one write. `holder` needs no second look: two different holders have a
// moment without one between them, so a scan that misses both may answer for that moment.
// tests/lease/claim_protocol_test.cpp runs these steps in every order.
//
// The key is a fingerprint: 54 bits of a keyed hash of the address; the upper bits of the same 64
// choose the home. Two addresses that collide in both are taken for one and the second is refused:
// with ten million leases the chance that there is any such pair at all is 3 in a million, it
// cannot be aimed at without the key, and the error is on the safe side (draw the next candidate).
#pragma once

#include <cstdint>
#include <memory>

#include "dataplane/lease/allocation_key.h"
#include "dataplane/wire/ipv6.h"

namespace tandem6 {

using ShardId = std::uint8_t;
inline constexpr ShardId kShardIdMax = 253;
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
  /// Memory for `lease_count_max` leases at a load of at most one half, taken when touched. Throws
  /// std::bad_alloc when the address space is exhausted.
  ClaimTable(std::uint64_t lease_count_max, const AllocationKey& key);
  ~ClaimTable();
  ClaimTable(const ClaimTable&) = delete;
  ClaimTable& operator=(const ClaimTable&) = delete;

  [[nodiscard]] ClaimResult claim(const Ipv6Address& address, ShardId shard) noexcept;
  /// REQUIRES: `shard` holds the claim (checked).
  void release(const Ipv6Address& address, ShardId shard) noexcept;
  /// The shard that holds it, or kNoShard. A pending claim does not count.
  [[nodiscard]] ShardId holder(const Ipv6Address& address) const noexcept;

  /// Starts the memory loads that a `claim` or `holder` of this address will want.
  void prefetch(const Ipv6Address& address) const noexcept;
  [[nodiscard]] std::uint64_t slot_count() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem6
