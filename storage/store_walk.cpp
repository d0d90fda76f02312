// Reading a Store: walks over many records, and what can be known of its size.
#include <rocksdb/env.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>

#include "storage/store.h"
#include "storage/store_impl.h"
#include "storage/store_options.h"

namespace tandem6 {

namespace {

using Key = std::vector<std::uint8_t>;

constexpr std::size_t kJumpSize = 24;  // more than type, address, length and IAID

/// `key` moved on by 2^`power` in its first kJumpSize octets, read as one number; none past the
/// last key.
std::optional<Key> moved_on(const Key& key, unsigned power) {
  Key moved(kJumpSize, 0);
  std::copy_n(key.begin(), std::min(key.size(), kJumpSize), moved.begin());
  std::size_t at = kJumpSize - 1 - power / 8;
  unsigned carry = 1U << (power % 8);
  for (;; --at) {
    carry += moved[at];
    moved[at] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
    if (carry == 0) return moved;
    if (at == 0) return std::nullopt;
  }
}

using Records = std::unique_ptr<rocksdb::Iterator>;
using MakeRecords = std::function<Records()>;

/// Behind the damage that a walk met after `last`. Doubling jumps find the far side, halving ones
/// the nearest record on it; null when none follows. Each probe is an iterator of its own: one that
/// has met damage may find it everywhere from then on.
Records pass_damage(const MakeRecords& make, const Key& last) {
  const auto probe = [&](const Key& key) {
    Records records = make();
    records->Seek(slice_of(key));
    return records;
  };
  const auto is_damaged_from = [&](const Key& key) { return !probe(key)->status().ok(); };
  unsigned power = 0;
  std::optional<Key> behind = moved_on(last, power);
  while (behind && is_damaged_from(*behind)) behind = moved_on(last, ++power);
  if (!behind) return nullptr;
  // Invariant: the damage reaches past `before`.
  Key before = power == 0 ? last : moved_on(last, power - 1).value_or(last);
  for (unsigned step = power; step-- > 0;) {
    const std::optional<Key> middle = moved_on(before, step);
    if (middle && *middle < *behind && is_damaged_from(*middle)) before = *middle;
  }
  Records records = probe(moved_on(before, 0).value_or(*behind));
  return records->Valid() ? std::move(records) : nullptr;
}

/// What a database was when this was made.
class Snapshot {
 public:
  explicit Snapshot(rocksdb::DB& database) : database_(database), now_(database.GetSnapshot()) {}
  ~Snapshot() {
    if (now_ != nullptr) database_.ReleaseSnapshot(now_);
  }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  [[nodiscard]] const rocksdb::Snapshot* get() const noexcept { return now_; }

 private:
  rocksdb::DB& database_;
  const rocksdb::Snapshot* now_;
};

}  // namespace

std::expected<Store::Walked, std::string> Store::walk(Family family, RecordOctets first,
                                                      RecordOctets end,
                                                      const RecordVisitor& visit) const {
  const std::shared_lock lock(impl_->in_use);
  if (impl_->database == nullptr) return std::unexpected(impl_->options.path + ": not open");
  if (impl_->family(family) == nullptr) return Walked{};  // older than the family, and only read
  const Snapshot snapshot(*impl_->database);
  rocksdb::ReadOptions options = walk_options();
  options.snapshot = snapshot.get();
  const rocksdb::Slice bound = slice_of(end);
  if (!end.empty()) options.iterate_upper_bound = &bound;
  const MakeRecords make = [&] {
    return Records(impl_->database->NewIterator(options, impl_->family(family)));
  };
  Walked walked;
  Key last(first.begin(), first.end());
  Records records = make();
  records->Seek(slice_of(first));
  for (;;) {
    while (records->Valid()) {
      ++walked.record_count;
      if (!visit(octets_of(records->key()), octets_of(records->value()))) return walked;
      const RecordOctets key = octets_of(records->key());
      last.assign(key.begin(), key.end());
      records->Next();
    }
    if (records->status().ok()) return walked;
    if (!records->status().IsCorruption()) {
      return std::unexpected(impl_->options.path + ": " + records->status().ToString());
    }
    ++walked.damaged_gap_count;
    records = pass_damage(make, last);
    if (records == nullptr) return walked;
  }
}

std::vector<std::vector<std::uint8_t>> Store::split_leases(unsigned count) const {
  const std::shared_lock lock(impl_->in_use);
  std::vector<Key> starts;
  if (impl_->database == nullptr || count < 2) return starts;
  std::vector<rocksdb::LiveFileMetaData> files;
  impl_->database->GetLiveFilesMetaData(&files);
  for (const rocksdb::LiveFileMetaData& file : files) {
    if (file.column_family_name != kFamilyNames[static_cast<std::size_t>(Family::kLease)]) continue;
    starts.emplace_back(file.smallestkey.begin(), file.smallestkey.end());
  }
  std::ranges::sort(starts);
  starts.erase(std::ranges::unique(starts).begin(), starts.end());
  if (!starts.empty()) starts.erase(starts.begin());  // the first part begins at the very first key
  if (starts.size() < count) return starts;
  std::vector<Key> chosen;
  for (unsigned part = 1; part < count; ++part) {
    chosen.push_back(std::move(starts[part * starts.size() / count]));
  }
  return chosen;
}

std::uint64_t Store::lease_count_estimate() const {
  const std::shared_lock lock(impl_->in_use);
  std::uint64_t count = 0;
  if (impl_->database != nullptr) {
    impl_->database->GetIntProperty(impl_->family(Family::kLease),
                                    rocksdb::DB::Properties::kEstimateNumKeys, &count);
  }
  return count;
}

Store::Usage Store::usage() const {
  const std::shared_lock lock(impl_->in_use);
  Usage usage{.merging_stopped = impl_->merging_stopped.load(std::memory_order_relaxed)};
  if (impl_->database == nullptr) return usage;
  const auto sum_of = [&](const std::string& property) {
    std::uint64_t sum = 0;
    impl_->database->GetAggregatedIntProperty(property, &sum);
    return sum;
  };
  usage.file_octets = sum_of(rocksdb::DB::Properties::kTotalSstFilesSize);
  usage.memory_octets = sum_of(rocksdb::DB::Properties::kSizeAllMemTables);
  usage.pending_octets = sum_of(rocksdb::DB::Properties::kEstimatePendingCompactionBytes);
  impl_->database->GetIntProperty(impl_->family(Family::kSetAside),
                                  rocksdb::DB::Properties::kEstimateNumKeys,
                                  &usage.set_aside_count);
  // From the folder itself: GetSortedWalFiles() aborts when the disk does not answer.
  std::vector<rocksdb::Env::FileAttributes> files;
  rocksdb::Env* env = impl_->database->GetEnv();
  if (env->GetChildrenFileAttributes(impl_->options.path, &files).ok()) {
    for (const auto& file : files) {
      if (file.name.ends_with(".log")) usage.file_octets += file.size_bytes;
    }
  }
  return usage;
}

}  // namespace tandem6
