#include "storage/append_memtable.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

namespace tandem6 {

namespace {

using Comparator = rocksdb::MemTableRep::KeyComparator;

constexpr std::size_t kSequenceSize = 8;  // follows the user's key in an internal key

struct Entry {
  std::uint64_t first;   // octets 0 to 7 of the user's key, as a number
  std::uint64_t second;  // octets 8 to 15
  const char* record;    // as RocksDB laid it out: size, internal key, size, value
};

/// The size before an internal key: seven bits an octet, least significant first.
std::size_t read_size(const char*& at) noexcept {
  std::size_t size = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto octet = static_cast<std::uint8_t>(*at++);
    size |= static_cast<std::size_t>(octet & 0x7f) << shift;
    if (octet < 0x80) return size;
  }
}

std::uint64_t number_at(const char* octets, std::size_t size) noexcept {
  std::uint64_t number = 0;
  std::memcpy(&number, octets, std::min<std::size_t>(size, 8));
  return __builtin_bswap64(number);  // missing octets are zero, the least
}

Entry entry_of(const char* record) noexcept {
  const char* key = record;
  const std::size_t internal_size = read_size(key);
  const std::size_t size = internal_size - std::min(internal_size, kSequenceSize);
  return {.first = number_at(key, size),
          .second = size > 8 ? number_at(key + 8, size - 8) : 0,
          .record = record};
}

class ByKey {
 public:
  explicit ByKey(const Comparator& comparator) noexcept : comparator_(comparator) {}
  bool operator()(const Entry& a, const Entry& b) const {
    if (a.first != b.first) return a.first < b.first;
    if (a.second != b.second) return a.second < b.second;
    return comparator_(a.record, b.record) < 0;
  }

 private:
  const Comparator& comparator_;
};

using Entries = std::vector<Entry>;

/// Over entries that are sorted and change no more.
class SortedIterator final : public rocksdb::MemTableRep::Iterator {
 public:
  SortedIterator(std::shared_ptr<const Entries> entries, const Comparator& comparator)
      : entries_(std::move(entries)), comparator_(comparator), at_(entries_->size()) {}

  bool Valid() const override { return at_ < entries_->size(); }
  const char* key() const override { return (*entries_)[at_].record; }
  void Next() override { ++at_; }
  void Prev() override { at_ = at_ == 0 ? entries_->size() : at_ - 1; }
  void Seek(const rocksdb::Slice& internal_key, const char* memtable_key) override {
    at_ = static_cast<std::size_t>(lower_bound(internal_key, memtable_key) - entries_->begin());
  }
  void SeekForPrev(const rocksdb::Slice& internal_key, const char* memtable_key) override {
    Seek(internal_key, memtable_key);
    if (Valid() && compare((*entries_)[at_], internal_key, memtable_key) == 0) return;
    if (at_ == 0) {
      at_ = entries_->size();
    } else {
      --at_;
    }
  }
  void SeekToFirst() override { at_ = 0; }
  void SeekToLast() override { at_ = entries_->empty() ? 0 : entries_->size() - 1; }

 private:
  [[nodiscard]] int compare(const Entry& entry, const rocksdb::Slice& internal_key,
                            const char* memtable_key) const {
    return memtable_key != nullptr ? comparator_(entry.record, memtable_key)
                                   : comparator_(entry.record, internal_key);
  }
  [[nodiscard]] Entries::const_iterator lower_bound(const rocksdb::Slice& internal_key,
                                                    const char* memtable_key) const {
    return std::partition_point(entries_->begin(), entries_->end(), [&](const Entry& entry) {
      return compare(entry, internal_key, memtable_key) < 0;
    });
  }

  std::shared_ptr<const Entries> entries_;
  const Comparator& comparator_;
  std::size_t at_;  // entries_->size(): nowhere
};

class AppendMemtable final : public rocksdb::MemTableRep {
 public:
  AppendMemtable(const Comparator& comparator, rocksdb::Allocator* allocator,
                 std::size_t reserved_count)
      : MemTableRep(allocator), comparator_(comparator), entries_(std::make_shared<Entries>()) {
    entries_->reserve(reserved_count);
  }

  void Insert(rocksdb::KeyHandle handle) override {
    const Entry entry = entry_of(static_cast<const char*>(handle));
    const std::scoped_lock lock(mutex_);
    entries_->push_back(entry);
  }
  bool Contains(const char* key) const override {
    SortedIterator iterator(sorted(), comparator_);
    iterator.Seek({}, key);
    return iterator.Valid() && comparator_(iterator.key(), key) == 0;
  }
  void MarkReadOnly() override {
    const std::scoped_lock lock(mutex_);
    read_only_ = true;
  }
  size_t ApproximateMemoryUsage() override {
    const std::scoped_lock lock(mutex_);
    return entries_->size() * sizeof(Entry);
  }
  /// An arena is RocksDB's own business and of unknown type here: where the caller has one, which
  /// means that it only destroys the iterator, the memory is ours and goes with the memtable.
  Iterator* GetIterator(rocksdb::Arena* arena) override {
    if (arena == nullptr) return new SortedIterator(sorted(), comparator_);
    std::shared_ptr<const Entries> entries = sorted();
    const std::scoped_lock lock(mutex_);
    places_.emplace_back();
    return new (places_.back().octets) SortedIterator(std::move(entries), comparator_);
  }

 private:
  struct Place {
    alignas(SortedIterator) std::byte octets[sizeof(SortedIterator)];
  };

  /// A memtable that is full is sorted in place, once; one that still grows, as a copy.
  [[nodiscard]] std::shared_ptr<const Entries> sorted() const {
    const std::scoped_lock lock(mutex_);
    if (read_only_) {
      if (!is_sorted_) std::sort(entries_->begin(), entries_->end(), ByKey(comparator_));
      is_sorted_ = true;
      return entries_;
    }
    auto copy = std::make_shared<Entries>(*entries_);
    std::sort(copy->begin(), copy->end(), ByKey(comparator_));
    return copy;
  }

  const Comparator& comparator_;
  mutable std::mutex mutex_;
  std::shared_ptr<Entries> entries_;  // guarded by mutex_ until it is sorted; then it is read only
  bool read_only_ = false;            // guarded by mutex_
  mutable bool is_sorted_ = false;    // guarded by mutex_
  std::deque<Place> places_;          // guarded by mutex_
};

}  // namespace

rocksdb::MemTableRep* AppendMemtableFactory::CreateMemTableRep(
    const Comparator& comparator, rocksdb::Allocator* allocator,
    const rocksdb::SliceTransform* /*unused*/, rocksdb::Logger* /*logger*/) {
  return new AppendMemtable(comparator, allocator, reserved_count_);
}

}  // namespace tandem6
