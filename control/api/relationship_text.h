// A failover relationship in sentences, for an operator who meets it for the first time: who
// answers the clients, whether a lease is at risk, what happens by itself, what there is to do. One
// table over all states, with and without contact, as either server (RFC 8156 section 8).
#pragma once

#include <cstdint>
#include <string>

#include "control/api/failover_view.h"

namespace tandem6 {

/// Sentences without a full stop.
struct RelationshipText {
  std::string answers;  // which of the two servers answers clients now
  std::string reason;   // why it is in its state, and since when
  std::string at_risk;  // begins with "none" where no lease is
  std::string next;     // what happens by itself, and when
  std::string advice;   // "nothing" where there is nothing to do; never partner-down in contact
};

/// Pure; any thread.
[[nodiscard]] RelationshipText text_of(const RelationshipView& relationship, WallTime now);

/// "1 lease", "4,000 leases" without the comma.
[[nodiscard]] std::string lease_count_text(std::uint64_t count);

}  // namespace tandem6
