// What one partner tells the other of one lease: a BNDUPD taken apart (RFC 8156 section 7.4), and
// what comes back in the BNDREPLY (section 7.6). Values without pointers, so that they cross to a
// shard as they are. The codec (control/failover) makes them from octets and octets from them; the
// rules (conflict.h, partner_rules.h) know nothing of octets.
//
// All times are wall times already; kNoTime stands for an option that was not there.
#pragma once

#include "dataplane/lease/lease_record.h"
#include "dataplane/lease/wall_time.h"
#include "dataplane/wire/duid.h"
#include "dataplane/wire/status_code.h"

namespace tandem6 {

/// One IAADDR or IAPREFIX of a CLIENT_DATA with what stands around it, or a bare IAPREFIX (a prefix
/// or a block of prefixes that no client holds): then `duid` is empty and so is all that comes from
/// a client.
struct LeaseUpdate {
  Duid duid;
  IaType ia_type = IaType::kNonTemporaryAddress;
  Iaid iaid;
  Ipv6Prefix lease;  // masked
  BindingStatus status = BindingStatus::kActive;
  Lifetime t1;  // as told to the client
  Lifetime t2;
  Lifetime preferred_lifetime;
  Lifetime valid_lifetime;

  WallTime client_time;          // LQ_BASE_TIME less CLT_TIME: last contact, sender's clock
  WallTime start_time_of_state;  // 133
  WallTime state_expiration_time;  // 134
  WallTime partner_lifetime;       // 123: after it the receiver may take the lease as expired
  WallTime partner_raw_clt_time;   // 126
  WallTime expiration_time;        // 120: the greatest partner-lifetime that the sender has acked

  ShortBytes client_fqdn;       // value of option 39
  ShortBytes remote_id;         // value of option 37, out of the relay data
  ShortBytes interface_id;      // value of option 18, likewise
  ShortBytes dns_removal_info;  // value of option 116
  ShortBytes reconfigure_key;   // value of option 129: time, then key

  [[nodiscard]] bool is_bare() const noexcept { return duid.empty(); }
  [[nodiscard]] BindingAttributes attributes() const noexcept {
    return {.client_fqdn = client_fqdn.bytes(),
            .remote_id = remote_id.bytes(),
            .interface_id = interface_id.bytes(),
            .dns_removal_info = dns_removal_info.bytes(),
            .reconfigure_key = reconfigure_key.bytes()};
  }
};

/// What became of one lease of a BNDUPD. kSuccess: accepted, and on disk.
struct LeaseVerdict {
  StatusCode status = StatusCode::kSuccess;
  const char* reason = "";  // for the status message and the log; a literal
};

/// One lease of an accepting BNDREPLY (RFC 8156 section 7.7).
struct LeaseAck {
  Duid duid;  // empty: a bare prefix
  IaType ia_type = IaType::kNonTemporaryAddress;
  Iaid iaid;
  Ipv6Prefix lease;
  BindingStatus status = BindingStatus::kActive;  // 114, as it was sent
  WallTime state_expiration_time;                 // 134
  WallTime partner_lifetime_sent;                 // 124
};

}  // namespace tandem6
