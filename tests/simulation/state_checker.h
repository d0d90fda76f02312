// What an endpoint may be in, seen from outside: what it hears, how long it waits, what its partner
// says that it is in (RFC 8156 sections 8.3 to 8.12).
//
//   - NORMAL and POTENTIAL-CONFLICT are entered in contact, NORMAL with a partner that is, was a
//     moment ago, or may come to be in it (8.8.2, 8.9.2)
//   - and neither because of what a partner in STARTUP tells
//   - neither outlasts the contact, nor STARTUP its time
//   - auto-partner-down comes in its time, and not in contact
//   - RECOVER-WAIT lasts to MCLT beyond what clients were told last (8.6)
//   - RECOVER and RECOVER-WAIT are not left for PARTNER-DOWN
//   - whoever comes back to a partner that took over meanwhile recovers (8.3.2)
#pragma once

#include <functional>
#include <string>

#include "control/failover/endpoint.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/plan.h"

namespace tandem6::simulation {

struct Circumstances {
  Milliseconds slack = 0;             // of clocks
  Milliseconds took_over_after = -1;  // the partner entered PARTNER-DOWN so long after its end
  bool has_partner_told = false;      // its state on this connection, with S clear
};

/// One end of one relationship.
class StateChecker {
 public:
  using Report = std::function<void(std::string)>;

  void started(Milliseconds now);
  void hears(Milliseconds now) { heard_at_ = now; }
  /// An operator is about to say that the partner is down.
  void is_commanded(Milliseconds now) { commanded_at_ = now; }
  void changed(const Endpoint& endpoint, EndpointState before, const LifeSettings& settings,
               const Circumstances& circumstances, Milliseconds now, const Report& report);
  /// Each second of its life.
  void look(const Endpoint& endpoint, const LifeSettings& settings, Milliseconds now,
            const Report& report);
  /// A client has a lease of it.
  void served(Milliseconds now) { served_at_ = now; }

 private:
  Milliseconds started_at_ = 0;
  Milliseconds heard_at_ = 0;
  Milliseconds commanded_at_ = -1;
  Milliseconds served_at_ = -1;
  Milliseconds ill_met_since_ = -1;  // the partner is in a state that ends this one
};

}  // namespace tandem6::simulation
