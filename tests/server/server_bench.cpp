#include "tests/server/server_bench.h"

#include <gtest/gtest.h>

#include <sstream>

#include "dataplane/wire/cursor.h"

namespace tandem6 {

namespace {

const std::string kPortNames[] = {"access", "other"};

std::vector<ReplyOption> read_options(Bytes octets) {
  std::vector<ReplyOption> options;
  Cursor cursor(octets);
  while (!cursor.at_end()) {
    const OptionView option = next_option(cursor);
    if (!cursor.ok()) {
      ADD_FAILURE() << "an option of the reply runs past its end";
      break;
    }
    options.push_back({option.code, Octets(option.value.begin(), option.value.end())});
  }
  return options;
}

StatusCode read_status(const Octets& value) {
  Cursor cursor(value);
  const auto code = static_cast<StatusCode>(cursor.u16());
  EXPECT_TRUE(cursor.ok());
  return code;
}

ReplyLease read_lease(const ReplyOption& option) {
  Cursor cursor(option.value);
  ReplyLease lease;
  if (option.code == static_cast<std::uint16_t>(OptionCode::kIaAddr)) {
    lease.lease = {Ipv6Address::from_bytes(cursor.bytes(16)), 128};
    lease.preferred = cursor.u32();
    lease.valid = cursor.u32();
  } else {
    lease.preferred = cursor.u32();
    lease.valid = cursor.u32();
    lease.lease.length = cursor.u8();
    lease.lease.address = Ipv6Address::from_bytes(cursor.bytes(16));
    EXPECT_EQ(lease.lease, lease.lease.masked());  // S-147
  }
  EXPECT_TRUE(cursor.ok());
  EXPECT_LE(lease.preferred, lease.valid);  // S-180
  lease.options = read_options(cursor.rest());
  return lease;
}

ReplyIa read_ia(const ReplyOption& option) {
  Cursor cursor(option.value);
  ReplyIa ia;
  ia.type = option.code == static_cast<std::uint16_t>(OptionCode::kIaNa)
                ? IaType::kNonTemporaryAddress
                : IaType::kPrefixDelegation;
  ia.iaid.value = cursor.u32();
  ia.t1 = cursor.u32();
  ia.t2 = cursor.u32();
  EXPECT_TRUE(cursor.ok());
  if (ia.t1 != 0 && ia.t2 != 0) {
    EXPECT_LE(ia.t1, ia.t2);  // S-181
  }
  for (const ReplyOption& inner : read_options(cursor.rest())) {
    switch (static_cast<OptionCode>(inner.code)) {
      case OptionCode::kIaAddr:
      case OptionCode::kIaPrefix:
        ia.leases.push_back(read_lease(inner));
        break;
      case OptionCode::kStatusCode:
        ia.status = read_status(inner.value);
        break;
      default:
        ADD_FAILURE() << "option " << inner.code << " inside an IA of the reply";
    }
  }
  return ia;
}

void read_message(Bytes octets, Reply& reply) {
  reply.inner_octets.assign(octets.begin(), octets.end());
  Cursor cursor(octets);
  reply.type = static_cast<MessageType>(cursor.u8());
  reply.transaction_id = cursor.u24();
  reply.options = read_options(cursor.rest());
  for (const ReplyOption& option : reply.options) {
    switch (static_cast<OptionCode>(option.code)) {
      case OptionCode::kIaNa:
      case OptionCode::kIaPd:
        reply.ias.push_back(read_ia(option));
        break;
      case OptionCode::kStatusCode:
        reply.status = read_status(option.value);
        break;
      default:
        break;
    }
  }
}

void read_reply(Bytes octets, Reply& reply) {
  reply.octets.assign(octets.begin(), octets.end());
  while (!octets.empty() && octets[0] == static_cast<std::uint8_t>(MessageType::kRelayReply)) {
    Cursor cursor(octets.subspan(1));
    Reply::Relay relay;
    relay.hop_count = cursor.u8();
    relay.link_address = Ipv6Address::from_bytes(cursor.bytes(16));
    relay.peer_address = Ipv6Address::from_bytes(cursor.bytes(16));
    Bytes inner;
    while (!cursor.at_end()) {
      const OptionView option = next_option(cursor);
      if (!cursor.ok()) break;
      if (option.code == static_cast<std::uint16_t>(OptionCode::kRelayMessage)) {
        inner = option.value;
      } else {
        relay.options.push_back({option.code, Octets(option.value.begin(), option.value.end())});
      }
    }
    EXPECT_TRUE(cursor.ok());
    EXPECT_FALSE(inner.empty());
    reply.relays.push_back(relay);
    octets = inner;
  }
  read_message(octets, reply);
}

}  // namespace

std::optional<Octets> Reply::option(OptionCode code) const {
  for (const ReplyOption& each : options) {
    if (each.code == static_cast<std::uint16_t>(code)) return each.value;
  }
  return std::nullopt;
}

std::size_t Reply::count(OptionCode code) const {
  return static_cast<std::size_t>(std::ranges::count_if(options, [&](const ReplyOption& each) {
    return each.code == static_cast<std::uint16_t>(code);
  }));
}

const ReplyIa& Reply::ia(IaType type, std::uint32_t iaid) const {
  for (const ReplyIa& each : ias) {
    if (each.type == type && each.iaid.value == iaid) return each;
  }
  ADD_FAILURE() << "no IA " << iaid << " in the reply (drop: " << name_of(drop) << ")";
  static const ReplyIa kNone{.type = type, .iaid = {}, .leases = {}, .status = {}};
  return kNone;
}

ServerBench::ServerBench(ServerSettings its_settings, unsigned shard_count,
                         std::uint32_t binding_count_max, std::uint32_t change_ring_size)
    : settings(std::move(its_settings)) {
  pools = std::make_unique<Pools>(settings, shard_count, binding_count_max);
  service = std::make_unique<Service>(settings, kPortNames, *pools, shard_count, &relationships);
  for (unsigned id = 0; id < shard_count; ++id) {
    shards.push_back(std::make_unique<Shard>(static_cast<ShardId>(id),
                                             Shard::Capacity{.binding_count_max = binding_count_max,
                                                             .change_ring_size = change_ring_size},
                                             service->key()));
    counters.push_back(std::make_unique<WireCounters>());
    responders.push_back(std::make_unique<Responder>(*service, *shards[id], *counters[id]));
  }
}

ServerSettings ServerBench::default_settings() {
  ServerSettings settings;
  settings.server_duid = server_duid();
  settings.allocation_key = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  settings.links.push_back(default_link());
  return settings;
}

LinkSettings ServerBench::default_link() {
  LinkSettings link;
  link.name = "lan";
  link.matches.push_back({.link_address = std::nullopt,
                          .port = "access",
                          .interface_id = std::nullopt,
                          .relay = std::nullopt});
  link.matches.push_back({.link_address = Ipv6Prefix::parse("2001:db8:7::/64"),
                          .port = std::nullopt,
                          .interface_id = std::nullopt,
                          .relay = std::nullopt});
  link.address_pools.push_back(*Ipv6Prefix::parse("2001:db8:7::/64"));
  link.prefix_pools.push_back({*Ipv6Prefix::parse("2001:db8:8000::/40"), 56, std::nullopt});
  link.lifetimes = {
      .preferred = Lifetime{3000}, .valid = Lifetime{6000}, .t1 = std::nullopt, .t2 = std::nullopt};
  const Ipv6Address dns = *Ipv6Address::parse("2001:db8::53");
  link.options.push_back(
      {.code = 23,
       .octets = encoded_option(23, Octets(dns.octets.begin(), dns.octets.end())),
       .always = false});
  return link;
}

LinkSettings ServerBench::second_link() {
  LinkSettings link = default_link();
  link.name = "dsl";
  link.matches[0].port = "other";
  link.matches[1].link_address = Ipv6Prefix::parse("2001:db8:9::/64");
  link.address_pools = {*Ipv6Prefix::parse("2001:db8:9::/64")};
  link.prefix_pools = {{*Ipv6Prefix::parse("2001:db8:9000::/40"), 56, std::nullopt}};
  link.options.clear();
  return link;
}

ServerSettings ServerBench::two_links() {
  ServerSettings settings = default_settings();
  settings.links.push_back(second_link());
  return settings;
}

ServerSettings ServerBench::pair_settings() {
  ServerSettings settings = default_settings();
  settings.links[0].relationship = 0;
  return settings;
}

Duid ServerBench::server_duid() { return Duid(Octets{0, 3, 0, 1, 0x02, 0, 0, 0, 0, 0x01}); }

Duid ServerBench::client_duid(std::uint32_t number) {
  Octets octets{0, 3, 0, 1, 0x02, 0x99};
  put_number(octets, number, 4);
  return Duid(octets);
}

Envelope ServerBench::direct_envelope() {
  return {.source = *Ipv6Address::parse("fe80::c1"),
          .destination = *Ipv6Address::parse("ff02::1:2"),
          .source_port = 546,
          .port = 0};
}

Envelope ServerBench::direct_from(const Ipv6Address& source, std::uint16_t port) {
  Envelope envelope = direct_envelope();
  envelope.source = source;
  envelope.port = port;
  return envelope;
}

void ServerBench::reconfigure(const ServerSettings& its_settings) {
  later_settings_.push_back(std::make_unique<ServerSettings>(its_settings));
  later_services_.push_back(std::make_unique<Service>(*later_settings_.back(), kPortNames, *pools,
                                                      static_cast<unsigned>(shards.size()),
                                                      &relationships));
  for (const auto& responder : responders) responder->use(*later_services_.back());
}

Envelope ServerBench::relay_envelope() {
  return {.source = *Ipv6Address::parse("2001:db8:aaaa::1"),
          .destination = *Ipv6Address::parse("ff05::1:3"),
          .source_port = 547,
          .port = 0};
}

Reply ServerBench::send(const Octets& datagram, const Envelope& envelope) {
  Reply reply;
  ParsedMessage message;
  // On a heap buffer of the exact size, so that a sanitizer sees any overrun.
  const Octets exact(datagram);
  reply.drop = parse(exact, message, *counters[0]);
  if (reply.drop != DropReason::kNone) {
    counters[0]->drop(reply.drop);
    return reply;
  }
  const ShardId home = message.client_id.empty()
                           ? ShardId{0}
                           : service->home_of(service->client_key(message.client_id));
  Octets buffer(buffer_size, 0xa5);
  const Outcome outcome = responders[home]->respond(envelope, message, now, buffer);
  reply.drop = outcome.drop;
  reply.change_number = outcome.change_number;
  reply.destination = outcome.destination;
  reply.destination_port = outcome.destination_port;
  if (reply.sent()) read_reply(Bytes(buffer).first(outcome.size), reply);
  drain_changes();
  return reply;
}

void ServerBench::acknowledge(const Ipv6Prefix& lease) {
  Binding& binding = binding_at(lease);
  binding.acked_partner_lifetime = binding.partner_lifetime;
  binding.acked_partner_lifetime_max =
      std::max(WallTime(binding.acked_partner_lifetime_max), WallTime(binding.partner_lifetime));
}

void ServerBench::pass(std::uint32_t seconds) {
  const WallTime until{now.seconds + seconds};
  while (now < until) {
    now.seconds = std::min(until.seconds, now.seconds + std::max<std::int64_t>(seconds / 100, 1));
    for (const auto& responder : responders) {
      while (responder->expire(now, 64) != 0) drain_changes();
    }
  }
  drain_changes();
}

std::uint64_t ServerBench::dropped(DropReason reason) const {
  std::uint64_t sum = 0;
  for (const auto& each : counters) sum += each->dropped[static_cast<std::size_t>(reason)].read();
  return sum;
}

std::uint64_t ServerBench::odd(OddReason reason) const {
  std::uint64_t sum = 0;
  for (const auto& each : counters) sum += each->odd[static_cast<std::size_t>(reason)].read();
  return sum;
}

std::uint64_t ServerBench::live_bindings(BindingStatus status) const {
  std::uint64_t count = 0;
  for (const auto& shard : shards) {
    for (BindingIndex at = shard->first_from(0); at != kNoBinding; at = shard->first_from(at + 1)) {
      count += shard->at(at).status == status;
    }
  }
  return count;
}

std::string ServerBench::digest() const {
  std::ostringstream text;
  for (const auto& shard : shards) {
    for (BindingIndex at = shard->first_from(0); at != kNoBinding; at = shard->first_from(at + 1)) {
      const Binding& b = shard->at(at);
      text << at << ' ' << b.lease().to_string() << ' ' << name_of(b.status) << ' '
           << shard->duid_of(b).to_string() << ' ' << int(b.ia_type) << '/' << b.iaid.value;
      for (const PackedTime time : {b.start_time_of_state, b.state_expiration_time,
                                    b.client_last_transaction_time, b.partner_lifetime}) {
        text << ' ' << WallTime(time).seconds;
      }
      text << ' ' << b.preferred_lifetime.seconds << ' ' << b.valid_lifetime.seconds << ' '
           << b.claimed << b.needs_update << b.pd_excluded << ' ' << int(b.list_kind) << ' '
           << b.pool << ' ' << b.link << '\n';
    }
  }
  for (std::size_t i = 0; i < pools->address_pool_count(); ++i) {
    text << pools->address_pool(static_cast<PoolIndex>(i)).used() << ' ';
  }
  for (std::size_t i = 0; i < pools->prefix_pool_count(); ++i) {
    text << pools->prefix_pool(static_cast<PoolIndex>(i)).used() << ' ';
  }
  return text.str();
}

const Binding& ServerBench::binding_of(const Ipv6Prefix& lease) const {
  const Binding* found = nullptr;
  for (const auto& shard : shards) {
    const BindingIndex index = shard->find_lease(lease.address, lease.length);
    if (index == kNoBinding) continue;
    if (found == nullptr || shard->at(index).claimed) found = &shard->at(index);
  }
  if (found != nullptr) return *found;
  ADD_FAILURE() << "no binding of " << lease.to_string();
  static const Binding kNone{};
  return kNone;
}

void ServerBench::drain_changes() {
  if (has_committer) return;
  for (const auto& shard : shards) {
    Change change;
    while (shard->changes().pop({&change, 1}) == 1) changes.push_back(change);
  }
}

PacketBuilder solicit(const Duid& client, std::uint32_t transaction_id) {
  PacketBuilder packet(MessageType::kSolicit, transaction_id);
  packet.client_id(client);
  return packet;
}

PacketBuilder to_server(MessageType type, const Duid& client, std::uint32_t transaction_id) {
  PacketBuilder packet(type, transaction_id);
  packet.client_id(client).server_id(ServerBench::server_duid());
  return packet;
}

}  // namespace tandem6
