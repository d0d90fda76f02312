#include "dataplane/server/claims.h"

namespace tandem6 {

namespace {

bool is_address(IaType type) noexcept { return type == IaType::kNonTemporaryAddress; }

}  // namespace

ClaimResult claim(const Service& service, const Candidate& candidate, ShardId shard) noexcept {
  Pools& pools = service.pools();
  // A reserved prefix outside of every pool has a word too, that of its first address (which is
  // never leased): a reservation may pass to another client while its lease still runs.
  if (candidate.pool == kNoPool) return pools.claims().claim(candidate.lease.address, shard);
  if (!is_address(candidate.type)) {
    return pools.prefix_pool(candidate.pool).claim(candidate.lease, shard);
  }
  return pools.address_pool(candidate.pool).claim(candidate.lease.address, shard);
}

ShardId holder_of(const Service& service, const Candidate& candidate) noexcept {
  Pools& pools = service.pools();
  if (candidate.pool != kNoPool && !is_address(candidate.type)) {
    return pools.prefix_pool(candidate.pool).holder(candidate.lease);
  }
  return pools.claims().holder(candidate.lease.address);
}

void release(const Service& service, const Candidate& candidate, ShardId shard) noexcept {
  Pools& pools = service.pools();
  if (candidate.pool == kNoPool) {
    pools.claims().release(candidate.lease.address, shard);
  } else if (!is_address(candidate.type)) {
    pools.prefix_pool(candidate.pool).release(candidate.lease, shard);
  } else {
    pools.address_pool(candidate.pool).release(candidate.lease.address, shard);
  }
}

void release_claim(const Service& service, Binding& binding, ShardId shard) noexcept {
  T6_CHECK(binding.claimed);
  release(service, candidate_of(binding), shard);
  binding.claimed = false;
}

AddressPool* quarantine_pool(const Service& service, const Binding& binding) noexcept {
  if (binding.pool == kNoPool || !is_address(binding.ia_type)) return nullptr;
  return &service.pools().address_pool(binding.pool);
}

void leave_half(const Service& service, Binding& binding) noexcept {
  T6_CHECK(binding.claimed);
  if (is_address(binding.ia_type) || binding.pool == kNoPool) return;
  PrefixPool& pool = service.pools().prefix_pool(binding.pool);
  if (pool.half(binding.lease()) == Half::kFree) return;
  pool.set_half(binding.lease(), 0, Half::kFree);
  binding.half_left = true;
}

Half half_of(const Service& service, const Candidate& candidate) noexcept {
  if (is_address(candidate.type)) return half_of(candidate.lease.address);
  if (candidate.pool == kNoPool) return Half::kFree;
  return service.pools().prefix_pool(candidate.pool).half(candidate.lease);
}

}  // namespace tandem6
