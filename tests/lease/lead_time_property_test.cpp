// The relation that all of failover rests on (RFC 8156 section 4.4), over random lives of a lease:
// no client is told of an expiry later than MCLT past the later of now and what the partner acked
// last. Beside it, what the flags of a binding promise.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <optional>
#include <tuple>
#include <vector>

#include "dataplane/lease/lead_time.h"
#include "dataplane/lease/lease_rules.h"
#include "dataplane/lease/partner_rules.h"
#include "tests/lease/update_samples.h"

namespace tandem6 {
namespace {

enum class Step : int {
  kGrant,
  kSend,
  kAck,
  kRefuse,
  kDisconnect,
  kRelease,
  kExpire,
  kUpdate,
  kOldUpdate
};
constexpr int kStepCount = 9;

/// One server's lease and a partner that only ever acks what it was sent.
class Life {
 public:
  explicit Life(Lifetime mclt) : mclt_(mclt) {}

  void step(Step step, std::uint32_t seconds_on, Lifetime desired) {
    now_ = now_ + Lifetime{seconds_on};
    switch (step) {
      case Step::kGrant:
        return grant(desired);
      case Step::kSend:
        return send();
      case Step::kAck:
        return ack();
      case Step::kRefuse:
        return on_its_way_.reset();
      case Step::kDisconnect:
        on_its_way_.reset();
        binding_.update_sent = false;
        return;
      case Step::kRelease:
        return end(BindingStatus::kReleased);
      case Step::kExpire:
        if (!is_running(binding_, now_)) end(BindingStatus::kExpired);
        return;
      case Step::kUpdate:
        return take_from_partner(now_);
      case Step::kOldUpdate:
        return take_from_partner({now_.seconds - 20});
    }
  }

  /// That a run showed something.
  void classify() const {
    RC_CLASSIFY(freed_ != 0, "freed");
    RC_CLASSIFY(taken_ != 0, "taken");
    RC_CLASSIFY(merged_ != 0, "merged");
    RC_CLASSIFY(older_acks_ != 0, "older ack");
  }

 private:
  struct Version {
    LeaseAck ack;
    int number;
  };

  void grant(Lifetime desired) {
    // what has ended and was told is not given again.
    if (binding_.status != BindingStatus::kActive && holds_its_lease(binding_.status)) return;
    const WallTime told_before = binding_.partner_lifetime;
    const Lifetime valid = bounded_lifetime(desired, binding_.acked_partner_lifetime, now_, mclt_);
    const Lifetime t1{valid.seconds / 2};
    grant_with_partner(binding_, now_,
                       {.preferred = valid, .valid = valid, .desired = desired, .t1 = t1});
    ++version_;
    RC_ASSERT(now_ + valid <= std::max(acked_, now_) + mclt_);            // F-155
    RC_ASSERT(WallTime(binding_.state_expiration_time) >= now_ + valid);  // or of one before
    RC_ASSERT(WallTime(binding_.partner_lifetime) >= told_before);
    RC_ASSERT(WallTime(binding_.partner_lifetime) >= now_ + valid);
    RC_ASSERT(valid >= kFailoverLifetimeMin);  // F-137
  }

  void send() {
    if (!binding_.needs_update || binding_.update_sent || on_its_way_) return;
    LeaseAck ack;
    ack.status = binding_.status;
    if (binding_.status == BindingStatus::kActive) {
      ack.partner_lifetime_sent = binding_.partner_lifetime;
    }
    on_its_way_ = Version{ack, version_};
    binding_.update_sent = true;
  }

  void ack() {
    if (!on_its_way_) return;
    const Version answered = *on_its_way_;
    on_its_way_.reset();
    if (!answered.ack.partner_lifetime_sent.is_none()) {
      acked_ = answered.ack.partner_lifetime_sent;
    }
    const bool was_dirty = binding_.needs_update;
    const bool is_to_be_free = take_ack(binding_, answered.ack);
    const bool is_present = answered.number == version_;
    older_acks_ += is_present ? 0 : 1;
    RC_ASSERT(binding_.needs_update == (was_dirty && !is_present));
    if (!is_to_be_free) return;
    RC_ASSERT(is_present);
    become_free(binding_, Half::kFree, now_);
    ++version_;
    ++freed_;
  }

  void end(BindingStatus how) {
    if (binding_.status != BindingStatus::kActive) return;
    end_with_partner(binding_, how, now_);
    ++version_;
  }

  /// The client spoke to the partner, which is bounded in the same way by what we acked.
  void take_from_partner(WallTime contact) {
    LeaseUpdate update;
    update.lease = binding_.lease();
    update.client_time = update.start_time_of_state = contact;
    update.valid_lifetime =
        bounded_lifetime(Lifetime{86'400}, binding_.expiration_time, contact, mclt_);
    update.state_expiration_time = contact + update.valid_lifetime;
    update.partner_lifetime = update.state_expiration_time + Lifetime{600};
    update.partner_raw_clt_time = binding_.client_last_transaction_time;
    const Judgement judgement =
        judge({.binding = &binding_, .is_same_client = true}, update, Role::kPrimary, now_);
    if (judgement != Judgement::kTake && judgement != Judgement::kMerge) return;
    const auto before = what_is_sent();
    const WallTime end_before = binding_.state_expiration_time;
    take_update(binding_, update, judgement, true);
    const bool is_merged = judgement == Judgement::kMerge;
    if (!is_merged || what_is_sent() != before) ++version_;
    RC_ASSERT(WallTime(binding_.state_expiration_time) >= update.state_expiration_time);
    RC_ASSERT(!is_merged || WallTime(binding_.state_expiration_time) >= end_before);
    ++(is_merged ? merged_ : taken_);
  }

  [[nodiscard]] std::vector<std::uint32_t> what_is_sent() const {
    return {binding_.start_time_of_state.raw(),
            binding_.state_expiration_time.raw(),
            binding_.client_last_transaction_time.raw(),
            binding_.partner_raw_clt_time.raw(),
            binding_.expiration_time.raw(),
            binding_.partner_lifetime.raw()};
  }

  Lifetime mclt_;
  WallTime now_{800'000'000};
  WallTime acked_;  // by the partner, last
  Binding binding_;
  int version_ = 0;
  std::optional<Version> on_its_way_;
  int freed_ = 0;
  int taken_ = 0;
  int merged_ = 0;
  int older_acks_ = 0;
};

RC_GTEST_PROP(LeadTimeProperty, no_client_is_told_more_than_mclt_past_the_acked_time, ()) {
  Life life(Lifetime{*rc::gen::element(30U, 60U, 3600U, 86'400U)});
  const auto steps =
      *rc::gen::container<std::vector<std::tuple<int, std::uint32_t, std::uint32_t>>>(
          200, rc::gen::tuple(rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, kStepCount)),
                              rc::gen::element(0U, 1U, 3U, 30U, 1800U, 40'000U, 500'000U),
                              rc::gen::element(1U, 30U, 600U, 3600U, 259'200U, 0xffff'ffffU)));
  for (const auto& [step, seconds_on, desired] : steps) {
    life.step(static_cast<Step>(step), seconds_on, Lifetime{desired});
  }
  life.classify();
}

}  // namespace
}  // namespace tandem6
