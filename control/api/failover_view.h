// What operators see of the failover relationships: plain values, filled by the daemon.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "control/failover/effects.h"
#include "control/failover/endpoint_state.h"
#include "dataplane/lease/binding.h"
#include "dataplane/lease/role.h"
#include "dataplane/lease/wall_time.h"
#include "dataplane/wire/duid.h"

namespace tandem6 {

struct TransitionView {
  WallTime at;
  EndpointState from = EndpointState::kNone;
  EndpointState to = EndpointState::kNone;
  std::string why;
};

/// A counter of the connection, "fo.garbage".
struct FailoverCounterView {
  std::string name;
  std::uint64_t count = 0;
};

/// One relationship as this server lives it. Times are of this server's clock but for
/// `partner_since`, which is the partner's.
struct RelationshipView {
  std::string name;
  Role role = Role::kPrimary;
  std::string local;
  std::string partner;
  std::string connection;  // "TLS 1.3 with b.example", "in clear", "none: connection refused"

  EndpointState state = EndpointState::kStartup;
  WallTime since;
  std::string why;  // it came to this state
  bool is_in_contact = false;
  WallTime last_contact;                               // kNoTime: never
  EndpointState partner_state = EndpointState::kNone;  // as last heard
  bool is_partner_starting = false;
  WallTime partner_since;

  Serving serving;
  Lifetime mclt{};                     // that bounds lifetimes
  WallTime recover_wait_end;           // RECOVER-WAIT; else kNoTime
  WallTime auto_partner_down_at;       // kNoTime: off, or not counting
  WallTime other_half_opens;           // PARTNER-DOWN: when the partner's prefixes may be given
  bool has_no_link = false;            // on any port: no client reaches this server
  bool has_asked_for_updates = false;  // an UPDREQ or UPDREQALL is under way

  std::uint64_t unacked_count = 0;     // bindings whose newest version the partner has not acked
  std::uint64_t unanswered_count = 0;  // BNDUPDs on their way
  double lag_seconds = 0;           // how long the oldest of them waits, or since when no contact
  std::uint64_t acked_total = 0;    // leases, since the start
  std::uint64_t refused_total = 0;  // by the partner

  /// What the endpoint reports as alarms and what still holds, without the relationship's name:
  /// "the clocks are more than 5 s apart", "the configurations differ: ...".
  std::vector<std::string> faults;

  std::vector<TransitionView> transitions;  // the oldest first
  std::vector<FailoverCounterView> counters;
};

/// A lease that two clients claimed, or of which partner and server knew different things.
struct ConflictView {
  WallTime at;
  std::string relationship;
  Ipv6Prefix lease;
  std::string claim_here;   // "ACTIVE 00:03:…", "" where it is not known any more
  std::string claim_there;  // likewise
  std::string verdict;      // "theirs counts", "ours stays"
  std::string rule;         // "R-50: the secondary yields"
};

using CommandAnswer = std::function<void(bool taken, std::string text)>;

}  // namespace tandem6
