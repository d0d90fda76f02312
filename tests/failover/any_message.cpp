#include "tests/failover/any_message.h"

#include <rapidcheck.h>

#include "tests/failover/golden.h"

namespace tandem6 {
namespace {

std::int64_t between(std::int64_t first, std::int64_t end) {
  return *rc::gen::inRange<std::int64_t>(first, end);
}
bool any_bool() { return *rc::gen::arbitrary<bool>(); }
std::uint32_t any_number() { return *rc::gen::arbitrary<std::uint32_t>(); }
Lifetime any_lifetime() { return Lifetime{any_number()}; }
Octets any_octets(std::size_t least, std::size_t most) {
  const auto size = static_cast<std::size_t>(
      between(static_cast<std::int64_t>(least), static_cast<std::int64_t>(most) + 1));
  return *rc::gen::container<Octets>(size, rc::gen::arbitrary<std::uint8_t>());
}
std::string any_text(std::size_t most) {
  std::string text;
  for (const std::uint8_t octet : any_octets(0, most)) {
    text += static_cast<char>(octet % 95 + ' ');
  }
  return text;
}
/// Within what 32 bits can tell.
WallTime any_time() {
  constexpr std::int64_t kReach = std::int64_t{1} << 29;
  return WallTime{kGoldenNow.seconds + between(-kReach, kReach)};
}
WallTime maybe_time() { return any_bool() ? any_time() : kNoTime; }
void maybe_assign(ShortBytes& out, std::size_t least) {
  if (any_bool()) out.assign(any_octets(least, 255));
}

Ipv6Prefix any_lease(IaType type) {
  const auto length =
      static_cast<std::uint8_t>(type == IaType::kPrefixDelegation ? between(0, 129) : 128);
  const Octets octets = any_octets(16, 16);
  return Ipv6Prefix{Ipv6Address::from_bytes(octets), length}.masked();
}

/// What a lease says of itself.
LeaseUpdate any_lease_of(const LeaseUpdate& of_client, IaType type) {
  LeaseUpdate lease = of_client;
  lease.lease = any_lease(type);
  lease.status = static_cast<BindingStatus>(between(1, 9));
  lease.preferred_lifetime = any_lifetime();
  lease.valid_lifetime = any_lifetime();
  lease.start_time_of_state = any_time();
  // A status without a timeout has none of these on the wire.
  if (lease.status == BindingStatus::kActive) {
    lease.state_expiration_time = any_time();
    lease.partner_lifetime = any_time();
    lease.expiration_time = maybe_time();
  } else if (any_bool()) {
    lease.state_expiration_time = any_time();
    lease.partner_lifetime = maybe_time();
    lease.expiration_time = maybe_time();
  }
  if (any_bool()) lease.client_time = WallTime{between(1, kGoldenNow.seconds + 1)};
  lease.partner_raw_clt_time = maybe_time();
  maybe_assign(lease.client_fqdn, 1);
  maybe_assign(lease.dns_removal_info, 1);
  return lease;
}

LeaseUpdate any_client() {
  LeaseUpdate client;
  const Octets duid = any_octets(3, 130);
  client.duid = Duid{std::span(duid)};
  maybe_assign(client.remote_id, 5);
  maybe_assign(client.interface_id, 1);
  maybe_assign(client.reconfigure_key, 4);
  return client;
}

BindingUpdate any_block() {
  LeaseUpdate block;
  block.ia_type = IaType::kPrefixDelegation;
  block.lease = any_lease(IaType::kPrefixDelegation);
  block.status = static_cast<BindingStatus>(between(2, 9));
  block.start_time_of_state = any_time();
  BindingUpdate update;
  update.leases.push_back({.update = block, .verdict = {}});
  return update;
}

BindingReply any_reply() {
  BindingUpdate update = any_update();
  BindingReply reply;
  const auto any_status = [] {
    return StatusReport{.code = static_cast<StatusCode>(between(0, 30)), .text = any_text(20)};
  };
  if (any_bool()) reply.status = any_status();
  for (const auto& item : update.leases) {
    BindingReply::Lease lease;
    lease.ack = {.duid = item.update.duid,
                 .ia_type = item.update.ia_type,
                 .iaid = item.update.iaid,
                 .lease = item.update.lease,
                 .status = item.update.status,
                 .state_expiration_time = item.update.state_expiration_time,
                 .partner_lifetime_sent = item.update.partner_lifetime};
    // What covers the lease: the whole's error, or else its own status; of a bare prefix there is
    // but one.
    if (reply.status.code != StatusCode::kSuccess || item.update.is_bare()) {
      lease.status = reply.status;
    } else if (any_bool()) {
      lease.status = any_status();
    }
    reply.leases.push_back(lease);
  }
  if (any_bool()) reply.vss = any_octets(1, 20);
  return reply;
}

ConnectionParameters any_parameters() {
  ConnectionParameters parameters;
  if (any_bool()) {
    parameters.version = ProtocolVersion{.major = static_cast<std::uint16_t>(any_number()),
                                         .minor = static_cast<std::uint16_t>(any_number())};
  }
  if (any_bool()) parameters.mclt = any_lifetime();
  if (any_bool()) parameters.keepalive = any_lifetime();
  if (any_bool()) parameters.max_unacked_bndupd = any_number();
  if (any_bool()) parameters.flags = static_cast<std::uint16_t>(any_number());
  parameters.relationship_name = any_text(64);
  parameters.fingerprint = any_octets(0, 300);
  return parameters;
}

std::optional<StatusReport> maybe_status(std::int64_t least) {
  if (any_bool()) return std::nullopt;
  return StatusReport{.code = static_cast<StatusCode>(between(least, 65536)), .text = any_text(60)};
}

State any_state() {
  State state{.state = static_cast<EndpointState>(between(2, 11)),
              .flags = ServerFlags{static_cast<std::uint8_t>(between(0, 8))},
              .start_time_of_state = any_time(),
              .partner_down_time = kNoTime};
  if (state.state == EndpointState::kPartnerDown) state.partner_down_time = maybe_time();
  return state;
}

FailoverMessage::Body any_body() {
  switch (between(0, 11)) {
    case 0:
      return Connect{.parameters = any_parameters()};
    case 1:
      return ConnectReply{.parameters = any_parameters(), .refusal = maybe_status(1)};
    case 2:
      return Disconnect{.status = maybe_status(0)};
    case 3:
      return any_state();
    case 4:
      return Contact{};
    case 5:
      return PoolRequest{};
    case 6:
      return PoolResponse{};
    case 7:
      return UpdateRequest{.all = any_bool()};
    case 8:
      return UpdateDone{};
    case 9:
      return any_update();
    default:
      return any_reply();
  }
}

}  // namespace

BindingUpdate any_update() {
  if (between(0, 4) == 0) return any_block();
  const LeaseUpdate client = any_client();
  BindingUpdate update;
  const std::int64_t ia_count = between(1, 5);
  for (std::uint32_t ia = 0; ia < ia_count; ++ia) {
    LeaseUpdate common = client;
    common.ia_type = any_bool() ? IaType::kPrefixDelegation : IaType::kNonTemporaryAddress;
    common.iaid = Iaid{any_number() << 3 | ia};  // each IA another one
    common.t1 = any_lifetime();
    common.t2 = any_lifetime();
    for (std::int64_t i = between(1, 4); i != 0; --i) {
      update.leases.push_back({.update = any_lease_of(common, common.ia_type), .verdict = {}});
    }
  }
  return update;
}

FailoverMessage any_message() {
  return {.transaction_id = any_number() & 0xffffff, .sent_time = any_time(), .body = any_body()};
}

}  // namespace tandem6
