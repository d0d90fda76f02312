// What the state of an endpoint means for clients, as its endpoint would say it, for tests of one
// server of a pair.
#pragma once

#include "dataplane/server/serving_rules.h"

namespace tandem6 {

inline constexpr Lifetime kMclt{3600};

/// NORMAL.
inline ServingRules normal(Role role) {
  return {.responsiveness = role == Role::kPrimary ? Responsiveness::kResponsive
                                                   : Responsiveness::kRenewResponsive,
          .role = role,
          .has_partner = true,
          .is_in_contact = true,
          .mclt = kMclt,
          .mclt_max = kMclt};
}

/// COMMUNICATIONS-INTERRUPTED, and RESOLUTION-INTERRUPTED.
inline ServingRules interrupted(Role role) {
  ServingRules rules = normal(role);
  rules.responsiveness = Responsiveness::kResponsive;
  rules.is_in_contact = false;
  return rules;
}

/// PARTNER-DOWN, entered at `since`.
inline ServingRules partner_down(Role role, WallTime since) {
  ServingRules rules = interrupted(role);
  rules.is_bounded = false;
  rules.partner_down_since = since;
  return rules;
}

/// CONFLICT-DONE.
inline ServingRules conflict_done() { return normal(Role::kPrimary); }

/// RECOVER-DONE.
inline ServingRules recover_done(Role role) {
  ServingRules rules = normal(role);
  rules.responsiveness = Responsiveness::kRenewResponsive;
  rules.may_allocate = false;
  return rules;
}

/// STARTUP, RECOVER, RECOVER-WAIT, POTENTIAL-CONFLICT.
inline ServingRules silent(Role role) {
  ServingRules rules = normal(role);
  rules.responsiveness = Responsiveness::kUnresponsive;
  return rules;
}

}  // namespace tandem6
