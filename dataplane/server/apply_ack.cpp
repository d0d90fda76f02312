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

std::uint64_t note_refusal(const PartnerContext& context, const LeaseAck& lease) noexcept {
  if (lease.duid.empty()) return 0;  // a block of prefixes stays in the book
  Shard& shard = context.shard;
  const BindingIndex index = find_exactly(
      context.service, shard, {lease.duid.bytes(), lease.ia_type, lease.iaid, lease.lease});
  if (index == kNoBinding || shard.at(index).needs_update) return 0;
  Binding& binding = shard.at(index);
  binding.needs_update = true;
  // As it was sent: else it would be sent again at once.
  binding.update_sent = true;
  return shard.emit(index, ChangeKind::kPut, Urgency::kLazy);
}

}  // namespace tandem6
