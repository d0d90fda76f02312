// Which leases an IA gets that has none running, or lacks some: the client's reservation, else the
// lease it had before, else what it asks for, else a draw by the keyed hash.
//
// Bounded: one walk over the client's bindings, at most 16 hints and 8 draws per subnet.
#pragma once

#include "dataplane/server/exchange.h"

namespace tandem6 {

enum class ChoiceMode : std::uint8_t {
  kOffer,  // ADVERTISE: nothing is claimed, inserted or written (S-053)
  kGrant,  // claims each lease and inserts its binding
};

/// Adds decisions (effect kGrant; kNone for an offer) or a status to `plan`, the IA begun last.
/// Marks the exchange when memory for a binding was lacking.
void choose_leases(Exchange& exchange, const IaView& ia, IaPlan& plan, ChoiceMode mode) noexcept;

/// One running binding of the client, told and extended by the link's lifetimes.
[[nodiscard]] Decision extend(const Exchange& exchange, BindingIndex index) noexcept;

}  // namespace tandem6
