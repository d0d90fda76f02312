// What a simulated server does when its endpoint wants something done, as the daemon would.
#include <algorithm>

#include "control/daemon/plain_effects.h"
#include "tests/simulation/simulated_server.h"

namespace tandem6::simulation {

namespace {

constexpr std::uint64_t kSome = 1;  // change, whichever

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

void SimulatedServer::carry_out(Side& side, EndpointEffect& effect, WallTime now) {
  std::visit([&](auto& each) { carry_out(side, each, now); }, effect);
}

template <typename Pass>
void SimulatedServer::pass_over_leases(Side& side, WallTime now, const Occasion& occasion,
                                       Pass&& pass) {
  for (std::size_t shard = 0; shard < bench_->shards.size(); ++shard) {
    BindingIndex from = 0;
    while (from != kNoBinding) {
      from = pass(context_of(side, shard, now), from);
      keep_on_disk(occasion);
    }
  }
}

void SimulatedServer::carry_out(Side& side, effect::MarkAllDirty&, WallTime now) {
  pass_over_leases(side, now, {}, mark_all_dirty);
}

void SimulatedServer::carry_out(Side& side, effect::DoubtOldCopy&, WallTime now) {
  pass_over_leases(side, now, ByDoubt{}, doubt_old_copy);
  for (const Ipv6Prefix& block : side.book->drop_all()) disk_.move(block, Half::kFree);
}

/// The next start begins again until what was settled is on disk.
void SimulatedServer::carry_out(Side& side, effect::LeasesAreWhole& whole, WallTime now) {
  if (side.is_settled) {
    side.origin = LeasesOrigin::kKept;
    side.is_settled = false;
    return;
  }
  pass_over_leases(side, now, BySettling{}, [&](const PartnerContext& context, BindingIndex from) {
    return settle_old_copy(context, from, *side.book);
  });
  for (const auto& [block, half] : side.book->end_doubt()) disk_.move(block, half);
  side.is_settled = true;
  side.blocked_until = disk_.written();
  side.effects.emplace_front(whole);
}

/// What follows waits for the disk; a heartbeat nobody waits for.
void SimulatedServer::carry_out(Side& side, effect::Persist& persist, WallTime) {
  disk_.keep(side.index, persist.record);
  if (!persist.is_lazy) side.blocked_until = disk_.written();
}

void SimulatedServer::carry_out(Side& side, effect::Serve& serve, WallTime) {
  side.rules = rules_of(serve.serving, side.settings.role);
  bench_->relationships.write(side.index, side.rules);
}

void SimulatedServer::carry_out(Side& side, effect::Open& open, WallTime) {
  surroundings_.open(side.index, open.id);
}
void SimulatedServer::carry_out(Side& side, effect::Send& send, WallTime) {
  surroundings_.send(side.index, send.id, send.message);
}
void SimulatedServer::carry_out(Side& side, effect::Close& close, WallTime) {
  surroundings_.close(side.index, close.id, close.why);
}

PartnerContext SimulatedServer::context_of(const Side& side, std::size_t shard, WallTime now) {
  return {.service = *bench_->service,
          .shard = *bench_->shards[shard],
          .relationship = side.index,
          .rules = side.rules,
          .now = now};
}

ShardId SimulatedServer::home_of(const Duid& duid) const {
  return bench_->service->home_of(bench_->service->client_key(duid.bytes()));
}

UpdateOutcome SimulatedServer::apply_to_shards(const Side& side, const LeaseUpdate& update,
                                               WallTime now) {
  UpdateOutcome outcome;
  WallTime promised_until = kNoTime;
  for (unsigned tries = 0; tries <= size_.shard_count; ++tries) {
    outcome = apply_update(context_of(side, home_of(update.duid), now), update, promised_until);
    if (outcome.held_by == kNoShard) return outcome;
    const UpdateOutcome yielded = yield_lease(context_of(side, outcome.held_by, now), update);
    if (yielded.verdict.status != StatusCode::kSuccess) return yielded;
    promised_until = std::max(promised_until, yielded.promised_until);
  }
  ADD_FAILURE() << "no end of yielding for " << update.lease.to_string();
  return outcome;
}

void SimulatedServer::carry_out(Side& side, effect::Apply& apply, WallTime now) {
  if (is_deaf_) return;
  std::uint64_t change_number = 0;
  event::Applied applied{.update = apply.update, .lease = apply.lease, .verdict = {}};
  const LeaseUpdate& update = *apply.content;
  std::optional<LeaseRecord> before;
  if (update.is_bare()) {
    applied.verdict = apply_prefix_update(*bench_->service, side.index, side.rules, update);
    if (applied.verdict.status == StatusCode::kSuccess) {
      disk_.move(update.lease, half_told(update.status).value());
      change_number = kSome;
    } else if (side.rules.has_old_leases) {
      side.book->note_told_in_doubt(update.lease, update.status);
    }
  } else {
    const auto known = disk_.newest().leases.find(
        {update.ia_type, update.lease, update.iaid, copied(update.duid.bytes())});
    if (known != disk_.newest().leases.end()) before = known->second;
    const UpdateOutcome outcome = apply_to_shards(side, update, now);
    applied.verdict = outcome.verdict;
    applied.answer_with_ours = outcome.answer_with_ours;
    if (side.rules.has_old_leases && applied.verdict.status == StatusCode::kSuccess) {
      side.book->note_lease_told_in_doubt(update.lease);
    }
    change_number = outcome.change_number;
  }
  keep_on_disk(&update);
  if (surroundings_.judged) {
    surroundings_.judged(side.index, update, before ? &*before : nullptr, applied.verdict);
  }
  after_disk(side, applied, change_number);
}

void SimulatedServer::carry_out(Side& side, effect::Acknowledge& acknowledge, WallTime now) {
  const LeaseAck& ack = acknowledge.ack;
  if (surroundings_.acknowledged) surroundings_.acknowledged(side.index, ack);
  if (!ack.duid.empty()) {
    apply_ack(context_of(side, home_of(ack.duid), now), ack);
    return keep_on_disk(&ack);
  }
  if (side.book->acked(ack)) disk_.move(ack.lease, Half::kFree);
}

void SimulatedServer::carry_out(Side& side, effect::NoteRefusal& refusal, WallTime now) {
  note_refusal(context_of(side, home_of(refusal.lease.duid), now), refusal.lease);
  keep_on_disk();
}

void SimulatedServer::carry_out(Side& side, effect::BeginSweep& begin, WallTime now) {
  side.sweeps->begin_sweep(begin.all);
  if (begin.all) return side.book->announce_all(now);
  effect::ForgetSent forget{.is_new_connection = false};
  carry_out(side, forget, now);
}

void SimulatedServer::carry_out(Side& side, effect::Take& take, WallTime now) {
  if (is_deaf_) return;
  event::Taken taken{.ticket = take.ticket, .is_end = false, .groups = {}};
  take_blocks(side, take, taken);
  const bool has_blocks = !taken.groups.empty();  // whose they are must be on disk
  const std::uint64_t leases = take_pieces(side, take, taken, now);
  // A sweep is read from the disk, which may stand still.
  if (take.of_sweep) disk_.read();
  const std::uint64_t change_number = has_blocks || take.of_sweep ? kSome : leases;
  keep_on_disk();
  after_disk(side, std::move(taken), change_number);
}

void SimulatedServer::take_blocks(Side& side, const effect::Take& take, event::Taken& taken) {
  for (LeaseUpdate& block : side.book->take_unsent(take.count)) {
    taken.groups.push_back({std::move(block)});
  }
}

std::uint64_t SimulatedServer::take_pieces(Side& side, const effect::Take& take,
                                           event::Taken& taken, WallTime now) {
  std::uint64_t change_number = 0;
  Sweeps& sweeps = *side.sweeps;
  sweeps.begin_piece(take.of_sweep);
  Collector collector{.groups = &taken.groups, .group = {}};
  while (!sweeps.is_at_end() && taken.groups.size() < take.count) {
    const auto left = static_cast<std::uint32_t>(take.count - taken.groups.size());
    const TakenUpdates piece = take_updates(context_of(side, sweeps.shard(), now), sweeps.kind(),
                                            sweeps.from(), left, Collector::take, &collector);
    change_number = std::max(change_number, piece.change_number);
    sweeps.go_on_at(piece.next);
  }
  taken.is_end = sweeps.end_piece() && !side.book->has_unsent();
  return change_number;
}

void SimulatedServer::carry_out(Side& side, effect::ForgetSent& forget, WallTime now) {
  if (forget.is_new_connection && side.settings.role == Role::kPrimary) {
    side.book->announce_all(now);
  } else {
    side.book->forget_sent();
  }
  for (std::size_t shard = 0; shard < bench_->shards.size(); ++shard) {
    forget_sent(context_of(side, shard, now));
  }
}

void SimulatedServer::carry_out(Side& side, effect::ArmReuseTimers&, WallTime now) {
  for (std::size_t shard = 0; shard < bench_->shards.size(); ++shard) {
    BindingIndex from = 0;
    while (from != kNoBinding) from = arm_reuse_timers(context_of(side, shard, now), from);
  }
}

void SimulatedServer::carry_out(Side& side, effect::ReadShares&, WallTime) {
  side.events.emplace_back(read_shares(*bench_->service, side.index));
}

void SimulatedServer::carry_out(Side& side, effect::GiveBlock& give, WallTime now) {
  event::BlockTaken taken = give_block(*side.book, give, now);
  if (taken.block) disk_.move(taken.block->lease, Half::kFreeBackup);
  after_disk(side, std::move(taken), kSome);
}

void SimulatedServer::carry_out(Side& side, effect::FindBlockToTakeBack& find, WallTime now) {
  side.events.emplace_back(find_block(*side.book, find, now));
}

void SimulatedServer::carry_out(Side&, effect::Report& report, WallTime) {
  reports_.push_back(report.text);
}

void SimulatedServer::carry_out(Side&, effect::CommandDone& done, WallTime) {
  last_command_ = done;
}

}  // namespace tandem6::simulation
