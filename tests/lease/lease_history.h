// Histories of claims, releases and questions about one lease, and whether they are linearizable:
// whether each call can have taken effect at one moment between its start and its end so that a
// single holder explains all answers (the search of Wing and Gong, 1993).
#pragma once

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "dataplane/lease/claim_table.h"

namespace tandem6 {

struct LeaseOperation {
  enum class Kind : std::uint8_t { kClaim, kRelease, kHolder };
  Kind kind;
  ShardId shard;
  unsigned lease;
  ClaimResult result = ClaimResult::kClaimed;  // of a claim
  ShardId answer = kNoShard;                   // to a question
  std::uint64_t invoked = 0;                   // stamps of one counter
  std::uint64_t responded = 0;

  [[nodiscard]] bool overlaps(const LeaseOperation& other) const {
    return invoked < other.responded && other.invoked < responded;
  }
};

/// Operations on one lease that nobody holds at first; at most 64.
class LeaseHistory {
 public:
  explicit LeaseHistory(std::vector<LeaseOperation> operations)
      : operations_(std::move(operations)) {}

  [[nodiscard]] bool is_linearizable() {
    if (!contention_is_excused()) return false;
    std::erase_if(operations_, is_contended);  // a failed claim that changed nothing
    const std::uint64_t all = operations_.size() == 64 ? ~0ULL : (1ULL << operations_.size()) - 1;
    seen_.clear();
    return search(all, kNoShard);
  }

 private:
  static bool is_contended(const LeaseOperation& operation) {
    return operation.kind == LeaseOperation::Kind::kClaim &&
           operation.result == ClaimResult::kContended;
  }

  // Contention is an answer only while another shard is claiming the same lease.
  [[nodiscard]] bool contention_is_excused() const {
    return std::ranges::all_of(operations_, [this](const LeaseOperation& mine) {
      return !is_contended(mine) ||
             std::ranges::any_of(operations_, [&mine](const LeaseOperation& other) {
               return other.kind == LeaseOperation::Kind::kClaim && other.shard != mine.shard &&
                      other.overlaps(mine);
             });
    });
  }

  // Whether the operations of the mask can follow, when `holder` holds the lease now.
  [[nodiscard]] bool search(std::uint64_t left, ShardId holder) {
    if (left == 0) return true;
    if (!seen_.emplace(left, holder).second) return false;
    std::uint64_t first_response = ~0ULL;
    for_each(left, [&](std::size_t i) {
      first_response = std::min(first_response, operations_[i].responded);
      return false;
    });
    return for_each(left, [&](std::size_t i) {
      const LeaseOperation& next = operations_[i];
      if (next.invoked > first_response) return false;  // another one was over before
      ShardId after = holder;
      return explains(next, after) && search(left & ~(1ULL << i), after);
    });
  }

  static bool explains(const LeaseOperation& operation, ShardId& holder) {
    switch (operation.kind) {
      case LeaseOperation::Kind::kHolder:
        return operation.answer == holder;
      case LeaseOperation::Kind::kRelease:
        return std::exchange(holder, kNoShard) == operation.shard;
      case LeaseOperation::Kind::kClaim:
        break;
    }
    if (operation.result == ClaimResult::kTaken) return holder != kNoShard;
    return operation.result == ClaimResult::kClaimed &&
           std::exchange(holder, operation.shard) == kNoShard;
  }

  template <typename Function>
  static bool for_each(std::uint64_t mask, const Function& function) {
    for (std::size_t i = 0; i < 64; ++i) {
      if ((mask >> i & 1) != 0 && function(i)) return true;
    }
    return false;
  }

  std::vector<LeaseOperation> operations_;
  std::set<std::pair<std::uint64_t, ShardId>> seen_;
};

}  // namespace tandem6
