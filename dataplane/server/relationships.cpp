#include "dataplane/server/relationships.h"

#include "dataplane/wire/check.h"

namespace tandem6 {

namespace {

/// The rules in whole words, as the slots hold them.
struct Packed {
  std::uint64_t flags;
  std::uint64_t lifetimes;
  std::uint64_t partner_down_since;
};

std::uint64_t bit(bool value, unsigned at) noexcept { return std::uint64_t{value} << at; }

Packed pack(const ServingRules& rules) noexcept {
  return {
      .flags = static_cast<std::uint64_t>(rules.responsiveness) |
               static_cast<std::uint64_t>(rules.role) << 8 | bit(rules.has_partner, 16) |
               bit(rules.may_allocate, 17) | bit(rules.is_bounded, 18) |
               bit(rules.is_in_contact, 19) | bit(rules.has_old_leases, 20),
      .lifetimes = static_cast<std::uint64_t>(rules.mclt.seconds) << 32 | rules.mclt_max.seconds,
      .partner_down_since = static_cast<std::uint64_t>(rules.partner_down_since.seconds)};
}

ServingRules unpack(const Packed& packed) noexcept {
  const auto has = [&](unsigned at) { return (packed.flags >> at & 1) != 0; };
  return {.responsiveness = static_cast<Responsiveness>(packed.flags & 0xff),
          .role = static_cast<Role>(packed.flags >> 8 & 0xff),
          .has_partner = has(16),
          .may_allocate = has(17),
          .is_bounded = has(18),
          .is_in_contact = has(19),
          .has_old_leases = has(20),
          .mclt = Lifetime{static_cast<std::uint32_t>(packed.lifetimes >> 32)},
          .mclt_max = Lifetime{static_cast<std::uint32_t>(packed.lifetimes)},
          .partner_down_since = WallTime{static_cast<std::int64_t>(packed.partner_down_since)}};
}

}  // namespace

Relationships::Relationships() noexcept {
  ServingRules silent;
  silent.responsiveness = Responsiveness::kUnresponsive;
  silent.has_partner = true;
  for (std::size_t i = 0; i < kCountMax; ++i) write(static_cast<RelationshipIndex>(i), silent);
}

ServingRules Relationships::read(RelationshipIndex index) const noexcept {
  if (index == kNoRelationship) return ServingRules::alone();
  T6_CHECK(index < kCountMax);
  const Slot& slot = slots_[index];
  while (true) {
    const std::uint32_t before = slot.sequence.load(std::memory_order_acquire);  // A: pairs with R
    // B: pairs with S. (Not by fences, which ThreadSanitizer does not know.)
    const Packed packed{slot.words[0].load(std::memory_order_acquire),
                        slot.words[1].load(std::memory_order_acquire),
                        slot.words[2].load(std::memory_order_acquire)};
    if (before % 2 == 0 && slot.sequence.load(std::memory_order_relaxed) == before) {
      return unpack(packed);
    }
  }
}

void Relationships::write(RelationshipIndex index, const ServingRules& rules) noexcept {
  T6_CHECK(index < kCountMax);
  Slot& slot = slots_[index];
  const Packed packed = pack(rules);
  const std::uint32_t sequence = slot.sequence.load(std::memory_order_relaxed);
  slot.sequence.store(sequence + 1, std::memory_order_relaxed);
  // S: who reads any new word sees the odd number, or a later one, afterwards.
  slot.words[0].store(packed.flags, std::memory_order_release);
  slot.words[1].store(packed.lifetimes, std::memory_order_release);
  slot.words[2].store(packed.partner_down_since, std::memory_order_release);
  slot.sequence.store(sequence + 2, std::memory_order_release);  // R
}

}  // namespace tandem6
