#include "storage/append_memtable.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <random>

#include "tests/storage/temporary_folder.h"

namespace tandem6 {
namespace {

/// A database that never flushes by itself.
std::unique_ptr<rocksdb::DB> open_database(const std::string& path, bool ours) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.info_log_level = rocksdb::ERROR_LEVEL;
  options.allow_concurrent_memtable_write = false;
  if (ours) options.memtable_factory = std::make_shared<AppendMemtableFactory>(16);
  rocksdb::DB* database = nullptr;
  EXPECT_TRUE(rocksdb::DB::Open(options, path, &database).ok());
  return std::unique_ptr<rocksdb::DB>(database);
}

std::string describe(rocksdb::Iterator& iterator) {
  if (!iterator.Valid()) return "nowhere";
  return iterator.key().ToString(true) + "=" + iterator.value().ToString();
}

/// Keys of few octets and few values, so that all kinds of neighbours, prefixes of each other among
/// them, occur.
std::string random_key(std::mt19937& random) {
  std::string key(random() % 20, '\0');
  for (char& octet : key) octet = static_cast<char>(random() % 3 == 0 ? 0xff : random() % 2);
  return key;
}

class AppendMemtable : public testing::Test {
 protected:
  void write_randomly(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string key = random_key(random_);
      const std::string value = std::to_string(random_());
      for (const auto& database : {ours_.get(), theirs_.get()}) {
        const bool erased = value.back() < '3';
        ASSERT_TRUE((erased ? database->Delete({}, key) : database->Put({}, key, value)).ok());
      }
    }
  }
  /// Both databases answer alike, as of the given moments.
  void compare(const rocksdb::Snapshot* ours_then, const rocksdb::Snapshot* theirs_then) {
    rocksdb::ReadOptions ours_options;
    rocksdb::ReadOptions theirs_options;
    ours_options.snapshot = ours_then;
    theirs_options.snapshot = theirs_then;
    const std::unique_ptr<rocksdb::Iterator> ours(ours_->NewIterator(ours_options));
    const std::unique_ptr<rocksdb::Iterator> theirs(theirs_->NewIterator(theirs_options));
    ours->SeekToFirst();
    theirs->SeekToFirst();
    for (; theirs->Valid(); ours->Next(), theirs->Next()) {
      ASSERT_EQ(describe(*ours), describe(*theirs));
    }
    EXPECT_FALSE(ours->Valid());
    ours->SeekToLast();
    theirs->SeekToLast();
    for (; theirs->Valid(); ours->Prev(), theirs->Prev()) {
      ASSERT_EQ(describe(*ours), describe(*theirs));
    }
    EXPECT_FALSE(ours->Valid());
    for (int i = 0; i < 300; ++i) {
      const std::string key = random_key(random_);
      ours->Seek(key);
      theirs->Seek(key);
      ASSERT_EQ(describe(*ours), describe(*theirs));
      ours->SeekForPrev(key);
      theirs->SeekForPrev(key);
      ASSERT_EQ(describe(*ours), describe(*theirs));
      std::string our_value;
      std::string their_value;
      const bool found = theirs_->Get(theirs_options, key, &their_value).ok();
      ASSERT_EQ(ours_->Get(ours_options, key, &our_value).ok(), found);
      ASSERT_EQ(our_value, their_value);
    }
  }

  TemporaryFolder folder_;
  std::unique_ptr<rocksdb::DB> ours_ = open_database(folder_.path("ours"), true);
  std::unique_ptr<rocksdb::DB> theirs_ = open_database(folder_.path("theirs"), false);
  std::mt19937 random_{20260103};
};

TEST_F(AppendMemtable, AnswersAsASkipListDoes) {
  for (int round = 0; round < 4; ++round) {
    const rocksdb::Snapshot* ours_then = ours_->GetSnapshot();
    const rocksdb::Snapshot* theirs_then = theirs_->GetSnapshot();
    write_randomly(2000);
    compare(nullptr, nullptr);
    compare(ours_then, theirs_then);
    ours_->ReleaseSnapshot(ours_then);
    theirs_->ReleaseSnapshot(theirs_then);
    if (round != 2) continue;
    ASSERT_TRUE(ours_->Flush({}).ok());
    ASSERT_TRUE(theirs_->Flush({}).ok());
  }
}

TEST_F(AppendMemtable, AWalkSeesWhatWasThereWhenItBegan) {
  write_randomly(100);
  const std::unique_ptr<rocksdb::Iterator> ours(ours_->NewIterator({}));
  const std::unique_ptr<rocksdb::Iterator> theirs(theirs_->NewIterator({}));
  write_randomly(1000);
  ours->SeekToFirst();
  theirs->SeekToFirst();
  for (; theirs->Valid(); ours->Next(), theirs->Next()) {
    ASSERT_EQ(describe(*ours), describe(*theirs));
  }
  EXPECT_FALSE(ours->Valid());
}

TEST_F(AppendMemtable, WhatTheLogHasIsThereAfterARestart) {
  write_randomly(3000);
  ours_.reset();
  theirs_.reset();
  ours_ = open_database(folder_.path("ours"), true);
  theirs_ = open_database(folder_.path("theirs"), false);
  compare(nullptr, nullptr);
}

}  // namespace
}  // namespace tandem6
