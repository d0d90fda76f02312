// What stands in an IAADDR or IAPREFIX of a partner's message, taken apart but not judged. Part of
// the reader of messages.
#pragma once

#include <cstdint>
#include <optional>

#include "control/failover/message.h"
#include "dataplane/lease/wall_time.h"
#include "dataplane/wire/ipv6.h"
#include "dataplane/wire/option_table.h"
#include "dataplane/wire/parsed_message.h"

namespace tandem6 {

/// The fixed part.
struct LeaseHead {
  Ipv6Prefix lease;  // as it stands: not masked, the length perhaps above 128
  Lifetime preferred_lifetime;
  Lifetime valid_lifetime;
  Bytes options;

  /// A length up to 128 and no bits past it.
  [[nodiscard]] bool is_lease() const noexcept {
    return lease.length <= 128 && lease == lease.masked();
  }
};
/// REQUIRES: the code is IAADDR or IAPREFIX, and the length is one that the option table allows.
[[nodiscard]] LeaseHead read_lease_head(OptionCode code, Bytes value) noexcept;

/// The options inside; kNoTime: not there, or 0.
struct LeaseContents {
  bool is_malformed = false;  // an option that counts has a length that it cannot have

  std::optional<std::uint8_t> binding_status;  // 114
  std::optional<std::uint32_t> clt_time;       // 46
  WallTime base_time;                          // 100: of a bare prefix
  WallTime start_time_of_state;                // 133
  WallTime state_expiration_time;              // 134
  WallTime partner_lifetime;                   // 123
  WallTime partner_lifetime_sent;              // 124
  WallTime partner_raw_clt_time;               // 126
  WallTime expiration_time;                    // 120

  std::optional<Bytes> vss;            // 68: of a bare prefix
  std::optional<StatusReport> status;  // 13
  Bytes client_fqdn;                   // 39
  Bytes dns_removal_info;              // 116
};
/// nullopt: an option runs past the end. What only informs (names for DNS) is passed over when it
/// is malformed.
[[nodiscard]] std::optional<LeaseContents> read_lease_contents(Bytes options, WallTime now);

}  // namespace tandem6
