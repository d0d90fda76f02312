#include "tests/simulation/pair.h"

#include <algorithm>

#include "control/failover/message_reader.h"
#include "control/failover/message_writer.h"

namespace tandem6::simulation {

namespace {

Duid server_duid(Role role) {
  return Duid(Octets{0, 3, 0, 1, 0x02, 0, 0, 0, 0, static_cast<std::uint8_t>(role)});
}

const char* name_of_server(Role role) { return role == Role::kPrimary ? "primary" : "secondary"; }

std::string summary_of_update(const BindingUpdate& update) {
  std::string text = "BNDUPD";
  for (const BindingUpdate::Lease& lease : update.leases) {
    text += std::string(" ") + name_of(lease.update.status) + ' ' + lease.update.lease.to_string();
  }
  return text;
}

std::string summary_of_reply(const BindingReply& reply) {
  std::string text = "BNDREPLY";
  for (const BindingReply::Lease& lease : reply.leases) {
    text += ' ' + lease.ack.lease.to_string();
    if (lease.status.code != StatusCode::kSuccess) {
      text += std::string(" refused ") + name_of(lease.status.code);
    }
  }
  return text;
}

}  // namespace

std::string summary_of(const FailoverMessage& message) {
  std::string text = name_of(message.type());
  if (const auto* state = std::get_if<State>(&message.body)) {
    text += std::string(" ") + name_of(state->state);
    if (state->flags.startup()) text += " (STARTUP)";
  } else if (const auto* update = std::get_if<BindingUpdate>(&message.body)) {
    text = summary_of_update(*update);
  } else if (const auto* reply = std::get_if<BindingReply>(&message.body)) {
    text = summary_of_reply(*reply);
  } else if (const auto* connect = std::get_if<ConnectReply>(&message.body)) {
    if (connect->refusal) text += std::string(" refused ") + name_of(connect->refusal->code);
  } else if (const auto* disconnect = std::get_if<Disconnect>(&message.body)) {
    if (disconnect->status) text += std::string(" ") + name_of(disconnect->status->code);
  }
  return text;
}

PairSettings Pair::default_settings() {
  PairSettings settings;
  settings.primary.relationship_name = "west";
  settings.primary.role = Role::kPrimary;
  settings.secondary = settings.primary;
  settings.secondary.role = Role::kSecondary;
  settings.servers = ServerBench::default_settings();
  settings.servers.links[0].relationship = 0;
  settings.servers.links[0].lifetimes = {.preferred = Lifetime{259200},
                                         .valid = Lifetime{259200},
                                         .t1 = std::nullopt,
                                         .t2 = std::nullopt};
  return settings;
}

Pair::Pair(PairSettings settings) {
  for (const Role role : {Role::kPrimary, Role::kSecondary}) {
    ServerSettings server = settings.servers;
    server.server_duid = server_duid(role);
    servers_[role] = std::make_unique<SimulatedServer>(
        std::vector{role == Role::kPrimary ? settings.primary : settings.secondary},
        std::move(server), ServerSize{.shard_count = settings.shard_count}, surroundings(role));
    ways_[role];
  }
}

Surroundings Pair::surroundings(Role role) {
  return {.open = [this](RelationshipIndex, ConnectionId id) { open(id); },
          .send = [this, role](RelationshipIndex, ConnectionId id,
                               const FailoverMessage& message) { send(role, id, message); },
          .close = [this, role](RelationshipIndex, ConnectionId id,
                                const std::string& why) { close(role, id, why); },
          .note = [this, role](const std::string& line) { note(role, line); },
          .dies_before = {},
          .changed_state = {},
          .judged = {},
          .acknowledged = {},
          .writes = {}};
}

void Pair::note(Role role, const std::string& line) {
  trace_.push_back(std::string(name_of_server(role)) + ' ' + line);
}

// --- Time and troubles.

void Pair::pass(std::uint32_t seconds) {
  for (std::uint32_t i = 0; i < seconds; ++i) {
    now_.seconds += 1;
    for (const auto& [role, server] : servers_) {
      server->tick(now_);
      settle();
    }
  }
}

void Pair::start(Role role) {
  server(role).start(now_);
  settle();
}
void Pair::start_both() {
  start(Role::kSecondary);
  start(Role::kPrimary);
}
void Pair::crash(Role role) {
  server(role).crash();
  if (!is_silent_) end_wire("the partner is gone");
  settle();
}
void Pair::shut_down(Role role) {
  server(role).happen(event::Shutdown{}, now_);
  settle();
  server(role).crash();
  end_wire("the partner is gone");
  settle();
}
void Pair::lose_disk(Role role) { server(role).lose_disk(); }

void Pair::cut(bool at_once) {
  trace_.emplace_back("the servers are cut off from each other");
  is_cut_ = true;
  is_silent_ = !at_once;
  if (at_once) end_wire("the connection is broken");
  settle();
}
void Pair::join() {
  trace_.emplace_back("the servers reach each other again");
  is_cut_ = is_silent_ = false;
  end_wire("the connection is broken");
  settle();
}
void Pair::hold(Role from, bool held) {
  ways_.at(partner_of(from)).is_held = held;
  settle();
}

effect::CommandDone Pair::partner_down(Role role, bool is_forced) {
  server(role).happen(event::PartnerDown{is_forced}, now_);
  settle();
  return server(role).last_command().value_or(effect::CommandDone{false, "no answer"});
}

// --- The connection.

void Pair::open(ConnectionId id) {
  wire_ = {.is_up = false, .at_primary = id};
  to_open_.push_back(Role::kPrimary);
}

void Pair::send(Role from, ConnectionId id, const FailoverMessage& message) {
  note(from, "> " + summary_of(message));
  // To a connection that is gone, as to a socket that is shut.
  if (!wire_.is_up || id != id_at(from) || is_cut_) return;
  FailoverMessage stamped = message;
  stamped.sent_time = now_;
  std::vector<std::uint8_t> frame;
  ASSERT_TRUE(write_message(stamped, now_, frame));
  ++messages_sent_;
  octets_sent_ += frame.size();
  ways_.at(partner_of(from)).frames.push_back(std::move(frame));
}

/// What was sent before it still arrives.
void Pair::close(Role from, ConnectionId id, const std::string& why) {
  if (id != id_at(from)) return;
  const Role other = partner_of(from);
  while (!is_cut_ && deliver(other)) {
  }
  if (wire_.is_up && !is_silent_) closings_.emplace_back(other, event::Closed{id_at(other), why});
  wire_ = {};
  for (auto& [role, way] : ways_) {
    way.frames.clear();
    way.reader = {};
  }
}

void Pair::end_wire(const std::string& why) {
  if (wire_.is_up) {
    for (const Role role : {Role::kPrimary, Role::kSecondary}) {
      closings_.emplace_back(role, event::Closed{id_at(role), why});
    }
  }
  wire_ = {};
  for (auto& [role, way] : ways_) {
    way.frames.clear();
    way.reader = {};
  }
}

bool Pair::deliver(Role to) {
  Way& way = ways_.at(to);
  if (way.frames.empty() || way.is_held) return false;
  const std::vector<std::uint8_t> octets = std::move(way.frames.front());
  way.frames.pop_front();
  // In two cuts, as TCP might.
  const std::size_t cut = octets.size() / 3;
  way.reader.append(std::span(octets).first(cut));
  way.reader.append(std::span(octets).subspan(cut));
  while (const auto frame = way.reader.next()) {
    auto message = read_message(*frame, now_);
    EXPECT_TRUE(message.has_value()) << text_of(message.error());
    if (!message) continue;
    const ConnectionId id = id_at(to);
    if (std::holds_alternative<Connect>(message->body)) {
      server(to).happen(event::ConnectReceived{id, std::move(*message)}, now_);
    } else {
      server(to).happen(event::Received{id, std::move(*message)}, now_);
    }
  }
  return true;
}

void Pair::settle() {
  for (bool any = true; any;) {
    any = false;
    while (!closings_.empty()) {
      auto [role, closed] = closings_.front();
      closings_.erase(closings_.begin());
      server(role).happen(std::move(closed), now_);
      any = true;
    }
    if (!to_open_.empty()) {
      to_open_.clear();
      any = true;
      const ConnectionId id = wire_.at_primary;
      if (is_cut_ || !server(Role::kSecondary).is_running()) {
        wire_ = {};
        server(Role::kPrimary).happen(event::Closed{id, "no answer"}, now_);
      } else {
        wire_.is_up = true;
        wire_.at_secondary = ++last_incoming_;
        server(Role::kPrimary).happen(event::Connected{id}, now_);
      }
    }
    any = deliver(Role::kPrimary) || any;
    any = deliver(Role::kSecondary) || any;
  }
}

// --- Clients.

PacketBuilder Pair::packet(MessageType type, std::uint32_t client, IaType ia_type,
                           std::optional<Role> server) {
  PacketBuilder packet(type, 0x400000 + client);
  packet.client_id(ServerBench::client_duid(client));
  if (server) packet.server_id(server_duid(*server));
  const ClientLease* lease = lease_of(client, ia_type);
  if (ia_type == IaType::kNonTemporaryAddress) {
    packet.ia_na(Iaid{1}, lease == nullptr ? std::vector<Ipv6Address>{}
                                           : std::vector<Ipv6Address>{lease->lease.address});
  } else {
    packet.ia_pd(Iaid{1}, lease == nullptr ? std::vector<Ipv6Prefix>{}
                                           : std::vector<Ipv6Prefix>{lease->lease});
  }
  return packet;
}

Exchanged Pair::exchange(std::uint32_t client, Role role, IaType type,
                         const PacketBuilder& packet) {
  Exchanged result;
  if (!server(role).is_running()) return result;
  const Reply reply = server(role).serve(packet.bytes(), now_);
  if (!reply.sent()) return result;
  result.answered = true;
  for (const ReplyIa& ia : reply.ias) {
    if (ia.type != type) continue;
    result.status = ia.status.value_or(StatusCode::kSuccess);
    for (const ReplyLease& lease : ia.leases) {
      if (lease.valid == 0) {
        if (reply.type == MessageType::kReply) leases_.erase({client, type});
        continue;
      }
      result.lease = ClientLease{.lease = lease.lease,
                                 .until = now_ + Lifetime{lease.valid},
                                 .valid = lease.valid,
                                 .preferred = lease.preferred,
                                 .t1 = ia.t1,
                                 .server = role};
      if (reply.type != MessageType::kReply) continue;
      leases_[{client, type}] = *result.lease;
      if (type == IaType::kNonTemporaryAddress) last_addresses_[client] = lease.lease;
    }
  }
  return result;
}

Exchanged Pair::lease_address(std::uint32_t client, Role role) {
  constexpr IaType kType = IaType::kNonTemporaryAddress;
  const Exchanged offered =
      exchange(client, role, kType, packet(MessageType::kSolicit, client, kType, std::nullopt));
  Exchanged result;
  if (offered.answered) {
    PacketBuilder request(MessageType::kRequest, 0x500000 + client);
    request.client_id(ServerBench::client_duid(client)).server_id(server_duid(role));
    request.ia_na(Iaid{1}, offered.lease ? std::vector<Ipv6Address>{offered.lease->lease.address}
                                         : std::vector<Ipv6Address>{});
    result = exchange(client, role, kType, request);
  }
  settle();
  return result;
}

Exchanged Pair::lease_prefix(std::uint32_t client, Role role) {
  constexpr IaType kType = IaType::kPrefixDelegation;
  const Exchanged offered =
      exchange(client, role, kType, packet(MessageType::kSolicit, client, kType, std::nullopt));
  Exchanged result;
  if (offered.answered) {
    PacketBuilder request(MessageType::kRequest, 0x500000 + client);
    request.client_id(ServerBench::client_duid(client)).server_id(server_duid(role));
    request.ia_pd(Iaid{1}, offered.lease ? std::vector<Ipv6Prefix>{offered.lease->lease}
                                         : std::vector<Ipv6Prefix>{});
    result = exchange(client, role, kType, request);
  }
  settle();
  return result;
}

Exchanged Pair::renew(std::uint32_t client, Role role, IaType type) {
  const Exchanged result =
      exchange(client, role, type, packet(MessageType::kRenew, client, type, role));
  settle();
  return result;
}

Exchanged Pair::rebind(std::uint32_t client, Role role, IaType type) {
  const Exchanged result =
      exchange(client, role, type, packet(MessageType::kRebind, client, type, std::nullopt));
  settle();
  return result;
}

Exchanged Pair::release(std::uint32_t client, Role role, IaType type) {
  const PacketBuilder released = packet(MessageType::kRelease, client, type, role);
  leases_.erase({client, type});  // it stops using it whatever the server says
  const Exchanged result = exchange(client, role, type, released);
  settle();
  return result;
}

Exchanged Pair::decline(std::uint32_t client, Role role) {
  constexpr IaType kType = IaType::kNonTemporaryAddress;
  const PacketBuilder declined = packet(MessageType::kDecline, client, kType, role);
  leases_.erase({client, kType});
  const Exchanged result = exchange(client, role, kType, declined);
  settle();
  return result;
}

const ClientLease* Pair::lease_of(std::uint32_t client, IaType type) const {
  const auto found = leases_.find({client, type});
  return found == leases_.end() ? nullptr : &found->second;
}

// --- For the eye.

std::vector<std::string> Pair::differences() const {
  const auto lines_of = [&](Role role) {
    std::vector<std::string> lines = servers_.at(role)->leases();
    for (const std::string& block : servers_.at(role)->prefix_halves()) {
      lines.push_back("FREE-BACKUP " + block);
    }
    std::ranges::sort(lines);
    return lines;
  };
  const auto ours = lines_of(Role::kPrimary);
  const auto theirs = lines_of(Role::kSecondary);
  std::vector<std::string> found;
  std::vector<std::string> only;
  std::ranges::set_difference(ours, theirs, std::back_inserter(only));
  for (const std::string& line : only) found.push_back("primary only: " + line);
  only.clear();
  std::ranges::set_difference(theirs, ours, std::back_inserter(only));
  for (const std::string& line : only) found.push_back("secondary only: " + line);
  return found;
}

std::string Pair::status_at(std::uint32_t client, Role role) {
  const auto lease = last_addresses_.find(client);
  const Octets duid = copied(ServerBench::client_duid(client).bytes());
  const LeaseRecord* const record =
      lease == last_addresses_.end()
          ? nullptr
          : find_record(server(role).disk().newest().leases, lease->second, duid);
  return record == nullptr ? "unknown" : name_of(record->binding.status);
}

std::vector<std::string> Pair::doubles() const {
  std::vector<std::string> found;
  std::map<Ipv6Prefix, std::uint32_t> holders;
  for (const auto& [client, lease] : leases_) {
    if (lease.until <= now_) continue;
    const auto [place, is_new] = holders.emplace(lease.lease, client.first);
    if (!is_new) {
      found.push_back(lease.lease.to_string() + " of clients " + std::to_string(place->second) +
                      " and " + std::to_string(client.first));
    }
  }
  return found;
}

}  // namespace tandem6::simulation
