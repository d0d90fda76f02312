// A shard: all bindings of the clients whose DUID hashes to it. One worker owns it and alone reads
// or writes it, so a binding needs neither lock nor atomics; everybody else asks that worker.
//
// Invariants:
//  - every live binding stands in the client index and in the lease index exactly once;
//  - no two live bindings of a shard have one lease with `claimed` set; across shards the pools
//    see to it (one claim word per lease);
//  - a live binding stands in at most one list: a slot of the timer wheel (ACTIVE, ABANDONED and
//    everything else that ends by itself), or the history (ended, FREE or FREE-BACKUP, kept only so
//    that its client finds its old lease again);
//  - when the slab is full the oldest binding of the history makes room; ACTIVE ones never do.
// Memory is reserved at construction and taken when touched; nothing allocates later.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "dataplane/lease/binding.h"
#include "dataplane/lease/change.h"
#include "dataplane/lease/claim_table.h"
#include "dataplane/lease/spsc_ring.h"

namespace tandem6 {

/// A client as a packet names it: its DUID (borrowed) and the keyed hash of it.
struct ClientKey {
  std::span<const std::uint8_t> duid;
  std::uint64_t hash;
};

/// What is kept with a binding beside its lease; every part may be empty. Borrowed views.
struct BindingAttributes {
  std::span<const std::uint8_t> client_fqdn;  // value of option 39 as the client sent it
  std::span<const std::uint8_t> remote_id;    // RFC 4649, whole
  std::span<const std::uint8_t> interface_id;
};
inline constexpr std::size_t kAttributeSizeMax = 255;  // of each; longer ones are cut to nothing

/// What happened to a binding when its time had come; see Shard::expire.
using ExpiryCallback = void (*)(void* context, BindingIndex index);

class Shard {
 public:
  struct Capacity {
    std::uint32_t binding_count_max;
    std::uint32_t change_ring_size;  // power of two
  };
  Shard(ShardId id, Capacity capacity);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  [[nodiscard]] ShardId id() const noexcept;

  // --- Finding. No allocation; a burst prefetches first.
  void prefetch(const ClientKey& client) const noexcept;
  [[nodiscard]] Binding& at(BindingIndex index) noexcept;
  [[nodiscard]] const Binding& at(BindingIndex index) const noexcept;
  /// Fills `found` with the bindings of this client, oldest first, all IAs; returns how many there
  /// are (more than found.size() means that the rest was left out).
  std::size_t find_client(const ClientKey& client, std::span<BindingIndex> found) const noexcept;
  /// The claimed binding of this lease, else any binding of it, else kNoBinding.
  [[nodiscard]] BindingIndex find_lease(const Ipv6Address& address,
                                        std::uint8_t prefix_length) const noexcept;
  [[nodiscard]] Duid duid_of(const Binding& binding) const noexcept;
  [[nodiscard]] BindingAttributes attributes_of(const Binding& binding) const noexcept;
  /// Walks all live bindings in slab order from `from`; kNoBinding at the end.
  [[nodiscard]] BindingIndex first_from(BindingIndex from) const noexcept;

  // --- Changing.
  /// A new binding with client, IA and lease set and everything else at its default; kNoBinding
  /// when no room is left (then the message is dropped: drop.no_memory).
  [[nodiscard]] BindingIndex insert(const ClientKey& client, IaType type, Iaid iaid,
                                    const Ipv6Prefix& lease) noexcept;
  /// Takes it out of indexes and lists. REQUIRES: not claimed.
  void erase(BindingIndex index) noexcept;
  /// Keeps a copy. False when the store is full or a part is too long; then none are kept.
  bool set_attributes(BindingIndex index, const BindingAttributes& attributes) noexcept;

  /// Arms (or arms anew) the timer of a binding for its state_expiration_time; never: no timer.
  void arm(BindingIndex index, WallTime now) noexcept;
  /// Moves an ended binding to the history.
  void keep_in_history(BindingIndex index) noexcept;
  /// Calls back for each binding whose time has come, at most `budget` of them; the callback must
  /// arm it again, move it to the history or erase it. Returns how many.
  std::size_t expire(WallTime now, std::size_t budget, ExpiryCallback callback, void* context);

  // --- Changes on their way to the committer.
  /// Free slots of the change ring: test before changing anything.
  [[nodiscard]] std::size_t change_room() noexcept;
  /// Emits the binding as it is now. REQUIRES: change_room() > 0. Returns the change number.
  std::uint64_t emit(BindingIndex index, ChangeKind kind = ChangeKind::kPut) noexcept;
  /// Number of the newest emitted change; 0 before the first.
  [[nodiscard]] std::uint64_t last_change() const noexcept;
  /// The committer's end of the ring (its thread).
  [[nodiscard]] SpscRing<Change>& changes() noexcept;

  [[nodiscard]] std::uint32_t binding_count() const noexcept;  // racy for others, stale is fine

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem6
