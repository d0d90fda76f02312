#include "dataplane/server/restore.h"

#include "dataplane/lease/lease_rules.h"
#include "dataplane/server/claims.h"
#include "dataplane/server/lease_timers.h"
#include "dataplane/server/partner_bindings.h"

namespace tandem6 {

namespace {

/// How many leases of the length of today one of another length may cover.
constexpr int kCoveredLog2Max = 16;

/// The `n`th prefix of `length` inside of `range`.
Ipv6Prefix nth_inside(const Ipv6Prefix& range, std::uint8_t length, std::uint64_t n) noexcept {
  const unsigned shift = 128U - length;
  const std::uint64_t low = shift < 64 ? n << shift : 0;
  const std::uint64_t high = shift >= 64 ? n << (shift - 64) : shift == 0 ? 0 : n >> (64 - shift);
  return {Ipv6Address::from_halves(range.address.high() | high, range.address.low() | low), length};
}

/// A prefix lease of another length than its pool delegates today: holds, to the next start, every
/// prefix of the pool that overlaps it. False when there are too many, or some client has one.
bool hold_overlapped(PrefixPool& pool, const Ipv6Prefix& lease, ShardId shard) noexcept {
  const std::uint8_t length = pool.delegated_length();
  if (lease.length > length) {
    const Ipv6Prefix around = Ipv6Prefix{lease.address, length}.masked();
    // Another lease inside of the same prefix may have come before.
    return pool.holder(around) != kNoShard || pool.claim(around, shard) == ClaimResult::kClaimed;
  }
  const int covered_log2 = length - lease.length;
  if (covered_log2 > kCoveredLog2Max) return false;
  for (std::uint64_t n = 0; n < 1ULL << covered_log2; ++n) {
    if (pool.claim(nth_inside(lease, length, n), shard) != ClaimResult::kClaimed) return false;
  }
  return true;
}

/// Sets link and pool by today's configuration. kServed, kUnplaced or kOverlap.
Restored place(const Service& service, Binding& binding, ShardId shard) noexcept {
  const Ipv6Prefix lease = binding.lease();
  binding.link = kNoPool;
  binding.pool = kNoPool;
  const auto found = service.places().find(binding.ia_type, lease);
  const bool is_held = holds_its_lease(binding.status);
  if (!found) {
    return is_held && service.places().overlaps(lease) ? Restored::kOverlap : Restored::kUnplaced;
  }
  if (lease.length != found->delegated_length) {
    if (!is_held) return Restored::kUnplaced;
    if (found->pool == kNoPool) return Restored::kOverlap;
    return hold_overlapped(service.pools().prefix_pool(found->pool), lease, shard)
               ? Restored::kUnplaced
               : Restored::kOverlap;
  }
  binding.link = found->link;
  // A reserved address is in no pool, whoever holds it. A reserved prefix inside of a pool
  // is kept out of the pool's searches only; its word is there.
  const bool is_reserved_address = binding.ia_type == IaType::kNonTemporaryAddress &&
                                   service.reservations().is_reserved(lease.address);
  if (!is_reserved_address) binding.pool = found->pool;
  return Restored::kServed;
}

/// Shards are restored side by side, and claims of one lease that overlap in time may all fail: so
/// one of two records that claim a lease would take the other with it.
ClaimResult claim_in_the_end(const Service& service, const Candidate& candidate,
                             ShardId shard) noexcept {
  constexpr int kTryCountMax = 10000;
  ClaimResult result = ClaimResult::kContended;
  for (int n = 0; n < kTryCountMax && result == ClaimResult::kContended; ++n) {
    result = claim(service, candidate, shard);
  }
  return result;
}

/// Fields of `from` that outlive a restart, into the new binding, which has client, IA and lease.
void copy_lasting(const Binding& from, Binding& to) noexcept {
  to.start_time_of_state = from.start_time_of_state;
  to.state_expiration_time = from.state_expiration_time;
  to.client_last_transaction_time = from.client_last_transaction_time;
  to.partner_raw_clt_time = from.partner_raw_clt_time;
  to.expiration_time = from.expiration_time;
  to.partner_lifetime = from.partner_lifetime;
  to.acked_partner_lifetime = from.acked_partner_lifetime;
  to.acked_partner_lifetime_max = from.acked_partner_lifetime_max;
  to.preferred_lifetime = from.preferred_lifetime;
  to.valid_lifetime = from.valid_lifetime;
  to.status = from.status;
  to.needs_update = from.needs_update;
  to.update_sent = from.update_sent;
  to.dirty_indexed = from.needs_update;
  to.pd_excluded = from.pd_excluded;
  to.from_partner = from.from_partner;
  to.promised_twice = from.promised_twice;
  to.link = from.link;
  to.pool = from.pool;
}

/// The claimed binding has a timer again, and stands in the counts. The endpoint's state is not
/// known yet: a timer that it does not allow clears itself when it fires (lease_ends.h).
void hold_on(const Service& service, Shard& shard, BindingIndex index, WallTime now) noexcept {
  Binding& binding = shard.at(index);
  const bool has_partner = relationship_of(service, binding) != kNoRelationship;
  if (has_partner) leave_half(service, binding);
  if (has_ended(binding.status) && !has_partner) {
    shard.arm(index, now, now);  // it waited for a partner of before: free at the first turn
  } else {
    shard.arm(index, now);
  }
  AddressPool* const quarantine = quarantine_pool(service, binding);
  if (binding.status == BindingStatus::kAbandoned && quarantine != nullptr) {
    quarantine->enter_quarantine(shard.id());
  }
}

}  // namespace

Restored restore(const Service& service, Shard& shard, const Binding& binding,
                 const ClientKey& client, const BindingAttributes& attributes,
                 WallTime now) noexcept {
  Binding placed = binding;
  const Restored result = place(service, placed, shard.id());
  if (result == Restored::kOverlap) return result;
  const bool is_held = holds_its_lease(placed.status);
  if (is_held) {
    const ClaimResult claimed = claim_in_the_end(service, candidate_of(placed), shard.id());
    if (claimed == ClaimResult::kFull) return Restored::kNoMemory;
    if (claimed != ClaimResult::kClaimed) return Restored::kConflict;
  }
  placed.claimed = is_held;
  const BindingIndex index = shard.insert(client, placed.ia_type, placed.iaid, placed.lease());
  if (index == kNoBinding) {
    if (is_held) release_claim(service, placed, shard.id());
    return Restored::kNoMemory;
  }
  Binding& restored = shard.at(index);
  copy_lasting(placed, restored);
  restored.claimed = is_held;
  // A full store costs the operator this information, never the client its lease.
  (void)shard.set_attributes(index, attributes);
  if (is_held) {
    hold_on(service, shard, index, now);
  } else {
    shard.keep_in_history(index);
  }
  shard.note_restored(index);
  return result;
}

bool restore_half(const Service& service, const Ipv6Prefix& block, Half half) noexcept {
  const auto place = service.places().find(IaType::kPrefixDelegation, block);
  if (!place || place->pool == kNoPool || block.length > place->delegated_length) return false;
  if (service.link(place->link).settings->relationship == kNoRelationship) return false;
  const auto count_log2 = static_cast<unsigned>(place->delegated_length - block.length);
  service.pools()
      .prefix_pool(place->pool)
      .set_half({block.address, place->delegated_length}, count_log2, half);
  return true;
}

void prefetch_restore(const Service& service, const Shard& shard, const Ipv6Prefix& lease,
                      const ClientKey& client) noexcept {
  service.pools().claims().prefetch(lease.address);
  shard.prefetch_insert(client, lease);
}

}  // namespace tandem6
