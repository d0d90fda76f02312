// What RENEW and REBIND share: an IA with running bindings is extended, leases that it lists and
// that are not (or no longer) the client's here are named with lifetimes 0.
#pragma once

#include "dataplane/server/exchange.h"

namespace tandem6 {

/// Adds a decision for each running binding of the IA: extended, or (given on another link) told
/// with lifetimes 0. Returns whether the IA has a binding at all.
bool extend_bindings(Exchange& exchange, const IaView& ia) noexcept;

enum class Refuse : std::uint8_t {
  kEveryOther,  // every listed lease that the plan does not extend (S-086)
  kLost,        // only those that clearly are not the client's: they lie on another link of ours
                // (S-092), or another client holds them here
};
/// Adds "lifetimes 0" for leases that the client lists. Returns whether any was added.
bool refuse_listed(Exchange& exchange, const IaView& ia, Refuse which) noexcept;

}  // namespace tandem6
