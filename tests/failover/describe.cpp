#include "tests/failover/describe.h"

#include <sstream>

#include "dataplane/wire/print.h"

namespace tandem6 {
namespace {

class Describer {
 public:
  [[nodiscard]] std::string text() const { return out_.str(); }

  void header(const FailoverMessage& message) {
    out_ << name_of(message.type()) << " id " << message.transaction_id << " sent "
         << message.sent_time.seconds << '\n';
  }
  void operator()(const Connect& message) { parameters(message.parameters); }
  void operator()(const ConnectReply& message) {
    parameters(message.parameters);
    status("refusal", message.refusal);
  }
  void operator()(const Disconnect& message) { status("status", message.status); }
  void operator()(const State& message) {
    out_ << "state " << name_of(message.state) << " flags " << int{message.flags.octet} << " since "
         << message.start_time_of_state.seconds << " partner down "
         << message.partner_down_time.seconds << '\n';
  }
  void operator()(const Contact&) {}
  void operator()(const PoolRequest&) {}
  void operator()(const PoolResponse&) {}
  void operator()(const UpdateRequest&) {}
  void operator()(const UpdateDone&) {}
  void operator()(const BindingUpdate& update);
  void operator()(const BindingReply& reply);

 private:
  void parameters(const ConnectionParameters& parameters);
  template <typename Number>
  void number(const char* name, const std::optional<Number>& value) {
    if (value) out_ << name << ' ' << *value << '\n';
  }
  void time(const char* name, WallTime value) {
    if (!value.is_none()) out_ << "    " << name << ' ' << value.seconds << '\n';
  }
  void octets(const char* name, std::span<const std::uint8_t> value) {
    if (!value.empty()) out_ << "    " << name << ' ' << print_hex(value) << '\n';
  }
  void status(const char* name, const std::optional<StatusReport>& report) {
    if (!report) return;
    out_ << name << ' ' << static_cast<int>(report->code) << " \"" << report->text << "\"\n";
  }
  void vss(const std::optional<std::vector<std::uint8_t>>& value) {
    if (value) out_ << "vss " << print_hex(*value) << '\n';
  }
  void who(const Duid& duid, IaType type, Iaid iaid, bool in_ia_ta, const Ipv6Prefix& lease) {
    out_ << "  " << print_hex(duid.bytes()) << " ia " << static_cast<int>(type) << ' ' << iaid.value
         << (in_ia_ta ? " TA " : " ") << lease.to_string() << '\n';
  }

  std::ostringstream out_;
};

void Describer::parameters(const ConnectionParameters& parameters) {
  if (parameters.version) {
    out_ << "version " << parameters.version->major << '.' << parameters.version->minor << '\n';
  }
  if (parameters.mclt) out_ << "mclt " << parameters.mclt->seconds << '\n';
  if (parameters.keepalive) out_ << "keepalive " << parameters.keepalive->seconds << '\n';
  number("max-unacked", parameters.max_unacked_bndupd);
  number("flags", parameters.flags);
  out_ << "name \"" << parameters.relationship_name << "\"\n";
  octets("fingerprint", parameters.fingerprint);
}

void Describer::operator()(const BindingUpdate& update) {
  vss(update.vss);
  out_ << "verdict " << static_cast<int>(update.verdict.status) << '\n';
  for (const BindingUpdate::Lease& item : update.leases) {
    const LeaseUpdate& lease = item.update;
    who(lease.duid, lease.ia_type, lease.iaid, item.in_ia_ta, lease.lease);
    out_ << "    verdict " << static_cast<int>(item.verdict.status) << " has status "
         << item.has_status << " status " << static_cast<int>(lease.status) << " t1 "
         << lease.t1.seconds << " t2 " << lease.t2.seconds << " preferred "
         << lease.preferred_lifetime.seconds << " valid " << lease.valid_lifetime.seconds << '\n';
    time("client-time", lease.client_time);
    time("start-time-of-state", lease.start_time_of_state);
    time("state-expiration-time", lease.state_expiration_time);
    time("partner-lifetime", lease.partner_lifetime);
    time("partner-raw-clt-time", lease.partner_raw_clt_time);
    time("expiration-time", lease.expiration_time);
    octets("client-fqdn", lease.client_fqdn.bytes());
    octets("remote-id", lease.remote_id.bytes());
    octets("interface-id", lease.interface_id.bytes());
    octets("dns-removal-info", lease.dns_removal_info.bytes());
    octets("reconfigure-key", lease.reconfigure_key.bytes());
  }
}

void Describer::operator()(const BindingReply& reply) {
  vss(reply.vss);
  status("status", reply.status);
  for (const BindingReply::Lease& item : reply.leases) {
    const LeaseAck& ack = item.ack;
    who(ack.duid, ack.ia_type, ack.iaid, item.in_ia_ta, ack.lease);
    out_ << "    has status " << item.has_status << " status " << static_cast<int>(ack.status)
         << '\n';
    status("    error", item.status);
    time("state-expiration-time", ack.state_expiration_time);
    time("partner-lifetime-sent", ack.partner_lifetime_sent);
  }
}

}  // namespace

std::string describe(const FailoverMessage& message) {
  Describer describer;
  describer.header(message);
  std::visit([&](const auto& body) { describer(body); }, message.body);
  return describer.text();
}

std::string describe(const BindingUpdate& update) {
  Describer describer;
  describer(update);
  return describer.text();
}

std::string describe(const BindingReply& reply) {
  Describer describer;
  describer(reply);
  return describer.text();
}

}  // namespace tandem6
