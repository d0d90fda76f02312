#include "control/daemon/plain_effects.h"

#include "dataplane/server/prefix_shares.h"

namespace tandem6 {
namespace {

Responsiveness responsiveness_of(Serving::Answers answers) {
  switch (answers) {
    case Serving::Answers::kNobody:
      return Responsiveness::kUnresponsive;
    case Serving::Answers::kOwnClients:
      return Responsiveness::kRenewResponsive;
    case Serving::Answers::kEverybody:
      return Responsiveness::kResponsive;
  }
  return Responsiveness::kUnresponsive;
}

event::BlockTaken taken_of(PoolIndex pool, const std::optional<BlockBook::Block>& block,
                           BindingStatus status, WallTime now) {
  if (!block) return {.pool = pool, .block = std::nullopt};
  return {.pool = pool, .block = block_update(block->prefix, status, now), .count = block->count};
}

}  // namespace

ServingRules rules_of(const Serving& serving, Role role) noexcept {
  return {.responsiveness = responsiveness_of(serving.answers),
          .role = role,
          .has_partner = true,
          .may_allocate = serving.may_allocate,
          .is_bounded = serving.is_bounded,
          .is_in_contact = serving.is_in_contact,
          .has_old_leases = serving.has_old_leases,
          .mclt = serving.mclt,
          .mclt_max = serving.mclt_max,
          .partner_down_since = serving.partner_down_since};
}

event::Shares read_shares(const Service& service, RelationshipIndex relationship) {
  event::Shares shares;
  for (std::size_t at = 0; at < service.link_count(); ++at) {
    const Link& link = service.link(at);
    if (link.settings->relationship != relationship) continue;
    for (PoolIndex i = 0; i < link.prefix_pool_count; ++i) {
      const auto pool = static_cast<PoolIndex>(link.first_prefix_pool + i);
      const PoolShares found = shares_of(service, pool);
      shares.pools.push_back({.pool = pool,
                              .free_primary = found.free_primary,
                              .free_secondary = found.free_secondary});
    }
  }
  return shares;
}

event::BlockTaken give_block(BlockBook& book, const effect::GiveBlock& give, WallTime now) {
  return taken_of(give.pool, book.give(give.pool, give.count, now), BindingStatus::kFreeBackup,
                  now);
}

event::BlockTaken find_block(const BlockBook& book, const effect::FindBlockToTakeBack& find,
                             WallTime now) {
  return taken_of(find.pool, book.find_to_take_back(find.pool, find.count), BindingStatus::kFree,
                  now);
}

}  // namespace tandem6
