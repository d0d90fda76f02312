// What a failover endpoint keeps in stable storage (RFC 8156 sections 6.3, 6.4, 8.1, 8.2; rulings
// Made by the endpoint (control/failover), written and read by storage.
#pragma once

#include <cstdint>

#include "dataplane/lease/wall_time.h"

namespace tandem6 {

/// State numbers are those of OPTION_F_SERVER_STATE (RFC 8156 section 5.5.16); 0: none known. The
/// failover engine gives them their names; storage keeps them.
struct EndpointRecord {
  std::uint8_t role = 0;  // 1 primary, 2 secondary: a start with another one drops the rest
  std::uint8_t state = 0;
  std::uint8_t previous_state = 0;
  std::uint8_t partner_state = 0;
  std::uint8_t partner_flags = 0;  // of the last OPTION_F_SERVER_FLAGS
  bool has_communicated = false;   // the C flag of the next connection
  WallTime start_time_of_state;
  WallTime partner_start_time_of_state;
  WallTime partner_down_time;  // the partner's, while it is in PARTNER-DOWN (F-117)
  WallTime last_contact;       // last message from the partner (F-123)
  WallTime last_heartbeat;     // own: an upper bound of the time of failure
  WallTime recover_wait_end;   // deadline of RECOVER-WAIT, also in a RECOVER that comes of it
  Lifetime mclt;               // as last agreed (F-093)
  Lifetime mclt_before;        // the greatest of before, 0: none; its leases may run ...
  WallTime mclt_before_until;  // ... until then

  friend bool operator==(const EndpointRecord&, const EndpointRecord&) = default;
};

}  // namespace tandem6
