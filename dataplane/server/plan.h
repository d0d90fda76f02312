// What one message shall bring about, decided before anything is built or applied: for each IA its
// leases, each with what the client is told and what happens to the binding.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/lease/binding.h"
#include "dataplane/wire/check.h"
#include "dataplane/wire/parsed_message.h"
#include "dataplane/wire/status_code.h"

namespace tandem6 {

enum class Effect : std::uint8_t {
  kNone,     // the client is told something, no binding changes
  kGrant,    // the binding becomes ACTIVE or stays so, with new times
  kRelease,  // the client gave it back
  kDecline,  // the client found it in use: kept from all for a while
  kDiscard,  // the same, past what one client may keep from the others: free again at once
};

struct Decision {
  BindingIndex binding = kNoBinding;
  Ipv6Prefix lease;
  PoolIndex pool = kNoPool;
  Effect effect = Effect::kNone;
  bool told = true;          // stands in the reply
  bool extended = true;      // counts for T1 and T2
  bool inserted = false;     // the binding was made by this message: undone if it is dropped
  bool claimed_now = false;  // the claim was made by this message: likewise
  Lifetime preferred;
  Lifetime valid;
  Lifetime desired{};  // valid as it would be without a partner

  /// Lifetimes 0: the client must not use it (any longer).
  [[nodiscard]] static Decision withdrawn(const Ipv6Prefix& lease) noexcept {
    return {.lease = lease, .extended = false, .preferred = Lifetime{0}, .valid = Lifetime{0}};
  }
};

struct IaPlan {
  const IaView* ia = nullptr;
  std::uint16_t first = 0;  // its decisions
  std::uint16_t count = 0;
  bool has_status = false;
  bool left_out = false;  // nothing to say about this IA
  StatusCode status = StatusCode::kSuccess;

  void set_status(StatusCode code) noexcept {
    has_status = true;
    status = code;
  }
};

class Plan {
 public:
  /// Decisions that change a binding: each is about another binding of one client, and a shard
  /// keeps no more of one client (Shard::kClientBindingCountMax).
  static constexpr std::size_t kChangeCountMax = 64;
  /// Leases of a client's list that it is told to give up. Their number is the client's choice, so
  /// they have places of their own and never take that of a lease.
  static constexpr std::size_t kRefusalCountMax = 64;
  static constexpr std::size_t kDecisionCountMax = kChangeCountMax + kRefusalCountMax;

  void clear() noexcept { ia_count_ = decision_count_ = refusal_count_ = 0; }

  /// REQUIRES: at most kIaCountMax calls (the parser sees to it).
  IaPlan& begin_ia(const IaView& ia) noexcept {
    T6_CHECK(ia_count_ < ias_.size());
    IaPlan& plan = ias_[ia_count_++];
    plan = IaPlan{.ia = &ia, .first = decision_count_};
    return plan;
  }
  [[nodiscard]] bool has_room() const noexcept {
    return decision_count_ < kChangeCountMax + refusal_count_;
  }
  /// Adds to the IA begun last. REQUIRES: has_room().
  Decision& add(const Decision& decision) noexcept {
    T6_CHECK(has_room() && ia_count_ != 0);
    ++ias_[ia_count_ - 1].count;
    decisions_[decision_count_] = decision;
    return decisions_[decision_count_++];
  }

  [[nodiscard]] bool has_refusal_room() const noexcept { return refusal_count_ < kRefusalCountMax; }
  /// The client is told lifetimes 0 for a lease that it listed. REQUIRES: has_refusal_room().
  void refuse(const Ipv6Prefix& lease) noexcept {
    T6_CHECK(has_refusal_room() && ia_count_ != 0);
    ++refusal_count_;
    ++ias_[ia_count_ - 1].count;
    decisions_[decision_count_++] = Decision::withdrawn(lease);
  }

  [[nodiscard]] std::span<const IaPlan> ias() const noexcept { return {ias_.data(), ia_count_}; }
  [[nodiscard]] std::span<const Decision> decisions() const noexcept {
    return {decisions_.data(), decision_count_};
  }
  [[nodiscard]] std::span<const Decision> decisions_of(const IaPlan& ia) const noexcept {
    return decisions().subspan(ia.first, ia.count);
  }
  [[nodiscard]] bool changes_anything() const noexcept {
    for (const Decision& decision : decisions()) {
      if (decision.effect != Effect::kNone) return true;
    }
    return false;
  }
  [[nodiscard]] bool mentions(const Ipv6Prefix& lease) const noexcept {
    for (const Decision& decision : decisions()) {
      if (decision.lease == lease) return true;
    }
    return false;
  }

 private:
  std::uint16_t ia_count_ = 0;
  std::uint16_t decision_count_ = 0;
  std::uint16_t refusal_count_ = 0;  // of the decisions, those made by `refuse`
  std::array<IaPlan, kIaCountMax> ias_;
  std::array<Decision, kDecisionCountMax> decisions_;
};

}  // namespace tandem6
