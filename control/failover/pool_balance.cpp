#include "control/failover/pool_balance.h"

#include <algorithm>

namespace tandem6 {

std::optional<BalanceStep> next_step(const event::Shares::Pool& pool,
                                     unsigned secondary_share_percent) noexcept {
  const std::uint64_t free = pool.free_primary + pool.free_secondary;
  // Pools have 2^24 prefixes at most, so this does not overflow.
  const std::uint64_t due = free * std::min(secondary_share_percent, 100U) / 100;
  const std::uint64_t threshold = std::max<std::uint64_t>(std::min(due, free - due) / 8, 1);
  if (pool.free_secondary < due) {
    const std::uint64_t lacking = due - pool.free_secondary;
    if (lacking < threshold) return std::nullopt;  // never of one that has nothing at all
    return BalanceStep{Move::kGive, lacking};
  }
  const std::uint64_t surplus = pool.free_secondary - due;
  if (surplus <= threshold && pool.free_primary != 0) return std::nullopt;
  if (surplus == 0) return std::nullopt;
  return BalanceStep{Move::kTakeBack, surplus};
}

}  // namespace tandem6
