#include "tests/simulation/simulated_server.h"

#include <algorithm>
#include <set>

#include "dataplane/lease/lease_rules.h"

namespace tandem6::simulation {

namespace {

constexpr RelationshipIndex kRelationship = 0;

bool covers(const Ipv6Prefix& block, const Ipv6Prefix& prefix) {
  return block.length <= prefix.length && block.contains(prefix.address);
}

Responsiveness responsiveness_of(Serving::Answers answers) {
  switch (answers) {
    case Serving::Answers::kNobody:
      return Responsiveness::kUnresponsive;
    case Serving::Answers::kOwnClients:
      return Responsiveness::kRenewResponsive;
    case Serving::Answers::kEverybody:
      return Responsiveness::kResponsive;
  }
  return Responsiveness::kUnresponsive;
}

/// Collects what take_updates gives, cut into IAs.
struct Collector {
  std::vector<std::vector<LeaseUpdate>>* groups;
  std::vector<LeaseUpdate> group;
  static void take(void* self, const LeaseUpdate& update, bool last_of_ia) {
    auto& collector = *static_cast<Collector*>(self);
    collector.group.push_back(update);
    if (!last_of_ia) return;
    collector.groups->push_back(std::move(collector.group));
    collector.group.clear();
  }
};

}  // namespace

SimulatedServer::SimulatedServer(EndpointSettings endpoint, ServerSettings settings,
                                 unsigned shard_count, Surroundings surroundings)
    : endpoint_settings_(std::move(endpoint)),
      settings_(std::move(settings)),
      shard_count_(shard_count),
      surroundings_(std::move(surroundings)) {}

// --- Life.

void SimulatedServer::start(WallTime now) {
  bench_ = std::make_unique<ServerBench>(settings_, shard_count_);
  bench_->now = now;
  for (const auto& [block, half] : half_log_) {
    EXPECT_TRUE(move_block(*bench_->service, block, half)) << block.to_string();
  }
  for (const auto& [restored, count] : restore_all(*bench_, disk_)) {
    EXPECT_EQ(restored, Restored::kServed) << count << " leases";
  }
  bench_->changes.clear();
  endpoint_ = std::make_unique<Endpoint>(endpoint_settings_);
  book_ = std::make_unique<BlockBook>(*bench_->service, kRelationship);
  note("starts");
  happen(event::Start{.record = endpoint_record_, .leases_are_new = false}, now);
}

void SimulatedServer::crash() {
  note("is killed");
  endpoint_.reset();
  bench_.reset();
  waiting_.clear();
  sweep_ = unsent_ = {};
}

void SimulatedServer::shut_down(WallTime now) {
  happen(event::Shutdown{}, now);
  crash();
}

void SimulatedServer::lose_disk() {
  EXPECT_FALSE(is_running());
  note("loses its disk");
  disk_.clear();
  endpoint_record_.reset();
  half_log_.clear();
}

// --- Events.

/// Effects may bring events at once; these wait until what was begun is done.
void SimulatedServer::happen(Event&& event, WallTime now) {
  if (!is_running()) return;
  bench_->now = now;
  waiting_.push_back(std::move(event));
  if (is_stepping_) return;
  is_stepping_ = true;
  while (is_running() && !waiting_.empty()) {
    Event next = std::move(waiting_.front());
    waiting_.pop_front();
    Effects effects;
    const EndpointState before = endpoint_->state();
    endpoint_->step(std::move(next), now, effects);
    if (endpoint_->state() != before) note(std::string("is ") + name_of(endpoint_->state()));
    carry_out(std::move(effects), now);
  }
  is_stepping_ = false;
}

void SimulatedServer::carry_out(Effects&& effects, WallTime now) {
  for (EndpointEffect& each : effects) {
    std::visit([&](auto& effect) { carry_out(effect, now); }, each);
  }
}

void SimulatedServer::tick(WallTime now) {
  if (!is_running()) return;
  bench_->now = now;
  for (const auto& responder : bench_->responders) {
    while (responder->expire(now, 64) != 0) keep_on_disk();
  }
  keep_on_disk();
  happen(event::ChangesWaiting{}, now);
  happen(event::Tick{}, now);
}

Reply SimulatedServer::serve(const Octets& datagram, WallTime now) {
  bench_->now = now;
  Reply reply = bench_->send(datagram);
  keep_on_disk();
  happen(event::ChangesWaiting{}, now);
  return reply;
}

// --- Effects.

void SimulatedServer::carry_out(effect::Persist& persist, WallTime) {
  endpoint_record_ = persist.record;
}

void SimulatedServer::carry_out(effect::Serve& serve, WallTime) {
  const Serving& serving = serve.serving;
  rules_ = {.responsiveness = responsiveness_of(serving.answers),
            .role = role(),
            .has_partner = true,
            .may_allocate = serving.may_allocate,
            .is_bounded = serving.is_bounded,
            .is_in_contact = serving.is_in_contact,
            .mclt = serving.mclt,
            .mclt_max = serving.mclt_max,
            .partner_down_since = serving.partner_down_since};
  bench_->set_rules(rules_);
}

void SimulatedServer::carry_out(effect::Open& open, WallTime) {
  surroundings_.open(role(), open.id);
}
void SimulatedServer::carry_out(effect::Send& send, WallTime) {
  surroundings_.send(role(), send.id, send.message);
}
void SimulatedServer::carry_out(effect::Close& close, WallTime) {
  surroundings_.close(role(), close.id, close.why);
}

PartnerContext SimulatedServer::context_of(std::size_t shard, WallTime now) {
  return {.service = *bench_->service,
          .shard = *bench_->shards[shard],
          .relationship = kRelationship,
          .rules = rules_,
          .now = now};
}

ShardId SimulatedServer::home_of(const Duid& duid) const {
  return bench_->service->home_of(bench_->service->client_key(duid.bytes()));
}

UpdateOutcome SimulatedServer::apply_to_shards(const LeaseUpdate& update, WallTime now) {
  UpdateOutcome outcome;
  WallTime promised_until = kNoTime;
  for (unsigned tries = 0; tries <= shard_count_; ++tries) {
    outcome = apply_update(context_of(home_of(update.duid), now), update, promised_until);
    if (outcome.held_by == kNoShard) return outcome;
    const UpdateOutcome yielded = yield_lease(context_of(outcome.held_by, now), update);
    if (yielded.verdict.status != StatusCode::kSuccess) return yielded;
    promised_until = std::max(promised_until, yielded.promised_until);
  }
  ADD_FAILURE() << "no end of yielding for " << update.lease.to_string();
  return outcome;
}

void SimulatedServer::carry_out(effect::Apply& apply, WallTime now) {
  if (is_deaf_) return;
  event::Applied applied{.update = apply.update, .lease = apply.lease, .verdict = {}};
  if (apply.content.is_bare()) {
    applied.verdict = apply_prefix_update(*bench_->service, kRelationship, apply.content);
    if (applied.verdict.status == StatusCode::kSuccess) {
      move_on_disk(apply.content.lease, apply.content.status == BindingStatus::kFreeBackup
                                            ? Half::kFreeBackup
                                            : Half::kFree);
    }
  } else {
    const UpdateOutcome outcome = apply_to_shards(apply.content, now);
    applied.verdict = outcome.verdict;
    applied.answer_with_ours = outcome.answer_with_ours;
  }
  keep_on_disk();
  waiting_.push_back(applied);
}

void SimulatedServer::carry_out(effect::Acknowledge& acknowledge, WallTime now) {
  const LeaseAck& ack = acknowledge.ack;
  if (!ack.duid.empty()) {
    apply_ack(context_of(home_of(ack.duid), now), ack);
    return keep_on_disk();
  }
  if (book_->acked(ack)) move_on_disk(ack.lease, Half::kFree);
}

void SimulatedServer::carry_out(effect::BeginSweep& begin, WallTime now) {
  sweep_ = {.all = begin.all, .blocks = {}};
  if (!begin.all) {
    effect::ForgetSent forget{.is_new_connection = false};
    return carry_out(forget, now);
  }
  sweep_.blocks = blocks_of_half(*bench_->service, kRelationship, Half::kFreeBackup);
}

void SimulatedServer::carry_out(effect::Take& take, WallTime now) {
  if (is_deaf_) return;
  event::Taken taken{.ticket = take.ticket, .is_end = false, .groups = {}};
  take_blocks(take, taken, now);
  take_pieces(take, taken, now);
  keep_on_disk();
  waiting_.push_back(std::move(taken));
}

void SimulatedServer::take_blocks(const effect::Take& take, event::Taken& taken, WallTime now) {
  if (take.of_sweep && sweep_.all) {
    while (!sweep_.blocks.empty() && taken.groups.size() < take.count) {
      const Ipv6Prefix block = sweep_.blocks.back();
      sweep_.blocks.pop_back();
      taken.groups.push_back({block_update(block, BindingStatus::kFreeBackup, now)});
    }
    return;
  }
  for (LeaseUpdate& block : book_->take_unsent(take.count)) {
    taken.groups.push_back({std::move(block)});
  }
}

void SimulatedServer::take_pieces(const effect::Take& take, event::Taken& taken, WallTime now) {
  SweepPlace& place = take.of_sweep ? sweep_ : unsent_;
  if (!take.of_sweep) place = {};
  Collector collector{.groups = &taken.groups, .group = {}};
  const UpdateKind kind = take.of_sweep && sweep_.all ? UpdateKind::kAll : UpdateKind::kUnsent;
  while (place.shard < bench_->shards.size() && taken.groups.size() < take.count) {
    const auto left = static_cast<std::uint32_t>(take.count - taken.groups.size());
    const TakenUpdates piece = take_updates(context_of(place.shard, now), kind, place.from, left,
                                            Collector::take, &collector);
    place.from = piece.next;
    if (piece.next == kNoBinding) {
      ++place.shard;
      place.from = 0;
    }
  }
  taken.is_end = place.shard == bench_->shards.size() && place.blocks.empty() &&
                 (sweep_.all || !book_->has_unsent());
}

void SimulatedServer::carry_out(effect::ForgetSent& forget, WallTime now) {
  if (forget.is_new_connection && role() == Role::kPrimary) {
    book_->announce_all(now);
  } else {
    book_->forget_sent();
  }
  for (std::size_t shard = 0; shard < bench_->shards.size(); ++shard) {
    forget_sent(context_of(shard, now));
  }
}

void SimulatedServer::carry_out(effect::ArmReuseTimers&, WallTime now) {
  for (std::size_t shard = 0; shard < bench_->shards.size(); ++shard) {
    BindingIndex from = 0;
    while (from != kNoBinding) from = arm_reuse_timers(context_of(shard, now), from);
  }
}

void SimulatedServer::carry_out(effect::ReadShares&, WallTime) {
  event::Shares shares;
  for (std::size_t pool = 0; pool < bench_->pools->prefix_pool_count(); ++pool) {
    const PoolShares found = shares_of(*bench_->service, static_cast<PoolIndex>(pool));
    shares.pools.push_back({.pool = static_cast<std::uint16_t>(pool),
                            .free_primary = found.free_primary,
                            .free_secondary = found.free_secondary});
  }
  waiting_.push_back(std::move(shares));
}

void SimulatedServer::carry_out(effect::GiveBlock& give, WallTime now) {
  event::BlockTaken taken{.pool = give.pool, .block = std::nullopt};
  if (const auto block = book_->give(give.pool, give.count, now)) {
    move_on_disk(block->prefix, Half::kFreeBackup);
    taken.block = block_update(block->prefix, BindingStatus::kFreeBackup, now);
    taken.count = block->count;
  }
  waiting_.push_back(std::move(taken));
}

void SimulatedServer::carry_out(effect::FindBlockToTakeBack& find, WallTime now) {
  event::BlockTaken taken{.pool = find.pool, .block = std::nullopt};
  if (const auto block = book_->find_to_take_back(find.pool, find.count)) {
    taken.block = block_update(block->prefix, BindingStatus::kFree, now);
    taken.count = block->count;
  }
  waiting_.push_back(std::move(taken));
}

void SimulatedServer::carry_out(effect::Report& report, WallTime) {
  reports_.push_back(report.text);
}

void SimulatedServer::carry_out(effect::CommandDone& done, WallTime) { last_command_ = done; }

// --- The disk.

void SimulatedServer::move_on_disk(const Ipv6Prefix& block, Half half) {
  half_log_.emplace_back(block, half);
}

Half SimulatedServer::half_on_disk(const Ipv6Prefix& prefix) const {
  const auto newest = std::ranges::find_if(half_log_.rbegin(), half_log_.rend(),
                                           [&](const auto& e) { return covers(e.first, prefix); });
  return newest == half_log_.rend() ? Half::kFree : newest->second;
}

/// What the shards have emitted since; a prefix that has left its half leaves it on disk as well.
void SimulatedServer::keep_on_disk() {
  bench_->drain_changes();
  for (const Change& change : bench_->changes) {
    LeaseRecord record;
    record.binding = change.binding;
    record.duid = change.duid;
    record.set_attributes(change.attributes());
    if (change.kind == ChangeKind::kErase) {
      disk_.erase({change.binding.ia_type, change.binding.lease(), change.binding.iaid,
                   copied(change.duid.bytes())});
    } else {
      keep(disk_, record);
    }
    const Binding& binding = change.binding;
    if (binding.ia_type != IaType::kPrefixDelegation || binding.pool == kNoPool) continue;
    if (binding.half_left) move_on_disk(binding.lease(), Half::kFree);
    EXPECT_EQ(bench_->pools->prefix_pool(binding.pool).half(binding.lease()),
              half_on_disk(binding.lease()))
        << binding.lease().to_string() << " moved, and the disk was not told";
  }
  bench_->changes.clear();
}

// --- For the eye.

std::vector<std::string> SimulatedServer::leases() const {
  std::set<std::string> lines;
  for (const auto& [key, record] : disk_) {
    const Binding& binding = record.binding;
    if (!holds_its_lease(binding.status)) continue;
    lines.insert(binding.lease().to_string() + ' ' + name_of(binding.status) + ' ' +
                 record.duid.to_string() + '/' + std::to_string(binding.iaid.value));
  }
  return {lines.begin(), lines.end()};
}

std::vector<std::string> SimulatedServer::prefix_halves() const {
  std::vector<std::string> lines;
  for (const Ipv6Prefix& block : blocks_of_half(*bench_->service, kRelationship, Half::kFreeBackup))
    lines.push_back(block.to_string());
  return lines;
}

}  // namespace tandem6::simulation
