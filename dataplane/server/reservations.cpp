#include "dataplane/server/reservations.h"

#include <algorithm>

namespace tandem6 {

namespace {

std::uint64_t key_of(const Ipv6Address& address) noexcept {
  return (address.high() ^ (address.low() >> 32 | address.low() << 32)) * 0x9e3779b97f4a7c15ULL;
}

bool has_lease(const Reservation& reservation, IaType type) noexcept {
  return type == IaType::kNonTemporaryAddress ? reservation.address.has_value()
                                              : reservation.prefix.has_value();
}

}  // namespace

Reservations::Reservations(const std::vector<LinkSettings>& links, const AllocationKey& key) {
  for (std::size_t link = 0; link < links.size(); ++link) {
    for (const Reservation& reservation : links[link].reservations) {
      const auto number = static_cast<std::uint32_t>(rows_.size());
      rows_.push_back({&reservation, static_cast<std::uint16_t>(link)});
      by_client_[key.hash(reservation.duid.bytes())].push_back(number);
      if (reservation.address) by_address_[key_of(*reservation.address)].push_back(number);
      if (reservation.prefix) reserved_prefixes_.push_back(*reservation.prefix);
    }
  }
  std::ranges::sort(reserved_prefixes_);
}

const Reservation* Reservations::find(std::uint16_t link, std::span<const std::uint8_t> duid,
                                      std::uint64_t duid_hash, IaType type,
                                      Iaid iaid) const noexcept {
  const auto found = by_client_.find(duid_hash);
  if (found == by_client_.end()) return nullptr;
  const Reservation* for_any_iaid = nullptr;
  for (const std::uint32_t number : found->second) {
    const Row& row = rows_[number];
    const Reservation& reservation = *row.reservation;
    if (row.link != link || !has_lease(reservation, type) ||
        !std::ranges::equal(reservation.duid.bytes(), duid)) {
      continue;
    }
    if (reservation.iaid == iaid) return &reservation;
    if (!reservation.iaid && for_any_iaid == nullptr) for_any_iaid = &reservation;
  }
  return for_any_iaid;
}

bool Reservations::is_reserved(const Ipv6Address& address) const noexcept {
  const auto found = by_address_.find(key_of(address));
  if (found == by_address_.end()) return false;
  return std::ranges::any_of(found->second, [&](std::uint32_t number) {
    return rows_[number].reservation->address == address;
  });
}

bool Reservations::is_reserved(const Ipv6Prefix& prefix) const noexcept {
  // Reserved prefixes do not overlap each other (the configuration check), so in their sorted order
  // only the two neighbours of `prefix` can overlap it.
  const auto after = std::ranges::upper_bound(reserved_prefixes_, prefix);
  if (after != reserved_prefixes_.end() && after->overlaps(prefix)) return true;
  return after != reserved_prefixes_.begin() && std::prev(after)->overlaps(prefix);
}

}  // namespace tandem6
