// The bitmaps and the prefix pool with their steps mixed in thousands of orders: threads of a
// real machine meet in the middle of a step once in a million calls, these meet in every call. When
// all have ended, nothing that is free may be lost to the search, and nothing was ever held twice.
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <set>
#include <vector>

#include "dataplane/lease/bitmap_tree.h"
#include "dataplane/lease/prefix_pool.h"
#include "dataplane/lease/shared_word.h"
#include "tests/lease/interleaver.h"

namespace tandem6 {

void before_shared_step() noexcept { Interleaver::pause(); }

namespace {

constexpr std::uint64_t kRuns = 3000;
constexpr unsigned kThreads = 3;

std::set<std::uint32_t> members_of(BitmapTree& tree) {
  std::set<std::uint32_t> members;
  for (std::uint32_t at = tree.find_next(0); at != BitmapTree::kNone; at = tree.find_next(at + 1)) {
    members.insert(at);
  }
  return members;
}

// Three threads with numbers of their own in one or two words, so that these and all words above
// them empty and fill again and again.
TEST(BitmapTreeInterleaving, LosesNoMember) {
  Interleaver interleaver;
  // These orders meet the rarest case too: a search clears a bit that a race left, while another
  // thread adds below it.
  constexpr std::uint64_t kFirstSeed = 30'000;
  for (std::uint64_t seed = kFirstSeed; seed < kFirstSeed + kRuns; ++seed) {
    BitmapTree tree(64 * 64 * 2, BitmapTree::Initially::kEmpty);
    std::array<std::set<std::uint32_t>, kThreads> members;
    std::vector<std::function<void()>> bodies;
    for (unsigned thread = 0; thread < kThreads; ++thread) {
      bodies.emplace_back([&, thread,
                           random = std::minstd_rand(
                               static_cast<unsigned>(seed * kThreads + thread + 1))]() mutable {
        for (int i = 0; i < 3; ++i) {
          const auto number = static_cast<std::uint32_t>(random() % 2 * 64 + thread);
          if (members[thread].erase(number) != 0) {
            tree.erase(number);
          } else {
            members[thread].insert(number);
            tree.insert(number);
          }
          if (random() % 4 == 0) (void)tree.find_next(0);
        }
      });
    }
    interleaver.run(std::move(bodies), seed);
    std::set<std::uint32_t> expected;
    for (const auto& part : members) expected.insert(part.begin(), part.end());
    ASSERT_EQ(members_of(tree), expected) << "seed " << seed;
  }
}

Ipv6Prefix nth(std::uint64_t number) {
  return {Ipv6Address::from_halves(0x20010db800000000 | number, 0), 64};
}

constexpr std::uint64_t kPoolSize = 128;
// All but these are reserved: two in each of the two words of the map.
constexpr std::array<std::uint64_t, 4> kUsable = {3, 4, 70, 127};

// A thread that finds, claims and releases, and one time in four balances the halves. It may keep
// what it claimed last: a release would mend what the claim before it had spoilt.
class Worker {
 public:
  Worker(PrefixPool& pool, std::array<int, kPoolSize>& holders, ShardId shard, unsigned seed)
      : pool_(pool), holders_(holders), shard_(shard), random_(seed) {}

  void operator()() {
    for (int i = 0; i < 3; ++i) {
      if (random_() % 4 == 0) pool_.set_half(nth(random_() % 2 * 64), 6, any_half());
      const auto found = pool_.find_free({0, random_()}, any_half());
      if (!found || pool_.claim(*found, shard_) != ClaimResult::kClaimed) continue;
      int& holder = holders_[found->address.high() % kPoolSize];
      EXPECT_EQ(std::exchange(holder, shard_ + 1), 0) << "two hold one prefix";
      EXPECT_EQ(pool_.holder(*found), shard_);
      if (i == 2 && random_() % 2 == 0) return;
      EXPECT_EQ(std::exchange(holder, 0), shard_ + 1);
      pool_.release(*found, shard_);
    }
  }

 private:
  Half any_half() { return random_() % 2 == 0 ? Half::kFree : Half::kFreeBackup; }

  PrefixPool& pool_;
  std::array<int, kPoolSize>& holders_;
  ShardId shard_;
  std::minstd_rand random_;
};

std::multiset<Ipv6Prefix> all_that_is_found(PrefixPool& pool) {
  std::multiset<Ipv6Prefix> found;
  for (const Half half : {Half::kFree, Half::kFreeBackup}) {
    while (const auto next = pool.find_free({0, 0}, half)) {
      EXPECT_EQ(pool.half(*next), half);
      EXPECT_EQ(pool.claim(*next, 0), ClaimResult::kClaimed);
      found.insert(*next);
    }
  }
  return found;
}

// S-071 and S-147, the pool's side.
TEST(PrefixPoolInterleaving, LosesNoPrefixAndGivesNoneTwice) {
  Interleaver interleaver;
  std::multiset<Ipv6Prefix> usable;
  for (const std::uint64_t number : kUsable) usable.insert(nth(number));
  for (std::uint64_t seed = 0; seed < kRuns; ++seed) {
    PrefixPool pool({nth(0).address, 57}, 64, kThreads);
    for (std::uint64_t i = 0; i < kPoolSize; ++i) {
      if (!usable.contains(nth(i))) pool.set_reserved(nth(i));
    }
    std::array<int, kPoolSize> holders{};
    std::vector<std::function<void()>> bodies;
    for (unsigned thread = 0; thread < kThreads; ++thread) {
      bodies.emplace_back(Worker(pool, holders, static_cast<ShardId>(thread),
                                 static_cast<unsigned>(seed * kThreads + thread + 1)));
    }
    interleaver.run(std::move(bodies), seed);
    std::multiset<Ipv6Prefix> expected;
    for (const Ipv6Prefix& prefix : usable) {
      if (holders[prefix.address.high() % kPoolSize] == 0) expected.insert(prefix);
    }
    ASSERT_EQ(all_that_is_found(pool), expected) << "seed " << seed;
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

// A block that goes to the partner and comes back, while workers claim prefixes of it, look at the
// half, and keep what is still theirs (RFC 8156 section 4.2.2: a prefix is in one server's pool).
class Blocks {
 public:
  static constexpr std::uint64_t kSize = 4;

  void move(std::minstd_rand& random) {
    for (int i = 0; i < 3; ++i) {
      const std::uint64_t first = random() % 2 * 2;
      const bool to_partner = !is_given_[first];
      is_given_[first] = is_given_[first + 1] = false;  // the partner lets go before it acks
      if (pool_.move_block(nth(first), 1, to_partner ? Half::kFreeBackup : Half::kFree)) {
        is_given_[first] = is_given_[first + 1] = to_partner;
        EXPECT_FALSE(to_partner && (is_used_[first] || is_used_[first + 1])) << "in use here";
      } else {
        is_given_[first] = is_given_[first + 1] = !to_partner;
      }
    }
  }

  void use(std::minstd_rand& random, ShardId shard) {
    for (int i = 0; i < 4; ++i) {
      const std::uint64_t number = random() % kSize;
      if (pool_.claim(nth(number), shard) != ClaimResult::kClaimed) continue;
      if (pool_.half(nth(number)) == Half::kFree) {
        EXPECT_FALSE(is_given_[number]) << "in the partner's pool";
        is_used_[number] = true;
        EXPECT_EQ(pool_.half(nth(number)), Half::kFree);
        EXPECT_FALSE(is_given_[number]);
        is_used_[number] = false;
      }
      pool_.release(nth(number), shard);
    }
  }

  void expect_in_order() {
    for (std::uint64_t number = 0; number < kSize; ++number) {
      EXPECT_EQ(pool_.half(nth(number)) == Half::kFreeBackup, is_given_[number]);
      EXPECT_EQ(pool_.holder(nth(number)), kNoShard);
    }
    EXPECT_EQ(pool_.free_count(Half::kFree) + pool_.free_count(Half::kFreeBackup), kSize);
    EXPECT_EQ(all_that_is_found(pool_).size(), kSize);
  }

 private:
  PrefixPool pool_{{nth(0).address, 62}, 64, kThreads};
  std::array<bool, kSize> is_given_{};
  std::array<bool, kSize> is_used_{};
};

// F-172, F-173, F-174, R-07
TEST(PrefixPoolInterleaving, F172F173F174ABlockIsAllOfOneServers) {
  Interleaver interleaver;
  for (std::uint64_t seed = 0; seed < kRuns; ++seed) {
    Blocks blocks;
    std::vector<std::function<void()>> bodies;
    for (unsigned thread = 0; thread < kThreads; ++thread) {
      bodies.emplace_back([&, thread,
                           random = std::minstd_rand(
                               static_cast<unsigned>(seed * kThreads + thread + 1))]() mutable {
        if (thread == 0) {
          blocks.move(random);
        } else {
          blocks.use(random, static_cast<ShardId>(thread));
        }
      });
    }
    interleaver.run(std::move(bodies), seed);
    blocks.expect_in_order();
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace tandem6
