// How delegable prefixes are shared out between the partners (RFC 8156 section 4.2.2; rulings R-06,
// the primary keeps the secondary's configured share of what is free, giving and
// taking whole blocks, so that a pool of a million prefixes costs a handful of messages. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "control/failover/events.h"

namespace tandem6 {

enum class Move : std::uint8_t { kGive, kTakeBack };

struct BalanceStep {
  Move move;
  std::uint64_t count;  // at most so many prefixes
};

/// What the balance of one pool asks for next; none: it is good enough. The share is rounded down
/// and what is off by less than the threshold (an eighth of the smaller side's due, and one
/// prefix at least) is left (F-176).
[[nodiscard]] std::optional<BalanceStep> next_step(const event::Shares::Pool& pool,
                                                   unsigned secondary_share_percent) noexcept;

}  // namespace tandem6
