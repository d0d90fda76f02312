#include "storage/loader.h"

#include <tbb/info.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

namespace tandem6 {

namespace {

constexpr std::size_t kBlockRecordCount = 512;
constexpr std::size_t kBlockOctetCount = 128 * 1024;
constexpr std::size_t kWaitingBlockCountMax = 64;
constexpr unsigned kPartsPerThread = 4;

/// Records of one shard, with the octets that their views point into.
class Block {
 public:
  Block() {
    octets_.reserve(kBlockOctetCount);  // never grows past it, so views stay
    leases_.reserve(kBlockRecordCount);
  }
  [[nodiscard]] bool fits(RecordOctets key, RecordOctets value) const noexcept {
    return leases_.size() < kBlockRecordCount &&
           octets_.size() + key.size() + value.size() <= kBlockOctetCount;
  }
  [[nodiscard]] bool empty() const noexcept { return leases_.empty(); }
  [[nodiscard]] std::span<const LoadedLease> leases() const noexcept { return leases_; }

  /// A copy of the record, decoded; a fault adds nothing. REQUIRES: fits.
  std::optional<RecordFault> add(RecordOctets key, RecordOctets value) {
    const std::size_t before = octets_.size();
    const RecordOctets own_key = copy(key);
    const RecordOctets own_value = copy(value);
    auto lease = read_lease_record(own_key, own_value);
    if (!lease.has_value()) {
      octets_.resize(before);
      return lease.error();
    }
    leases_.push_back({.lease = *lease, .client_hash = 0, .key = own_key, .value = own_value});
    return std::nullopt;
  }
  [[nodiscard]] LoadedLease& newest() noexcept { return leases_.back(); }

 private:
  RecordOctets copy(RecordOctets from) {
    const std::size_t at = octets_.size();
    octets_.insert(octets_.end(), from.begin(), from.end());
    return RecordOctets(octets_).subspan(at);
  }

  std::vector<std::uint8_t> octets_;
  std::vector<LoadedLease> leases_;
};

/// The blocks that wait for one shard.
class ShardQueue {
 public:
  ShardQueue(unsigned shard, const LoadTarget& target, LoadProgress& progress)
      : shard_(shard), target_(target), progress_(progress) {}

  void hand_over(std::unique_ptr<Block> block) {
    bool too_many = false;
    {
      const std::scoped_lock lock(waiting_mutex_);
      waiting_.push_back(std::move(block));
      too_many = waiting_.size() > kWaitingBlockCountMax;
    }
    std::unique_lock inserting(inserting_mutex_, std::defer_lock);
    if (too_many) {
      inserting.lock();
    } else if (!inserting.try_lock()) {
      return;
    }
    insert_waiting();
  }
  /// What was handed over while somebody was just about to stop inserting.
  void finish() {
    const std::scoped_lock lock(inserting_mutex_);
    insert_waiting();
  }

 private:
  void insert_waiting() {
    while (const std::unique_ptr<Block> block = take()) {
      target_.insert(shard_, block->leases());
      progress_.record_count.fetch_add(block->leases().size(), std::memory_order_relaxed);
    }
  }
  std::unique_ptr<Block> take() {
    const std::scoped_lock lock(waiting_mutex_);
    if (waiting_.empty()) return nullptr;
    std::unique_ptr<Block> block = std::move(waiting_.front());
    waiting_.pop_front();
    return block;
  }

  unsigned shard_;
  const LoadTarget& target_;
  LoadProgress& progress_;
  std::mutex waiting_mutex_;
  std::deque<std::unique_ptr<Block>> waiting_;  // guarded by waiting_mutex_
  std::mutex inserting_mutex_;                  // held by the shard's inserter
};

class Loader {
 public:
  Loader(const Store& store, const LoadTarget& target, LoadProgress& progress)
      : store_(store), target_(target) {
    for (unsigned shard = 0; shard < target.shard_count; ++shard) {
      queues_.push_back(std::make_unique<ShardQueue>(shard, target, progress));
    }
  }

  std::expected<LoadResult, std::string> load() {
    const unsigned threads = static_cast<unsigned>(tbb::info::default_concurrency());
    std::vector<std::vector<std::uint8_t>> cuts = store_.split_leases(threads * kPartsPerThread);
    cuts.insert(cuts.begin(), std::vector<std::uint8_t>{});
    cuts.emplace_back();
    tbb::parallel_for(std::size_t{0}, cuts.size() - 1,
                      [&](std::size_t part) { read_part(cuts[part], cuts[part + 1]); });
    for (const auto& queue : queues_) queue->finish();
    if (trouble_) return std::unexpected(*trouble_);
    return std::move(result_);
  }

 private:
  void read_part(RecordOctets first, RecordOctets end) {
    std::vector<std::unique_ptr<Block>> blocks(target_.shard_count);
    for (auto& block : blocks) block = std::make_unique<Block>();
    std::uint64_t good_count = 0;
    const auto walked =
        store_.walk(Family::kLease, first, end, [&](RecordOctets key, RecordOctets value) {
          good_count += read_record(key, value, blocks) ? 1 : 0;
          return true;
        });
    for (unsigned shard = 0; shard < blocks.size(); ++shard) {
      if (!blocks[shard]->empty()) queues_[shard]->hand_over(std::move(blocks[shard]));
    }
    const std::scoped_lock lock(mutex_);
    result_.record_count += good_count;
    if (walked.has_value()) {
      result_.damaged_gap_count += walked->damaged_gap_count;
    } else {
      trouble_ = walked.error();
    }
  }

  bool read_record(RecordOctets key, RecordOctets value,
                   std::vector<std::unique_ptr<Block>>& blocks) {
    // The client is needed to choose the block, so its octets are taken from the key unchecked.
    const RecordOctets duid = duid_in_key(key);
    const ClientHome home = target_.home_of(duid);
    std::unique_ptr<Block>& block = blocks[home.shard];
    if (!block->fits(key, value)) {
      queues_[home.shard]->hand_over(std::exchange(block, std::make_unique<Block>()));
    }
    const bool oversized = !block->fits(key, value);
    const auto fault = oversized ? RecordFault::kSize : block->add(key, value);
    if (fault) {
      keep_bad(key, value, *fault);
      return false;
    }
    block->newest().client_hash = home.client_hash;
    return true;
  }

  void keep_bad(RecordOctets key, RecordOctets value, RecordFault fault) {
    const std::scoped_lock lock(mutex_);
    result_.keep_bad(key, value, fault);
  }

  const Store& store_;
  const LoadTarget& target_;
  std::vector<std::unique_ptr<ShardQueue>> queues_;
  std::mutex mutex_;
  LoadResult result_;                   // guarded by mutex_
  std::optional<std::string> trouble_;  // guarded by mutex_
};

}  // namespace

void LoadResult::keep_bad(RecordOctets key, RecordOctets value, RecordFault fault) {
  ++bad_count;
  if (bad.size() == kBadRecordKeptMax) return;
  bad.push_back(
      {.key = {key.begin(), key.end()}, .value = {value.begin(), value.end()}, .fault = fault});
}

std::expected<LoadResult, std::string> load_leases(const Store& store, const LoadTarget& target,
                                                   LoadProgress& progress) {
  return Loader(store, target, progress).load();
}

}  // namespace tandem6
