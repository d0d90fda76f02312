#include "tests/simulation/simulated_server.h"

#include <algorithm>
#include <set>

#include "dataplane/lease/lease_rules.h"

namespace tandem6::simulation {

SimulatedServer::SimulatedServer(std::vector<EndpointSettings> endpoints, ServerSettings settings,
                                 ServerSize size, Surroundings surroundings)
    : settings_(std::move(settings)), size_(size), surroundings_(std::move(surroundings)) {
  for (EndpointSettings& each : endpoints) {
    Side& side = sides_.emplace_back();
    side.index = static_cast<RelationshipIndex>(sides_.size() - 1);
    side.settings = std::move(each);
  }
}

// --- Life.

void SimulatedServer::start(WallTime now) {
  bench_ = std::make_unique<ServerBench>(settings_, size_.shard_count, size_.bindings_per_shard,
                                         size_.change_ring_size);
  bench_->now = now;
  is_running_ = true;
  for (const auto& [block, half] : disk_.newest().halves.in_order()) {
    // No where the pool is no longer configured.
    if (!move_block(*bench_->service, block, half)) note("has no pool for " + block.to_string());
  }
  for (const auto& [restored, count] : restore_all(*bench_, disk_.newest().leases)) {
    EXPECT_TRUE(restored == Restored::kServed || restored == Restored::kUnplaced)
        << count << " leases";
  }
  bench_->changes.clear();
  note("starts");
  for (Side& side : sides_) {
    side.endpoint = std::make_unique<Endpoint>(side.settings);
    side.book = std::make_unique<BlockBook>(*bench_->service, side.index);
    side.sweeps.emplace(bench_->shards.size());
    const auto record = disk_.newest().records.find(side.index);
    event::Start start{.record = std::nullopt,
                       .origin = side.origin,
                       .last_client_contact = last_client_contact(side.index)};
    if (record != disk_.newest().records.end()) start.record = record->second;
    side.events.emplace_back(std::move(start));
  }
  run(now);
}

WallTime SimulatedServer::last_client_contact(RelationshipIndex relationship) const {
  WallTime last = kNoTime;
  for (const auto& [key, record] : disk_.newest().leases) {
    if (!is_of(relationship, record.binding)) continue;
    last = std::max<WallTime>(last, record.binding.client_last_transaction_time);
  }
  return last;
}

void SimulatedServer::crash(std::uint64_t kept) {
  note("is killed");
  is_running_ = false;
  disk_.crash(kept);
  waiting_.clear();
  for (Side& side : sides_) {
    side.endpoint.reset();
    side.book.reset();
    side.events.clear();
    side.effects.clear();
    side.blocked_until = 0;
    side.is_settled = false;
    side.rules = {};
    side.sweeps.reset();
  }
  bench_.reset();
}

void SimulatedServer::shut_down(WallTime now) {
  for (Side& side : sides_) happen(event::Shutdown{}, now, side.index);
  crash();
}

void SimulatedServer::lose_disk() {
  EXPECT_FALSE(is_running());
  note("loses its disk");
  disk_.clear();
  for (Side& side : sides_) side.origin = LeasesOrigin::kMade;
}

void SimulatedServer::restore_disk(SimulatedDisk::Content copy) {
  EXPECT_FALSE(is_running());
  note("gets an old copy of its disk");
  disk_.restore(std::move(copy));
  for (Side& side : sides_) side.origin = LeasesOrigin::kRestored;
}

// --- Events.

void SimulatedServer::happen(Event&& event, WallTime now, RelationshipIndex relationship) {
  if (!is_running()) return;
  bench_->now = now;
  sides_[relationship].events.push_back(std::move(event));
  run(now);
}

/// Effects may bring events at once; these wait until what was begun is done.
void SimulatedServer::run(WallTime now) {
  if (is_stepping_) return;
  is_stepping_ = true;
  for (bool any = true; any;) {
    any = false;
    for (Side& side : sides_) {
      while (is_running() && advance(side, now)) any = true;
    }
  }
  is_stepping_ = false;
}

bool SimulatedServer::advance(Side& side, WallTime now) {
  const bool may_go_on = side.blocked_until <= disk_.durable();
  if (!side.effects.empty() && may_go_on) {
    EndpointEffect effect = std::move(side.effects.front());
    side.effects.pop_front();
    if (surroundings_.dies_before && surroundings_.dies_before(side.index, effect)) {
      crash(0);
    } else {
      carry_out(side, effect, now);
    }
    return true;
  }
  if (side.events.empty()) return false;
  step(side, now);
  return true;
}

void SimulatedServer::step(Side& side, WallTime now) {
  Event next = std::move(side.events.front());
  side.events.pop_front();
  const EndpointState before = side.endpoint->state();
  Effects effects;
  side.endpoint->step(std::move(next), now, effects);
  const EndpointState state = side.endpoint->state();
  if (state != before) {
    if (surroundings_.note) note(std::string("is ") + name_of(state));
    if (surroundings_.changed_state) surroundings_.changed_state(side.index, before, state);
  }
  for (EndpointEffect& each : effects) side.effects.push_back(std::move(each));
}

void SimulatedServer::after_disk(Side& side, Event&& event, std::uint64_t change_number) {
  if (change_number == 0 || disk_.durable() == disk_.written()) {
    side.events.push_back(std::move(event));
  } else {
    waiting_.push_back({disk_.written(), side.index, std::move(event)});
  }
}

void SimulatedServer::disk_advanced(WallTime now) {
  if (!is_running()) return;
  bench_->now = now;
  while (!waiting_.empty() && waiting_.front().step <= disk_.durable()) {
    sides_[waiting_.front().relationship].events.push_back(std::move(waiting_.front().event));
    waiting_.pop_front();
  }
  run(now);
}

void SimulatedServer::tick(WallTime now) {
  if (!is_running()) return;
  bench_->now = now;
  for (const auto& responder : bench_->responders) {
    while (responder->expire(now, 64) != 0) keep_on_disk(ByTime{});
  }
  keep_on_disk(ByTime{});
  for (Side& side : sides_) {
    side.events.emplace_back(event::ChangesWaiting{});
    side.events.emplace_back(event::Tick{});
  }
  run(now);
}

Reply SimulatedServer::serve(const Octets& datagram, WallTime now, const Envelope& envelope) {
  bench_->now = now;
  Reply reply = bench_->send(datagram, envelope);
  keep_on_disk(ByClient{});
  for (Side& side : sides_) side.events.emplace_back(event::ChangesWaiting{});
  run(now);
  return reply;
}

/// What the shards have emitted since; a prefix that has left its half leaves it on disk as well.
void SimulatedServer::keep_on_disk(const Occasion& occasion) {
  bench_->drain_changes();
  for (const Change& change : bench_->changes) {
    LeaseRecord record;
    record.binding = change.binding;
    record.duid = change.duid;
    record.set_attributes(change.attributes());
    if (surroundings_.writes) surroundings_.writes(record, change.kind, occasion);
    if (change.kind == ChangeKind::kErase) {
      disk_.erase(record);
    } else {
      disk_.put(record);
    }
    const Binding& binding = change.binding;
    if (binding.ia_type != IaType::kPrefixDelegation || binding.pool == kNoPool) continue;
    if (binding.half_left) disk_.move(binding.lease(), Half::kFree);
    EXPECT_EQ(bench_->pools->prefix_pool(binding.pool).half(binding.lease()),
              disk_.newest().halves.of(binding.lease()))
        << binding.lease().to_string() << " moved, and the disk was not told";
  }
  bench_->changes.clear();
}

// --- For the eye.

std::size_t SimulatedServer::waiting_count() const noexcept {
  std::size_t count = waiting_.size();
  for (const Side& side : sides_) count += side.events.size() + side.effects.size();
  return count;
}

/// By the link it lies on; one that lies on none is nobody's.
bool SimulatedServer::is_of(RelationshipIndex relationship, const Binding& binding) const {
  return std::ranges::any_of(settings_.links, [&](const LinkSettings& link) {
    const auto holds = [&](const Ipv6Prefix& pool) { return covers(pool, binding.lease()); };
    return link.relationship == relationship &&
           (std::ranges::any_of(link.address_pools, holds) ||
            std::ranges::any_of(link.prefix_pools,
                                [&](const auto& pool) { return holds(pool.prefix); }));
  });
}

RelationshipIndex SimulatedServer::relationship_of(const Binding& binding) const {
  RelationshipIndex found = kNoRelationship;
  for (const Side& side : sides_) {
    if (is_of(side.index, binding)) found = side.index;
  }
  return found;
}

std::vector<std::string> SimulatedServer::leases(RelationshipIndex relationship) const {
  std::set<std::string> lines;
  for (const auto& [key, record] : disk_.newest().leases) {
    const Binding& binding = record.binding;
    if (!holds_its_lease(binding.status) || !is_of(relationship, binding)) continue;
    lines.insert(binding.lease().to_string() + ' ' + name_of(binding.status) + ' ' +
                 record.duid.to_string() + '/' + std::to_string(binding.iaid.value));
  }
  return {lines.begin(), lines.end()};
}

std::vector<std::string> SimulatedServer::prefix_halves(RelationshipIndex relationship) const {
  std::vector<std::string> lines;
  for (const Ipv6Prefix& block :
       blocks_of_half(*bench_->service, relationship, Half::kFreeBackup)) {
    lines.push_back(block.to_string());
  }
  return lines;
}

}  // namespace tandem6::simulation
