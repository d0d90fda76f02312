// What it would mean to say now that a partner is down (RFC 8156 section 8.4): whether the command
// is taken (sections 8.8.2, 8.9.2, 8.11.2; R-56), what becomes usable when, what is lost otherwise,
// and the danger. The endpoint decides when the command comes; this says beforehand what it will.
#pragma once

#include <string>
#include <vector>

#include "control/api/server_view.h"

namespace tandem6 {

enum class PartnerDownVerdict : std::uint8_t { kTaken, kNeedsForce, kRefused, kAlready };
/// "taken", "needs_force", "refused", "already".
[[nodiscard]] const char* name_of(PartnerDownVerdict verdict) noexcept;

/// Sentences without a full stop.
struct PartnerDownPlan {
  PartnerDownVerdict verdict = PartnerDownVerdict::kTaken;
  std::string verdict_text;  // what the server would say, and why
  std::string unacked;       // leases that the partner does not know of
  /// When the partner's prefixes and its ended leases become usable, at the earliest; kNoTime where
  /// nobody knows: the partner is there.
  WallTime usable_from;
  std::string usable;
  std::string lifetimes;        // what clients get, if it is done and if not
  std::string danger;           // if the partner is alive
  std::vector<PoolView> pools;  // of the relationship, which is what its halves are of
};

/// `pools` may be of all relationships. Pure; any thread.
[[nodiscard]] PartnerDownPlan plan_partner_down(const RelationshipView& relationship,
                                                const std::vector<PoolView>& pools, WallTime now);

}  // namespace tandem6
