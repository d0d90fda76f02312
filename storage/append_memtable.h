// A memtable that only appends: what RocksDB holds of the newest changes until it writes them to a
// table. Included by storage's own sources only.
//
// Problem: RocksDB's skip list costs 4 us a record, on the committer's thread. Its vector costs
// next to nothing there and sorts when it is flushed, but each comparison of that sort follows two
// pointers to two keys: 1 us a record on another core, which the workers want. Nobody reads
// memtables while the server runs.
//
// So: a vector whose entries carry the sixteen octets of the key that tell leases apart (type and
// address but for its last octet), as two numbers. The sort compares these, in cache, and follows
// pointers only where they are equal: the versions of one lease. Walks over a memtable that still
// grows (a checkpoint's, a dump's) sort a copy.
//
// Invariants: one writer (RocksDB's write queue sees to it); the order is that of RocksDB's
// comparator, of which the numbers are a prefix.
#pragma once

#include <rocksdb/memtablerep.h>

namespace tandem6 {

class AppendMemtableFactory final : public rocksdb::MemTableRepFactory {
 public:
  /// Places reserved in each memtable, about as many as it takes.
  explicit AppendMemtableFactory(std::size_t reserved_count) : reserved_count_(reserved_count) {}

  using rocksdb::MemTableRepFactory::CreateMemTableRep;
  rocksdb::MemTableRep* CreateMemTableRep(const rocksdb::MemTableRep::KeyComparator& comparator,
                                          rocksdb::Allocator* allocator,
                                          const rocksdb::SliceTransform* unused,
                                          rocksdb::Logger* logger) override;
  const char* Name() const override { return "AppendMemtableFactory"; }

 private:
  std::size_t reserved_count_;
};

}  // namespace tandem6
