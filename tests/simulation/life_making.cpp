// How servers, their configuration and their cables are made from the plan.
#include <algorithm>

#include "tests/simulation/life.h"
#include "tests/simulation/pair.h"

namespace tandem6::simulation {

namespace {

constexpr std::uint64_t kFirstCablePurpose = 100;
constexpr std::uint64_t kFirstServerPurpose = 200;

std::string name_of_server(unsigned server) { return "server " + std::to_string(server); }

constexpr std::array<const char*, std::variant_size_v<EndpointEffect>> kEffectNames{
    "MarkAllDirty", "DoubtOldCopy", "LeasesAreWhole",
    "Persist",      "Serve",        "Open",
    "Send",         "Close",        "Apply",
    "Acknowledge",  "NoteRefusal",  "BeginSweep",
    "Take",         "ForgetSent",   "ArmReuseTimers",
    "ReadShares",   "GiveBlock",    "FindBlockToTakeBack",
    "Report",       "CommandDone"};
static_assert(kEffectNames.back() != nullptr);

}  // namespace

/// Server 0 serves both links; the other ones of a third server's life one each.
ServerSettings Life::server_settings(unsigned server, bool has_other_pools) const {
  const LifeSettings& settings = plan_.settings;
  ServerSettings made = ServerBench::two_links();
  made.server_duid = server_duids_[server];
  made.decline_hold = settings.decline_hold;
  const auto address_length = static_cast<std::uint8_t>(128 - settings.address_bits);
  const auto prefix_length = static_cast<std::uint8_t>(56 - settings.prefix_bits);
  for (std::size_t i = 0; i < 2; ++i) {
    LinkSettings& link = made.links[i];
    link.relationship = 0;
    if (settings.has_third_server && server == 0)
      link.relationship = static_cast<RelationshipIndex>(i);
    link.address_pools[0].length = address_length;
    link.prefix_pools[0].prefix.length = prefix_length;
    if (has_other_pools) {
      // The first half of what was is gone.
      link.address_pools[0].length = static_cast<std::uint8_t>(address_length + 1);
      link.address_pools[0].address.octets[15] |= 1U << (settings.address_bits - 1);
    }
    link.lifetimes.preferred = link.lifetimes.valid = settings.valid;
    link.rapid_commit = settings.rapid_commit;
    link.options.clear();
  }
  if (settings.has_third_server && server != 0) {
    made.links.erase(made.links.begin() + (server == 1 ? 1 : 0));
  }
  return made;
}

EndpointSettings Life::endpoint_settings(unsigned server, unsigned cable, Role role) const {
  const LifeSettings& settings = plan_.settings;
  EndpointSettings made;
  made.relationship_name = cable == 0 ? "west" : "east";
  made.role = role;
  made.is_only_one = !settings.has_third_server;
  made.mclt = role == Role::kPrimary ? settings.mclt : settings.secondary_mclt;
  made.keepalive = settings.keepalive;
  made.max_unacked_bndupd = settings.windows[server];
  made.startup = settings.startup;
  made.connect_retry = Lifetime{2};
  made.connect_retry_refused = Lifetime{10};
  made.auto_partner_down = settings.auto_partner_down;
  made.secondary_share_percent = settings.secondary_share_percent;
  made.stall = settings.stall;
  made.rescan = settings.rescan;
  made.heartbeat = Lifetime{5};
  return made;
}

RelationshipIndex Life::index_at(unsigned server, const Pairing& pairing) const {
  return &pairings_[servers_[server].cables[0]] == &pairing ? 0 : 1;
}

Checkers::End Life::partner_of(Checkers::End end) const {
  const auto [server, relationship] = end;
  const Pairing& pairing = pairings_[servers_[server].cables[relationship]];
  const unsigned other = pairing.primary == server ? pairing.secondary : pairing.primary;
  return {other, index_at(other, pairing)};
}

void Life::make_servers() {
  const unsigned count = plan_.settings.has_third_server ? 3 : 2;
  for (unsigned i = 0; i < count; ++i) {
    server_duids_.emplace_back(Octets{0, 3, 0, 1, 2, 0, 0, 0, 0, static_cast<std::uint8_t>(i)});
  }
  pairings_.push_back({.primary = 0, .secondary = 1, .cable = {}, .declared_dead = {}});
  if (count == 3) {
    pairings_.push_back({.primary = 2, .secondary = 0, .cable = {}, .declared_dead = {}});
  }
  // Roomy: twelve clients have a few leases each, with a history.
  const ServerSize size{.shard_count = plan_.settings.shard_count,
                        .bindings_per_shard = 512,
                        .change_ring_size = 256};
  for (unsigned i = 0; i < count; ++i) {
    std::vector<EndpointSettings> endpoints;
    std::vector<unsigned> cables;
    for (unsigned cable = 0; cable < pairings_.size(); ++cable) {
      if (pairings_[cable].primary != i && pairings_[cable].secondary != i) continue;
      endpoints.push_back(endpoint_settings(
          i, cable, pairings_[cable].primary == i ? Role::kPrimary : Role::kSecondary));
      cables.push_back(cable);
    }
    servers_.push_back({.it = std::make_unique<SimulatedServer>(
                            std::move(endpoints), server_settings(i, false), size, surroundings(i)),
                        .cables = std::move(cables),
                        .clock_offset = plan_.settings.clock_offset_ms[i],
                        .replies = {},
                        .copy = {},
                        .pending_kill = {},
                        .random = RandomStream(plan_.settings.seed, kFirstServerPurpose + i)});
    servers_.back().it->disk().set_instant(false);
    checkers_.clock_is(servers_.back().clock_offset);
  }
}

void Life::make_cables() {
  for (unsigned i = 0; i < pairings_.size(); ++i) {
    pairings_[i].cable = std::make_unique<Cable>(
        agenda_, ends(i), RandomStream(plan_.settings.seed, kFirstCablePurpose + i),
        plan_.settings.cable_delay_ms_max);
  }
}

CableEnds Life::ends(unsigned cable) {
  const auto server_of = [this, cable](Role role) {
    return role == Role::kPrimary ? pairings_[cable].primary : pairings_[cable].secondary;
  };
  const auto index_of = [this, cable](unsigned server) {
    return index_at(server, pairings_[cable]);
  };
  return {
      .tell =
          [this, server_of, index_of](Role role, Event&& event) {
            const unsigned server = server_of(role);
            tell(server, index_of(server), std::move(event));
          },
      .is_running = [this,
                     server_of](Role role) { return servers_[server_of(role)].it->is_running(); },
      .clock = [this, server_of](Role role) { return clock(server_of(role)); },
      .sent =
          [this, server_of, index_of](Role from, ConnectionId id, const FailoverMessage& message) {
            const unsigned server = server_of(from);
            if (trace_ != nullptr) note(name_of_server(server) + " > " + summary_of(message));
            coverage_.count(std::string("message ") + name_of(message.type()));
            checkers_.sent(server, *servers_[server].it, index_of(server), id, message,
                           agenda_.now());
          },
      .arrives =
          [this, server_of, index_of](Role to, ConnectionId id, const FailoverMessage& message) {
            const unsigned server = server_of(to);
            checkers_.arrives(server, index_of(server), id, message, clock(server), agenda_.now());
          }};
}

Surroundings Life::surroundings(unsigned server) {
  const auto cable_of = [this, server](RelationshipIndex relationship) -> Pairing& {
    return pairings_[servers_[server].cables[relationship]];
  };
  const auto role_of = [server](const Pairing& pairing) {
    return pairing.primary == server ? Role::kPrimary : Role::kSecondary;
  };
  Surroundings made;
  made.open = [cable_of](RelationshipIndex relationship, ConnectionId id) {
    cable_of(relationship).cable->open(id);
  };
  made.send = [cable_of, role_of](RelationshipIndex relationship, ConnectionId id,
                                  const FailoverMessage& message) {
    Pairing& pairing = cable_of(relationship);
    pairing.cable->send(role_of(pairing), id, message);
  };
  made.close = [cable_of, role_of](RelationshipIndex relationship, ConnectionId id,
                                   const std::string&) {
    Pairing& pairing = cable_of(relationship);
    pairing.cable->close(role_of(pairing), id);
  };
  if (trace_ != nullptr) {
    made.note = [this, server](const std::string& line) {
      note(name_of_server(server) + ' ' + line);
    };
  }
  made.writes = [this, server](const LeaseRecord& record, ChangeKind kind,
                               const Occasion& occasion) {
    if (trace_ != nullptr) {
      const Binding& binding = record.binding;
      note(name_of_server(server) + (kind == ChangeKind::kErase ? " erases " : " writes ") +
           name_of(binding.status) + ' ' + binding.lease().to_string() + ' ' +
           record.duid.to_string() + (binding.needs_update ? " to be told" : ""));
    }
    checkers_.writes(server, *servers_[server].it, record, kind, occasion, clock(server),
                     agenda_.now());
  };
  made.dies_before = [this, server](RelationshipIndex, const EndpointEffect& effect) {
    auto& pending = servers_[server].pending_kill;
    if (!pending || pending->effect != effect.index() || --pending->left > 0) return false;
    coverage_.count(std::string("death before ") + kEffectNames[effect.index()]);
    note(name_of_server(server) + " dies before " + kEffectNames[effect.index()]);
    return true;
  };
  made.changed_state = [this, server, cable_of, role_of](RelationshipIndex relationship,
                                                         EndpointState before, EndpointState now) {
    const Role role = role_of(cable_of(relationship));
    coverage_.count(std::string(role == Role::kPrimary ? "primary " : "secondary ") +
                    name_of(before) + " -> " + name_of(now));
    checkers_.changed_state(server, *servers_[server].it, relationship, before, clock(server),
                            agenda_.now());
    if (now == EndpointState::kPartnerDown && plan_.settings.partner_down_may_be_wrong) {
      has_erred_ = true;
      checkers_.forgive(true);
    }
  };
  made.judged = [this, server](RelationshipIndex relationship, const LeaseUpdate& update,
                               const LeaseRecord* before, const LeaseVerdict& verdict) {
    coverage_.count(std::string("conflict ") +
                    (before == nullptr ? "none" : name_of(before->binding.status)) + " <- " +
                    (update.is_bare() ? "bare " : "") + name_of(update.status) +
                    (verdict.status == StatusCode::kSuccess ? " accepted" : " refused"));
    checkers_.judged(server, *servers_[server].it, relationship, update, before, verdict,
                     clock(server));
  };
  made.acknowledged = [this, server](RelationshipIndex, const LeaseAck& ack) {
    checkers_.acknowledged(server, ack);
  };
  return made;
}

}  // namespace tandem6::simulation
