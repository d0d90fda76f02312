#include "control/failover/binding_container.h"
#include "control/failover/binding_reader.h"
#include "control/failover/lease_contents.h"
#include "dataplane/lease/attribute_store.h"

namespace tandem6 {
namespace {

// What may be wrong with the whole, and with one lease.
constexpr LeaseVerdict kNotOneContainer{StatusCode::kMissingBindingInformation,
                                        "not exactly one CLIENT_DATA or IAPREFIX"};
constexpr LeaseVerdict kMalformed{StatusCode::kMissingBindingInformation,
                                  "an option has a length that it cannot have"};
constexpr LeaseVerdict kOtherVpn{StatusCode::kConfigurationConflict, "no VPN is configured here"};
constexpr LeaseVerdict kNoClient{StatusCode::kMissingBindingInformation, "no client identifier"};
constexpr LeaseVerdict kNoBaseTime{StatusCode::kMissingBindingInformation, "no base-time"};
constexpr LeaseVerdict kNoLease{StatusCode::kMissingBindingInformation, "no lease"};
constexpr LeaseVerdict kIaTa{StatusCode::kConfigurationConflict,
                             "temporary addresses are not leased here"};
constexpr LeaseVerdict kBadLease{StatusCode::kConfigurationConflict,
                                 "a length above 128 or bits past the length"};
constexpr LeaseVerdict kNoStatus{StatusCode::kMissingBindingInformation, "no binding-status"};
constexpr LeaseVerdict kBadStatus{StatusCode::kMissingBindingInformation,
                                  "a binding-status that does not exist"};
constexpr LeaseVerdict kNoStartTime{StatusCode::kMissingBindingInformation,
                                    "no start-time-of-state"};
constexpr LeaseVerdict kNoExpiration{StatusCode::kMissingBindingInformation,
                                     "no state-expiration-time"};
constexpr LeaseVerdict kNoPartnerLifetime{StatusCode::kMissingBindingInformation,
                                          "no partner-lifetime"};
constexpr LeaseVerdict kFine{};

/// Neither is a time before 2000, which no honest partner says.
bool is_there(WallTime time) noexcept { return time.seconds > 0; }

/// No VPN but the global one (type 255 of RFC 6607 section 3.4), which it need not be told of.
bool is_other_vpn(const std::optional<Bytes>& vss) noexcept {
  return vss.has_value() && !(vss->size() == 1 && vss->front() == 255);
}

std::optional<std::vector<std::uint8_t>> copy_of(const std::optional<Bytes>& octets) {
  if (!octets) return std::nullopt;
  return std::vector<std::uint8_t>(octets->begin(), octets->end());
}

/// Of what is too long nothing is kept.
void keep(ShortBytes& kept, Bytes octets) noexcept {
  if (octets.size() <= kAttributeSizeMax) kept.assign(octets);
}

/// does the lease hold what section 7.4 requires?
LeaseVerdict verdict_on(const LeaseHead& head, const LeaseContents& contents,
                        const LeaseUpdate& update) noexcept {
  if (!head.is_lease()) return kBadLease;
  if (contents.is_malformed) return kMalformed;
  if (!contents.binding_status) return kNoStatus;
  if (*contents.binding_status < 1 || *contents.binding_status > 8) return kBadStatus;
  if (!is_there(update.start_time_of_state)) return kNoStartTime;
  if (update.status != BindingStatus::kActive) return kFine;
  if (!is_there(update.state_expiration_time)) return kNoExpiration;
  if (!is_there(update.partner_lifetime)) return kNoPartnerLifetime;
  return kFine;
}

/// What every lease says, bare or not.
BindingUpdate::Lease lease_of(const LeaseHead& head, const LeaseContents& contents) {
  BindingUpdate::Lease lease;
  LeaseUpdate& update = lease.update;
  update.lease = head.lease;
  update.preferred_lifetime = head.preferred_lifetime;
  update.valid_lifetime = head.valid_lifetime;
  lease.has_status = contents.binding_status.has_value();
  // As received, also one that does not exist: it is echoed, and the verdict keeps it from use.
  if (lease.has_status) update.status = static_cast<BindingStatus>(*contents.binding_status);
  update.start_time_of_state = contents.start_time_of_state;
  update.state_expiration_time = contents.state_expiration_time;
  update.partner_lifetime = contents.partner_lifetime;
  update.expiration_time = contents.expiration_time;
  return lease;
}

/// The time of the last contact, in the sender's clock; none when it makes no sense.
WallTime client_time(const LeaseContents& contents, WallTime base_time) noexcept {
  if (!contents.clt_time || !is_there(base_time)) return kNoTime;
  const WallTime time{base_time.seconds - *contents.clt_time};
  return is_there(time) ? time : kNoTime;
}

void take_client_part(const ClientPart& client, const LeaseContents& contents,
                      LeaseUpdate& update) noexcept {
  update.duid = client.duid;
  update.client_time = client_time(contents, client.base_time);
  update.partner_raw_clt_time = contents.partner_raw_clt_time;
  keep(update.client_fqdn, contents.client_fqdn);
  keep(update.remote_id, client.relay.remote_id);
  keep(update.interface_id, client.relay.interface_id);
  keep(update.reconfigure_key, client.reconfigure_key);
  keep(update.dns_removal_info,
       contents.dns_removal_info.empty() ? client.dns_removal_info : contents.dns_removal_info);
}

/// False: an option runs past the end.
bool read_ia_leases(const IaPart& ia, const ClientPart& client, WallTime now,
                    BindingUpdate& update) {
  OptionWalk walk(ia.options, Place::kFailoverIa);
  while (const auto option = walk.next()) {
    if (!is_lease_of(ia, option->code) || !option->fits) continue;
    const LeaseHead head = read_lease_head(option->code, option->value);
    auto contents = read_lease_contents(head.options, now);
    if (!contents) return false;
    if (contents->start_time_of_state.is_none()) {
      contents->start_time_of_state = ia.start_time_of_state;
    }
    BindingUpdate::Lease& lease = update.leases.emplace_back(lease_of(head, *contents));
    lease.in_ia_ta = ia.is_ia_ta;
    lease.update.ia_type = ia.type;
    lease.update.iaid = ia.iaid;
    lease.update.t1 = ia.t1;
    lease.update.t2 = ia.t2;
    take_client_part(client, *contents, lease.update);
    lease.verdict = ia.is_ia_ta ? kIaTa : verdict_on(head, *contents, lease.update);
  }
  return !walk.overran();
}

LeaseVerdict verdict_on(const ClientPart& client, bool ia_is_malformed,
                        const BindingUpdate& update) noexcept {
  if (is_other_vpn(client.vss)) return kOtherVpn;
  if (client.is_malformed || ia_is_malformed) return kMalformed;
  if (client.duid.empty()) return kNoClient;
  if (!is_there(client.base_time)) return kNoBaseTime;
  return update.leases.empty() ? kNoLease : kFine;
}

std::expected<BindingUpdate, ReadFault> read_client_data(Bytes octets, WallTime now) {
  const auto client = read_client_part(octets, now);
  if (!client) return std::unexpected(ReadFault::kOptionOverrun);
  BindingUpdate update;
  update.vss = copy_of(client->vss);
  bool ia_is_malformed = false;
  OptionWalk walk(octets, Place::kClientData);
  while (const auto option = walk.next()) {
    if (!is_ia(option->code) || !option->fits) continue;  // read_client_part has seen to that
    const auto ia = read_ia_part(*option, now);
    if (!ia || !read_ia_leases(*ia, *client, now, update)) {
      return std::unexpected(ReadFault::kOptionOverrun);
    }
    ia_is_malformed = ia_is_malformed || ia->is_malformed;
  }
  update.verdict = verdict_on(*client, ia_is_malformed, update);
  // Without its client a lease would look like a bare one.
  if (client->duid.empty()) update.leases.clear();
  return update;
}

LeaseVerdict verdict_on_bare(const LeaseHead& head, const LeaseContents& contents,
                             const LeaseUpdate& update) noexcept {
  const LeaseVerdict verdict = verdict_on(head, contents, update);
  if (verdict.status != StatusCode::kSuccess) return verdict;
  if (!is_there(contents.base_time)) return kNoBaseTime;
  return update.status == BindingStatus::kActive ? kNoClient : kFine;  // F-193
}

std::expected<BindingUpdate, ReadFault> read_bare_prefix(Bytes value, WallTime now) {
  const LeaseHead head = read_lease_head(OptionCode::kIaPrefix, value);
  const auto contents = read_lease_contents(head.options, now);
  if (!contents) return std::unexpected(ReadFault::kOptionOverrun);
  BindingUpdate update;
  update.vss = copy_of(contents->vss);
  if (is_other_vpn(contents->vss)) update.verdict = kOtherVpn;
  BindingUpdate::Lease& lease = update.leases.emplace_back(lease_of(head, *contents));
  lease.update.ia_type = IaType::kPrefixDelegation;
  lease.verdict = verdict_on_bare(head, *contents, lease.update);
  return update;
}

}  // namespace

std::expected<BindingUpdate, ReadFault> read_binding_update(Bytes options, WallTime now) {
  const auto found = find_containers(options);
  if (!found) return std::unexpected(ReadFault::kOptionOverrun);
  std::expected<BindingUpdate, ReadFault> update;
  if (found->client_data_count != 0) {
    update = read_client_data(found->client_data, now);
  } else if (found->prefix) {
    update = read_bare_prefix(*found->prefix, now);
  }
  const bool is_one = found->client_data_count + found->prefix_count == 1;
  if (!update || (is_one && (found->client_data_count == 1 || found->prefix))) return update;
  // F-196: refused, not guessed at. What was read of it makes the reply mirror it.
  update->verdict = is_one ? kMalformed : kNotOneContainer;
  return update;
}

}  // namespace tandem6
