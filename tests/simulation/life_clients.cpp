// Clients and what lies between them and the servers.
#include <algorithm>

#include "tests/simulation/life.h"

namespace tandem6::simulation {

namespace {

constexpr std::uint64_t kFirstClientPurpose = 1000;
constexpr std::uint32_t kWantsBothPercent = 40;

Envelope envelope_of(std::uint16_t port) {
  return ServerBench::direct_from(address_of("fe80::c1"), port);
}

}  // namespace

/// A client has an IA of addresses, or of prefixes, or both; each is asked for by itself.
void Life::make_clients() {
  for (unsigned number = 1; number <= plan_.settings.client_count; ++number) {
    if ((plan_.settings.absent_clients >> number & 1) != 0) continue;
    RandomStream random(plan_.settings.seed, kFirstClientPurpose + number);
    const bool has_both = random.percent(kWantsBothPercent);
    const bool has_address = has_both || random.percent(60);
    const std::uint16_t port = plan_.settings.has_third_server && random.percent(40) ? 1 : 0;
    for (const IaType type : {IaType::kNonTemporaryAddress, IaType::kPrefixDelegation}) {
      if (!has_both && (type == IaType::kNonTemporaryAddress) != has_address) continue;
      const auto client = static_cast<unsigned>(clients_.size());
      clients_.push_back(std::make_unique<SimulatedClient>(
          number, type,
          RandomStream(plan_.settings.seed,
                       kFirstClientPurpose * 2 + number * 2 + static_cast<unsigned>(type)),
          server_duids_, plan_.settings.rapid_commit,
          [this, client](const Octets& datagram) { send_to_servers(client, datagram); }));
      client_wakes_.push_back(INT64_MAX);
      const Milliseconds comes = random.below(30'000);
      agenda_.at(comes, [this, client, port] {
        clients_[client]->roam(port, agenda_.now());
        clients_[client]->come(agenda_.now());
        wake(client);
      });
    }
  }
}

/// One entry of the agenda at a time for each client; an older one that comes later does nothing.
void Life::wake(unsigned client) {
  const Milliseconds when = clients_[client]->next_act();
  if (when >= INT64_MAX / 4) return;
  if (client_wakes_[client] > agenda_.now() && client_wakes_[client] <= when) return;
  client_wakes_[client] = when;
  agenda_.at(when, [this, client, when] {
    if (client_wakes_[client] != when) return;
    client_wakes_[client] = INT64_MAX;
    if (are_clients_mute_) return;
    clients_[client]->act(agenda_.now());
    wake(client);
  });
}

/// The link's relays send it to every server of the link, each on its own way.
void Life::send_to_servers(unsigned client, const Octets& datagram) {
  const LifeSettings& settings = plan_.settings;
  for (unsigned server = 0; server < servers_.size(); ++server) {
    const std::uint16_t port = clients_[client]->port();
    const bool serves_link = !settings.has_third_server || server == 0 || server == 1U + port;
    if (!serves_link) continue;
    unsigned copies = 1;
    if (!is_healed_) {
      if (client_network_.percent(settings.client_loss_percent)) copies = 0;
      if (client_network_.percent(settings.client_repeat_percent)) ++copies;
    }
    for (; copies > 0; --copies) {
      agenda_.in(1 + client_network_.below(settings.client_delay_ms_max),
                 [this, server, client, datagram] { serve(server, client, datagram); });
    }
  }
}

void Life::serve(unsigned server, unsigned client, const Octets& datagram) {
  Server& it = servers_[server];
  if (!it.it->is_running() || it.isolated_until > agenda_.now()) return;
  const SimulatedClient& who = *clients_[client];
  const std::uint16_t port = who.port();
  const WallTime now = clock(server);
  Reply reply = it.it->serve(datagram, now, envelope_of(port));
  const RelationshipIndex relationship = plan_.settings.has_third_server && server == 0 ? port : 0;
  const auto asked = static_cast<MessageType>(datagram[0]);
  const Octets asking = copied(ServerBench::client_duid(who.number()).bytes());
  if (reply.sent() && it.it->is_running()) {
    checkers_.answers(server, *it.it, relationship, asked, asking, reply, now);
    const std::uint64_t step = reply.change_number == 0 ? 0 : it.it->disk().written();
    it.replies.push_back({.step = step,
                          .client = client,
                          .asked_at = now,
                          .clock_offset = it.clock_offset,
                          .reply = std::move(reply)});
    let_replies_leave(server);
  } else {
    coverage_.count(std::string("drop ") + name_of(reply.drop));
    note("server " + std::to_string(server) + " drops what client " + std::to_string(who.number()) +
         " says: " + name_of(reply.drop));
    if (it.it->is_running() && reply.drop == DropReason::kUnresponsive) {
      checkers_.keeps_silent(*it.it, relationship, asked, asking);
    }
  }
  after(server);
}

/// In order, as far as the disk has what they say.
void Life::let_replies_leave(unsigned server) {
  Server& it = servers_[server];
  while (!it.replies.empty() && it.replies.front().step <= it.it->disk().durable()) {
    const HeldReply held = std::move(it.replies.front());
    it.replies.pop_front();
    // One clock's times say nothing in another's.
    if (held.clock_offset == it.clock_offset) {
      const Duid duid = ServerBench::client_duid(clients_[held.client]->number());
      checkers_.reply_leaves(server, *it.it, copied(duid.bytes()), held.reply, held.asked_at,
                             clock(server), agenda_.now());
    }
    if (!is_healed_ && client_network_.percent(plan_.settings.client_loss_percent)) continue;
    agenda_.in(1 + client_network_.below(plan_.settings.client_delay_ms_max),
               [this, server, client = held.client, reply = held.reply] {
                 reply_arrives(server, client, reply);
               });
  }
}

void Life::reply_arrives(unsigned server, unsigned client, const Reply& reply) {
  if (servers_[server].isolated_until > agenda_.now()) return;
  SimulatedClient& it = *clients_[client];
  if (trace_ != nullptr) {
    std::string text = "client " + std::to_string(it.number()) + " hears server " +
                       std::to_string(server) + " with type " +
                       std::to_string(static_cast<int>(reply.type));
    for (const ReplyIa& ia : reply.ias) {
      if (ia.status) text += std::string(" and status ") + tandem6::name_of(*ia.status);
    }
    note(text);
  }
  it.receive(server, reply, agenda_.now());
  wake(client);
  if (trace_ != nullptr && reply.type != MessageType::kReply) {
    note("client " + std::to_string(it.number()) + " gets an ADVERTISE of server " +
         std::to_string(server) +
         (reply.ias.empty() || reply.ias[0].leases.empty() ? " of nothing" : ""));
  }
  if (trace_ != nullptr && reply.type == MessageType::kReply) {
    for (const ReplyIa& ia : reply.ias) {
      for (const ReplyLease& lease : ia.leases) {
        note("client " + std::to_string(it.number()) + " is told " + lease.lease.to_string() +
             " for " + std::to_string(lease.valid) + " s by server " + std::to_string(server));
      }
    }
  }
  checkers_.client_changed(clients_, it, agenda_.now());
}

}  // namespace tandem6::simulation
