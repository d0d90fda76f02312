#include <algorithm>

#include "control/failover/binding_writer.h"
#include "control/failover/lease_groups.h"
#include "control/failover/relay_data.h"
#include "control/failover/wire_time.h"
#include "dataplane/wire/check.h"

namespace tandem6 {
namespace {

class UpdateWriter {
 public:
  UpdateWriter(OctetWriter& writer, WallTime now) : writer_(writer), now_(now) {}

  void bare_prefix(const BindingUpdate& update);
  void client_data(const BindingUpdate& update);

 private:
  /// Left out when there is nothing to say.
  void time(OptionCode code, WallTime time) {
    if (!time.is_none()) writer_.option_u32(code, told_time_of(time, now_));
  }
  void octets(OptionCode code, const ShortBytes& value) {
    if (value.size != 0) writer_.option(code, value.bytes());
  }
  void vss(const BindingUpdate& update) {
    if (update.vss) writer_.option(OptionCode::kVirtualSubnetSelection, *update.vss);
  }
  void base_time() { writer_.option_u32(OptionCode::kLqBaseTime, told_time_of(now_, now_)); }
  void status_and_times(const LeaseUpdate& lease);
  void timeout(const LeaseUpdate& lease);
  void clt_time(const LeaseUpdate& lease);
  void begin_ia(const BindingUpdate::Lease& first);
  void lease_of_client(const LeaseUpdate& lease);

  OctetWriter& writer_;
  WallTime now_;
  std::size_t ia_ = 0;
};

void UpdateWriter::status_and_times(const LeaseUpdate& lease) {
  writer_.option_u8(OptionCode::kBindingStatus, static_cast<std::uint8_t>(lease.status));
  time(OptionCode::kStartTimeOfState, lease.start_time_of_state);
  time(OptionCode::kStateExpirationTime, lease.state_expiration_time);
}

/// Of a status without a timeout these must not appear (F-188).
void UpdateWriter::timeout(const LeaseUpdate& lease) {
  if (lease.state_expiration_time.is_none()) return;
  time(OptionCode::kPartnerLifetime, lease.partner_lifetime);
  time(OptionCode::kExpirationTime, lease.expiration_time);
}

/// Seconds before the base-time beside it; never negative, whatever the clock did.
void UpdateWriter::clt_time(const LeaseUpdate& lease) {
  if (lease.client_time.is_none()) return;
  const std::int64_t elapsed = now_.seconds - lease.client_time.seconds;
  writer_.option_u32(OptionCode::kCltTime,
                     static_cast<std::uint32_t>(std::clamp<std::int64_t>(elapsed, 0, UINT32_MAX)));
}

void UpdateWriter::lease_of_client(const LeaseUpdate& lease) {
  const std::size_t option = begin_lease(writer_, lease.ia_type, lease.lease,
                                         lease.preferred_lifetime, lease.valid_lifetime);
  status_and_times(lease);
  clt_time(lease);
  timeout(lease);
  time(OptionCode::kPartnerRawCltTime, lease.partner_raw_clt_time);
  octets(OptionCode::kClientFqdn, lease.client_fqdn);
  octets(OptionCode::kDnsRemovalInfo, lease.dns_removal_info);
  writer_.end(option);
}

void UpdateWriter::begin_ia(const BindingUpdate::Lease& first) {
  ia_ = writer_.begin(key_of(first).code);
  writer_.u32(first.update.iaid.value);
  if (first.in_ia_ta) return;
  writer_.u32(first.update.t1.seconds);
  writer_.u32(first.update.t2.seconds);
}

void UpdateWriter::client_data(const BindingUpdate& update) {
  // What stands once for the client is what it said when it was last heard.
  const LeaseUpdate& latest =
      std::ranges::max_element(update.leases, {}, [](const BindingUpdate::Lease& lease) {
        return lease.update.client_time;
      })->update;
  const std::size_t option = writer_.begin(OptionCode::kClientData);
  writer_.option(OptionCode::kClientId, latest.duid.bytes());
  base_time();
  vss(update);
  octets(OptionCode::kReconfigureData, latest.reconfigure_key);
  write_relay_data(writer_, {.remote_id = latest.remote_id.bytes(),
                             .interface_id = latest.interface_id.bytes()});
  for_each_ia(
      update.leases, [this](const BindingUpdate::Lease& first) { begin_ia(first); },
      [this](const BindingUpdate::Lease& lease) { lease_of_client(lease.update); },
      [this] { writer_.end(ia_); });
  writer_.end(option);
}

void UpdateWriter::bare_prefix(const BindingUpdate& update) {
  const LeaseUpdate& lease = update.leases.front().update;
  const std::size_t option = begin_lease(writer_, IaType::kPrefixDelegation, lease.lease,
                                         lease.preferred_lifetime, lease.valid_lifetime);
  vss(update);
  base_time();
  status_and_times(lease);
  timeout(lease);
  writer_.end(option);
}

}  // namespace

void write_binding_update(OctetWriter& writer, const BindingUpdate& update, WallTime now) {
  T6_CHECK(!update.leases.empty());
  UpdateWriter update_writer(writer, now);
  if (update.leases.front().update.is_bare()) {
    T6_CHECK(update.leases.size() == 1);
    update_writer.bare_prefix(update);
  } else {
    update_writer.client_data(update);
  }
}

}  // namespace tandem6
