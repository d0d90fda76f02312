#include "dataplane/server/lease_choice.h"

#include <algorithm>

#include "dataplane/server/claims.h"
#include "dataplane/server/entitlement.h"
#include "dataplane/server/halves.h"
#include "dataplane/server/lease_search.h"

namespace tandem6 {

namespace {

constexpr std::uint32_t kDrawCountMax = 8;

/// The choice for one IA. Lives for one call of `choose_leases`.
class Chooser {
 public:
  Chooser(Exchange& exchange, const IaView& ia, IaPlan& plan, ChoiceMode mode) noexcept
      : exchange_(exchange), ia_(ia), plan_(plan), mode_(mode) {}

  void choose() noexcept {
    if (ia_.type == IaType::kNonTemporaryAddress) {
      choose_addresses();
    } else {
      choose_prefix();
    }
    if (plan_.count == 0) {
      plan_.set_status(ia_.type == IaType::kNonTemporaryAddress ? StatusCode::kNoAddrsAvail
                                                                : StatusCode::kNoPrefixAvail);
    }
  }

 private:
  [[nodiscard]] const LinkSettings& settings() const noexcept { return exchange_.link_settings(); }
  [[nodiscard]] bool stopped() const noexcept { return stopped_ || !exchange_.plan.has_room(); }

  // --- Addresses: one of each subnet of the link.

  void choose_addresses() noexcept {
    if (const Reservation* reserved = reservation_of(exchange_, ia_); reserved != nullptr) {
      use_lease({ia_.type, {*reserved->address, 128}, kNoPool});
    }
    note_foreign_hints();
    for (const Ipv6Prefix& subnet : exchange_.link->groups()) {
      if (stopped()) return;
      const bool served = std::ranges::any_of(
          exchange_.plan.decisions_of(plan_),
          [&](const Decision& decision) { return subnet.contains(decision.lease); });
      if (!served) choose_address_in(subnet);
    }
  }

  void note_foreign_hints() const noexcept {
    LeaseHints hints(ia_);
    LeaseHint hint;
    while (hints.next(hint)) {
      if (hint.address.is_unspecified() || exchange_.link->is_on_link(hint.address)) continue;
      exchange_.counters.note(OddReason::kHintBad);
    }
  }

  void choose_address_in(const Ipv6Prefix& subnet) noexcept {
    const auto in_subnet = [&](const Binding& binding) { return subnet.contains(binding.address); };
    if (use_known_binding(in_subnet)) return;
    if (use_address_hint(subnet)) return;
    for (PoolIndex i = 0; i < exchange_.link->address_pool_count && !stopped(); ++i) {
      const auto pool = static_cast<PoolIndex>(exchange_.link->first_address_pool + i);
      const AddressPool& addresses = exchange_.service.pools().address_pool(pool);
      if (subnet.contains(addresses.range()) && draw_address(addresses, pool)) return;
    }
  }

  bool use_address_hint(const Ipv6Prefix& subnet) noexcept {
    LeaseHints hints(ia_);
    LeaseHint hint;
    while (hints.next(hint)) {
      if (hint.address.is_unspecified() || !subnet.contains(hint.address)) continue;
      const PoolIndex pool = address_pool_of(exchange_, hint.address);
      if (pool != kNoPool && use_lease({ia_.type, {hint.address, 128}, pool})) return true;
      exchange_.counters.note(OddReason::kHintBad);
    }
    return false;
  }

  bool draw_address(const AddressPool& addresses, PoolIndex pool) noexcept {
    for (std::uint32_t attempt = 0; attempt < kDrawCountMax && !stopped(); ++attempt) {
      const auto address =
          draw_candidate(exchange_, addresses, draw_from(addresses.salt(), attempt));
      if (!address) return false;
      if (addresses.may_lease(*address) && use_lease({ia_.type, {*address, 128}, pool}))
        return true;
    }
    return false;
  }

  [[nodiscard]] AllocationKey::Draw draw_from(std::uint64_t salt,
                                              std::uint32_t attempt) const noexcept {
    return exchange_.service.key().draw(exchange_.client.hash, ia_.type, ia_.iaid, salt, attempt);
  }

  // --- Prefixes: one, of the hinted length if there is one (RFC 8168).

  void choose_prefix() noexcept {
    if (const Reservation* reserved = reservation_of(exchange_, ia_); reserved != nullptr) {
      if (use_lease({ia_.type, *reserved->prefix, prefix_pool_of(exchange_, *reserved->prefix)}))
        return;
    }
    // What it names and has it keeps, a length wish beside it or not (RFC 8168 section 3.5).
    if (use_own_binding(true, [&](const Binding& binding) { return lists(ia_, binding.lease()); }))
      return;
    // A length-only hint wins over what the client had before, if that length can be had (S-149).
    const std::uint8_t length_hint = prefix_length_hint(ia_);
    if (length_hint != 0) {
      const auto has_length = [&](const Binding& binding) {
        return binding.prefix_length == length_hint;
      };
      if (use_known_binding(has_length) || draw_prefix_of_length(length_hint)) return;
    }
    if (use_known_binding([](const Binding&) { return true; })) return;
    if (use_prefix_hint()) return;
    choose_prefix_by_nearest_length(length_hint);
  }

  /// A prefix that the client names, else one of that length (S-151).
  bool use_prefix_hint() noexcept {
    LeaseHints hints(ia_);
    LeaseHint hint;
    while (!stopped() && hints.next(hint)) {
      if (hint.address.is_unspecified()) continue;
      const Ipv6Prefix prefix{hint.address, hint.prefix_length};
      const PoolIndex pool = prefix_pool_of(exchange_, prefix);
      if (pool != kNoPool && use_lease({ia_.type, prefix, pool})) return true;
      exchange_.counters.note(OddReason::kHintBad);
      if (draw_prefix_of_length(hint.prefix_length)) return true;
    }
    return false;
  }

  void choose_prefix_by_nearest_length(std::uint8_t wished) noexcept {
    auto length = next_prefix_length(settings(), wished, std::nullopt);
    while (length && !stopped() && !draw_prefix_of_length(*length)) {
      length = next_prefix_length(settings(), wished, length);
    }
  }

  /// All of the own half, in every pool, comes before anything of the other half (F-305).
  bool draw_prefix_of_length(std::uint8_t length) noexcept {
    const Role role = exchange_.rules.role;
    return draw_prefix_of_half(length, own_half(role)) ||
           (is_other_half_open(exchange_, length) && draw_prefix_of_half(length, other_half(role)));
  }

  bool draw_prefix_of_half(std::uint8_t length, Half half) noexcept {
    for (PoolIndex i = 0; i < exchange_.link->prefix_pool_count; ++i) {
      const auto pool = static_cast<PoolIndex>(exchange_.link->first_prefix_pool + i);
      const PrefixPool& prefixes = exchange_.service.pools().prefix_pool(pool);
      if (prefixes.delegated_length() == length && draw_prefix(prefixes, pool, half)) return true;
      if (stopped()) return false;
    }
    return false;
  }

  bool draw_prefix(const PrefixPool& prefixes, PoolIndex pool, Half half) noexcept {
    for (std::uint32_t attempt = 0; attempt < kDrawCountMax && !stopped(); ++attempt) {
      const auto prefix = prefixes.find_free(draw_from(prefixes.salt(), attempt), half);
      if (!prefix) return false;
      if (use_lease({ia_.type, *prefix, pool})) return true;
    }
    return false;
  }

  // --- Either.

  template <typename Predicate>
  bool use_own_binding(bool running, Predicate fits) noexcept {
    for (const BindingIndex index : exchange_.bindings()) {
      const Binding& binding = exchange_.shard.at(index);
      if (!exchange_.is_of(binding, ia_) || !exchange_.fits_link(binding) ||
          (binding.status == BindingStatus::kActive) != running || !fits(binding)) {
        continue;
      }
      if (use_binding(index)) return true;
      if (stopped()) return false;
    }
    return false;
  }

  /// The client's own lease of this IA on this link: one that runs, else one that has ended and is
  /// still free (RFC 8415 section 18.3.7: a returning client finds its old lease). Of several, the
  /// one that it names.
  template <typename Predicate>
  bool use_known_binding(Predicate fits) noexcept {
    const auto fits_and_listed = [&](const Binding& binding) {
      return fits(binding) && lists(ia_, binding.lease());
    };
    for (const bool running : {true, false}) {
      if (use_own_binding(running, fits_and_listed) || use_own_binding(running, fits)) return true;
    }
    return false;
  }

  bool use_binding(BindingIndex index) noexcept {
    Binding& binding = exchange_.shard.at(index);
    if (!may_have_again(exchange_, ia_, binding) || !may_keep(exchange_, ia_, binding) ||
        exchange_.plan.mentions(binding.lease()) || stopped()) {
      return false;
    }
    if (binding.claimed) return add(extend(exchange_, index));
    if (is_capped()) return false;
    const Candidate candidate = candidate_of(binding);
    if (mode_ == ChoiceMode::kOffer) {
      return holder_of(exchange_.service, candidate) == kNoShard && add(extend(exchange_, index));
    }
    if (!claim_for_client(candidate)) return false;
    binding.claimed = true;
    Decision decision = extend(exchange_, index);
    decision.claimed_now = true;
    return add(decision);
  }

  [[nodiscard]] bool claim_for_client(const Candidate& candidate) const noexcept {
    const ShardId shard = exchange_.shard.id();
    if (claim(exchange_.service, candidate, shard) != ClaimResult::kClaimed) return false;
    if (is_still_ours(exchange_, ia_, candidate)) return true;
    release(exchange_.service, candidate, shard);
    return false;
  }

  /// A lease that the client may have but that nothing says it has: offers or claims it.
  bool use_lease(const Candidate& candidate) noexcept {
    if (stopped() || exchange_.plan.mentions(candidate.lease) ||
        is_reserved_for_others(exchange_, ia_, candidate.lease)) {
      return false;
    }
    BindingIndex former = kNoBinding;
    for (const BindingIndex index : exchange_.bindings()) {
      const Binding& binding = exchange_.shard.at(index);
      if (binding.lease() != candidate.lease || binding.ia_type != ia_.type) continue;
      if (exchange_.is_of(binding, ia_)) {
        if (exchange_.fits_link(binding)) return use_binding(index);
        former = index;
      }
      // Another IA of this client, or one of another link, has it while it is claimed.
      if (binding.claimed) return false;
    }
    if (!may_give(exchange_, ia_, candidate)) return false;
    if (is_capped() || (former == kNoBinding && !has_room_for_binding())) return false;
    return mode_ == ChoiceMode::kOffer ? offer(candidate) : take(candidate, former);
  }

  bool offer(const Candidate& candidate) noexcept {
    if (holder_of(exchange_.service, candidate) != kNoShard) return false;
    return add(decision_for(candidate));
  }

  /// `former`: the ended binding that this IA has of the lease from another link (the lease has
  /// moved with the configuration). It is taken up again, for two of them would be one record.
  bool take(const Candidate& candidate, BindingIndex former) noexcept {
    if (!claim_for_client(candidate)) return false;
    Decision decision = decision_for(candidate);
    decision.claimed_now = true;
    decision.binding = former;
    if (former == kNoBinding && !insert(decision)) {
      release(exchange_.service, candidate, exchange_.shard.id());
      exchange_.memory_exhausted = true;
      stopped_ = true;
      return false;
    }
    exchange_.shard.at(decision.binding).claimed = true;
    return add(decision);
  }

  bool insert(Decision& decision) noexcept {
    decision.binding = exchange_.shard.insert(exchange_.client, ia_.type, ia_.iaid, decision.lease);
    decision.inserted = decision.binding != kNoBinding;
    return decision.inserted;
  }

  [[nodiscard]] Decision decision_for(const Candidate& candidate) const noexcept {
    const LeaseTimes times =
        lease_times(settings().lifetimes, exchange_.rules, kNoTime, exchange_.now);
    return {.lease = candidate.lease,
            .pool = candidate.pool,
            .effect = mode_ == ChoiceMode::kOffer ? Effect::kNone : Effect::kGrant,
            .preferred = times.preferred,
            .valid = times.valid,
            .desired = times.desired};
  }

  bool add(Decision decision) noexcept {
    if (mode_ == ChoiceMode::kOffer) decision.effect = Effect::kNone;
    exchange_.plan.add(decision);
    return true;
  }

  /// RFC 8415 section 22: the number of leases of one client (on one link) is capped (S-203).
  [[nodiscard]] bool is_capped() noexcept {
    unsigned held = 0;
    for (const BindingIndex index : exchange_.bindings()) {
      const Binding& binding = exchange_.shard.at(index);
      held += binding.claimed && exchange_.fits_link(binding);
    }
    for (const Decision& decision : exchange_.plan.decisions()) {
      // A binding of before that holds its claim here is counted already, and what is refused is
      // no lease.
      held += decision.extended && (is_new(decision) || !is_claimed_here(decision));
    }
    return note_cap(held >= exchange_.service.settings().lease_count_max_per_client);
  }

  /// A shard keeps a bounded number of bindings of one client, over all links and ended ones too.
  [[nodiscard]] bool has_room_for_binding() noexcept {
    std::size_t count = exchange_.bindings().size();
    for (const Decision& decision : exchange_.plan.decisions()) {
      count += decision.extended && is_new(decision);
    }
    return !note_cap(count >= Shard::kClientBindingCountMax);
  }

  /// The decision is about a lease of which the client had no binding before this message.
  [[nodiscard]] static bool is_new(const Decision& decision) noexcept {
    return decision.binding == kNoBinding || decision.inserted;
  }
  [[nodiscard]] bool is_claimed_here(const Decision& decision) const noexcept {
    const Binding& binding = exchange_.shard.at(decision.binding);
    return binding.claimed && exchange_.fits_link(binding);
  }

  [[nodiscard]] bool note_cap(bool capped) noexcept {
    if (capped) exchange_.counters.lease_cap.add();
    stopped_ = stopped_ || capped;
    return capped;
  }

  Exchange& exchange_;
  const IaView& ia_;
  IaPlan& plan_;
  ChoiceMode mode_;
  bool stopped_ = false;  // no further lease for this IA: a cap is reached, or memory is out
};

}  // namespace

void choose_leases(Exchange& exchange, const IaView& ia, IaPlan& plan, ChoiceMode mode) noexcept {
  Chooser(exchange, ia, plan, mode).choose();
}

Decision extend(const Exchange& exchange, BindingIndex index) noexcept {
  const Binding& binding = exchange.shard.at(index);
  const LeaseTimes times = lease_times(exchange.link_settings().lifetimes, exchange.rules,
                                       binding.acked_partner_lifetime, exchange.now);
  return {.binding = index,
          .lease = binding.lease(),
          .pool = binding.pool,
          .effect = Effect::kGrant,
          .preferred = times.preferred,
          .valid = times.valid,
          .desired = times.desired};
}

}  // namespace tandem6
