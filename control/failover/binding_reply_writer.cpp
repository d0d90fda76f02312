#include <algorithm>

#include "control/failover/binding_writer.h"
#include "control/failover/lease_groups.h"
#include "control/failover/message_writer.h"
#include "control/failover/status_report.h"
#include "control/failover/wire_time.h"

namespace tandem6 {
namespace {

/// What is echoed, bit for bit; 114 and 134 as received, 124 for the received 123 (F-253).
void write_echo(OctetWriter& writer, const BindingReply::Lease& lease) {
  const LeaseAck& ack = lease.ack;
  if (lease.has_status) {
    writer.option_u8(OptionCode::kBindingStatus, static_cast<std::uint8_t>(ack.status));
  }
  if (!ack.state_expiration_time.is_none()) {
    writer.option_u32(OptionCode::kStateExpirationTime, wire_time_of(ack.state_expiration_time));
  }
  if (!ack.partner_lifetime_sent.is_none()) {
    writer.option_u32(OptionCode::kPartnerLifetimeSent, wire_time_of(ack.partner_lifetime_sent));
  }
}

void write_vss(OctetWriter& writer, const BindingReply& reply) {
  if (reply.vss) writer.option(OptionCode::kVirtualSubnetSelection, *reply.vss);
}

void write_bare_prefix(OctetWriter& writer, const BindingReply& reply) {
  const BindingReply::Lease& lease = reply.leases.front();
  const std::size_t option =
      begin_lease(writer, IaType::kPrefixDelegation, lease.ack.lease, Lifetime{}, Lifetime{});
  write_vss(writer, reply);
  write_status_if_telling(writer, is_error(reply.status) ? reply.status : lease.status);
  write_echo(writer, lease);
  writer.end(option);
}

void write_client_data(OctetWriter& writer, const BindingReply& reply) {
  const std::size_t option = writer.begin(OptionCode::kClientData);
  if (!reply.leases.empty()) {
    writer.option(OptionCode::kClientId, reply.leases.front().ack.duid.bytes());
  }
  write_vss(writer, reply);
  write_status_if_telling(writer, reply.status);
  std::size_t ia = 0;
  const auto begin_ia = [&](const BindingReply::Lease& first) {
    ia = writer.begin(key_of(first).code);
    writer.u32(first.ack.iaid.value);
    if (!first.in_ia_ta) writer.zeros(8);  // T1 and T2 say nothing here
  };
  const auto write_lease = [&](const BindingReply::Lease& lease) {
    const std::size_t inner =
        begin_lease(writer, lease.ack.ia_type, lease.ack.lease, Lifetime{}, Lifetime{});
    // The error of the whole covers the lease already.
    if (!is_error(reply.status)) write_status_if_telling(writer, lease.status);
    write_echo(writer, lease);
    writer.end(inner);
  };
  for_each_ia(reply.leases, begin_ia, write_lease, [&] { writer.end(ia); });
  writer.end(option);
}

bool drop_texts(BindingReply& reply) {
  bool any = !reply.status.text.empty();
  reply.status.text.clear();
  for (BindingReply::Lease& lease : reply.leases) {
    any = any || !lease.status.text.empty();
    lease.status.text.clear();
  }
  return any;
}

/// One error at the top instead of one in each lease; what was accepted is sent again.
bool refuse_whole(BindingReply& reply) {
  if (is_error(reply.status)) return false;
  const auto refused = std::ranges::find_if(
      reply.leases, [](const BindingReply::Lease& lease) { return is_error(lease.status); });
  if (refused == reply.leases.end()) return false;
  reply.status = refused->status;
  for (BindingReply::Lease& lease : reply.leases) lease.status = reply.status;
  return true;
}

StatusReport report_of(const LeaseVerdict& verdict) {
  return {.code = verdict.status, .text = verdict.reason};
}

}  // namespace

void write_binding_reply(OctetWriter& writer, const BindingReply& reply) {
  if (reply.leases.size() == 1 && reply.leases.front().ack.duid.empty()) {
    write_bare_prefix(writer, reply);
  } else {
    write_client_data(writer, reply);
  }
}

bool shorten(BindingReply& reply) {
  if (drop_texts(reply) || refuse_whole(reply)) return true;
  if (!reply.leases.empty()) {
    reply.leases.clear();
    if (!is_error(reply.status)) reply.status.code = StatusCode::kUnspecFail;
    return true;
  }
  const bool has_vss = reply.vss.has_value();
  reply.vss.reset();
  return has_vss;
}

BindingReply reply_to(const BindingUpdate& update) {
  BindingReply reply;
  reply.vss = update.vss;
  reply.status = report_of(update.verdict);
  reply.leases.reserve(update.leases.size());
  for (const BindingUpdate::Lease& lease : update.leases) {
    const LeaseUpdate& content = lease.update;
    reply.leases.push_back(
        {.ack = {.duid = content.duid,
                 .ia_type = content.ia_type,
                 .iaid = content.iaid,
                 .lease = content.lease,
                 .status = content.status,
                 .state_expiration_time = content.state_expiration_time,
                 .partner_lifetime_sent = content.partner_lifetime},
         .status = is_error(reply.status) ? reply.status : report_of(lease.verdict),
         .has_status = lease.has_status,
         .in_ia_ta = lease.in_ia_ta});
    // A bare prefix has but one level.
    if (content.is_bare()) reply.status = reply.leases.back().status;
  }
  return reply;
}

}  // namespace tandem6
