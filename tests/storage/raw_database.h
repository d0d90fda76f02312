// The database of a store that is closed, opened behind its back: for what no store would write.
#pragma once

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <vector>

#include "storage/store.h"
#include "storage/store_options.h"

namespace tandem6 {

class RawDatabase {
 public:
  explicit RawDatabase(const std::string& path) {
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (std::size_t i = 0; i < kFamilyCount; ++i) {
      families.emplace_back(kFamilyNames[i], family_options(static_cast<Family>(i)));
    }
    rocksdb::DB* raw = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open(database_options(nullptr), path, families, &handles_, &raw).ok());
    database_.reset(raw);
  }
  RawDatabase(const RawDatabase&) = delete;
  RawDatabase& operator=(const RawDatabase&) = delete;
  ~RawDatabase() {
    if (database_ == nullptr) return;
    for (auto* handle : handles_) EXPECT_TRUE(database_->DestroyColumnFamilyHandle(handle).ok());
    EXPECT_TRUE(database_->Close().ok());
  }

  /// Any value under any key.
  void put(Family family, RecordOctets key, RecordOctets value) {
    ASSERT_NE(database_, nullptr);
    EXPECT_TRUE(database_->Put({}, handle(family), slice(key), slice(value)).ok());
  }
  void drop(Family family) {
    ASSERT_NE(database_, nullptr);
    EXPECT_TRUE(database_->DropColumnFamily(handle(family)).ok());
  }

 private:
  [[nodiscard]] rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return handles_[static_cast<std::size_t>(family)];
  }
  static rocksdb::Slice slice(RecordOctets octets) {
    return {reinterpret_cast<const char*>(octets.data()), octets.size()};
  }

  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::unique_ptr<rocksdb::DB> database_;
};

}  // namespace tandem6
