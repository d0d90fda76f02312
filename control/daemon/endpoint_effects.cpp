// What an endpoint wants done, effect by effect.
#include <algorithm>
#include <iterator>
#include <utility>

#include "control/daemon/endpoint_runner.h"
#include "control/daemon/plain_effects.h"
#include "dataplane/server/prefix_shares.h"

namespace tandem6 {
// --- All leases.

void EndpointRunner::carry_out(effect::MarkAllDirty&&) {
  block();
  when_operations_are_back([this] {
    pass_over_shards([this] { return std::make_unique<PassTask>(behalf(), mark_all_dirty); },
                     [this] { when_kept([this] { unblock(); }); });
  });
}

void EndpointRunner::carry_out(effect::DoubtOldCopy&&) {
  block();
  when_operations_are_back([this] {
    pass_over_shards([this] { return std::make_unique<PassTask>(behalf(), doubt_old_copy); },
                     [this] {
                       (void)book_.drop_all();  // the pools' witness tells the committer
                       when_kept([this] { unblock(); });
                     });
  });
}

/// The next start begins again until what was settled is on disk.
void EndpointRunner::carry_out(effect::LeasesAreWhole&&) {
  block();
  when_operations_are_back([this] {
    pass_over_shards([this] { return std::make_unique<PassTask>(behalf(), book_); },
                     [this] {
                       (void)book_.end_doubt();
                       when_kept([this] {
                         surroundings_.leases_are_whole(on_control_thread([this] { unblock(); }));
                       });
                     });
  });
}

void EndpointRunner::carry_out(effect::ArmReuseTimers&&) {
  block();
  when_operations_are_back([this] {
    pass_over_shards([this] { return std::make_unique<PassTask>(behalf(), arm_reuse_timers); },
                     [this] { unblock(); });
  });
}

// --- Records and rules.

/// What follows waits for the disk; a heartbeat nobody waits for.
void EndpointRunner::carry_out(effect::Persist&& persist) {
  auto put = [name = name_, record = persist.record](WriteSet& set) {
    set.put_endpoint(name, record);
  };
  if (persist.is_lazy) return surroundings_.committer->put(std::move(put), {});
  block();
  when_operations_are_back([this, put = std::move(put)] {
    surroundings_.committer->put(put, on_control_thread([this] { unblock(); }));
  });
}

void EndpointRunner::carry_out(effect::Serve&& serve) {
  give_operations();  // they were begun under the rules of before
  rules_ = rules_of(serve.serving, endpoint_.settings().role);
  surroundings_.relationships->write(index_, rules_);
  block();
  surroundings_.tasks->give_to_all<BarrierTask>([] { return std::make_unique<BarrierTask>(); },
                                                [this](const auto&) { unblock(); });
}

// --- The connection.

void EndpointRunner::carry_out(effect::Open&& open) { surroundings_.open(open.id); }
void EndpointRunner::carry_out(effect::Send&& send) {
  surroundings_.send(send.id, std::move(send.message));
}
void EndpointRunner::carry_out(effect::Close&& close) {
  surroundings_.close(close.id, std::move(close.why));
}

// --- What the partner tells.

void EndpointRunner::carry_out(effect::Apply&& apply) {
  if (apply.content->is_bare()) {
    block();
    return when_operations_are_back([this, apply] { apply_block(apply); });
  }
  const unsigned home = home_of(apply.content->duid);
  add_operation(home, ApplyOperation{.update = apply.update,
                                     .lease = apply.lease,
                                     .content = std::move(apply.content),
                                     .promised_until = kNoTime});
}

void EndpointRunner::apply_block(const effect::Apply& apply) {
  const LeaseUpdate& update = *apply.content;
  event::Applied applied{.update = apply.update, .lease = apply.lease, .verdict = {}};
  applied.verdict = apply_prefix_update(*surroundings_.service, index_, rules_, update);
  const bool is_taken = applied.verdict.status == StatusCode::kSuccess;
  if (!is_taken && rules_.has_old_leases) book_.note_told_in_doubt(update.lease, update.status);
  const auto tell = [this, applied] { happen(event::Applied(applied)); };
  if (is_taken) {
    when_kept(tell);
    unblock();
  } else {
    unblock();
    tell();
  }
}

void EndpointRunner::go_on_applying(ApplyOperation& operation, std::vector<event::Applied>& applied,
                                    bool& must_be_kept) {
  UpdateOutcome& outcome = operation.outcome;
  const bool is_success = outcome.verdict.status == StatusCode::kSuccess;
  if (outcome.change_number != 0) must_be_kept = true;
  if (operation.is_yielding && is_success) {  // its home may apply it now
    operation.promised_until = std::max(operation.promised_until, outcome.promised_until);
    operation.is_yielding = false;
    const unsigned home = home_of(operation.content->duid);
    return add_operation(home, std::move(operation));
  }
  if (!operation.is_yielding && outcome.held_by != kNoShard) {
    // Clients may claim it between the two; whoever is always late is told again by its partner.
    if (++operation.tries <= operations_.size()) {
      const ShardId held_by = outcome.held_by;
      operation.is_yielding = true;
      return add_operation(held_by, std::move(operation));
    }
    outcome.verdict = {.status = StatusCode::kUnspecFail,
                       .reason = "The lease is being claimed by other clients here"};
  }
  const bool is_taken = outcome.verdict.status == StatusCode::kSuccess;
  const bool is_claimed = operation.content->status == BindingStatus::kActive;
  if (is_claimed && !operation.other_client.empty()) surroundings_.disputed(operation);
  if (is_taken && rules_.has_old_leases) {
    book_.note_lease_told_in_doubt(operation.content->lease);
  }
  applied.push_back({.update = operation.update,
                     .lease = operation.lease,
                     .verdict = outcome.verdict,
                     .answer_with_ours = outcome.answer_with_ours});
}

void EndpointRunner::carry_out(effect::Acknowledge&& acknowledge) {
  const LeaseAck& ack = acknowledge.ack;
  if (!ack.duid.empty()) return add_operation(home_of(ack.duid), AcknowledgeOperation{ack});
  block();
  when_operations_are_back([this, ack] {
    (void)book_.acked(ack);
    unblock();
  });
}

void EndpointRunner::carry_out(effect::NoteRefusal&& refusal) {
  if (refusal.lease.duid.empty()) return;  // a block is said again by its book
  const unsigned home = home_of(refusal.lease.duid);
  add_operation(home, RefusalOperation{refusal.lease});
}

// --- What the partner is told.

void EndpointRunner::carry_out(effect::BeginSweep&& begin) {
  sweeps_.begin_sweep(begin.all);
  if (begin.all) return book_.announce_all(surroundings_.clock());
  carry_out(effect::ForgetSent{.is_new_connection = false});
}

void EndpointRunner::carry_out(effect::ForgetSent&& forget) {
  if (forget.is_new_connection && endpoint_.settings().role == Role::kPrimary) {
    book_.announce_all(surroundings_.clock());
  } else {
    book_.forget_sent();
  }
  for (unsigned shard = 0; shard < operations_.size(); ++shard) {
    add_operation(shard, ForgetSentOperation{});
  }
}

void EndpointRunner::carry_out(effect::Take&& take) {
  block();
  taking_ = Taking{.take = take, .groups = {}};
  when_operations_are_back([this] {
    for (const LeaseUpdate& block : book_.take_unsent(taking_->take.count)) {
      taking_->groups.push_back({block});
    }
    taking_->has_blocks = !taking_->groups.empty();  // whose they are must be on disk
    sweeps_.begin_piece(taking_->take.of_sweep);
    go_on_taking();
  });
}

void EndpointRunner::go_on_taking() {
  const std::uint32_t count_max = taking_->take.count;
  if (sweeps_.is_at_end() || taking_->groups.size() >= count_max) return finish_taking();
  const auto left = static_cast<std::uint32_t>(count_max - taking_->groups.size());
  surroundings_.tasks->give<TakeTask>(
      sweeps_.shard(), std::make_unique<TakeTask>(behalf(), sweeps_.kind(), sweeps_.from(), left),
      [this](std::unique_ptr<TakeTask> back) {
        std::ranges::move(back->groups(), std::back_inserter(taking_->groups));
        taking_->change_number = std::max(taking_->change_number, back->taken().change_number);
        sweeps_.go_on_at(back->taken().next);
        go_on_taking();
      });
}

void EndpointRunner::finish_taking() {
  Taking taking = std::move(*taking_);
  taking_.reset();
  event::Taken taken{.ticket = taking.take.ticket,
                     .is_end = sweeps_.end_piece() && !book_.has_unsent(),
                     .groups = std::move(taking.groups)};
  if (taking.has_blocks || taking.change_number != 0) {
    const auto shared = std::make_shared<event::Taken>(std::move(taken));
    when_kept([this, shared] { happen(std::move(*shared)); });
  } else {
    events_.push_back({.event = std::move(taken), .at = surroundings_.clock()});
  }
  unblock();
}

// --- Pools.

void EndpointRunner::carry_out(effect::ReadShares&&) {
  happen(read_shares(*surroundings_.service, index_));
}

void EndpointRunner::carry_out(effect::GiveBlock&& give) {
  const event::BlockTaken taken = give_block(book_, give, surroundings_.clock());
  when_kept([this, taken] { happen(event::BlockTaken(taken)); });
}

void EndpointRunner::carry_out(effect::FindBlockToTakeBack&& find) {
  happen(find_block(book_, find, surroundings_.clock()));
}

// --- People.

void EndpointRunner::carry_out(effect::Report&& report) {
  surroundings_.report(report.severity, report.text);
}

void EndpointRunner::carry_out(effect::CommandDone&& done) {
  if (commands_.empty()) return;
  const CommandAnswer answer = std::move(commands_.front());
  commands_.pop_front();
  answer(done.taken, std::move(done.text));
}

}  // namespace tandem6
