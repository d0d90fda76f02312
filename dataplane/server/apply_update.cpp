// One lease of a BNDUPD: configuration, conflict, storing (RFC 8156 sections 7.5.3 to 7.5.5).
#include <algorithm>

#include "dataplane/lease/conflict.h"
#include "dataplane/lease/lease_rules.h"
#include "dataplane/lease/partner_rules.h"
#include "dataplane/server/lease_timers.h"
#include "dataplane/server/partner_bindings.h"

namespace tandem6 {

namespace {

constexpr const char* kOverlapped = "A lease of another size overlaps it here";
constexpr const char* kNoMemory = "No room for another lease";
constexpr const char* kContended = "The lease is being claimed by another client here";
constexpr const char* kTakenAway = "Another client had the lease here and has lost it";

UpdateOutcome refused(StatusCode status, const char* reason) noexcept {
  return {.verdict = {.status = status, .reason = reason}};
}

/// An update on its way to the binding of its client.
class Application {
 public:
  Application(const PartnerContext& context, const LeaseUpdate& update, const Placement& placement,
              WallTime promised_until) noexcept
      : context_(context),
        shard_(context.shard),
        update_(update),
        placement_(placement),
        promised_until_(promised_until),
        own_(find_exactly(context.service, shard_, name_of(update))),
        holder_(find_holder(shard_, update.lease)) {}

  [[nodiscard]] UpdateOutcome run() noexcept {
    if (holder_ == kNoBinding) {
      const ShardId held_by = holder_of(context_.service, placement_.candidate);
      if (held_by == shard_.id()) return refused(StatusCode::kConfigurationConflict, kOverlapped);
      if (held_by != kNoShard) {
        if (!has_room()) return refused(StatusCode::kUnspecFail, kNoMemory);
        return {.held_by = held_by};
      }
    }
    known_ = holder_ != kNoBinding ? holder_ : own_;
    if (known_ == kNoBinding) {
      known_ = shard_.find_lease(update_.lease.address, update_.lease.length);
    }
    const KnownLease known{.binding = known_ == kNoBinding ? nullptr : &shard_.at(known_),
                           .is_same_client = known_ != kNoBinding && known_ == own_};
    judgement_ = judge(known, update_, context_.rules.role_as_judge(), context_.now);
    if (judgement_ != Judgement::kTake && judgement_ != Judgement::kMerge) {
      if (known.is_same_client) shard_.at(known_).in_doubt = false;  // there it is not free
      return refuse(context_, known_, judgement_);
    }
    is_same_client_ = known.is_same_client;
    return take();
  }

 private:
  [[nodiscard]] bool is_lease_kept() const noexcept {
    const BindingStatus status = status_of(update_);
    return status == BindingStatus::kActive || status == BindingStatus::kAbandoned;
  }
  [[nodiscard]] bool has_room() const noexcept {
    return !is_lease_kept() || own_ != kNoBinding ||
           shard_.has_room_for(context_.service.client_key(update_.duid.bytes()));
  }

  UpdateOutcome take() noexcept {
    UpdateOutcome outcome;
    const bool is_new = own_ == kNoBinding;
    // It may push something out of the history: from here on `known_` may be gone.
    if (is_new) {
      own_ = shard_.insert(context_.service.client_key(update_.duid.bytes()), update_.ia_type,
                           update_.iaid, update_.lease);
    }
    if (own_ == kNoBinding && is_lease_kept()) {
      return refused(StatusCode::kUnspecFail, kNoMemory);
    }
    if (holder_ != kNoBinding && holder_ != own_) outcome = take_from_holder();
    if (own_ == kNoBinding) return outcome;  // free, and not worth a place
    const bool was_free = is_new || !holds_its_lease(shard_.at(own_).status);
    const bool is_told_again = !is_new && was_free && ended_before(shard_.at(own_));
    if (!claim_if_kept(outcome)) {
      if (is_new) shard_.erase(own_);
      return outcome;
    }
    store();
    outcome.change_number = settle(is_told_again);
    return outcome;
  }

  /// Another client's binding here gives way.
  UpdateOutcome take_from_holder() noexcept {
    UpdateOutcome outcome;
    const Binding& loser = shard_.at(holder_);
    promised_until_ = std::max(promised_until_, promised_until(loser, context_.now));
    if (is_running(loser, context_.now)) outcome.verdict.reason = kTakenAway;
    outcome.change_number = forget_loser(context_.service, shard_, holder_);
    return outcome;
  }

  /// False, and `outcome` says why: another shard was faster.
  bool claim_if_kept(UpdateOutcome& outcome) noexcept {
    constexpr int kTryCountMax = 64;
    Binding& own = shard_.at(own_);
    if (own.claimed || !is_lease_kept()) return true;
    ClaimResult result = ClaimResult::kContended;
    for (int n = 0; n < kTryCountMax && result == ClaimResult::kContended; ++n) {
      result = claim(context_.service, placement_.candidate, shard_.id());
    }
    own.claimed = result == ClaimResult::kClaimed;
    if (own.claimed) {
      own.pool = placement_.candidate.pool;
      return true;
    }
    const ShardId held_by = holder_of(context_.service, placement_.candidate);
    if (held_by != kNoShard) {
      outcome.held_by = held_by;
    } else {
      outcome =
          refused(StatusCode::kUnspecFail, result == ClaimResult::kFull ? kNoMemory : kContended);
    }
    return false;
  }

  /// The partner tells of an end that it was acked before: what has become of the lease since then
  /// is not to be undone.
  [[nodiscard]] bool ended_before(const Binding& known) const noexcept {
    return update_.start_time_of_state.seconds <=
           WallTime(known.start_time_of_state).seconds + kClockToleranceSeconds;
  }

  void store() noexcept {
    Binding& own = shard_.at(own_);
    was_abandoned_ = own.claimed && own.status == BindingStatus::kAbandoned;
    if (!is_promised_twice(own, context_.now)) own.promised_twice = false;
    // The DECLINE may lie before our grant: a client that comes back to another server is served.
    if (update_.status == BindingStatus::kAbandoned && is_same_client_ && !own.from_partner) {
      promised_until_ = std::max(promised_until_, promised_until(own, context_.now));
    }
    const WallTime partner_lifetime_before = own.partner_lifetime;
    take_update(own, update_, judgement_, is_same_client_);
    own.in_doubt = false;
    // What this server has promised since its copy was taken, only the partner's words tell.
    if (context_.rules.has_old_leases) own.from_partner = true;
    recall_promise(own, partner_lifetime_before, context_.rules.mclt_max);
    own.link = placement_.link;
    if (!own.claimed) own.pool = placement_.candidate.pool;
    // nobody else before the one who lost it has to have heard of that.
    if (is_lease_kept() && promised_until_ > context_.now) {
      own.expiration_time = std::max<WallTime>(own.expiration_time, promised_until_);
      own.promised_twice = true;
    }
    if (own.status == BindingStatus::kAbandoned && own.promised_twice) {
      own.state_expiration_time =
          std::max<WallTime>(own.state_expiration_time, own.expiration_time);
    }
    // A full store costs the operator this information, never the client its lease.
    if (judgement_ == Judgement::kTake) (void)shard_.set_attributes(own_, update_.attributes());
  }

  /// Claim, half, timer and record as the new status asks. Returns the change's number.
  std::uint64_t settle(bool is_told_again) noexcept {
    Binding& own = shard_.at(own_);
    count_quarantine(own);
    if (own.claimed && holds_its_lease(own.status) && !has_ended(own.status)) {
      leave_half(context_.service, own);
      set_timer(context_.service, context_.rules, shard_, own_, context_.now);
      return shard_.emit(own_);
    }
    if (has_ended(own.status)) {
      if (!own.claimed && !is_told_again) leave_half_of_unheld(own);
      // stored, about to be acked, hence free at once, in one record.
      return free_lease(context_.service, shard_, own_, context_.now, Urgency::kTold);
    }
    if (own.claimed) release_claim(context_.service, own, shard_.id());
    own.status = free_status(half_of(context_.service, own));
    const std::uint64_t number = shard_.emit(own_);
    shard_.keep_in_history(own_);
    return number;
  }

  void count_quarantine(const Binding& own) const noexcept {
    AddressPool* const pool = quarantine_pool(context_.service, own);
    const bool is_abandoned = own.status == BindingStatus::kAbandoned;
    if (pool == nullptr || is_abandoned == was_abandoned_) return;
    if (is_abandoned) {
      pool->enter_quarantine(shard_.id());
    } else {
      pool->leave_quarantine(shard_.id());
    }
  }

  /// A prefix that the partner gave and got back, all unheard of here. A block that is moving this
  /// very moment keeps it.
  void leave_half_of_unheld(Binding& own) const noexcept {
    if (own.ia_type != IaType::kPrefixDelegation || own.pool == kNoPool) return;
    own.claimed = claim(context_.service, candidate_of(own), shard_.id()) == ClaimResult::kClaimed;
    if (own.claimed) leave_half(context_.service, own);
  }

  const PartnerContext& context_;
  Shard& shard_;
  const LeaseUpdate& update_;
  const Placement& placement_;
  WallTime promised_until_;
  BindingIndex own_;     // of this client, this IA and this lease
  BindingIndex holder_;  // the claimed one of this lease, whosever
  BindingIndex known_ = kNoBinding;
  Judgement judgement_ = Judgement::kTake;
  bool is_same_client_ = false;
  bool was_abandoned_ = false;
};

}  // namespace

UpdateOutcome apply_update(const PartnerContext& context, const LeaseUpdate& update,
                           WallTime promised_until) noexcept {
  T6_CHECK(!update.is_bare());
  const PlacementResult placed = place_update(context, update);
  if (!placed.placement) return refused(StatusCode::kConfigurationConflict, placed.refusal);
  return Application(context, update, *placed.placement, promised_until).run();
}

}  // namespace tandem6
