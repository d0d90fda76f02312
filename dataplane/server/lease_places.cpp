#include "dataplane/server/lease_places.h"

#include <algorithm>
#include <iterator>

namespace tandem6 {

LeasePlaces::LeasePlaces(const std::vector<LinkSettings>& links) {
  // In the order of Pools: link by link.
  PoolIndex address_pool = 0;
  PoolIndex prefix_pool = 0;
  PoolIndex link = 0;
  for (const LinkSettings& settings : links) {
    for (const Ipv6Prefix& range : settings.address_pools) {
      addresses_.push_back({range.masked(), {.link = link, .pool = address_pool++}});
    }
    for (const PrefixPoolSettings& pool : settings.prefix_pools) {
      prefixes_.push_back(
          {pool.prefix.masked(),
           {.link = link, .pool = prefix_pool++, .delegated_length = pool.delegated_length}});
    }
    ++link;
  }
  const auto by_range = [](const Row& a, const Row& b) { return a.range < b.range; };
  std::ranges::sort(addresses_, by_range);
  std::ranges::sort(prefixes_, by_range);

  // Reservations inside of a pool have that pool's place already.
  std::vector<Row> more_addresses;
  std::vector<Row> more_prefixes;
  link = 0;
  for (const LinkSettings& settings : links) {
    for (const Reservation& each : settings.reservations) {
      if (each.address && !find(IaType::kNonTemporaryAddress, {*each.address, 128})) {
        more_addresses.push_back({{*each.address, 128}, {.link = link}});
      }
      if (each.prefix && !find(IaType::kPrefixDelegation, *each.prefix)) {
        more_prefixes.push_back(
            {each.prefix->masked(), {.link = link, .delegated_length = each.prefix->length}});
      }
    }
    ++link;
  }
  addresses_.insert(addresses_.end(), more_addresses.begin(), more_addresses.end());
  prefixes_.insert(prefixes_.end(), more_prefixes.begin(), more_prefixes.end());
  std::ranges::sort(addresses_, by_range);
  std::ranges::sort(prefixes_, by_range);
}

std::optional<LeasePlace> LeasePlaces::find(IaType type, const Ipv6Prefix& lease) const noexcept {
  const auto& rows = type == IaType::kNonTemporaryAddress ? addresses_ : prefixes_;
  const auto after = std::ranges::upper_bound(rows, lease, {}, &Row::range);
  if (after == rows.begin() || !std::prev(after)->range.contains(lease)) return std::nullopt;
  return std::prev(after)->place;
}

bool LeasePlaces::overlaps(const std::vector<Row>& rows, const Ipv6Prefix& lease) noexcept {
  const auto after = std::ranges::upper_bound(rows, lease, {}, &Row::range);
  return (after != rows.end() && after->range.overlaps(lease)) ||
         (after != rows.begin() && std::prev(after)->range.overlaps(lease));
}

bool LeasePlaces::overlaps(const Ipv6Prefix& lease) const noexcept {
  return overlaps(addresses_, lease) || overlaps(prefixes_, lease);
}

}  // namespace tandem6
