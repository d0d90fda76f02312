#include "storage/block_moves.h"

#include <utility>

namespace tandem6 {

void BlockMoves::add(std::function<void(WriteSet&)> put, std::function<void()> done) {
  Entry entry{.positions = {}, .put = std::move(put), .done = std::move(done)};
  const std::scoped_lock lock(mutex_);
  for (const CommitLane& lane : lanes_) entry.positions.push_back(lane.changes->published());
  entries_.push_back(std::move(entry));
  count_.store(entries_.size(), std::memory_order_release);  // R0: pairs with A0 in front
}

const BlockMoves::Entry* BlockMoves::front() {
  if (count_.load(std::memory_order_acquire) == 0) return nullptr;  // A0
  const std::scoped_lock lock(mutex_);
  return &entries_.front();  // stays where it is while others are added behind it
}

BlockMoves::Entry BlockMoves::take() {
  const std::scoped_lock lock(mutex_);
  Entry entry = std::move(entries_.front());
  entries_.pop_front();
  count_.store(entries_.size(), std::memory_order_release);
  return entry;
}

}  // namespace tandem6
