// What the partner has accepted (RFC 8156 section 7.7).
#include "dataplane/lease/partner_rules.h"
#include "dataplane/server/partner_bindings.h"

namespace tandem6 {

std::uint64_t apply_ack(const PartnerContext& context, const LeaseAck& ack) noexcept {
  if (ack.duid.empty()) return 0;  // a block of prefixes: prefix_shares.h
  Shard& shard = context.shard;
  const BindingIndex index =
      find_exactly(context.service, shard, {ack.duid.bytes(), ack.ia_type, ack.iaid, ack.lease});
  if (index == kNoBinding) return 0;
  // Lost in a crash, the ack is missed like one that never came: the update goes out again.
  if (!take_ack(shard.at(index), ack)) {
    return shard.emit(index, ChangeKind::kPut, Urgency::kLazy);
  }
  return free_lease(context.service, shard, index, context.now, Urgency::kLazy);
}

}  // namespace tandem6
