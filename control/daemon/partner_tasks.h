// What an endpoint has done on a shard: updates of the partner and its answers in their order, a
// piece of a sweep, a pass over all leases. Each is made and read by the control thread, and done
// by the shard's worker in bounded pieces.
//
// The rules are those that held when the endpoint wanted it (effects.h: in order), and not those of
// the moment in which the worker comes to it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "dataplane/server/partner_updates.h"
#include "dataplane/server/shard_task.h"

namespace tandem6 {

/// On whose behalf.
struct OnBehalfOf {
  RelationshipIndex relationship = kNoRelationship;
  ServingRules rules;
};

/// One lease of a BNDUPD for the home shard of its client, or for another one that has to yield it.
struct ApplyOperation {
  std::uint32_t update = 0;  // as effect::Apply
  std::uint32_t lease = 0;   // likewise
  std::shared_ptr<const LeaseUpdate> content;
  WallTime promised_until;
  bool is_yielding = false;
  unsigned tries = 0;
  UpdateOutcome outcome{};
  /// Another client that had the lease when this one's claim came; empty: nobody had.
  Duid other_client{};
  BindingStatus other_status = BindingStatus::kFree;
};
struct AcknowledgeOperation {
  LeaseAck ack;
};
struct RefusalOperation {
  LeaseAck lease;
};
struct ForgetSentOperation {};
using ShardOperation =
    std::variant<ApplyOperation, AcknowledgeOperation, RefusalOperation, ForgetSentOperation>;

/// Operations in their order.
class OperationsTask final : public ShardTask {
 public:
  explicit OperationsTask(const OnBehalfOf& behalf) : behalf_(behalf) {}
  bool advance(const Service& service, Shard& shard, WallTime now) noexcept override;

  std::vector<ShardOperation> operations;

 private:
  OnBehalfOf behalf_;
  std::size_t next_ = 0;
};

/// A piece of what the shard has for the partner.
class TakeTask final : public ShardTask {
 public:
  TakeTask(const OnBehalfOf& behalf, UpdateKind kind, BindingIndex from, std::uint32_t count);
  bool advance(const Service& service, Shard& shard, WallTime now) noexcept override;

  /// By what goes into one BNDUPD. Once; the leases are moved out.
  [[nodiscard]] std::vector<std::vector<LeaseUpdate>> groups();
  [[nodiscard]] const TakenUpdates& taken() const noexcept { return taken_; }

 private:
  static void take(void* self, const LeaseUpdate& update, bool last_of_ia);

  OnBehalfOf behalf_;
  UpdateKind kind_;
  std::uint32_t count_max_;
  std::vector<LeaseUpdate> leases_;  // never grows past what was reserved
  std::vector<std::size_t> ends_;    // of groups; likewise
  TakenUpdates taken_{};
};

/// mark_all_dirty, doubt_old_copy, arm_reuse_timers, and settle_old_copy, which knows the blocks.
class PassTask final : public ShardTask {
 public:
  using Pass = BindingIndex (*)(const PartnerContext&, BindingIndex);
  PassTask(const OnBehalfOf& behalf, Pass pass) : behalf_(behalf), pass_(pass) {}
  /// `book` is left alone until the task is back.
  PassTask(const OnBehalfOf& behalf, const BlockBook& book) : behalf_(behalf), book_(&book) {}
  bool advance(const Service& service, Shard& shard, WallTime now) noexcept override;

 private:
  OnBehalfOf behalf_;
  Pass pass_ = nullptr;
  const BlockBook* book_ = nullptr;
  BindingIndex from_ = 0;
};

/// How many bindings of each relationship have a newest version that the partner has not acked.
class CountUnackedTask final : public ShardTask {
 public:
  bool advance(const Service& service, Shard& shard, WallTime now) noexcept override;

  std::array<std::uint64_t, Relationships::kCountMax> counts{};

 private:
  BindingIndex from_ = 0;
};

/// Comes back when the worker has ended the turn in which it was given.
class BarrierTask final : public ShardTask {
 public:
  bool advance(const Service& service, Shard& shard, WallTime now) noexcept override;
};

}  // namespace tandem6
