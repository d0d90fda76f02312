// Sharing out the delegable prefixes (RFC 8156 sections 4.2.2, 8.8; ).
#include <algorithm>

#include "control/failover/endpoint.h"
#include "control/failover/pool_balance.h"

namespace tandem6 {

namespace {

/// Between looks at the balance; a look costs a count in each pool's map.
constexpr Lifetime kBalanceInterval{10};

}  // namespace

///
bool Endpoint::may_move_prefixes() const noexcept {
  return in_state(EndpointState::kNormal) && communications_ok();
}

/// The primary looks when it was asked, when NORMAL begins, and from time to time (F-168, F-175).
void Endpoint::balance_when_due() {
  if (settings_.role != Role::kPrimary || !may_move_prefixes() || now_ < next_balance_) return;
  next_balance_ = now_ + kBalanceInterval;
  effects_->push_back(effect::ReadShares{});
}

void Endpoint::on(event::Shares&& shares) {
  if (settings_.role != Role::kPrimary || !may_move_prefixes()) return;
  for (const event::Shares::Pool& pool : shares.pools) {
    if (givings_.contains(pool.pool) || take_backs_[pool.pool].is_waiting) continue;
    const auto step = next_step(pool, settings_.secondary_share_percent);
    if (!step) continue;
    if (step->move == Move::kGive) {
      givings_[pool.pool].left = step->count;
      effects_->push_back(effect::GiveBlock{pool.pool, step->count});
    } else {
      TakeBack& taking = take_backs_[pool.pool];
      taking.is_waiting = true;
      const std::uint64_t count =
          taking.count_max == 0 ? step->count : std::min(step->count, taking.count_max);
      effects_->push_back(effect::FindBlockToTakeBack{pool.pool, count});
    }
  }
}

/// A block that was given is the secondary's from here on, acked or not; one that is taken
/// back stays the secondary's until it says so.
void Endpoint::on(event::BlockTaken&& taken) {
  const auto giving = givings_.find(taken.pool);
  if (giving != givings_.end()) {
    giving->second.left -= std::min(giving->second.left, taken.count);
    if (!taken.block || giving->second.left == 0 || !may_move_prefixes()) {
      givings_.erase(giving);
    } else {
      effects_->push_back(effect::GiveBlock{taken.pool, giving->second.left});
    }
    if (taken.block) sender_.changes_waiting(*effects_);
    return;
  }
  const auto taking = take_backs_.find(taken.pool);
  // Else the connection is gone that it was looked for on.
  if (taking == take_backs_.end() || !taking->second.is_waiting) return;
  if (!taken.block || !may_move_prefixes()) {
    taking->second = TakeBack{};
    return;
  }
  if (taking->second.count_max == 0 || taking->second.count_max > taken.count) {
    taking->second.count_max = taken.count;
  }
  if (sender_.send_block(*taken.block, now_, *effects_)) {
    taking->second.block = taken.block->lease;
  } else {
    taking->second.is_waiting = false;
  }
}

/// A refused block has a lease in it: half of it may not (F-174). A reply that does not name it
/// refuses it as well.
void Endpoint::note_block_answers(const BindingReply& reply) {
  for (auto& [pool, taking] : take_backs_) {
    if (!taking.block || sender_.awaits_reply_for(*taking.block)) continue;
    const bool was_taken = std::ranges::any_of(reply.leases, [&](const BindingReply::Lease& lease) {
      return lease.ack.duid.empty() && lease.ack.lease == *taking.block &&
             lease.status.code == StatusCode::kSuccess;
    });
    taking.is_waiting = false;
    taking.block.reset();
    taking.count_max = was_taken ? 0 : std::max<std::uint64_t>(taking.count_max / 2, 1);
    next_balance_ = now_;
  }
}

/// The secondary asks on entering NORMAL, when what it had to tell is told (F-179).
void Endpoint::ask_for_prefixes_when_due() {
  if (!wants_prefixes_ || !in_state(EndpointState::kNormal) || !sender_.is_idle()) return;
  wants_prefixes_ = false;
  send(PoolRequest{});
}

}  // namespace tandem6
