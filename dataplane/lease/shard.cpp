#include "dataplane/lease/shard.h"

#include <algorithm>
#include <cstring>

#include "dataplane/lease/prefetch.h"
#include "dataplane/lease/shard_impl.h"

namespace tandem6 {

namespace {

constexpr std::size_t kChangesPerStep = 3;

BindingIndex binding_of(std::uint32_t member) noexcept {
  static_assert(BitmapTree::kNone == kNoBinding);
  return member;
}

bool is_same(const Binding& binding, IaType type, Iaid iaid, const Ipv6Prefix& lease) noexcept {
  return binding.ia_type == type && binding.iaid == iaid && binding.lease() == lease;
}

}  // namespace

std::uint64_t Shard::Impl::client_hash_of(const Binding& binding) const noexcept {
  return key.hash(duid_of(binding).bytes());
}

/// Out of the list it stands in, if any.
void Shard::Impl::detach(BindingIndex index) noexcept {
  Binding& binding = slab[index];
  switch (list_kind_of(binding)) {
    case ListKind::kNone:
      return;
    case ListKind::kTimer:
      wheel.remove(index);
      break;
    case ListKind::kHistory:
      history.remove(index);
      break;
  }
  set_list_kind(binding, ListKind::kNone);
}

void Shard::Impl::erase(BindingIndex index) noexcept {
  Binding& binding = slab[index];
  T6_CHECK(slab.is_live(index) && !binding.claimed);
  erase_client(index);
  leases.erase(lease_hash(binding.lease()), index,
               [&](BindingIndex other) { return lease_hash(slab[other].lease()); });
  detach(index);
  leave_sets(index);
  attributes.free(binding.attributes, tail_size_of(binding));
  slab.give(index);
}

/// What the change means for the index on disk, and the note in the binding that it was told.
DirtyIndex dirty_transition(Binding& binding, ChangeKind kind) noexcept {
  const bool was_indexed = binding.dirty_indexed;
  binding.dirty_indexed = kind == ChangeKind::kPut && binding.needs_update;
  if (was_indexed == binding.dirty_indexed) return DirtyIndex::kKeep;
  return binding.dirty_indexed ? DirtyIndex::kAdd : DirtyIndex::kRemove;
}

std::uint64_t Shard::Impl::emit(BindingIndex index, ChangeKind kind, Urgency urgency) noexcept {
  Change* change = changes.slot();
  T6_CHECK(change != nullptr && slab.is_live(index));
  change->number = ++last_change;
  change->kind = kind;
  change->urgency = urgency;
  change->dirty_index = dirty_transition(slab[index], kind);
  change->binding = slab[index];
  change->duid = duid_of(slab[index]);
  change->set_attributes(kind == ChangeKind::kPut ? attributes_of(slab[index])
                                                  : BindingAttributes{});
  changes.publish();
  slab[index].half_left = false;  // the change says so
  if (kind == ChangeKind::kPut) note_put(index);
  return last_change;
}

void Shard::Impl::leave_sets(BindingIndex index) noexcept {
  if (!dirty.contains(index)) return;
  dirty.erase(index);
  unsent.erase(index);
}

void Shard::Impl::note_put(BindingIndex index) noexcept {
  const Binding& binding = slab[index];
  const bool was_dirty = dirty.contains(index);
  if (!binding.needs_update) {
    leave_sets(index);
  } else {
    dirty.insert(index);
    if (!binding.update_sent) unsent.insert(index);
  }
  if (was_dirty != binding.needs_update && list_kind_of(binding) == ListKind::kHistory) {
    history.remove(index);
    history.push_back(history_list_of(binding), index);
  }
}

Shard::Shard(ShardId id, Capacity capacity, const AllocationKey& key)
    : impl_(std::make_unique<Impl>(id, capacity, key)),
      bindings_(impl_->slab.data()),
      binding_count_max_(capacity.binding_count_max) {}

Shard::~Shard() = default;

ShardId Shard::id() const noexcept { return impl_->id; }

void Shard::prefetch(const ClientKey& client) const noexcept {
  impl_->clients.prefetch(client.hash);
}

void Shard::prefetch_insert(const ClientKey& client, const Ipv6Prefix& lease) const noexcept {
  impl_->clients.prefetch(client.hash);
  impl_->leases.prefetch(impl_->lease_hash(lease));
}

void Shard::prefetch_bindings(const ClientKey& client) const noexcept {
  impl_->clients.walk(client.hash, [&](BindingIndex index) {
    const auto* octets = reinterpret_cast<const std::uint8_t*>(&bindings_[index]);
    prefetch_line(octets);
    prefetch_line(octets + 64);  // 96 octets lie in two lines, wherever they begin
    return true;
  });
}

std::size_t Shard::find_client(const ClientKey& client,
                               std::span<BindingIndex> found) const noexcept {
  std::size_t count = 0;
  impl_->clients.walk(client.hash, [&](BindingIndex index) {
    if (!impl_->is_client(bindings_[index], client.duid)) return true;
    if (count < found.size()) found[count] = index;
    ++count;
    return true;
  });
  return count;
}

BindingIndex Shard::find_lease(const Ipv6Address& address,
                               std::uint8_t prefix_length) const noexcept {
  const Ipv6Prefix lease = Ipv6Prefix{address, prefix_length}.masked();
  BindingIndex best = kNoBinding;
  impl_->leases.walk(impl_->lease_hash(lease), [&](BindingIndex index) {
    const Binding& binding = bindings_[index];
    if (binding.lease() != lease) return true;
    best = index;  // of those not claimed, the newest
    return !binding.claimed;
  });
  return best;
}

Duid Shard::duid_of(const Binding& binding) const noexcept { return impl_->duid_of(binding); }

BindingAttributes Shard::attributes_of(const Binding& binding) const noexcept {
  return impl_->attributes_of(binding);
}

BindingIndex Shard::first_from(BindingIndex from) const noexcept {
  return impl_->slab.first_live_from(from, kNoBinding);
}

BindingIndex Shard::first_from(BindingIndex from, BindingIndex end) const noexcept {
  return impl_->slab.first_live_from(from, end);
}

BindingIndex Shard::place_count() const noexcept { return impl_->slab.touched_count(); }

bool Shard::has_room_for(const ClientKey& client) const noexcept {
  if (find_client(client, {}) >= kClientBindingCountMax) return false;
  return !impl_->slab.full() || impl_->oldest_to_evict(client.duid) != kNoBinding;
}

BindingIndex Shard::insert(const ClientKey& client, IaType type, Iaid iaid,
                           const Ipv6Prefix& lease) noexcept {
  Impl& impl = *impl_;
  T6_CHECK(Duid::size_fits(client.duid.size()));
  T6_CHECK(client.hash == impl.key.hash(client.duid));  // else it would never be found again
  const Ipv6Prefix masked = lease.masked();
  std::size_t client_binding_count = 0;
  impl.clients.walk(client.hash, [&](BindingIndex other) {
    if (!impl.is_client(bindings_[other], client.duid)) return true;
    T6_CHECK(!is_same(bindings_[other], type, iaid, masked));
    ++client_binding_count;
    return true;
  });
  if (client_binding_count >= kClientBindingCountMax) return kNoBinding;
  if (impl.slab.full() && !impl.evict_oldest(client.duid)) return kNoBinding;

  const BindingIndex index = impl.slab.take();
  Binding& binding = bindings_[index];
  binding.address = masked.address;
  binding.prefix_length = masked.length;
  binding.ia_type = type;
  binding.iaid = iaid;
  binding.duid_size = static_cast<std::uint8_t>(client.duid.size());
  const std::size_t inline_size = inline_size_of(client.duid.size());
  std::memcpy(binding.duid_inline.data(), client.duid.data(), inline_size);
  binding.attributes = impl.attributes.create(client.duid.subspan(inline_size));

  const bool has_tail = inline_size < client.duid.size();
  const bool stored = !has_tail || binding.attributes != kNoAttributes;
  if (stored && impl.clients.insert(client.hash, index)) {
    if (impl.leases.insert(impl.lease_hash(masked), index)) return index;
    impl.erase_client(index);
  }
  if (stored) impl.attributes.free(binding.attributes, client.duid.size() - inline_size);
  impl.slab.give(index);
  return kNoBinding;
}

void Shard::erase(BindingIndex index) noexcept { impl_->erase(index); }

bool Shard::set_attributes(BindingIndex index, const BindingAttributes& attributes) noexcept {
  Binding& binding = at(index);
  T6_CHECK(impl_->slab.is_live(index));
  const std::size_t tail_size = tail_size_of(binding);
  if (impl_->attributes.assign(binding.attributes, tail_size, attributes)) return true;
  // Nothing rather than something old.
  impl_->attributes.assign(binding.attributes, tail_size, {});
  return false;
}

void Shard::arm(BindingIndex index, WallTime now) noexcept {
  T6_CHECK(impl_->slab.is_live(index));
  impl_->detach(index);
  Binding& binding = bindings_[index];
  const WallTime deadline = impl_->wheel.due_time_of(binding);
  if (deadline.is_none() || deadline.is_infinite()) return;
  impl_->wheel.insert(index, now);
  set_list_kind(binding, ListKind::kTimer);
}

void Shard::arm(BindingIndex index, WallTime deadline, WallTime now) noexcept {
  Binding& binding = at(index);
  T6_CHECK(binding.status != BindingStatus::kActive);
  binding.state_expiration_time = deadline;
  arm(index, now);
}

void Shard::disarm(BindingIndex index) noexcept {
  T6_CHECK(impl_->slab.is_live(index));
  impl_->detach(index);
}

std::size_t Shard::expire(WallTime now, std::size_t budget, ExpiryCallback callback,
                          void* context) {
  Impl& impl = *impl_;
  std::size_t steps = 2 * budget + 64;
  std::size_t count = 0;
  while (count < budget) {
    const BindingIndex index = impl.wheel.pop_due(now, steps);
    if (index == kNoBinding) break;
    Binding& binding = bindings_[index];
    set_list_kind(binding, ListKind::kNone);
    ++count;
    callback(context, index);
    // A binding in no list, yet with an end, would live for ever.
    const WallTime deadline = impl.wheel.due_time_of(binding);
    T6_CHECK(!impl.slab.is_live(index) || list_kind_of(binding) != ListKind::kNone ||
             deadline.is_none() || deadline.is_infinite());
  }
  return count;
}

void Shard::set_mclt(Lifetime mclt) noexcept { impl_->wheel.set_mclt(mclt); }

bool Shard::has_due(WallTime now) const noexcept { return impl_->wheel.has_due(now); }

std::size_t Shard::change_room() noexcept { return impl_->changes.room() / kChangesPerStep; }

std::uint64_t Shard::emit(BindingIndex index, ChangeKind kind, Urgency urgency) noexcept {
  return impl_->emit(index, kind, urgency);
}

std::uint64_t Shard::last_change() const noexcept { return impl_->last_change; }

SpscRing<Change>& Shard::changes() noexcept { return impl_->changes; }

BindingIndex Shard::first_unsent_from(BindingIndex from) const noexcept {
  return binding_of(impl_->unsent.find_next(from));
}
BindingIndex Shard::first_dirty_from(BindingIndex from) const noexcept {
  return binding_of(impl_->dirty.find_next(from));
}
bool Shard::is_unsent(BindingIndex index) const noexcept { return impl_->unsent.contains(index); }

void Shard::mark_sent(BindingIndex index) noexcept {
  at(index).update_sent = true;
  impl_->unsent.erase(index);
}

void Shard::resend_all_dirty() noexcept { impl_->unsent.insert_all(impl_->dirty); }

void Shard::note_restored(BindingIndex index) noexcept {
  T6_CHECK(impl_->slab.is_live(index));
  if (!at(index).needs_update) return;
  impl_->dirty.insert(index);
  impl_->unsent.insert(index);
}

void Shard::set_aside(BindingIndex index) noexcept { impl_->leave_sets(index); }

std::uint32_t Shard::binding_count() const noexcept { return impl_->slab.count(); }

}  // namespace tandem6
