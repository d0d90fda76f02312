#include "dataplane/server/lease_search.h"

#include <climits>

namespace tandem6 {

namespace {

/// Alone, both halves are ours.
Half any_half(const AllocationKey::Draw& draw) noexcept {
  return static_cast<Half>(draw.high >> 63);
}

}  // namespace

bool lists(const IaView& ia, const Ipv6Prefix& lease) noexcept {
  LeaseHints hints(ia);
  LeaseHint hint;
  while (hints.next(hint)) {
    if (lease == Ipv6Prefix{hint.address, hint.prefix_length}) return true;
  }
  return false;
}

std::uint8_t prefix_length_hint(const IaView& ia) noexcept {
  LeaseHints hints(ia);
  LeaseHint hint;
  while (hints.next(hint)) {
    if (hint.address.is_unspecified() && hint.prefix_length != 0) return hint.prefix_length;
  }
  return 0;
}

PoolIndex address_pool_of(const Exchange& exchange, const Ipv6Address& address) noexcept {
  for (PoolIndex i = 0; i < exchange.link->address_pool_count; ++i) {
    const auto pool = static_cast<PoolIndex>(exchange.link->first_address_pool + i);
    if (exchange.service.pools().address_pool(pool).may_lease(address)) return pool;
  }
  return kNoPool;
}

PoolIndex prefix_pool_of(const Exchange& exchange, const Ipv6Prefix& prefix) noexcept {
  for (PoolIndex i = 0; i < exchange.link->prefix_pool_count; ++i) {
    const auto pool = static_cast<PoolIndex>(exchange.link->first_prefix_pool + i);
    if (exchange.service.pools().prefix_pool(pool).contains(prefix)) return pool;
  }
  return kNoPool;
}

std::optional<Ipv6Address> draw_candidate(const Exchange& exchange, const AddressPool& addresses,
                                          const AllocationKey::Draw& draw) noexcept {
  const bool has_partner = exchange.rules.has_partner;
  const Half half = has_partner ? own_half(exchange.rules.role) : any_half(draw);
  if (addresses.size() > AddressPool::kDenseSizeMax) return addresses.candidate(draw, half);
  const auto address = addresses.find_free(draw, half);
  if (address || has_partner) return address;  // never from the partner's half
  return addresses.find_free(draw, half == Half::kFree ? Half::kFreeBackup : Half::kFree);
}

std::optional<std::uint8_t> next_prefix_length(const LinkSettings& link, std::uint8_t wished,
                                               std::optional<std::uint8_t> tried) noexcept {
  const int from = wished == 0 ? 128 : wished;
  const auto rank_of = [from](int length) { return length <= from ? from - length : 128 + length; };
  const int tried_rank = tried ? rank_of(*tried) : -1;
  int best = INT_MAX;
  std::optional<std::uint8_t> best_length;
  for (const PrefixPoolSettings& pool : link.prefix_pools) {
    const int rank = rank_of(pool.delegated_length);
    if (rank <= tried_rank || rank >= best) continue;
    best = rank;
    best_length = pool.delegated_length;
  }
  return best_length;
}

}  // namespace tandem6
