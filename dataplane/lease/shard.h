// A shard: all bindings of the clients whose DUID hashes to it. One worker owns it and alone reads
// or writes it, so a binding needs neither lock nor atomics; everybody else asks that worker.
//
// Invariants:
//  - every live binding stands in the client index and in the lease index exactly once;
//  - no two live bindings of a shard have the same client, IA type, IAID and lease: on disk these
//    name the record, so the end of one would be the end of both;
//  - no two live bindings of a shard have one lease with `claimed` set; across shards the pools
//    see to it (one claim word per lease);
//  - a live binding stands in at most one list: a slot of the timer wheel (ACTIVE, ABANDONED and
//    everything else that ends by itself), or the history (ended, FREE or FREE-BACKUP, kept only so
//    that its client finds its old lease again). In none: what waits for the partner alone
//    (EXPIRED, RELEASED and RESET until they are acked; still claimed);
//  - when the slab is full the oldest binding of the history makes room, one that the partner knows
//    before one that it has still to be told of; claimed ones never do. The history also keeps no
//    more than kClientHistoryMax bindings of one client and kLeaseHistoryMax of one lease, so that
//    neither a client that invents IAIDs nor a busy lease of a small pool makes the walks long.
//    What leaves the history this way is emitted as kErase. To the partner it is no loss: a lease
//    that was free without its knowledge it keeps from all others until its own time for it is
//    over;
//  - two sets over the slab, for the partner: *dirty*, what the index of dirty bindings on disk
//    names, and of those *unsent*, what was not handed to this connection since its last change.
//    `emit`, `erase` and the functions under "For the partner" keep them. 2 bits and a 64th of that
//    for each binding, and a few nanoseconds.
// Memory is reserved at construction and taken when touched; nothing allocates later.
//
// Timers: a binding of status ACTIVE is due at end_of_active (partner_rules.h), which without a
// partner is its state_expiration_time; every other one at its state_expiration_time. Of a binding
// that has ended (EXPIRED, RELEASED, RESET) that field is a local matter, the time from which it
// may be free without the partner's ack, none outside of PARTNER-DOWN. It is never sent.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "dataplane/lease/allocation_key.h"
#include "dataplane/lease/attribute_store.h"
#include "dataplane/lease/binding.h"
#include "dataplane/lease/change.h"
#include "dataplane/lease/claim_table.h"
#include "dataplane/lease/spsc_ring.h"

namespace tandem6 {

/// A client as a packet names it: its DUID (borrowed) and AllocationKey::hash of it.
struct ClientKey {
  std::span<const std::uint8_t> duid;
  std::uint64_t hash;
};

/// What happened to a binding when its time had come; see Shard::expire.
using ExpiryCallback = void (*)(void* context, BindingIndex index);

class Shard {
 public:
  static constexpr std::size_t kClientBindingCountMax = 64;
  static constexpr std::size_t kClientHistoryMax = 16;
  static constexpr std::size_t kLeaseHistoryMax = 4;

  struct Capacity {
    std::uint32_t binding_count_max;
    std::uint32_t change_ring_size;  // power of two
  };
  /// `key` is the one that hashes every ClientKey given to this shard; copied. Throws
  /// std::bad_alloc when the address space cannot be reserved.
  Shard(ShardId id, Capacity capacity, const AllocationKey& key);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  [[nodiscard]] ShardId id() const noexcept;

  // --- Finding. A burst prefetches first, in two rounds: `prefetch` for each of its clients, then
  // `prefetch_bindings` for each, then the work.
  void prefetch(const ClientKey& client) const noexcept;
  void prefetch_bindings(const ClientKey& client) const noexcept;
  /// What an insert will touch: the places in both indexes.
  void prefetch_insert(const ClientKey& client, const Ipv6Prefix& lease) const noexcept;
  [[nodiscard]] Binding& at(BindingIndex index) noexcept {
    T6_CHECK(index < binding_count_max_);
    return bindings_[index];
  }
  [[nodiscard]] const Binding& at(BindingIndex index) const noexcept {
    T6_CHECK(index < binding_count_max_);
    return bindings_[index];
  }
  /// Fills `found` with the bindings of this client, oldest first, all IAs; returns how many there
  /// are, at most kClientBindingCountMax (more than found.size() means that the rest was left out).
  std::size_t find_client(const ClientKey& client, std::span<BindingIndex> found) const noexcept;
  /// The claimed binding of this lease, else any binding of it, else kNoBinding.
  [[nodiscard]] BindingIndex find_lease(const Ipv6Address& address,
                                        std::uint8_t prefix_length) const noexcept;
  [[nodiscard]] Duid duid_of(const Binding& binding) const noexcept;
  /// The views hold until the next attributes_of of this shard.
  [[nodiscard]] BindingAttributes attributes_of(const Binding& binding) const noexcept;
  /// Walks all live bindings in slab order from `from`; kNoBinding at the end. Costs a look at each
  /// dead binding between two live ones.
  [[nodiscard]] BindingIndex first_from(BindingIndex from) const noexcept;
  /// The same, but looks at places before `end` only: a walk in bounded pieces.
  [[nodiscard]] BindingIndex first_from(BindingIndex from, BindingIndex end) const noexcept;
  /// All live bindings stand at places before this one.
  [[nodiscard]] BindingIndex place_count() const noexcept;
  /// False when an insert for this client would find no place.
  [[nodiscard]] bool has_room_for(const ClientKey& client) const noexcept;

  // --- Changing.
  /// A new binding with client, IA and lease set and everything else at its default; kNoBinding
  /// when no room is left or the client has kClientBindingCountMax already (then the message is
  /// dropped: drop.no_memory). May take the oldest binding out of the history, never a claimed one
  /// nor one of this client, so that what find_client gave stays true. REQUIRES: no live binding of
  /// this client, IA and lease.
  [[nodiscard]] BindingIndex insert(const ClientKey& client, IaType type, Iaid iaid,
                                    const Ipv6Prefix& lease) noexcept;
  /// Takes it out of indexes and lists. REQUIRES: not claimed. Emits nothing.
  void erase(BindingIndex index) noexcept;
  /// Keeps a copy. False when the store is full or a part is too long; then none are kept.
  bool set_attributes(BindingIndex index, const BindingAttributes& attributes) noexcept;

  /// Arms (or arms anew) the timer of a binding for the time at which it is due (see the top);
  /// never or none: no timer.
  void arm(BindingIndex index, WallTime now) noexcept;
  /// Makes `deadline` its state_expiration_time, and arms it. For bindings that have ended: their
  /// time of reuse. REQUIRES: not ACTIVE, whose end is what the client was told.
  void arm(BindingIndex index, WallTime deadline, WallTime now) noexcept;
  /// Takes its timer away, or takes it out of the history: from now on it stands in no list.
  void disarm(BindingIndex index) noexcept;
  /// Moves an ended binding to the history, as its newest. May erase other ones there of the same
  /// client or the same lease (see the top). REQUIRES: not claimed.
  void keep_in_history(BindingIndex index) noexcept;
  /// The larger MCLT known of any relationship: how much longer than it knows the partner may have
  /// promised a lease. To be said before `expire`, again whenever it may have changed.
  void set_mclt(Lifetime mclt) noexcept;
  /// Calls back for each binding whose time has come (see the top), at most `budget` of them; the
  /// callback must arm it again, move it to the history, erase it, or leave it without a time for
  /// the partner to answer; and may call everything here but `expire`. Returns how many. Beside the
  /// callbacks a call moves at most 2 * budget + 64 bindings between the slots of the wheel.
  std::size_t expire(WallTime now, std::size_t budget, ExpiryCallback callback, void* context);
  /// True while `expire` would still find work at `now`: call it again before sleeping.
  [[nodiscard]] bool has_due(WallTime now) const noexcept;

  // --- Changes on their way to the committer.
  /// How many bindings may be changed now (each by any of insert, keep_in_history and one emit):
  /// test before changing anything. A third of the ring's free slots, because an insert or a move
  /// to the history may emit erasures of its own.
  [[nodiscard]] std::size_t change_room() noexcept;
  /// Emits the binding as it is now. With needs_update and without update_sent it is unsent from
  /// now on. REQUIRES: a free slot of the ring. Returns the change number.
  std::uint64_t emit(BindingIndex index, ChangeKind kind = ChangeKind::kPut,
                     Urgency urgency = Urgency::kTold) noexcept;
  /// Number of the newest emitted change; 0 before the first.
  [[nodiscard]] std::uint64_t last_change() const noexcept;
  /// The committer's end of the ring (its thread).
  [[nodiscard]] SpscRing<Change>& changes() noexcept;

  // --- For the partner.
  /// The first unsent (dirty) binding from this place on; kNoBinding: none. Constant time.
  [[nodiscard]] BindingIndex first_unsent_from(BindingIndex from) const noexcept;
  [[nodiscard]] BindingIndex first_dirty_from(BindingIndex from) const noexcept;
  [[nodiscard]] bool is_unsent(BindingIndex index) const noexcept;
  /// It was handed to the connection as it is: sets update_sent, emits nothing.
  void mark_sent(BindingIndex index) noexcept;
  /// Every dirty binding is unsent again; update_sent stays. A step for each 64 bindings of
  /// which one is dirty.
  void resend_all_dirty() noexcept;
  /// The binding came from disk, all its fields set: it is dirty, and unsent, if it needs_update.
  void note_restored(BindingIndex index) noexcept;
  /// There is no partner to tell of it: out of both sets until it changes. On disk it stays dirty.
  void set_aside(BindingIndex index) noexcept;

  [[nodiscard]] std::uint32_t binding_count() const noexcept;  // racy for others, stale is fine

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  Binding* bindings_;  // the slab, beside impl_ so that `at` is inline
  std::uint32_t binding_count_max_;
};

}  // namespace tandem6
