#include "control/daemon/partner_tasks.h"

#include <algorithm>
#include <utility>

#include "dataplane/lease/lease_rules.h"
#include "dataplane/server/partner_bindings.h"
#include "dataplane/wire/check.h"

namespace tandem6 {
namespace {

/// A turn of the worker takes some 20 us for a burst; so much more is no delay that a client sees.
constexpr std::size_t kOperationsAtOnce = 16;
constexpr std::uint32_t kTakenAtOnce = 16;
/// An IA goes whole, so a piece may be longer by one.
constexpr std::size_t kIaLeaseCountMax = Shard::kClientBindingCountMax;

PartnerContext context_of(const OnBehalfOf& behalf, const Service& service, Shard& shard,
                          WallTime now) noexcept {
  return {.service = service,
          .shard = shard,
          .relationship = behalf.relationship,
          .rules = behalf.rules,
          .now = now};
}

/// For people: once it is judged, whoever yields is forgotten.
void note_other_client(const Shard& shard, ApplyOperation& operation) noexcept {
  const Ipv6Prefix& lease = operation.content->lease;
  const BindingIndex holder = shard.find_lease(lease.address, lease.length);
  if (holder == kNoBinding || !holds_its_lease(shard.at(holder).status)) return;
  const Duid client = shard.duid_of(shard.at(holder));
  if (client == operation.content->duid) return;
  operation.other_client = client;
  operation.other_status = shard.at(holder).status;
}

void carry_out(const PartnerContext& context, ApplyOperation& operation) noexcept {
  note_other_client(context.shard, operation);
  operation.outcome = operation.is_yielding
                          ? yield_lease(context, *operation.content)
                          : apply_update(context, *operation.content, operation.promised_until);
}
void carry_out(const PartnerContext& context, const AcknowledgeOperation& operation) noexcept {
  apply_ack(context, operation.ack);
}
void carry_out(const PartnerContext& context, const RefusalOperation& operation) noexcept {
  note_refusal(context, operation.lease);
}
void carry_out(const PartnerContext& context, const ForgetSentOperation&) noexcept {
  forget_sent(context);
}

}  // namespace

bool OperationsTask::advance(const Service& service, Shard& shard, WallTime now) noexcept {
  constexpr std::size_t kRoomForOne = 2;  // of apply_update
  const PartnerContext context = context_of(behalf_, service, shard, now);
  for (std::size_t n = 0; n < kOperationsAtOnce && next_ < operations.size(); ++n, ++next_) {
    if (shard.change_room() < kRoomForOne) return false;
    std::visit([&](auto& operation) { carry_out(context, operation); }, operations[next_]);
  }
  return next_ == operations.size();
}

TakeTask::TakeTask(const OnBehalfOf& behalf, UpdateKind kind, BindingIndex from,
                   std::uint32_t count)
    : behalf_(behalf), kind_(kind), count_max_(count) {
  leases_.reserve(count + kIaLeaseCountMax);
  ends_.reserve(count + kIaLeaseCountMax);
  taken_.next = from;
}

bool TakeTask::advance(const Service& service, Shard& shard, WallTime now) noexcept {
  const auto had = static_cast<std::uint32_t>(leases_.size());
  const TakenUpdates piece =
      take_updates(context_of(behalf_, service, shard, now), kind_, taken_.next,
                   std::min(kTakenAtOnce, count_max_ - had), &TakeTask::take, this);
  taken_.next = piece.next;
  taken_.count += piece.count;
  taken_.change_number = std::max(taken_.change_number, piece.change_number);
  return taken_.next == kNoBinding || leases_.size() >= count_max_;
}

void TakeTask::take(void* self, const LeaseUpdate& update, bool last_of_ia) {
  auto& task = *static_cast<TakeTask*>(self);
  T6_CHECK(task.leases_.size() < task.leases_.capacity());
  task.leases_.push_back(update);
  if (last_of_ia) task.ends_.push_back(task.leases_.size());
}

std::vector<std::vector<LeaseUpdate>> TakeTask::groups() {
  std::vector<std::vector<LeaseUpdate>> groups;
  std::size_t from = 0;
  for (const std::size_t end : ends_) {
    groups.emplace_back(leases_.begin() + static_cast<std::ptrdiff_t>(from),
                        leases_.begin() + static_cast<std::ptrdiff_t>(end));
    from = end;
  }
  return groups;
}

bool PassTask::advance(const Service& service, Shard& shard, WallTime now) noexcept {
  const PartnerContext context = context_of(behalf_, service, shard, now);
  from_ = book_ != nullptr ? settle_old_copy(context, from_, *book_) : pass_(context, from_);
  return from_ == kNoBinding;
}

bool CountUnackedTask::advance(const Service& service, Shard& shard, WallTime) noexcept {
  constexpr std::size_t kCountedAtOnce = 128;
  for (std::size_t n = 0; n < kCountedAtOnce; ++n) {
    const BindingIndex at = shard.first_dirty_from(from_);
    if (at == kNoBinding) return true;
    const RelationshipIndex relationship = relationship_of(service, shard.at(at));
    if (relationship < counts.size()) ++counts[relationship];
    from_ = at + 1;
  }
  return false;
}

bool BarrierTask::advance(const Service&, Shard&, WallTime) noexcept { return true; }

}  // namespace tandem6
