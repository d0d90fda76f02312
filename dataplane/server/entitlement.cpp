#include "dataplane/server/entitlement.h"

namespace tandem6 {

namespace {

bool is_address(const IaView& ia) noexcept { return ia.type == IaType::kNonTemporaryAddress; }

}  // namespace

const Reservation* reservation_of(const Exchange& exchange, const IaView& ia) noexcept {
  const Reservations& reservations = exchange.service.reservations();
  if (reservations.empty()) return nullptr;
  return reservations.find(exchange.link->index, exchange.client.duid, exchange.client.hash,
                           ia.type, ia.iaid);
}

bool is_reserved_for(const Exchange& exchange, const IaView& ia, const Ipv6Prefix& lease) noexcept {
  const Reservation* mine = reservation_of(exchange, ia);
  if (mine == nullptr) return false;
  return is_address(ia) ? mine->address == lease.address : mine->prefix == lease;
}

bool is_reserved_for_others(const Exchange& exchange, const IaView& ia,
                            const Ipv6Prefix& lease) noexcept {
  const Reservations& reservations = exchange.service.reservations();
  if (reservations.empty()) return false;
  const bool reserved =
      is_address(ia) ? reservations.is_reserved(lease.address) : reservations.is_reserved(lease);
  return reserved && !is_reserved_for(exchange, ia, lease);
}

bool may_keep(const Exchange& exchange, const IaView& ia, const Binding& binding) noexcept {
  if (binding.pool == kNoPool) return is_reserved_for(exchange, ia, binding.lease());
  return !is_reserved_for_others(exchange, ia, binding.lease());
}

}  // namespace tandem6
