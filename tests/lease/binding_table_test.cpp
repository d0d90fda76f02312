#include "dataplane/lease/binding_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

namespace tandem6 {
namespace {

/// A table whose keys are numbers, with any hash one likes.
class KeyedTable {
 public:
  explicit KeyedTable(std::uint32_t count_max)
      : table(count_max), keys_(count_max), hashes_(count_max) {}

  bool insert(std::uint64_t hash, unsigned key, BindingIndex index) {
    keys_[index] = key;
    hashes_[index] = hash;
    return table.insert(hash, index);
  }
  void erase(BindingIndex index) {
    table.erase(hashes_[index], index, [&](BindingIndex other) { return hashes_[other]; });
  }
  [[nodiscard]] std::vector<BindingIndex> find(std::uint64_t hash, unsigned key) const {
    std::vector<BindingIndex> found;
    table.walk(hash, [&](BindingIndex index) {
      if (keys_[index] == key) found.push_back(index);
      return true;
    });
    return found;
  }

  BindingTable table;

 private:
  std::vector<unsigned> keys_;
  std::vector<std::uint64_t> hashes_;
};

TEST(BindingTable, EqualHashesOfDifferentKeysAreToldApart) {
  KeyedTable table(100);
  constexpr std::uint64_t kHash = 0x123456789abcdef0;
  for (unsigned key = 0; key < 60; ++key) ASSERT_TRUE(table.insert(kHash, key, key));
  for (unsigned key = 0; key < 60; ++key) {
    EXPECT_EQ(table.find(kHash, key), std::vector<BindingIndex>{key});
  }
  for (unsigned key = 0; key < 60; key += 2) table.erase(key);
  for (unsigned key = 0; key < 60; ++key) {
    EXPECT_EQ(table.find(kHash, key).size(), key % 2) << "key " << key;
  }
}

TEST(BindingTable, AWalkEndsWhenTheVisitorHasEnough) {
  KeyedTable table(100);
  for (BindingIndex index = 0; index < 5; ++index) ASSERT_TRUE(table.insert(1, 7, index));
  unsigned visited = 0;
  table.table.walk(1, [&](BindingIndex) { return ++visited < 2; });
  EXPECT_EQ(visited, 2U);
}

TEST(BindingTable, APileUpIsRefusedAtTheBoundAndComesApartAgain) {
  constexpr std::uint32_t kCount = 20'000;
  KeyedTable table(kCount);
  BindingIndex index = 0;
  while (table.insert(42, index, index)) ++index;
  EXPECT_EQ(index, BindingTable::kProbeLengthMax * BindingTable::kChunkEntryCount);
  EXPECT_EQ(table.table.probe_length_max(), BindingTable::kProbeLengthMax);
  for (BindingIndex at = 0; at < index; ++at) table.erase(at);
  ASSERT_TRUE(table.insert(42, 1, 1));
  unsigned visited = 0;
  table.table.walk(42, [&](BindingIndex) { return ++visited, true; });
  EXPECT_EQ(visited, 1U);
}

class BindingTableRandom : public testing::TestWithParam<unsigned> {};

// Random insertions and deletions with few hashes and many keys of one hash, against a multimap;
// the order of one key's entries counts.
TEST_P(BindingTableRandom, AgreesWithAMapOfVectors) {
  std::mt19937_64 random(GetParam());
  const std::uint32_t count_max = 30 + static_cast<std::uint32_t>(random() % 400);
  const unsigned key_count = 5 + static_cast<unsigned>(random() % 100);
  std::vector<std::uint64_t> hashes(key_count);
  for (std::uint64_t& hash : hashes) hash = random() % 3 == 0 ? 99 : random();
  KeyedTable table(count_max);
  std::map<unsigned, std::vector<BindingIndex>> twin;
  std::vector<BindingIndex> free;
  for (BindingIndex index = 0; index < count_max; ++index) free.push_back(index);

  for (int step = 0; step < 20'000; ++step) {
    const auto key = static_cast<unsigned>(random() % key_count);
    auto& entries = twin[key];
    if (random() % 2 == 0 && !free.empty()) {
      std::swap(free[random() % free.size()], free.back());
      // Few chunks: there is always room within the bound.
      ASSERT_TRUE(table.insert(hashes[key], key, free.back()));
      entries.push_back(free.back());
      free.pop_back();
    } else if (!entries.empty()) {
      const auto victim = entries.begin() + static_cast<std::ptrdiff_t>(random() % entries.size());
      table.erase(*victim);
      free.push_back(*victim);
      entries.erase(victim);
    }
    ASSERT_EQ(table.find(hashes[key], key), entries) << "step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, BindingTableRandom, testing::Range(1U, 13U));

// The promise of the header: at the full load an honest table's walks stay short, and years of
// coming and going do not lengthen them.
TEST(BindingTable, WalksStayShortForEver) {
  constexpr std::uint32_t kCount = 200'000;
  std::mt19937_64 random(5);
  BindingTable table(kCount);
  std::vector<std::uint64_t> hashes(kCount);
  for (BindingIndex index = 0; index < kCount; ++index) {
    hashes[index] = random();
    ASSERT_TRUE(table.insert(hashes[index], index));
  }
  const auto hash_of = [&](BindingIndex index) { return hashes[index]; };
  const auto mean_walk = [&] {
    std::size_t sum = 0;
    for (const std::uint64_t hash : hashes) sum += table.walk_length(hash);
    return static_cast<double>(sum) / kCount;
  };
  const double when_new = mean_walk();
  EXPECT_LT(when_new, 1.5);
  for (int round = 0; round < 2'000'000; ++round) {
    const auto index = static_cast<BindingIndex>(random() % kCount);
    table.erase(hashes[index], index, hash_of);
    hashes[index] = random();
    ASSERT_TRUE(table.insert(hashes[index], index));
  }
  EXPECT_NEAR(mean_walk(), when_new, 0.1);
  EXPECT_LE(table.probe_length_max(), 40U);
}

TEST(BindingTableDeathTest, ErasingWhatIsNotThereEndsTheProgram) {
  KeyedTable table(10);
  ASSERT_TRUE(table.insert(1, 1, 1));
  EXPECT_DEATH(table.table.erase(1, 2, [](BindingIndex) { return 1U; }), "passed");
}

}  // namespace
}  // namespace tandem6
