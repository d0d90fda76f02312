// A disk that gives back other octets than were written: the rest is served, and writing goes on.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "storage/lease_format.h"
#include "storage/store.h"
#include "tests/storage/lane_feeder.h"
#include "tests/storage/temporary_folder.h"

namespace tandem6 {
namespace {

constexpr std::uint64_t kLeaseCount = 20'000;

std::unique_ptr<Store> open_store(const std::string& path) {
  auto store = Store::open({.path = path});
  EXPECT_TRUE(store.has_value()) << store.error();
  return store.has_value() ? std::move(*store) : nullptr;
}

void write_leases(Store& store, std::uint64_t first, std::uint64_t count, std::uint32_t expires) {
  WriteSet set(store);
  for (std::uint64_t client = first; client < first + count; ++client) {
    set.add(LaneFeeder::change_of(client, expires, ChangeKind::kPut));
  }
  ASSERT_TRUE(store.write(set, Durability::kProcess).has_value());
  ASSERT_TRUE(store.flush().has_value());
}

/// Inverts some octets in the middle of the largest table.
void damage_a_table(const std::string& path) {
  std::filesystem::path largest;
  std::uintmax_t size = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() != ".sst" || entry.file_size() <= size) continue;
    largest = entry.path();
    size = entry.file_size();
  }
  ASSERT_GT(size, 100'000U);
  std::fstream file(largest, std::ios::in | std::ios::out | std::ios::binary);
  const auto middle = static_cast<std::streamoff>(size / 2);
  std::array<char, 16> octets{};
  file.seekg(middle);
  file.read(octets.data(), octets.size());
  for (char& octet : octets) octet = static_cast<char>(~octet);
  file.seekp(middle);
  file.write(octets.data(), octets.size());
}

struct Found {
  std::set<Ipv6Address> addresses;
  std::uint64_t gap_count = 0;
};
Found walk(const Store& store) {
  Found found;
  const auto walked = store.walk(Family::kLease, {}, {}, [&](RecordOctets key, RecordOctets value) {
    const auto lease = read_lease_record(key, value);
    EXPECT_TRUE(lease.has_value());
    if (lease.has_value()) found.addresses.insert(lease->binding.address);
    return true;
  });
  EXPECT_TRUE(walked.has_value());
  if (walked.has_value()) found.gap_count = walked->damaged_gap_count;
  return found;
}

TEST(Damage, OneBadBlockCostsItsOwnRecordsOnly) {
  const TemporaryFolder folder;
  const std::string path = folder.path("leases");
  write_leases(*open_store(path), 0, kLeaseCount, 1000);
  damage_a_table(path);
  const Found found = walk(*open_store(path));
  EXPECT_EQ(found.gap_count, 1U);
  EXPECT_LT(found.addresses.size(), kLeaseCount);
  EXPECT_GT(found.addresses.size(), kLeaseCount - 1000) << "a block has some hundred records";
}

TEST(Damage, WritingGoesOnWithoutMerges) {
  const TemporaryFolder folder;
  const std::string path = folder.path("leases");
  write_leases(*open_store(path), 0, kLeaseCount, 1000);
  damage_a_table(path);
  const auto store = open_store(path);
  store->stop_merging();
  EXPECT_TRUE(store->usage().merging_stopped);
  // Each round is a table over the same keys: by far enough to have been merged.
  for (std::uint32_t round = 0; round < 8; ++round) {
    write_leases(*store, 0, kLeaseCount, 2000 + round);
  }
  EXPECT_GT(walk(*store).addresses.size(), kLeaseCount - 1000);
}

// Nobody noticed at start: the merge meets it. One write fails, and the recovery is for good.
TEST(Damage, AMergeThatMeetsDamageStopsMergingAndNotWriting) {
  const TemporaryFolder folder;
  const std::string path = folder.path("leases");
  write_leases(*open_store(path), 0, kLeaseCount, 1000);
  damage_a_table(path);
  const auto store = open_store(path);
  unsigned failures = 0;
  WriteSet set(*store);
  for (std::uint32_t round = 0; round < 30; ++round) {
    set.clear();
    for (std::uint64_t client = 0; client < kLeaseCount; ++client) {
      set.add(LaneFeeder::change_of(client, 2000 + round, ChangeKind::kPut));
    }
    if (!store->write(set, Durability::kProcess).has_value()) {
      ++failures;
      ASSERT_TRUE(store->recover().has_value());
      ASSERT_TRUE(store->write(set, Durability::kProcess).has_value());
    }
    static_cast<void>(store->flush());  // fails as the write did, once the merge has
  }
  EXPECT_EQ(failures, 1U);
  EXPECT_TRUE(store->usage().merging_stopped);
}

TEST(Damage, ARebuiltDatabaseHasNone) {
  const TemporaryFolder folder;
  const std::string path = folder.path("leases");
  write_leases(*open_store(path), 0, kLeaseCount, 1000);
  damage_a_table(path);
  Found before;
  {
    const auto store = open_store(path);
    before = walk(*store);
    ASSERT_TRUE(store->rebuild().has_value());
    EXPECT_EQ(walk(*store).addresses, before.addresses);
    const auto dirty =
        store->walk(Family::kDirty, {}, {}, [](RecordOctets, RecordOctets) { return true; });
    EXPECT_EQ(dirty.value().record_count, before.addresses.size()) << "and no lost one";
    // What was lost can be told again, and now it stays.
    write_leases(*store, 0, kLeaseCount, 3000);
  }
  const auto store = open_store(path);
  EXPECT_EQ(walk(*store).addresses.size(), kLeaseCount);
  EXPECT_EQ(walk(*store).gap_count, 0U);
  EXPECT_TRUE(std::filesystem::exists(path + ".damaged-1"));
  EXPECT_FALSE(std::filesystem::exists(path + ".rebuilt"));
}

TEST(Damage, ARebuildThatWasCutOffBetweenItsRenamesIsFinished) {
  const TemporaryFolder folder;
  const std::string path = folder.path("leases");
  write_leases(*open_store(path), 0, 100, 1000);
  std::filesystem::rename(path, path + ".rebuilt");
  EXPECT_EQ(walk(*open_store(path)).addresses.size(), 100U);
  EXPECT_FALSE(std::filesystem::exists(path + ".rebuilt"));
}

}  // namespace
}  // namespace tandem6
