#include "dataplane/server/lease_choice.h"

#include <algorithm>

#include "dataplane/lease/lease_rules.h"
#include "dataplane/server/claims.h"

namespace tandem6 {

namespace {

constexpr std::uint32_t kDrawCountMax = 8;

/// The choice for one IA. Lives for one call of `choose_leases`.
class Chooser {
 public:
  Chooser(Exchange& exchange, const IaView& ia, IaPlan& plan, ChoiceMode mode) noexcept
      : exchange_(exchange), ia_(ia), plan_(plan), mode_(mode) {}

  DropReason choose() noexcept {
    if (ia_.type == IaType::kNonTemporaryAddress) {
      choose_addresses();
    } else {
      choose_prefix();
    }
    if (failure_ == DropReason::kNone && plan_.count == 0) {
      plan_.set_status(ia_.type == IaType::kNonTemporaryAddress ? StatusCode::kNoAddrsAvail
                                                                : StatusCode::kNoPrefixAvail);
    }
    return failure_;
  }

 private:
  [[nodiscard]] const LinkSettings& settings() const noexcept { return exchange_.link_settings(); }
  [[nodiscard]] bool stopped() const noexcept {
    return failure_ != DropReason::kNone || capped_ || !exchange_.plan.has_room();
  }

  // --- Addresses: one of each subnet of the link.

  void choose_addresses() noexcept {
    const Reservation* reserved = my_reservation();
    if (reserved != nullptr) {
      use_lease({ia_.type, {*reserved->address, 128}, kNoPool});
    }
    for (const Ipv6Prefix& subnet : exchange_.link->groups()) {
      if (stopped()) return;
      const bool served = std::ranges::any_of(
          exchange_.plan.decisions_of(plan_),
          [&](const Decision& decision) { return subnet.contains(decision.lease); });
      if (!served) choose_address_in(subnet);
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
      if (hint.address.is_unspecified()) continue;
      if (!exchange_.link->is_on_link(hint.address)) {
        exchange_.counters.note(OddReason::kHintBad);
        continue;
      }
      if (!subnet.contains(hint.address)) continue;
      const PoolIndex pool = address_pool_of(hint.address);
      if (pool != kNoPool && use_lease({ia_.type, {hint.address, 128}, pool})) return true;
    }
    return false;
  }

  /// The pool of the link that may lease this address, or kNoPool.
  [[nodiscard]] PoolIndex address_pool_of(const Ipv6Address& address) const noexcept {
    for (PoolIndex i = 0; i < exchange_.link->address_pool_count; ++i) {
      const auto pool = static_cast<PoolIndex>(exchange_.link->first_address_pool + i);
      if (exchange_.service.pools().address_pool(pool).may_lease(address)) return pool;
    }
    return kNoPool;
  }

  bool draw_address(const AddressPool& addresses, PoolIndex pool) noexcept {
    for (std::uint32_t attempt = 0; attempt < kDrawCountMax && !stopped(); ++attempt) {
      const AllocationKey::Draw draw = draw_from(addresses.salt(), attempt);
      const Ipv6Address address = addresses.candidate(draw, any_half(draw));
      if (addresses.may_lease(address) && use_lease({ia_.type, {address, 128}, pool})) return true;
    }
    // A range that may run full knows its free addresses.
    const AllocationKey::Draw draw = draw_from(addresses.salt(), 0);
    for (const Half half : {Half::kFree, Half::kFreeBackup}) {
      if (stopped()) return false;
      const auto address = addresses.find_free(draw, half);
      if (address && use_lease({ia_.type, {*address, 128}, pool})) return true;
    }
    return false;
  }

  [[nodiscard]] AllocationKey::Draw draw_from(std::uint64_t salt,
                                              std::uint32_t attempt) const noexcept {
    return exchange_.service.key().draw(exchange_.client.hash, ia_.type, ia_.iaid, salt, attempt);
  }

  /// Alone, both halves are ours.
  [[nodiscard]] static Half any_half(const AllocationKey::Draw& draw) noexcept {
    return static_cast<Half>(draw.high >> 63);
  }

  // --- Prefixes: one, of the hinted length if there is one (RFC 8168).

  void choose_prefix() noexcept {
    const std::uint8_t length_hint = prefix_length_hint();
    if (const Reservation* reserved = my_reservation(); reserved != nullptr) {
      if (use_lease({ia_.type, *reserved->prefix, prefix_pool_of(*reserved->prefix)})) return;
    }
    // A length-only hint wins over what the client had before, if that length can be had (S-149).
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

  /// The length of a hint without a prefix, 0 for none; else that of a hint with one (S-151).
  [[nodiscard]] std::uint8_t prefix_length_hint() const noexcept {
    LeaseHints hints(ia_);
    LeaseHint hint;
    while (hints.next(hint)) {
      if (hint.address.is_unspecified() && hint.prefix_length != 0) return hint.prefix_length;
    }
    return 0;
  }

  bool use_prefix_hint() noexcept {
    LeaseHints hints(ia_);
    LeaseHint hint;
    while (hints.next(hint)) {
      if (hint.address.is_unspecified()) continue;
      const Ipv6Prefix prefix{hint.address, hint.prefix_length};
      const PoolIndex pool = prefix_pool_of(prefix);
      if (pool == kNoPool) {
        exchange_.counters.note(OddReason::kHintBad);
        continue;
      }
      if (use_lease({ia_.type, prefix, pool})) return true;
      if (draw_prefix_of_length(hint.prefix_length)) return true;
    }
    return false;
  }

  /// Shorter and nearest first (S-150); a longer one only where no shorter one is free, so that a
  /// client with a wish that cannot be met still gets its service.
  void choose_prefix_by_nearest_length(std::uint8_t wished) noexcept {
    const int from = wished == 0 ? 128 : wished;
    for (int length = from; length > 0 && !stopped(); --length) {
      if (draw_prefix_of_length(static_cast<std::uint8_t>(length))) return;
    }
    for (int length = from + 1; length <= 128 && !stopped(); ++length) {
      if (draw_prefix_of_length(static_cast<std::uint8_t>(length))) return;
    }
  }

  /// The pool of the link that this prefix belongs to, or kNoPool.
  [[nodiscard]] PoolIndex prefix_pool_of(const Ipv6Prefix& prefix) const noexcept {
    for (PoolIndex i = 0; i < exchange_.link->prefix_pool_count; ++i) {
      const auto pool = static_cast<PoolIndex>(exchange_.link->first_prefix_pool + i);
      if (exchange_.service.pools().prefix_pool(pool).contains(prefix)) return pool;
    }
    return kNoPool;
  }

  bool draw_prefix_of_length(std::uint8_t length) noexcept {
    for (PoolIndex i = 0; i < exchange_.link->prefix_pool_count; ++i) {
      const auto pool = static_cast<PoolIndex>(exchange_.link->first_prefix_pool + i);
      const PrefixPool& prefixes = exchange_.service.pools().prefix_pool(pool);
      if (prefixes.delegated_length() == length && draw_prefix(prefixes, pool)) return true;
    }
    return false;
  }

  bool draw_prefix(const PrefixPool& prefixes, PoolIndex pool) noexcept {
    for (std::uint32_t attempt = 0; attempt < kDrawCountMax && !stopped(); ++attempt) {
      const AllocationKey::Draw draw = draw_from(prefixes.salt(), attempt);
      std::optional<Ipv6Prefix> prefix = prefixes.find_free(draw, Half::kFree);
      if (!prefix) prefix = prefixes.find_free(draw, Half::kFreeBackup);  // alone, both are ours
      if (!prefix) return false;
      if (use_lease({ia_.type, *prefix, pool})) return true;
    }
    return false;
  }

  // --- Either.

  [[nodiscard]] const Reservation* my_reservation() const noexcept {
    return exchange_.service.reservations().find(exchange_.link->index, exchange_.client.duid,
                                                 exchange_.client.hash, ia_.type, ia_.iaid);
  }

  [[nodiscard]] bool is_reserved_for_others(const Ipv6Prefix& lease) const noexcept {
    const Reservations& reservations = exchange_.service.reservations();
    if (reservations.empty()) return false;
    const bool address = ia_.type == IaType::kNonTemporaryAddress;
    const bool reserved =
        address ? reservations.is_reserved(lease.address) : reservations.is_reserved(lease);
    if (!reserved) return false;
    const Reservation* mine = my_reservation();
    return mine == nullptr || !(address ? mine->address == lease.address : mine->prefix == lease);
  }

  /// The client's own lease of this IA on this link: one that runs, else one that has ended and is
  /// still free (RFC 8415 section 18.3.7: a returning client finds its old lease).
  template <typename Predicate>
  bool use_known_binding(Predicate fits) noexcept {
    for (const bool running : {true, false}) {
      for (const BindingIndex index : exchange_.bindings()) {
        const Binding& binding = exchange_.shard.at(index);
        if (!exchange_.is_of(binding, ia_) || !exchange_.fits_link(binding) || !fits(binding) ||
            (binding.status == BindingStatus::kActive) != running ||
            exchange_.plan.mentions(binding.lease()) || is_reserved_for_others(binding.lease())) {
          continue;
        }
        if (use_binding(index)) return true;
        if (stopped()) return false;
      }
    }
    return false;
  }

  bool use_binding(BindingIndex index) noexcept {
    Binding& binding = exchange_.shard.at(index);
    if (binding.status == BindingStatus::kAbandoned) return false;
    if (binding.claimed) return add(extend(exchange_, index));
    if (is_capped()) return false;
    const Candidate candidate = candidate_of(binding);
    if (mode_ == ChoiceMode::kOffer) {
      return holder_of(exchange_.service, candidate) == kNoShard && add(extend(exchange_, index));
    }
    if (claim(exchange_.service, candidate, exchange_.shard.id()) != ClaimResult::kClaimed) {
      return false;
    }
    binding.claimed = true;
    Decision decision = extend(exchange_, index);
    decision.claimed_now = true;
    return add(decision);
  }

  /// A lease that the client may have but that nothing says it has: offers or claims it.
  bool use_lease(const Candidate& candidate) noexcept {
    for (const BindingIndex index : exchange_.bindings()) {
      const Binding& binding = exchange_.shard.at(index);
      if (binding.lease() != candidate.lease || binding.ia_type != ia_.type) continue;
      if (!exchange_.is_of(binding, ia_) || !exchange_.fits_link(binding)) {
        // Another IA of this client, or one of another link, has it while it is claimed.
        if (binding.claimed) return false;
        continue;
      }
      return !exchange_.plan.mentions(candidate.lease) && use_binding(index);
    }
    if (exchange_.plan.mentions(candidate.lease) || is_reserved_for_others(candidate.lease) ||
        is_capped()) {
      return false;
    }
    return mode_ == ChoiceMode::kOffer ? offer(candidate) : take(candidate);
  }

  bool offer(const Candidate& candidate) noexcept {
    if (holder_of(exchange_.service, candidate) != kNoShard) return false;
    return add(decision_for(candidate));
  }

  bool take(const Candidate& candidate) noexcept {
    if (claim(exchange_.service, candidate, exchange_.shard.id()) != ClaimResult::kClaimed) {
      return false;
    }
    Decision decision = decision_for(candidate);
    decision.binding =
        exchange_.shard.insert(exchange_.client, ia_.type, ia_.iaid, candidate.lease);
    if (decision.binding == kNoBinding) {
      Binding unborn;
      unborn.address = candidate.lease.address;
      unborn.prefix_length = candidate.lease.length;
      unborn.ia_type = candidate.type;
      unborn.pool = candidate.pool;
      unborn.claimed = true;
      release_claim(exchange_.service, unborn, exchange_.shard.id());
      failure_ = DropReason::kNoMemory;
      return false;
    }
    Binding& binding = exchange_.shard.at(decision.binding);
    binding.pool = candidate.pool;
    binding.link = exchange_.link->index;
    binding.claimed = true;
    decision.inserted = true;
    decision.claimed_now = true;
    return add(decision);
  }

  [[nodiscard]] Decision decision_for(const Candidate& candidate) const noexcept {
    const LifetimeSettings& lifetimes = settings().lifetimes;
    return {.lease = candidate.lease,
            .pool = candidate.pool,
            .effect = mode_ == ChoiceMode::kOffer ? Effect::kNone : Effect::kGrant,
            .preferred = lifetimes.preferred,
            .valid = lifetimes.valid};
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
      // A binding of before that holds its claim is counted already.
      held += decision.binding == kNoBinding || decision.inserted ||
              !exchange_.shard.at(decision.binding).claimed;
    }
    capped_ = held >= exchange_.service.settings().lease_count_max_per_client;
    if (capped_) exchange_.counters.lease_cap.add();
    return capped_;
  }

  Exchange& exchange_;
  const IaView& ia_;
  IaPlan& plan_;
  ChoiceMode mode_;
  bool capped_ = false;
  DropReason failure_ = DropReason::kNone;
};

}  // namespace

DropReason choose_leases(Exchange& exchange, const IaView& ia, IaPlan& plan,
                         ChoiceMode mode) noexcept {
  return Chooser(exchange, ia, plan, mode).choose();
}

Decision extend(const Exchange& exchange, BindingIndex index) noexcept {
  const Binding& binding = exchange.shard.at(index);
  const LifetimeSettings& lifetimes = exchange.link_settings().lifetimes;
  return {.binding = index,
          .lease = binding.lease(),
          .pool = binding.pool,
          .effect = Effect::kGrant,
          .preferred = lifetimes.preferred,
          .valid = lifetimes.valid};
}

}  // namespace tandem6
