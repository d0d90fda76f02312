#include "control/failover/binding_container.h"
#include "control/failover/binding_reader.h"
#include "control/failover/lease_contents.h"
#include "control/failover/status_report.h"

namespace tandem6 {
namespace {

/// The outermost error covers all that is nested in it (F-257); of no error the innermost text.
StatusReport covering(const StatusReport& whole, const std::optional<StatusReport>& ia,
                      const std::optional<StatusReport>& lease) {
  if (is_error(whole)) return whole;
  if (ia && is_error(*ia)) return *ia;
  return lease.value_or(StatusReport{});
}

BindingReply::Lease lease_of(const LeaseHead& head, const LeaseContents& contents) {
  BindingReply::Lease lease;
  lease.ack.lease = head.lease;
  lease.has_status = contents.binding_status.has_value();
  if (lease.has_status) lease.ack.status = static_cast<BindingStatus>(*contents.binding_status);
  lease.ack.state_expiration_time = contents.state_expiration_time;
  lease.ack.partner_lifetime_sent = contents.partner_lifetime_sent;
  return lease;
}

/// The fault of the IA, or nullopt.
std::optional<ReadFault> read_ia(const WalkedOption& option, const ClientPart& client, WallTime now,
                                 BindingReply& reply) {
  const auto ia = read_ia_part(option, now);
  if (!ia) return ReadFault::kOptionOverrun;
  if (ia->is_malformed) return ReadFault::kMalformedValue;
  OptionWalk walk(ia->options, Place::kFailoverIa);
  while (const auto inner = walk.next()) {
    if (!is_lease_of(*ia, inner->code)) continue;
    const LeaseHead head = read_lease_head(inner->code, inner->value);
    const auto contents = read_lease_contents(head.options, now);
    if (!contents) return ReadFault::kOptionOverrun;
    if (contents->is_malformed) return ReadFault::kMalformedValue;
    // Neither is anything that we can have sent, and an IA_TA would look like an IA_NA here.
    if (!head.is_lease() || ia->is_ia_ta) continue;
    BindingReply::Lease& lease = reply.leases.emplace_back(lease_of(head, *contents));
    lease.ack.duid = client.duid;
    lease.ack.ia_type = ia->type;
    lease.ack.iaid = ia->iaid;
    lease.status = covering(reply.status, ia->status, contents->status);
  }
  return std::nullopt;
}

std::expected<BindingReply, ReadFault> read_client_data(Bytes octets, BindingReply reply,
                                                        WallTime now) {
  const auto client = read_client_part(octets, now);
  if (!client) return std::unexpected(ReadFault::kOptionOverrun);
  if (client->is_malformed) return std::unexpected(ReadFault::kMalformedValue);
  if (client->vss) reply.vss.emplace(client->vss->begin(), client->vss->end());
  if (!is_error(reply.status) && client->status) reply.status = *client->status;
  OptionWalk walk(octets, Place::kClientData);
  while (const auto option = walk.next()) {
    if (!is_ia(option->code)) continue;
    if (const auto fault = read_ia(*option, *client, now, reply)) return std::unexpected(*fault);
  }
  // Without its client a lease would look like a bare one, and nobody could say whose is acked.
  if (client->duid.empty()) reply.leases.clear();
  return reply;
}

std::expected<BindingReply, ReadFault> read_bare_prefix(Bytes value, BindingReply reply,
                                                        WallTime now) {
  const LeaseHead head = read_lease_head(OptionCode::kIaPrefix, value);
  const auto contents = read_lease_contents(head.options, now);
  if (!contents) return std::unexpected(ReadFault::kOptionOverrun);
  if (contents->is_malformed) return std::unexpected(ReadFault::kMalformedValue);
  if (contents->vss) reply.vss.emplace(contents->vss->begin(), contents->vss->end());
  if (!is_error(reply.status) && contents->status) reply.status = *contents->status;
  if (!head.is_lease()) return reply;  // nothing that we can have sent
  BindingReply::Lease& lease = reply.leases.emplace_back(lease_of(head, *contents));
  lease.ack.ia_type = IaType::kPrefixDelegation;
  lease.status = reply.status;
  return reply;
}

}  // namespace

std::expected<BindingReply, ReadFault> read_binding_reply(Bytes options, WallTime now) {
  const auto found = find_containers(options);
  if (!found) return std::unexpected(ReadFault::kOptionOverrun);
  BindingReply reply;
  // Nothing says that a status may stand at the top; an error there acks nothing, to be safe.
  if (found->status) reply.status = *found->status;
  if (found->client_data_count != 0) {
    return read_client_data(found->client_data, std::move(reply), now);
  }
  if (found->prefix) return read_bare_prefix(*found->prefix, std::move(reply), now);
  if (found->prefix_count != 0) return std::unexpected(ReadFault::kMalformedValue);
  return reply;
}

}  // namespace tandem6
