#include "control/failover/binding_container.h"

#include "control/failover/status_report.h"
#include "control/failover/wire_time.h"
#include "dataplane/wire/cursor.h"

namespace tandem6 {
namespace {

/// False for a malformed option that counts. Relay data and a reconfigure key only cost themselves.
bool read_client_option(const WalkedOption& option, WallTime now, ClientPart& client) {
  switch (option.code) {
    case OptionCode::kClientId:
      if (option.fits) client.duid = Duid(option.value);
      return option.fits;
    case OptionCode::kLqBaseTime:
      client.base_time = optional_time_near(Cursor(option.value).u32(), now);
      return option.fits;
    case OptionCode::kVirtualSubnetSelection:
      if (option.fits) client.vss = option.value;
      return option.fits;
    case OptionCode::kStatusCode:
      if (option.fits) client.status = read_status(option.value);
      return option.fits;
    case OptionCode::kLqRelayData:
      if (option.fits) client.relay = read_relay_data(option.value);
      return true;
    case OptionCode::kReconfigureData:
      if (option.fits) client.reconfigure_key = option.value;
      return true;
    case OptionCode::kDnsRemovalInfo:
      client.dns_removal_info = option.value;
      return true;
    default:
      return option.fits;
  }
}

}  // namespace

std::optional<BindingContainers> find_containers(Bytes options) {
  BindingContainers found;
  OptionWalk walk(options, Place::kFailoverMessage);
  while (const auto option = walk.next()) {
    if (option->code == OptionCode::kClientData) {
      if (found.client_data_count++ == 0) found.client_data = option->value;
    } else if (option->code == OptionCode::kIaPrefix) {
      if (found.prefix_count++ == 0 && option->fits) found.prefix = option->value;
    } else if (option->code == OptionCode::kStatusCode && option->fits) {
      found.status = read_status(option->value);
    }
  }
  if (walk.overran()) return std::nullopt;
  return found;
}

std::optional<ClientPart> read_client_part(Bytes client_data, WallTime now) {
  ClientPart client;
  OptionWalk walk(client_data, Place::kClientData);
  while (const auto option = walk.next()) {
    if (!read_client_option(*option, now, client)) client.is_malformed = true;
  }
  if (walk.overran()) return std::nullopt;
  return client;
}

std::optional<IaPart> read_ia_part(const WalkedOption& ia, WallTime now) {
  IaPart part;
  Cursor cursor(ia.value);
  part.is_ia_ta = ia.code == OptionCode::kIaTa;
  if (ia.code == OptionCode::kIaPd) part.type = IaType::kPrefixDelegation;
  part.iaid = Iaid{cursor.u32()};
  if (!part.is_ia_ta) {
    part.t1 = Lifetime{cursor.u32()};
    part.t2 = Lifetime{cursor.u32()};
  }
  part.options = cursor.rest();
  OptionWalk walk(part.options, Place::kFailoverIa);
  while (const auto option = walk.next()) {
    if (!option->fits) {
      part.is_malformed = true;
    } else if (option->code == OptionCode::kStartTimeOfState) {
      part.start_time_of_state = optional_time_near(Cursor(option->value).u32(), now);
    } else if (option->code == OptionCode::kStatusCode) {
      part.status = read_status(option->value);
    }
  }
  if (walk.overran()) return std::nullopt;
  return part;
}

}  // namespace tandem6
