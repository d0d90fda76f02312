// How every life ends: all that befell it is mended, and then it must heal alone.
#include <algorithm>

#include "tests/simulation/life.h"

namespace tandem6::simulation {

namespace {

constexpr Milliseconds kLookMs = 1000;
// Of looks at the balance, and of blocks that are refused and asked for by halves.
constexpr Milliseconds kBalanceMs = 120'000;
constexpr Milliseconds kServeMs = 40'000;
// Of an expiry that the partner has to tell of, and of what is retried.
constexpr Milliseconds kGraceMs = 120'000;

}  // namespace

void Life::heal() {
  note("everything is mended");
  is_healed_ = true;
  for (Pairing& each : pairings_) {
    each.declared_dead.reset();
    each.cable->mend();
    each.cable->hold(Role::kPrimary, false);
    each.cable->hold(Role::kSecondary, false);
  }
  for (unsigned i = 0; i < servers_.size(); ++i) {
    Server& it = servers_[i];
    it.isolated_until = it.disk_stalled_until = 0;
    it.clock_offset = std::clamp<Milliseconds>(it.clock_offset, -1000, 1000);
    it.pending_kill.reset();
    if (it.has_other_pools && it.it->is_running()) kill(i, false, 100);
    it.has_other_pools = false;
    start(i);
  }
}

bool Life::wait_until(Milliseconds limit, bool (Life::*is_so)()) {
  const Milliseconds end = agenda_.now() + limit;
  while (!violation_ && agenda_.now() < end) {
    if ((this->*is_so)()) return true;
    pass_until(agenda_.now() + kLookMs);
  }
  return !violation_ && (this->*is_so)();
}

bool Life::all_normal() {
  return std::ranges::all_of(servers_, [](const Server& server) {
    if (!server.it->is_running()) return false;
    for (RelationshipIndex i = 0; i < server.it->relationship_count(); ++i) {
      if (server.it->endpoint(i).state() != EndpointState::kNormal) return false;
    }
    return true;
  });
}

std::vector<std::string> Life::differences() {
  std::vector<std::string> found;
  for (unsigned cable = 0; cable < pairings_.size(); ++cable) {
    std::array<std::vector<std::string>, 2> sides;
    const std::array<unsigned, 2> ends{pairings_[cable].primary, pairings_[cable].secondary};
    for (std::size_t side = 0; side < 2; ++side) {
      const Server& server = servers_[ends[side]];
      const RelationshipIndex index = index_at(ends[side], pairings_[cable]);
      sides[side] = server.it->leases(index);
      for (const std::string& block : server.it->prefix_halves(index)) {
        sides[side].push_back("FREE-BACKUP " + block);
      }
      std::ranges::sort(sides[side]);
    }
    for (std::size_t side = 0; side < 2; ++side) {
      std::vector<std::string> only;
      std::ranges::set_difference(sides[side], sides[1 - side], std::back_inserter(only));
      for (const std::string& each : only) {
        found.push_back("only server " + std::to_string(ends[side]) + ": " + each);
      }
    }
  }
  return found;
}

bool Life::all_equal() { return differences().empty(); }

bool Life::all_served() {
  return std::ranges::all_of(clients_, [&](const auto& client) {
    return client->is_gone() || client->is_bound(agenda_.now());
  });
}

/// R-06, F-176: an eighth of the smaller share may be missing, and one at least.
bool Life::all_balanced() {
  for (const Pairing& pairing : pairings_) {
    SimulatedServer& primary = *servers_[pairing.primary].it;
    const Service& service = *primary.bench().service;
    for (std::size_t at = 0; at < service.link_count(); ++at) {
      const Link& link = service.link(at);
      if (link.settings->relationship != index_at(pairing.primary, pairing)) continue;
      const PoolShares shares = shares_of(service, link.first_prefix_pool);
      const auto secondary = static_cast<std::int64_t>(shares.free_secondary);
      const auto free = static_cast<std::int64_t>(shares.free_primary) + secondary;
      const std::int64_t due = free * plan_.settings.secondary_share_percent / 100;
      const std::int64_t slack = std::max<std::int64_t>(std::min(due, free - due) / 8, 1);
      if (std::abs(secondary - due) > slack) return false;
    }
  }
  return true;
}

/// With room for all, every client that wants a lease has one soon.
void Life::check_served() {
  if (!plan_.settings.is_roomy || wait_until(kServeMs, &Life::all_served)) return;
  for (const auto& client : clients_) {
    if (client->is_gone() || client->is_bound(agenda_.now())) continue;
    return found(
        {"served", "client " + std::to_string(client->number()) + " has no " +
                       (client->type() == IaType::kPrefixDelegation ? "prefix" : "address")});
  }
}

void Life::end_well() {
  if (violation_) return;
  heal();
  const LifeSettings& settings = plan_.settings;
  const auto ms = [](Lifetime lifetime) {
    return 1000 * static_cast<Milliseconds>(lifetime.seconds);
  };
  const Milliseconds recovery =
      4 * ms(std::max(settings.greatest_mclt(), settings.secondary_mclt)) +
      4 * ms(settings.keepalive) + 4 * ms(settings.stall) + kGraceMs;
  if (!wait_until(recovery, &Life::all_normal)) {
    std::string states;
    for (const Server& server : servers_) {
      for (RelationshipIndex i = 0; i < server.it->relationship_count(); ++i) {
        states += std::string(" ") + name_of(server.it->endpoint(i).state());
      }
    }
    return found({"recovery", "after " + std::to_string(recovery / 1000) + " s:" + states});
  }
  if (has_erred_) {
    // Whoever has lost a conflict is told so at its next contact, or its lease runs out.
    pass_until(agenda_.now() + 2 * ms(settings.valid) + ms(settings.greatest_mclt()));
    checkers_.forgive(false);
    for (const auto& client : clients_) {
      checkers_.client_changed(clients_, *client, agenda_.now());
    }
  }
  pass_until(agenda_.now() + kServeMs);
  if (violation_) return;
  if (!all_normal()) return found({"recovery", "NORMAL did not last"});
  check_served();
  // What one ended, the other may have to keep until its promise is over.
  if (settings.valid.is_infinite()) return;
  are_clients_mute_ = true;
  const Milliseconds equality = 3 * ms(settings.valid) + 2 * ms(settings.greatest_mclt()) +
                                3 * ms(settings.rescan) + kGraceMs;
  if (!wait_until(equality, &Life::all_equal) && !violation_) {
    std::string text;
    for (const std::string& each : differences()) text += (text.empty() ? "" : "; ") + each;
    return found({"equal", text});
  }
  if (!wait_until(kBalanceMs, &Life::all_balanced) && !violation_) {
    found({"balanced", "the secondary has not its share of the prefixes"});
  }
}

}  // namespace tandem6::simulation
