// The history of a shard: ended bindings, kept so that a client finds its old lease again, and
// which of them is forgotten when there is no room.
#include "dataplane/lease/shard_impl.h"

namespace tandem6 {

namespace {

/// Whether of two ended bindings this one is to be forgotten first.
bool goes_first(const Binding& binding, const Binding& other) noexcept {
  if (binding.needs_update != other.needs_update) return other.needs_update;
  return WallTime(binding.start_time_of_state) < WallTime(other.start_time_of_state);
}

}  // namespace

/// Erases a binding of the history, on disk too. False when the change ring has no room for that.
bool Shard::Impl::evict(BindingIndex index) noexcept {
  if (changes.room() == 0) return false;
  emit(index, ChangeKind::kErase, Urgency::kLazy);
  erase(index);
  return true;
}

/// The oldest binding of the history that is neither claimed nor of this client: the caller may be
/// about to give one of those back to it. One that is dirty only where there is no other.
/// kNoBinding when there is none.
BindingIndex Shard::Impl::oldest_to_evict(
    std::span<const std::uint8_t> spared_duid) const noexcept {
  constexpr std::size_t kLookCountMax = 2 * kClientBindingCountMax;
  for (const std::uint32_t list : {kSettledHistory, kDirtyHistory}) {
    BindingIndex index = history.first(list);
    for (std::size_t n = 0; n < kLookCountMax && index != kNoBinding; ++n) {
      const Binding& binding = slab[index];
      if (!binding.claimed && !is_client(binding, spared_duid)) return index;
      index = history.next(index);
    }
  }
  return kNoBinding;
}

bool Shard::Impl::evict_oldest(std::span<const std::uint8_t> spared_duid) noexcept {
  const BindingIndex index = oldest_to_evict(spared_duid);
  return index != kNoBinding && evict(index);
}

/// When more than `count_max` bindings of one key stand in the history, one goes: of those that are
/// not dirty (or else of all) that which ended first.
template <typename IsOfKey>
void Shard::Impl::trim_history(const BindingTable& table, std::uint64_t hash, BindingIndex newest,
                               std::size_t count_max, IsOfKey&& is_of_key) noexcept {
  std::size_t count = 0;
  BindingIndex oldest = kNoBinding;
  table.walk(hash, [&](BindingIndex index) {
    const Binding& binding = slab[index];
    if (list_kind_of(binding) != ListKind::kHistory || !is_of_key(binding)) return true;
    ++count;
    if (index == newest || binding.claimed) return true;
    if (oldest == kNoBinding || goes_first(binding, slab[oldest])) oldest = index;
    return true;
  });
  if (count > count_max && oldest != kNoBinding) static_cast<void>(evict(oldest));
}

void Shard::keep_in_history(BindingIndex index) noexcept {
  Impl& impl = *impl_;
  Binding& binding = at(index);
  T6_CHECK(impl.slab.is_live(index) && !binding.claimed);
  impl.detach(index);
  impl.history.push_back(history_list_of(binding), index);
  set_list_kind(binding, ListKind::kHistory);

  const Duid duid = impl.duid_of(binding);
  const Ipv6Prefix lease = binding.lease();
  impl.trim_history(impl.clients, impl.key.hash(duid.bytes()), index, kClientHistoryMax,
                    [&](const Binding& other) { return impl.is_client(other, duid.bytes()); });
  impl.trim_history(impl.leases, impl.lease_hash(lease), index, kLeaseHistoryMax,
                    [&](const Binding& other) { return other.lease() == lease; });
}

}  // namespace tandem6
