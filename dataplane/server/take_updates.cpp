// What the partner is to be told, made of the bindings as they are (RFC 8156 section 7.4).
#include <algorithm>
#include <array>

#include "dataplane/lease/lead_time.h"
#include "dataplane/lease/lease_rules.h"
#include "dataplane/server/lease_ends.h"
#include "dataplane/server/lease_timers.h"
#include "dataplane/server/lease_times.h"
#include "dataplane/server/partner_bindings.h"

namespace tandem6 {

namespace {

/// Bindings that a call looks at, at most; of dead places of the slab (four to a look) more.
constexpr std::uint32_t kLookCountMax = 256;

/// absolute times of 32 bits cannot say infinity, nor anything 2^31 seconds from now.
constexpr Lifetime kSayableMax{0x7fffff00};
WallTime sayable(WallTime time, WallTime now) noexcept {
  return time.is_none() ? time : std::min(time, now + kSayableMax);
}
Lifetime sayable(Lifetime lifetime) noexcept { return std::min(lifetime, kFailoverLifetimeMax); }

/// F-188: option 134, 123 and 120 say when a status ends by itself. Of an ended binding the time of
/// reuse is nobody else's affair.
bool has_timeout(const Binding& binding) noexcept {
  return binding.status == BindingStatus::kActive || binding.status == BindingStatus::kAbandoned;
}

class Taking {
 public:
  Taking(const PartnerContext& context, UpdateKind kind, BindingIndex from, std::uint32_t count_max,
         UpdateSink sink, void* sink_context) noexcept
      : context_(context),
        shard_(context.shard),
        kind_(kind),
        from_(from),
        count_max_(count_max),
        sink_(sink),
        sink_context_(sink_context) {}

  TakenUpdates run() noexcept {
    TakenUpdates taken;
    taken.next = kind_ == UpdateKind::kUnsent ? take_unsent() : take_all();
    taken.count = count_;
    taken.change_number = count_ == 0 ? 0 : shard_.last_change();
    return taken;
  }

 private:
  BindingIndex take_unsent() noexcept {
    BindingIndex at = shard_.first_unsent_from(from_);
    for (std::uint32_t n = 0; n < kLookCountMax && count_ < count_max_; ++n) {
      if (at == kNoBinding || !take_ia_of(at)) break;
      at = shard_.first_unsent_from(at + 1);
    }
    return at;
  }

  BindingIndex take_all() noexcept {
    const BindingIndex place_count = shard_.place_count();
    if (from_ >= place_count) return kNoBinding;
    const BindingIndex end = from_ + std::min(kLookCountMax * 4, place_count - from_);
    BindingIndex at = shard_.first_from(from_, end);
    for (std::uint32_t n = 0; at != kNoBinding; ++n) {
      if (n == kLookCountMax || count_ >= count_max_ || !take_ia_of(at)) return at;
      at = shard_.first_from(at + 1, end);
    }
    return end == place_count ? kNoBinding : end;
  }

  /// The leases of this binding's IA that are to go; none of them when an earlier binding of this
  /// call has seen to it. False: no room for the changes now.
  bool take_ia_of(BindingIndex index) noexcept {
    const RelationshipIndex relationship = relationship_of(context_.service, shard_.at(index));
    if (relationship == kNoRelationship) shard_.set_aside(index);
    if (relationship != context_.relationship) return true;
    find_members(index);
    if (std::any_of(members_.begin(), members_.begin() + member_count_,
                    [&](BindingIndex member) { return from_ <= member && member < index; })) {
      return true;
    }
    if (member_room() < member_count_) return false;
    drop_moot_members();
    hand_over();
    return true;
  }

  /// A change of each at most.
  [[nodiscard]] std::size_t member_room() const noexcept { return 3 * shard_.change_room(); }

  [[nodiscard]] bool is_to_go(BindingIndex index) const noexcept {
    if (kind_ == UpdateKind::kUnsent) return shard_.is_unsent(index);
    const Binding& binding = shard_.at(index);
    return holds_its_lease(binding.status) || binding.needs_update;
  }

  void find_members(BindingIndex index) noexcept {
    const Binding& binding = shard_.at(index);
    const Duid duid = shard_.duid_of(binding);
    std::array<BindingIndex, Shard::kClientBindingCountMax> all;
    const std::size_t count = shard_.find_client(context_.service.client_key(duid.bytes()), all);
    member_count_ = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const Binding& other = shard_.at(all[i]);
      if (other.ia_type == binding.ia_type && other.iaid == binding.iaid && is_to_go(all[i]) &&
          relationship_of(context_.service, other) == context_.relationship) {
        members_[member_count_++] = all[i];
      }
    }
  }

  /// That a lease is free is no news once somebody else has it: its holder's binding says all. The
  /// partner could only refuse the older word, and for ever.
  void drop_moot_members() noexcept {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < member_count_; ++i) {
      Binding& binding = shard_.at(members_[i]);
      if (holds_its_lease(binding.status) ||
          holder_of(context_.service, candidate_of(binding)) == kNoShard) {
        members_[kept++] = members_[i];
        continue;
      }
      binding.needs_update = false;
      shard_.emit(members_[i], ChangeKind::kPut, Urgency::kLazy);
    }
    member_count_ = kept;
  }

  void hand_over() noexcept {
    const std::span<const BindingIndex> members(members_.data(), member_count_);
    const RenewalTimes times = times_of(members);
    for (const BindingIndex index : members) {
      note_sent(index);
      build(index, times);
      sink_(sink_context_, update_, index == members.back());
      ++count_;
    }
  }

  /// As the IA's leases were told, by what is kept of it.
  [[nodiscard]] RenewalTimes times_of(std::span<const BindingIndex> members) const noexcept {
    if (members.empty()) return {};
    std::array<Decision, Shard::kClientBindingCountMax> told;
    std::size_t count = 0;
    for (const BindingIndex index : members) {
      const Binding& binding = shard_.at(index);
      Decision& decision = told[count++];
      decision.preferred = sayable(binding.preferred_lifetime);
      decision.valid = sayable(binding.valid_lifetime);
    }
    const PoolIndex link = shard_.at(members.front()).link;
    const LifetimeSettings settings = link < context_.service.link_count()
                                          ? context_.service.link(link).settings->lifetimes
                                          : LifetimeSettings{};
    return renewal_times(settings, std::span(told).first(count), context_.rules);
  }

  /// What the partner is told must not be less than what a client was (a lease that another partner
  /// or nobody knew of so far), and is kept as the greatest that was sent.
  bool raise_partner_lifetime(Binding& binding) const noexcept {
    if (binding.status != BindingStatus::kActive) return false;
    const WallTime end = sayable(binding.state_expiration_time, context_.now);
    if (WallTime(binding.partner_lifetime) >= end) return false;
    binding.partner_lifetime = end;
    return true;
  }

  void note_sent(BindingIndex index) noexcept {
    const bool is_held =
        kind_ == UpdateKind::kAll &&
        hold_what_partner_forgot({context_.service, context_.rules, shard_, context_.now}, index);
    Binding& binding = shard_.at(index);
    const bool is_raised = raise_partner_lifetime(binding);
    const bool is_first_word = has_ended(binding.status) && !binding.update_sent;
    if (binding.needs_update) shard_.mark_sent(index);
    if (!is_held && (is_raised || is_first_word)) shard_.emit(index);
  }

  void build(BindingIndex index, const RenewalTimes& times) noexcept {
    const Binding& binding = shard_.at(index);
    const WallTime now = context_.now;
    update_.duid = shard_.duid_of(binding);
    update_.ia_type = binding.ia_type;
    update_.iaid = binding.iaid;
    update_.lease = binding.lease();
    update_.status = binding.status;
    update_.t1 = times.t1;
    update_.t2 = times.t2;
    update_.preferred_lifetime = sayable(binding.preferred_lifetime);
    update_.valid_lifetime = sayable(binding.valid_lifetime);
    update_.client_time = binding.client_last_transaction_time;
    update_.start_time_of_state = binding.start_time_of_state;
    update_.partner_raw_clt_time = binding.partner_raw_clt_time;
    const bool timed = has_timeout(binding);
    const auto if_timed = [&](WallTime time) { return timed ? sayable(time, now) : kNoTime; };
    update_.state_expiration_time = if_timed(binding.state_expiration_time);
    update_.partner_lifetime = if_timed(binding.partner_lifetime);
    update_.expiration_time = if_timed(binding.expiration_time);
    copy_attributes(binding);
  }

  void copy_attributes(const Binding& binding) noexcept {
    const BindingAttributes attributes = shard_.attributes_of(binding);
    update_.client_fqdn.assign(attributes.client_fqdn);
    update_.remote_id.assign(attributes.remote_id);
    update_.interface_id.assign(attributes.interface_id);
    update_.dns_removal_info.assign(attributes.dns_removal_info);
    update_.reconfigure_key.assign(attributes.reconfigure_key);
  }

  const PartnerContext& context_;
  Shard& shard_;
  UpdateKind kind_;
  BindingIndex from_;
  std::uint32_t count_max_;
  UpdateSink sink_;
  void* sink_context_;
  std::uint32_t count_ = 0;
  std::size_t member_count_ = 0;
  std::array<BindingIndex, Shard::kClientBindingCountMax> members_;
  LeaseUpdate update_;  // built in place, one after the other
};

}  // namespace

TakenUpdates take_updates(const PartnerContext& context, UpdateKind kind, BindingIndex from,
                          std::uint32_t count_max, UpdateSink sink, void* sink_context) noexcept {
  return Taking(context, kind, from, count_max, sink, sink_context).run();
}

void forget_sent(const PartnerContext& context) noexcept { context.shard.resend_all_dirty(); }

}  // namespace tandem6
