// The half of one prefix after the other, in the order of their keys: for checking bindings against
// the records of blocks. Header only; one thread each.
#pragma once

#include <span>
#include <vector>

#include "storage/block_format.h"

namespace tandem6 {

class HalfCursor {
 public:
  /// `blocks` in the order of their keys; borrowed.
  explicit HalfCursor(std::span<const BlockHalf> blocks) noexcept : rest_(blocks) {}

  /// What the innermost block around `prefix` says; FREE where none is. Never for one that comes
  /// before the last one. Amortised: a step for each block.
  [[nodiscard]] Half half_of(const Ipv6Prefix& prefix) {
    while (!rest_.empty() && rest_.front().block <= prefix) {
      leave(rest_.front().block);
      around_.push_back(rest_.front());
      rest_ = rest_.subspan(1);
    }
    leave(prefix);
    return around_.empty() ? Half::kFree : around_.back().half;
  }

 private:
  void leave(const Ipv6Prefix& prefix) {
    while (!around_.empty() && !around_.back().block.contains(prefix)) around_.pop_back();
  }

  std::span<const BlockHalf> rest_;
  std::vector<BlockHalf> around_;  // each inside of the one before
};

}  // namespace tandem6
