#include "control/failover/lease_contents.h"

#include "control/failover/option_walk.h"
#include "control/failover/status_report.h"
#include "control/failover/wire_time.h"
#include "dataplane/wire/cursor.h"

namespace tandem6 {
namespace {

/// Where a time goes; null: the option holds none.
WallTime* time_of(OptionCode code, LeaseContents& contents) noexcept {
  switch (code) {
    case OptionCode::kLqBaseTime:
      return &contents.base_time;
    case OptionCode::kStartTimeOfState:
      return &contents.start_time_of_state;
    case OptionCode::kStateExpirationTime:
      return &contents.state_expiration_time;
    case OptionCode::kPartnerLifetime:
      return &contents.partner_lifetime;
    case OptionCode::kPartnerLifetimeSent:
      return &contents.partner_lifetime_sent;
    case OptionCode::kPartnerRawCltTime:
      return &contents.partner_raw_clt_time;
    case OptionCode::kExpirationTime:
      return &contents.expiration_time;
    default:
      return nullptr;
  }
}

bool only_informs(OptionCode code) noexcept {
  return code == OptionCode::kClientFqdn || code == OptionCode::kDnsRemovalInfo;
}

/// REQUIRES: the option fits.
void read_option(const WalkedOption& option, WallTime now, LeaseContents& contents) {
  Cursor cursor(option.value);
  if (WallTime* const time = time_of(option.code, contents); time != nullptr) {
    *time = optional_time_near(cursor.u32(), now);
    return;
  }
  switch (option.code) {
    case OptionCode::kBindingStatus:
      contents.binding_status = cursor.u8();
      break;
    case OptionCode::kCltTime:
      contents.clt_time = cursor.u32();
      break;
    case OptionCode::kVirtualSubnetSelection:
      contents.vss = option.value;
      break;
    case OptionCode::kStatusCode:
      contents.status = read_status(option.value);
      break;
    case OptionCode::kClientFqdn:
      contents.client_fqdn = option.value;
      break;
    case OptionCode::kDnsRemovalInfo:
      contents.dns_removal_info = option.value;
      break;
    default:
      break;
  }
}

}  // namespace

LeaseHead read_lease_head(OptionCode code, Bytes value) noexcept {
  LeaseHead head;
  Cursor cursor(value);
  if (code == OptionCode::kIaAddr) {
    head.lease = {.address = Ipv6Address::from_bytes(cursor.bytes(16)), .length = 128};
  }
  head.preferred_lifetime = Lifetime{cursor.u32()};
  head.valid_lifetime = Lifetime{cursor.u32()};
  if (code == OptionCode::kIaPrefix) {
    head.lease.length = cursor.u8();
    head.lease.address = Ipv6Address::from_bytes(cursor.bytes(16));
  }
  head.options = cursor.rest();
  return head;
}

std::optional<LeaseContents> read_lease_contents(Bytes options, WallTime now) {
  LeaseContents contents;
  OptionWalk walk(options, Place::kFailoverLease);
  while (const auto option = walk.next()) {
    if (option->fits) {
      read_option(*option, now, contents);
    } else if (!only_informs(option->code)) {
      contents.is_malformed = true;
    }
  }
  if (walk.overran()) return std::nullopt;
  return contents;
}

}  // namespace tandem6
