// What the configuration says of one failover relationship.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/lease/role.h"
#include "dataplane/lease/wall_time.h"

namespace tandem6 {

struct EndpointSettings {
  std::string relationship_name;
  Role role = Role::kPrimary;
  bool is_only_one = true;  // of this pair of servers: then CONNECT may leave out the name
  Lifetime mclt{3600};
  Lifetime keepalive{60};              // FO_KEEPALIVE_TIME
  unsigned contacts_per_keepalive{4};  // FO_CONTACT_PER_KEEPALIVE_TIME
  std::uint32_t max_unacked_bndupd = 4096;
  Lifetime startup{10};
  Lifetime connect_retry{5};
  Lifetime connect_retry_refused{60};         // after a refusal or a DISCONNECT (F-085)
  std::optional<Lifetime> auto_partner_down;  // not under MCLT
  bool start_alone = false;               // PARTNER-DOWN after `startup` where no partner was met
  unsigned secondary_share_percent = 50;  // of the delegable prefixes
  /// No BNDUPD and no UPDDONE for so long while an update was asked for (F-330, R-51), or no
  /// BNDREPLY while updates wait for one (F-349): the connection is dropped.
  Lifetime stall{60};
  Lifetime rescan{60};     // between tries to tell what was refused; secondary: 3/4
  Lifetime heartbeat{10};  // how often the time of operation is recorded
  std::vector<std::uint8_t> fingerprint;  // configuration_fingerprint.h
};

}  // namespace tandem6
