#include "tests/simulation/life.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>

namespace tandem6::simulation {

namespace {

constexpr WallTime kFirstSecond{800'000'000};
constexpr std::uint64_t kClientNetworkPurpose = 90;

int failed_expectations() {
  return testing::UnitTest::GetInstance()->ad_hoc_test_result().total_part_count();
}

}  // namespace

Life::Life(const Plan& plan, CoverageTable& coverage, std::vector<std::string>* trace)
    : plan_(plan),
      coverage_(coverage),
      trace_(trace),
      checkers_(
          plan_.settings, [this](Checkers::End end) { return partner_of(end); },
          [this](Violation violation) { found(std::move(violation)); }),
      client_network_(plan.settings.seed, kClientNetworkPurpose),
      gtest_failures_(failed_expectations()) {
  make_servers();
  make_cables();
  make_clients();
}

std::optional<Violation> Life::live() {
  for (unsigned i = 0; i < servers_.size(); ++i) {
    agenda_.at(servers_[i].random.below(1500), [this, i] { start(i); });
  }
  for (const Action& action : plan_.actions) {
    agenda_.at(action.at, [this, &action] {
      if (!is_healed_) befall(action);
    });
  }
  pass_until(plan_.settings.active_ms);
  end_well();
  return violation_;
}

void Life::note(const std::string& line) {
  if (trace_ == nullptr) return;
  char time[32];
  std::snprintf(time, sizeof time, "%7" PRId64 ".%03d  ", agenda_.now() / 1000,
                static_cast<int>(agenda_.now() % 1000));
  trace_->push_back(time + line);
}

void Life::found(Violation violation) {
  if (violation_) return;
  note("VIOLATION " + violation.checker + ": " + violation.text);
  violation_ = std::move(violation);
}

void Life::pass_until(Milliseconds end) {
  while (!violation_ && agenda_.next_before(end)) check_harness();
}

/// What a library of the tests has found wrong, such as a malformed reply.
void Life::check_harness() {
  if (failed_expectations() != gtest_failures_) found({"harness", "see the failure above"});
}

// --- A server.

WallTime Life::clock(unsigned server) const {
  const Milliseconds passed = agenda_.now() + servers_[server].clock_offset;
  return WallTime{kFirstSecond.seconds + (passed + 1'000'000) / 1000};
}

void Life::start(unsigned server) {
  Server& it = servers_[server];
  if (it.it->is_running()) return;
  it.it->set_settings(server_settings(server, it.has_other_pools));
  for (RelationshipIndex i = 0; i < it.cables.size(); ++i) {
    if (it.it->role(i) != Role::kPrimary) continue;
    it.it->set_mclt(it.has_other_mclt ? plan_.settings.other_mclt : plan_.settings.mclt, i);
  }
  const std::uint64_t start = ++it.start_count;
  agenda_.in(it.random.below(1000), [this, server, start] { tick(server, start); });
  checkers_.restarted(server, *it.it, agenda_.now());
  it.it->start(clock(server));
  after(server);
}

void Life::kill(unsigned server, bool silently, std::uint32_t kept_percent) {
  Server& it = servers_[server];
  if (it.it->is_running()) {
    const std::uint64_t unsynced = it.it->disk().written() - it.it->disk().durable();
    it.it->crash(unsynced * kept_percent / 100);
  }
  checkers_.died(server, clock(server));
  it.replies.clear();
  it.is_syncing = false;
  ++it.start_count;
  it.pending_kill.reset();
  for (unsigned i = 0; i < it.cables.size(); ++i) {
    Pairing& pairing = pairings_[it.cables[i]];
    pairing.cable->end_died(pairing.primary == server ? Role::kPrimary : Role::kSecondary,
                            silently);
  }
}

void Life::tick(unsigned server, std::uint64_t start) {
  Server& it = servers_[server];
  if (it.start_count != start) return;
  it.it->tick(clock(server));
  after(server);
  for (RelationshipIndex i = 0; i < it.cables.size() && it.it->is_running(); ++i) {
    checkers_.look(server, *it.it, i, clock(server), agenda_.now());
  }
  agenda_.in(1000, [this, server, start] { tick(server, start); });
}

void Life::tell(unsigned server, RelationshipIndex relationship, Event&& event) {
  SimulatedServer& it = *servers_[server].it;
  const bool is_heard_at_once =
      std::holds_alternative<event::Received>(event) && it.waiting_count() == 0;
  it.happen(std::move(event), clock(server), relationship);
  if (is_heard_at_once && it.is_running()) checkers_.has_heard(server, it, relationship);
  after(server);
}

/// Whatever a server has done: it may have died of it, and its disk has something to do.
void Life::after(unsigned server) {
  Server& it = servers_[server];
  if (!it.it->is_running()) {
    // Killed before an effect; its cables have to learn of it.
    if (!it.pending_kill) return;
    const Milliseconds lasts = it.pending_kill->lasts;
    kill(server, false, 0);
    agenda_.in(lasts, [this, server] { start(server); });
    return;
  }
  SimulatedDisk& disk = it.it->disk();
  if (it.is_syncing || disk.written() == disk.durable()) return;
  it.is_syncing = true;
  const Milliseconds done = agenda_.now() + 1 + it.random.below(plan_.settings.sync_ms_max);
  const std::uint64_t start = it.start_count;
  const std::uint64_t step = disk.written();
  agenda_.at(std::max(done, it.disk_stalled_until),
             [this, server, start, step] { disk_done(server, start, step); });
}

void Life::disk_done(unsigned server, std::uint64_t start, std::uint64_t step) {
  Server& it = servers_[server];
  if (it.start_count != start) return;
  if (it.disk_stalled_until > agenda_.now()) {
    agenda_.at(it.disk_stalled_until,
               [this, server, start, step] { disk_done(server, start, step); });
    return;
  }
  it.is_syncing = false;
  it.it->disk().sync(step);
  let_replies_leave(server);
  it.it->disk_advanced(clock(server));
  after(server);
}

}  // namespace tandem6::simulation
