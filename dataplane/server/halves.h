// Which leases a server of a pair may give, new or again (RFC 8156 sections 4.2, 8.4.1, 8.7.1,
// 8.9.1; rulings ): new ones from its own half only; what a client has, it
// keeps, whoever gave it. Only prefixes cross over, late in PARTNER-DOWN. Alone everything is ours.
// Pure but for looks at the pools; the worker of the exchange's shard.
#pragma once

#include "dataplane/server/claims.h"
#include "dataplane/server/exchange.h"

namespace tandem6 {

/// May a lease that no binding gives the client be given to it? Whether somebody holds it, and
/// whether it is another's reservation, is asked elsewhere.
[[nodiscard]] bool may_give(const Exchange& exchange, const IaView& ia,
                            const Candidate& candidate) noexcept;

/// May the client have (again) the lease of this binding of its own? A running one always; one that
/// has ended while the partner was not sent word of it, if the lease falls to us; one that is free
/// as any other lease.
[[nodiscard]] bool may_have_again(const Exchange& exchange, const IaView& ia,
                                  const Binding& binding) noexcept;

/// After a claim: a block of prefixes may have gone to the partner between the look and the claim.
/// False: the claim is to be given up (prefix_shares.h says why this order is safe).
[[nodiscard]] bool is_still_ours(const Exchange& exchange, const IaView& ia,
                                 const Candidate& candidate) noexcept;

/// True when prefixes of this length may be drawn from the partner's half: MCLT after the entry
/// into PARTNER-DOWN, and the own half of all such pools of the link is used up.
[[nodiscard]] bool is_other_half_open(const Exchange& exchange, std::uint8_t length) noexcept;

}  // namespace tandem6
