#include "tests/failover/golden.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace tandem6 {
namespace {

const std::filesystem::path kFolder = TANDEM6_GOLDEN;

FailoverMessage message(std::uint32_t id, std::int64_t sent, FailoverMessage::Body body) {
  return {.transaction_id = id, .sent_time = WallTime{sent}, .body = std::move(body)};
}

Duid duid_of(const Octets& octets) { return Duid{std::span(octets)}; }
Ipv6Prefix address(const char* text) { return {Ipv6Address::parse(text).value(), 128}; }

BindingUpdate::Lease lease_of(const LeaseUpdate& update) {
  return {.update = update, .verdict = {}};
}

BindingUpdate full_update() {
  LeaseUpdate lease;
  lease.duid = duid_of({0, 3, 0, 1, 2, 0, 0x5e, 0x10, 0, 1});
  lease.iaid = Iaid{42};
  lease.lease = address("2001:db8::101");
  lease.t1 = Lifetime{1800};
  lease.t2 = Lifetime{2880};
  lease.preferred_lifetime = Lifetime{3000};
  lease.valid_lifetime = Lifetime{3600};
  lease.client_time = WallTime{0x32fffff0};
  lease.start_time_of_state = WallTime{0x32fffff0};
  lease.state_expiration_time = WallTime{0x33000e00};
  lease.partner_lifetime = WallTime{0x33040000};
  lease.expiration_time = WallTime{0x33020000};
  lease.partner_raw_clt_time = WallTime{0x32ffff80};
  lease.client_fqdn.assign(Octets{1, 4, 'h', 'o', 's', 't'});
  lease.interface_id.assign(Octets{'e', 't', 'h', '0'});
  lease.remote_id.assign(Octets{0, 0, 0, 9, 'o', 'l', 't', '7'});
  lease.reconfigure_key.assign(Octets{0x32, 0xff, 0xff, 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66});
  lease.dns_removal_info.assign(Octets{0, 117, 0,   6,   4,   'h', 'o', 's', 't', 0, 0, 118, 0,
                                       5, 3,   'n', 'e', 't', 0,   0,   119, 0,   2, 0, 0xb});
  BindingUpdate update;
  update.leases = {lease_of(lease)};
  return update;
}

BindingUpdate several_leases() {
  LeaseUpdate active;
  active.duid = duid_of({0, 2, 0, 0, 0, 9, 1});
  active.iaid = Iaid{1};
  active.lease = address("2001:db8::1");
  active.preferred_lifetime = Lifetime{60};
  active.valid_lifetime = Lifetime{120};
  LeaseUpdate expired = active;
  LeaseUpdate released = active;
  active.start_time_of_state = WallTime{0x32fffff0};
  active.state_expiration_time = WallTime{0x33000040};
  active.partner_lifetime = WallTime{0x33000080};
  expired.lease = address("2001:db8::3");
  expired.status = BindingStatus::kExpired;
  expired.start_time_of_state = WallTime{0x32fffe00};
  expired.client_time = WallTime{0x32fffe00};
  released.ia_type = IaType::kPrefixDelegation;
  released.lease = Ipv6Prefix::parse("2001:db8:1:100::/56").value();
  released.status = BindingStatus::kReleased;
  released.t1 = Lifetime{30};
  released.t2 = Lifetime{48};
  released.start_time_of_state = kGoldenNow;
  released.client_time = kGoldenNow;
  BindingUpdate update;
  update.leases = {lease_of(active), lease_of(expired), lease_of(released)};
  return update;
}

BindingUpdate bare_prefix() {
  LeaseUpdate block;
  block.ia_type = IaType::kPrefixDelegation;
  block.lease = Ipv6Prefix::parse("2001:db8:8000::/40").value();
  block.status = BindingStatus::kFreeBackup;
  block.start_time_of_state = WallTime{0x32ffffff};
  BindingUpdate update;
  update.leases = {lease_of(block)};
  return update;
}

LeaseAck ack_of(const LeaseUpdate& update) {
  return {.duid = update.duid,
          .ia_type = update.ia_type,
          .iaid = update.iaid,
          .lease = update.lease,
          .status = update.status,
          .state_expiration_time = update.state_expiration_time,
          .partner_lifetime_sent = update.partner_lifetime};
}

BindingReply accepting(const BindingUpdate& update) {
  BindingReply reply;
  for (const auto& lease : update.leases) {
    reply.leases.push_back({.ack = ack_of(lease.update), .status = {}});
  }
  return reply;
}

BindingReply one_refused() {
  BindingReply reply = accepting(several_leases());
  reply.leases[1].status = {.code = StatusCode::kOutdatedBindingInformation, .text = "newer here"};
  return reply;
}

BindingReply refused() {
  BindingReply reply = accepting(full_update());
  reply.vss = Octets{0, 'v', 'p', 'n'};
  reply.status = {.code = StatusCode::kConfigurationConflict, .text = "no such VPN"};
  reply.leases[0].status = reply.status;
  return reply;
}

Connect connect() {
  return {.parameters = {.version = ProtocolVersion{.major = 1, .minor = 0},
                         .mclt = Lifetime{3600},
                         .keepalive = Lifetime{60},
                         .max_unacked_bndupd = 100,
                         .flags = ConnectionParameters::kFixedPdLength,
                         .relationship_name = "pair",
                         .fingerprint = {0xaa, 0xbb, 0xcc}}};
}

ConnectReply connect_reply() {
  return {.parameters = {.version = ProtocolVersion{.major = 1, .minor = 0},
                         .mclt = Lifetime{3600},
                         .keepalive = Lifetime{30},
                         .max_unacked_bndupd = 10,
                         .flags = ConnectionParameters::kFixedPdLength,
                         .relationship_name = {},
                         .fingerprint = {}},
          .refusal = std::nullopt};
}

State state(EndpointState state, std::uint8_t flags, std::int64_t since, std::int64_t down) {
  return {.state = state,
          .flags = ServerFlags{flags},
          .start_time_of_state = WallTime{since},
          .partner_down_time = WallTime{down}};
}

}  // namespace

std::vector<Golden> golden_messages() {
  const std::int64_t now = kGoldenNow.seconds;
  const ConnectReply no{
      .parameters = {},
      .refusal = StatusReport{.code = StatusCode::kNotSupported, .text = "1.0 only"}};
  const Disconnect end{
      .status = StatusReport{.code = StatusCode::kServerShuttingDown, .text = "going down"}};
  return {
      {"connect", message(0x010203, now, connect())},
      {"connect_reply", message(0x010203, now + 1, connect_reply())},
      {"connect_reply_refused", message(0x010203, now + 1, no)},
      {"disconnect", message(9, now, end)},
      {"state", message(0xffffff, now, state(EndpointState::kNormal, 1, 0x32000000, 0))},
      {"state_partner_down",
       message(1, now, state(EndpointState::kPartnerDown, 7, 0x32ff0000, 0x32feffff))},
      {"contact", message(2, now, Contact{})},
      {"poolreq", message(3, now, PoolRequest{})},
      {"poolresp", message(3, now, PoolResponse{})},
      {"updreq", message(4, now, UpdateRequest{.all = false})},
      {"updreqall", message(4, now, UpdateRequest{.all = true})},
      {"upddone", message(4, now, UpdateDone{})},
      {"bndupd", message(7, now, full_update())},
      {"bndupd_several", message(8, now, several_leases())},
      {"bndupd_bare", message(9, now, bare_prefix())},
      {"bndreply", message(7, now + 2, accepting(full_update()))},
      {"bndreply_one_refused", message(8, now, one_refused())},
      {"bndreply_refused", message(7, now, refused())},
      {"bndreply_bare", message(9, now, accepting(bare_prefix()))},
  };
}

Octets golden_octets(const std::string& name) {
  std::ifstream file(kFolder / (name + ".hex"));
  if (!file) throw std::runtime_error("no golden file " + name);
  Octets octets;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    for (std::string word; words >> word;) {
      octets.push_back(static_cast<std::uint8_t>(std::stoul(word, nullptr, 16)));
    }
  }
  return octets;
}

std::vector<std::string> golden_files() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace tandem6
