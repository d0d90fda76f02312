// Whose a lease is by configuration: a reserved lease is in no pool and goes to its client
// only; a lease that has become another's runs to its end and is not extended.
#pragma once

#include "dataplane/server/exchange.h"

namespace tandem6 {

/// The reservation of the exchange's client for this IA on this link; null: none.
[[nodiscard]] const Reservation* reservation_of(const Exchange& exchange,
                                                const IaView& ia) noexcept;

/// True when the lease is that reservation.
[[nodiscard]] bool is_reserved_for(const Exchange& exchange, const IaView& ia,
                                   const Ipv6Prefix& lease) noexcept;

/// True when the lease is, or overlaps, a reservation that is not this IA's.
[[nodiscard]] bool is_reserved_for_others(const Exchange& exchange, const IaView& ia,
                                          const Ipv6Prefix& lease) noexcept;

/// False for a lease that this binding may not have (again): it is reserved for others, or it was
/// this client's reservation and is so no more.
[[nodiscard]] bool may_keep(const Exchange& exchange, const IaView& ia,
                            const Binding& binding) noexcept;

}  // namespace tandem6
