// What a shard is made of, for shard.cpp and shard_history.cpp alone: they share its parts, and the
// small functions of the hot path are here to be inlined into both. Called by the shard's owner;
// see shard.h.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>

#include "dataplane/lease/binding_list.h"
#include "dataplane/lease/binding_slab.h"
#include "dataplane/lease/binding_table.h"
#include "dataplane/lease/bitmap_tree.h"
#include "dataplane/lease/lease_hash.h"
#include "dataplane/lease/shard.h"
#include "dataplane/lease/timer_wheel.h"
#include "dataplane/wire/check.h"

namespace tandem6 {

// The two lists of the history: what the partner knows is forgotten before what it does not.
inline constexpr std::uint32_t kSettledHistory = 0;
inline constexpr std::uint32_t kDirtyHistory = 1;

inline std::uint32_t history_list_of(const Binding& binding) noexcept {
  return binding.needs_update ? kDirtyHistory : kSettledHistory;
}

inline ListKind list_kind_of(const Binding& binding) noexcept {
  return static_cast<ListKind>(binding.list_kind);
}
inline void set_list_kind(Binding& binding, ListKind kind) noexcept {
  binding.list_kind = static_cast<std::uint8_t>(kind) & 3;
}
inline std::size_t inline_size_of(std::size_t duid_size) noexcept {
  return std::min(duid_size, Binding::kInlineDuidSize);
}
inline std::size_t tail_size_of(const Binding& binding) noexcept {
  return binding.duid_size - inline_size_of(binding.duid_size);
}

struct Shard::Impl {
  // Handles of four chunks for each binding fit 32 bits; so do list marks, which use the top bit.
  static constexpr std::uint32_t kBindingCountBound = 0x3fffffff;
  static constexpr std::uint32_t kTailChunksPerBinding = AttributeStore::kTailChunkCountMax;
  static constexpr std::uint32_t kAttributeChunksPerBinding = 2;

  static std::uint32_t checked_count(std::uint32_t binding_count_max) noexcept {
    T6_CHECK(binding_count_max != 0 && binding_count_max <= kBindingCountBound);
    return binding_count_max;
  }

  Impl(ShardId shard_id, Capacity capacity, const AllocationKey& allocation_key)
      : id(shard_id),
        key(allocation_key),
        lease_hash(allocation_key),
        slab(checked_count(capacity.binding_count_max)),
        clients(capacity.binding_count_max),
        leases(capacity.binding_count_max),
        attributes(
            capacity.binding_count_max * (kTailChunksPerBinding + kAttributeChunksPerBinding),
            capacity.binding_count_max * kTailChunksPerBinding),
        wheel(slab.data()),
        history(slab.data(), 2),
        dirty(capacity.binding_count_max, BitmapTree::Initially::kEmpty),
        unsent(capacity.binding_count_max, BitmapTree::Initially::kEmpty),
        changes(capacity.change_ring_size) {}

  ShardId id;
  AllocationKey key;
  LeaseHash lease_hash;
  BindingSlab slab;
  BindingTable clients;
  BindingTable leases;
  AttributeStore attributes;
  TimerWheel wheel;
  BindingLists history;
  BitmapTree dirty;
  BitmapTree unsent;
  SpscRing<Change> changes;
  std::uint64_t last_change = 0;
  AttributeStore::Buffer attribute_buffer;

  [[nodiscard]] bool is_client(const Binding& binding,
                               std::span<const std::uint8_t> duid) const noexcept;
  [[nodiscard]] std::uint64_t client_hash_of(const Binding& binding) const noexcept;
  [[nodiscard]] Duid duid_of(const Binding& binding) const noexcept;
  [[nodiscard]] BindingAttributes attributes_of(const Binding& binding) noexcept {
    return attributes.read_attributes(binding.attributes, tail_size_of(binding), attribute_buffer);
  }
  void detach(BindingIndex index) noexcept;
  void erase_client(BindingIndex index) noexcept {
    const auto hash_of = [&](BindingIndex other) { return client_hash_of(slab[other]); };
    clients.erase(hash_of(index), index, hash_of);
  }
  void erase(BindingIndex index) noexcept;
  bool evict(BindingIndex index) noexcept;
  [[nodiscard]] BindingIndex oldest_to_evict(
      std::span<const std::uint8_t> spared_duid) const noexcept;
  bool evict_oldest(std::span<const std::uint8_t> spared_duid) noexcept;
  void leave_sets(BindingIndex index) noexcept;
  void note_put(BindingIndex index) noexcept;
  std::uint64_t emit(BindingIndex index, ChangeKind kind, Urgency urgency) noexcept;
  template <typename IsOfKey>
  void trim_history(const BindingTable& table, std::uint64_t hash, BindingIndex newest,
                    std::size_t count_max, IsOfKey&& is_of_key) noexcept;
};

// A DUID is opaque and compared over its full length (RFC 8415 section 11).
inline bool Shard::Impl::is_client(const Binding& binding,
                                   std::span<const std::uint8_t> duid) const noexcept {
  if (binding.duid_size != duid.size()) return false;
  const std::size_t inline_size = inline_size_of(duid.size());
  if (std::memcmp(binding.duid_inline.data(), duid.data(), inline_size) != 0) return false;
  return duid.size() == inline_size ||
         attributes.tail_equals(binding.attributes, duid.subspan(inline_size));
}

inline Duid Shard::Impl::duid_of(const Binding& binding) const noexcept {
  std::array<std::uint8_t, Duid::kSizeMax> octets;
  const std::size_t inline_size = inline_size_of(binding.duid_size);
  std::memcpy(octets.data(), binding.duid_inline.data(), inline_size);
  const std::size_t tail_size = tail_size_of(binding);
  if (tail_size != 0) {
    attributes.read_tail(binding.attributes, std::span(octets).subspan(inline_size, tail_size));
  }
  return Duid(std::span(octets).first(binding.duid_size));
}

}  // namespace tandem6
