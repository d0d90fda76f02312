// Looking for leases: what a client lists in an IA, which pool of the link a lease belongs to, and
// which one of a pool looks free. Nothing is claimed and nothing decided here. The worker of the
// exchange's shard.
#pragma once

#include <optional>

#include "dataplane/server/exchange.h"

namespace tandem6 {

/// The client lists this lease in the IA.
[[nodiscard]] bool lists(const IaView& ia, const Ipv6Prefix& lease) noexcept;
/// The length of the first hint that names no prefix (RFC 8168), 0 for none.
[[nodiscard]] std::uint8_t prefix_length_hint(const IaView& ia) noexcept;

/// The pool of the link that may lease this address (delegates this prefix), or kNoPool.
[[nodiscard]] PoolIndex address_pool_of(const Exchange& exchange,
                                        const Ipv6Address& address) noexcept;
[[nodiscard]] PoolIndex prefix_pool_of(const Exchange& exchange, const Ipv6Prefix& prefix) noexcept;

/// The candidate of this draw, of a half that the server may give from; it may be held, or not fit
/// to be leased. A sparse range is drawn from. One that may run full is searched from the drawn
/// place on: its last free address is found as fast as its first, and an address that had a client
/// waits for that client while there are fresh ones.
[[nodiscard]] std::optional<Ipv6Address> draw_candidate(const Exchange& exchange,
                                                        const AddressPool& addresses,
                                                        const AllocationKey::Draw& draw) noexcept;

/// Of the lengths that the link delegates the one after `tried` in the order of preference for a
/// client that wishes `wished`, 0 for no wish: shorter and nearest first (S-150); a longer one only
/// where no shorter one is free, so that a client with a wish that cannot be met still gets its
/// service. Without a wish: longest first. `tried` begins as nothing; none: there is no further.
[[nodiscard]] std::optional<std::uint8_t> next_prefix_length(
    const LinkSettings& link, std::uint8_t wished, std::optional<std::uint8_t> tried) noexcept;

}  // namespace tandem6
