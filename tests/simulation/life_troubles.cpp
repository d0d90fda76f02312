// What befalls a life. Where the operator is always right, a server that has been declared dead
// comes back only to a partner that it can reach, and nothing befalls the two until it knows: RFC
// 8156 section 8.4 asks that of operators, and no protocol can do without.
#include <algorithm>
#include <ranges>

#include "tests/simulation/life.h"

namespace tandem6::simulation {

namespace {

/// Back from the dead, and aware of it: it serves nobody before it has heard all. Two that resolve
/// their conflicts are not that far: cut off, each serves from its half (8.11), of which the other
/// may have given prefixes.
bool has_learned(EndpointState state) {
  switch (state) {
    case EndpointState::kRecover:
    case EndpointState::kRecoverWait:
    case EndpointState::kRecoverDone:
    case EndpointState::kNormal:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool Life::is_anybody_declared_dead() {
  for (Pairing& pairing : pairings_) {
    if (!pairing.declared_dead) continue;
    const unsigned dead = *pairing.declared_dead;
    const Server& it = servers_[dead];
    const auto index = static_cast<RelationshipIndex>(&pairings_[it.cables[0]] == &pairing ? 0 : 1);
    if (it.it->is_running() && has_learned(it.it->endpoint(index).state())) {
      const EndpointState durable = it.it->disk().durable_content().state_of(index);
      const bool is_durable = has_learned(durable) && durable != EndpointState::kNormal;
      const bool is_over = it.it->endpoint(index).state() == EndpointState::kNormal;
      if (is_durable || is_over) pairing.declared_dead.reset();
    }
  }
  return std::ranges::any_of(pairings_,
                             [](const Pairing& each) { return each.declared_dead.has_value(); });
}

void Life::befall(const Action& action) {
  bool has_happened = true;
  if (is_of_client(action.trouble)) {
    befall_client(action);
  } else if (is_of_cable(action.trouble)) {
    has_happened = befall_cable(action);
  } else {
    has_happened = befall_server(action);
  }
  if (has_happened) coverage_.count(std::string("trouble ") + name_of(action.trouble));
}

/// 6.2: else of a RELEASE at one server and a grant at the other nobody can say which came first.
bool Life::do_clocks_agree() const {
  const auto offsets = servers_ | std::views::transform(&Server::clock_offset);
  return std::ranges::max(offsets) - std::ranges::min(offsets) <= 1000 * kClockToleranceSeconds;
}

void Life::befall_client(const Action& action) {
  const Milliseconds now = agenda_.now();
  for (unsigned i = 0; i < clients_.size(); ++i) {
    SimulatedClient& client = *clients_[i];
    if (client.number() != action.subject + 1) continue;
    note("client " + std::to_string(client.number()) + ": " + name_of(action.trouble));
    switch (action.trouble) {
      case Trouble::kClientReleases:
        if (do_clocks_agree()) client.release(now);
        break;
      case Trouble::kClientDeclines:
        client.decline(now);
        break;
      case Trouble::kClientLeaves:
        client.leave();
        break;
      case Trouble::kClientRoams:
        client.roam(client.port() == 0 ? 1 : 0, now);
        break;
      case Trouble::kClientForgets:
        client.forget(now);
        break;
      default:
        client.come(now);
    }
    wake(i);
  }
}

bool Life::befall_cable(const Action& action) {
  if (action.subject >= pairings_.size()) return false;
  Pairing& pairing = pairings_[action.subject];
  Cable& cable = *pairing.cable;
  if (action.trouble == Trouble::kPartnerDown) return declare_dead(pairing, action);
  if (is_anybody_declared_dead()) return false;
  note("cable " + std::to_string(action.subject) + ": " + text_of(action));
  switch (action.trouble) {
    case Trouble::kCut:
      cable.cut(action.choice != 2, action.choice != 1);
      agenda_.in(action.lasts, [&cable] { cable.mend(); });
      break;
    case Trouble::kBreak:
      cable.reset();
      break;
    default: {
      const Role reader = action.choice == 0 ? Role::kPrimary : Role::kSecondary;
      cable.hold(reader, true);
      agenda_.in(action.lasts, [&cable, reader] { cable.hold(reader, false); });
    }
  }
  return true;
}

/// Rightly: it is not running, and will not before it can meet its partner.
bool Life::declare_dead(Pairing& pairing, const Action& action) {
  const unsigned told = action.choice == 0 ? pairing.primary : pairing.secondary;
  const unsigned dead = action.choice == 0 ? pairing.secondary : pairing.primary;
  SimulatedServer& it = *servers_[told].it;
  if (!it.is_running()) return false;
  const bool is_right = !servers_[dead].it->is_running();
  if (!is_right && !plan_.settings.partner_down_may_be_wrong) return false;
  const RelationshipIndex index = index_at(told, pairing);
  note("server " + std::to_string(told) + " is told that its partner is down");
  if (is_right && !plan_.settings.partner_down_may_be_wrong) {
    pairing.declared_dead = dead;
    // Nor does a clock keep them apart (6.2), and whoever took over lives to tell.
    for (Server& each : servers_) {
      each.pending_kill.reset();
      each.clock_offset = std::clamp<Milliseconds>(each.clock_offset, -2000, 2000);
    }
    for (Pairing& each : pairings_) {
      each.cable->mend();
      each.cable->hold(Role::kPrimary, false);
      each.cable->hold(Role::kSecondary, false);
    }
  }
  checkers_.declares_down(told, index, agenda_.now());
  tell(told, index, event::PartnerDown{});
  if (it.is_running()) checkers_.declared_down(told, index, clock(told));
  return true;
}

/// README.md says what is known to go wrong otherwise.
bool Life::may_lose_disk(unsigned server) {
  for (const unsigned cable : servers_[server].cables) {
    const Pairing& pairing = pairings_[cable];
    const unsigned other = pairing.primary == server ? pairing.secondary : pairing.primary;
    const RelationshipIndex index = index_at(other, pairing);
    const auto& records = servers_[other].it->disk().durable_content().records;
    const auto record = records.find(index);
    Server& partner = servers_[other];
    if (partner.it->is_running() && partner.it->endpoint(index).state() == EndpointState::kNormal) {
      partner.has_lost_data = false;
    }
    if (partner.has_lost_data || partner.has_other_pools) return false;
    if (record == records.end() || !record->second.has_communicated) return false;
    switch (static_cast<EndpointState>(record->second.state)) {
      case EndpointState::kNormal:
      case EndpointState::kCommunicationsInterrupted:
      case EndpointState::kPartnerDown:
        break;
      default:
        return false;
    }
  }
  return true;
}

/// Only while the partner has what was on it, or could have.
bool Life::replace_disk(const Action& action) {
  Server& it = servers_[action.subject];
  if (!may_lose_disk(action.subject)) return false;
  if (action.trouble == Trouble::kOldCopy && !it.copy) return false;
  kill(action.subject, action.choice == 1, 0);
  if (action.trouble == Trouble::kReplaceDisk) {
    it.it->lose_disk();
  } else {
    it.it->restore_disk(*it.copy);
  }
  it.has_lost_data = true;
  checkers_.lost_disk(action.subject);
  // A copy from before the disk was lost would be of another life of this server.
  it.copy.reset();
  return true;
}

bool Life::befall_server(const Action& action) {
  if (action.subject >= servers_.size()) return false;
  const unsigned server = action.subject;
  Server& it = servers_[server];
  switch (action.trouble) {
    case Trouble::kIsolate:
      it.isolated_until = agenda_.now() + action.lasts;
      note("server " + std::to_string(server) + ": " + text_of(action));
      return true;
    case Trouble::kCopyDisk:
      it.copy = it.it->disk().durable_content();
      return true;
    default:
      break;
  }
  if (is_anybody_declared_dead()) return false;
  // Whoever is not running may die of its next start.
  if (!it.it->is_running() && action.trouble != Trouble::kKillBefore) return false;
  note("server " + std::to_string(server) + ": " + text_of(action));
  switch (action.trouble) {
    case Trouble::kStallDisk:
      it.disk_stalled_until = agenda_.now() + std::min<Milliseconds>(action.lasts, 30'000);
      return true;
    case Trouble::kStepClock:
      it.clock_offset = std::clamp<Milliseconds>(it.clock_offset + action.detail, -9000, 9000);
      checkers_.clock_is(it.clock_offset);
      return true;
    case Trouble::kKillBefore:
      it.pending_kill =
          PendingKill{.effect = action.choice, .left = action.detail, .lasts = action.lasts};
      return true;
    case Trouble::kShutDown:
      it.it->shut_down(clock(server));
      kill(server, false, 100);
      break;
    case Trouble::kReplaceDisk:
    case Trouble::kOldCopy:
      if (!replace_disk(action)) return false;
      break;
    case Trouble::kChangePools:
      it.has_other_pools = !it.has_other_pools;
      kill(server, false, 100);
      break;
    case Trouble::kChangeMclt:
      it.has_other_mclt = !it.has_other_mclt;
      kill(server, false, 100);
      break;
    default:
      kill(server, action.choice == 1, static_cast<std::uint32_t>(action.detail));
  }
  agenda_.in(action.lasts, [this, server] { start(server); });
  return true;
}

}  // namespace tandem6::simulation
