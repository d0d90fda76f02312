// What an effect of an endpoint means for rules and pools: the parts of carrying it out that need
// neither threads nor a disk. The daemon and the simulation do the same with them.
//
// The endpoint's thread.
#pragma once

#include "control/failover/events.h"
#include "dataplane/server/block_book.h"
#include "dataplane/server/serving_rules.h"

namespace tandem6 {

/// effect::Serve.
[[nodiscard]] ServingRules rules_of(const Serving& serving, Role role) noexcept;

/// effect::ReadShares.
[[nodiscard]] event::Shares read_shares(const Service& service, RelationshipIndex relationship);

/// effect::GiveBlock: a block has left the primary's half, unless the event has none.
[[nodiscard]] event::BlockTaken give_block(BlockBook& book, const effect::GiveBlock& give,
                                           WallTime now);
/// effect::FindBlockToTakeBack.
[[nodiscard]] event::BlockTaken find_block(const BlockBook& book,
                                           const effect::FindBlockToTakeBack& find, WallTime now);

}  // namespace tandem6
