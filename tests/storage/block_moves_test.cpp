// Whose half prefixes are, through the committer and back from the disk, against a dumb map of each
// prefix: moves of blocks, single prefixes that clients get, restarts, power
// cuts, and workers that run against the moves.
#include "storage/block_moves.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <random>
#include <semaphore>
#include <set>
#include <string_view>
#include <thread>

#include "storage/block_loader.h"
#include "storage/committer.h"
#include "tests/storage/faulty_disk.h"
#include "tests/storage/lane_feeder.h"
#include "tests/storage/raw_database.h"
#include "tests/storage/temporary_folder.h"

namespace tandem6 {
namespace {

const Ipv6Prefix kRange = Ipv6Prefix::parse("2001:db8:8000::/48").value();
constexpr std::uint8_t kLength = 56;
constexpr std::size_t kCount = 256;

using Halves = std::array<Half, kCount>;

Ipv6Prefix prefix_at(std::size_t index) {
  return {Ipv6Address::from_halves(kRange.address.high() | index << 8, 0), kLength};
}

void carry_out(Halves& halves, const BlockHalf& move) {
  for (std::size_t i = 0; i < kCount; ++i) {
    if (move.block.contains(prefix_at(i))) halves[i] = move.half;
  }
}

std::uint64_t record_count(const Store& store) {
  const auto all = [](RecordOctets, RecordOctets) { return true; };
  return store.walk(Family::kDelegable, {}, {}, all).value().record_count;
}

Halves halves_in(const Store& store) {
  Halves halves{};
  const auto loaded = load_blocks(store, [&](const BlockHalf& each) { carry_out(halves, each); });
  EXPECT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->bad_count, 0u);
  return halves;
}

/// A client gets the prefix: its binding's change, which also ends its stay in the half.
bool emit_leave(LaneFeeder& lane, const Ipv6Prefix& prefix, std::uint64_t client) {
  Change* const change = lane.ring.slot();
  if (change == nullptr) return false;
  *change = LaneFeeder::change_of(client, 1000, ChangeKind::kPut);
  change->binding.ia_type = IaType::kPrefixDelegation;
  change->binding.address = prefix.address;
  change->binding.prefix_length = prefix.length;
  change->binding.half_left = true;
  change->number = lane.next_number++;
  lane.ring.publish();
  return true;
}

/// A store with a committer of one lane.
struct Server {
  explicit Server(const Store::Options& options, Durability durability = Durability::kProcess) {
    auto opened = Store::open(options);
    EXPECT_TRUE(opened.has_value()) << opened.error();
    store = std::move(*opened);
    committer = std::make_unique<Committer>(
        *store, std::vector<CommitLane>{lane.lane()},
        Committer::Options{.durability = durability,
                           .retry_interval = std::chrono::milliseconds(5)});
    committer->start();
  }
  void move(const BlockHalf& move) {
    const BlockWitness witness = committer->block_witness();
    witness.tell(witness.self, move.block, move.half);
  }
  void wait() {
    auto kept = std::make_shared<std::binary_semaphore>(0);
    committer->when_kept([kept] { kept->release(); });
    ASSERT_TRUE(kept->try_acquire_for(std::chrono::seconds(10)));
  }

  LaneFeeder lane;
  std::unique_ptr<Store> store;
  std::unique_ptr<Committer> committer;
};

class BlockMovesTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::string path_ = folder_.path("leases");
};

TEST_F(BlockMovesTest, a_pool_handed_over_in_64_blocks_costs_64_records_and_moves_back_into_one) {
  Server server({.path = path_});
  const auto block_at = [](std::uint64_t i) {
    return Ipv6Prefix{Ipv6Address::from_halves(0x20010db800000000 | i << 26, 0), 38};
  };
  for (std::uint64_t i = 0; i < 64; ++i) server.move({block_at(i), Half::kFreeBackup});
  server.wait();
  EXPECT_EQ(record_count(*server.store), 64u);
  for (int again = 0; again < 3; ++again) {
    for (std::uint64_t i = 0; i < 64; ++i) {
      server.move({block_at(i), Half::kFree});
      server.move({block_at(i), Half::kFreeBackup});
    }
  }
  server.wait();
  EXPECT_EQ(record_count(*server.store), 64u);
  server.move({Ipv6Prefix::parse("2001:db8::/32").value(), Half::kFree});
  server.wait();
  EXPECT_EQ(record_count(*server.store), 1u);
}

/// a prefix leaves its half in the batch of the binding that has it.
TEST_F(BlockMovesTest, a_prefix_leaves_its_half_with_its_binding_R_03) {
  Server server({.path = path_});
  server.move({kRange, Half::kFreeBackup});
  ASSERT_TRUE(emit_leave(server.lane, prefix_at(7), 1));
  ASSERT_TRUE(server.committer->stop());
  Halves expected;
  expected.fill(Half::kFreeBackup);
  expected[7] = Half::kFree;
  EXPECT_EQ(halves_in(*server.store), expected);
  EXPECT_EQ(record_count(*server.store), 2u);
}

TEST_F(BlockMovesTest, an_end_is_told_when_everything_before_is_on_disk) {
  Server server({.path = path_}, Durability::kPower);
  server.move({kRange, Half::kFreeBackup});
  Halves seen{};
  std::binary_semaphore told(0);
  server.committer->when_kept([&] {
    seen = halves_in(*server.store);
    told.release();
  });
  ASSERT_TRUE(told.try_acquire_for(std::chrono::seconds(10)));
  EXPECT_EQ(seen[0], Half::kFreeBackup);
}

TEST_F(BlockMovesTest, a_damaged_record_is_told_and_set_aside) {
  {
    Server server({.path = path_});
    server.move({kRange, Half::kFreeBackup});
    server.wait();
    ASSERT_TRUE(server.committer->stop());
  }
  const BlockKey key(prefix_at(3));
  constexpr std::string_view kDamaged = "damaged!";
  RawDatabase(path_).put(Family::kDelegable, key.octets(),
                         {reinterpret_cast<const std::uint8_t*>(kDamaged.data()), kDamaged.size()});
  auto store = Store::open({.path = path_});
  ASSERT_TRUE(store.has_value());
  Halves halves{};
  const auto loaded = load_blocks(**store, [&](const BlockHalf& each) { carry_out(halves, each); });
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->record_count, 1u);
  ASSERT_EQ(loaded->bad.size(), 1u);
  EXPECT_EQ(loaded->bad[0].fault, RecordFault::kChecksum);
  WriteSet set(**store);
  set.set_block_aside(loaded->bad[0].key, loaded->bad[0].value, loaded->bad[0].fault);
  ASSERT_TRUE((*store)->write(set, Durability::kProcess).has_value());
  EXPECT_EQ(record_count(**store), 1u);
  const auto all = [](RecordOctets, RecordOctets) { return true; };
  EXPECT_EQ((*store)->walk(Family::kSetAside, {}, {}, all)->record_count, 1u);
}

/// Of before there was the family: opened as ever, and read without making anything in it.
TEST_F(BlockMovesTest, a_database_without_the_family_opens) {
  {
    ASSERT_TRUE(Store::open({.path = path_}).has_value());
  }
  RawDatabase(path_).drop(Family::kDelegable);
  {
    const auto store = Store::open({.path = path_, .read_only = true});
    ASSERT_TRUE(store.has_value()) << store.error();
    EXPECT_EQ(halves_in(**store), Halves{});
  }
  Server server({.path = path_});
  server.move({kRange, Half::kFreeBackup});
  server.wait();
  EXPECT_EQ(halves_in(*server.store)[0], Half::kFreeBackup);
}

BlockHalf arbitrary_move() {
  const auto length = *rc::gen::inRange<int>(kRange.length, kLength + 1);
  const auto index = *rc::gen::inRange<std::size_t>(0, kCount);
  const auto half = *rc::gen::element(Half::kFree, Half::kFreeBackup);
  return {Ipv6Prefix{prefix_at(index).address, static_cast<std::uint8_t>(length)}.masked(), half};
}

RC_GTEST_PROP(BlockMovesProperty, the_disk_has_what_a_dumb_map_has, ()) {
  FaultyDisk disk;  // without any fault: in memory
  const Store::Options options{.path = "/leases", .env = disk.env()};
  Halves expected{};
  std::set<Ipv6Prefix> moved;
  const int run_count = *rc::gen::inRange(1, 4);
  for (int run = 0; run < run_count; ++run) {
    Server server(options);
    const int move_count = *rc::gen::inRange(0, 40);
    for (int n = 0; n < move_count; ++n) {
      BlockHalf move = arbitrary_move();
      if (*rc::gen::inRange(0, 3) == 0) {
        move = {Ipv6Prefix{move.block.address, kLength}, Half::kFree};
        RC_ASSERT(emit_leave(server.lane, move.block, 1));
      } else {
        server.move(move);
      }
      carry_out(expected, move);
      moved.insert(move.block);
    }
    RC_ASSERT(server.committer->stop());
    server.committer.reset();
    server.store.reset();
    const auto store = Store::open(options);
    RC_ASSERT(store.has_value());
    RC_ASSERT(halves_in(**store) == expected);
    RC_ASSERT(record_count(**store) <= moved.size());
  }
}

/// After a power cut the disk has all moves up to some one, and at least those that were told.
TEST(BlockMovesCrash, a_power_cut_leaves_a_beginning_of_the_moves_R_07) {
  std::mt19937_64 random(20260121);
  FaultyDisk disk;
  Halves before{};
  std::uint64_t told_in_all = 0;
  for (int crash = 0; crash < 150; ++crash) {
    SCOPED_TRACE("crash " + std::to_string(crash));
    std::vector<BlockHalf> moves;
    std::atomic<std::size_t> told{0};
    {
      Server server({.path = "/leases", .env = disk.env()}, Durability::kPower);
      disk.cut_power_after(random() % 120);
      const std::size_t count = random() % 200;
      while (moves.size() < count && disk.is_powered()) {
        const auto length = static_cast<std::uint8_t>(kRange.length + random() % 9);
        BlockHalf move{{prefix_at(random() % kCount).address, length}, Half::kFree};
        move.block = move.block.masked();
        if (random() % 3 == 0) {
          move.block.length = kLength;
          if (!emit_leave(server.lane, move.block, random() % 50)) break;
        } else {
          move.half = random() % 2 == 0 ? Half::kFree : Half::kFreeBackup;
          server.move(move);
        }
        moves.push_back(move);
        if (random() % 4 == 0) {
          server.committer->when_kept([&told, n = moves.size()] { told = n; });
        }
        if (random() % 8 == 0) std::this_thread::sleep_for(std::chrono::microseconds(100));
      }
      disk.cut_power();
    }
    const std::size_t told_count = told;
    told_in_all += told_count;
    disk.power_on(static_cast<FaultyDisk::Survival>(random() % 3), random);
    disk.cut_power_after(FaultyDisk::kUnlimited);
    const auto store = Store::open({.path = "/leases", .env = disk.env()});
    ASSERT_TRUE(store.has_value()) << store.error();
    const Halves found = halves_in(**store);
    bool is_beginning = false;
    for (std::size_t n = 0; n <= moves.size(); ++n) {
      if (n != 0) carry_out(before, moves[n - 1]);
      is_beginning = is_beginning || (n >= told_count && before == found);
    }
    ASSERT_TRUE(is_beginning) << told_count << " of " << moves.size() << " told";
    before = found;
  }
  EXPECT_GT(told_in_all, 500u) << "hardly anything was at stake";
}

/// Workers get prefixes out of blocks that move meanwhile: the disk has in the end what the pool
/// has, whichever came first.
TEST_F(BlockMovesTest, workers_and_moves_are_written_in_the_order_in_which_they_happened) {
  constexpr unsigned kLaneCount = 2;
  const auto opened = Store::open({.path = path_});
  ASSERT_TRUE(opened.has_value());
  std::array<LaneFeeder, kLaneCount> feeders;
  PrefixPool pool(kRange, kLength, kLaneCount);
  Committer committer(**opened, {feeders[0].lane(), feeders[1].lane()},
                      {.durability = Durability::kProcess});
  pool.set_witness(committer.block_witness());
  committer.start();
  std::atomic<bool> ending{false};
  std::atomic<std::uint64_t> left_count{0};
  const auto work = [&](ShardId shard) {
    std::mt19937_64 random(shard);
    while (!ending) {
      const Ipv6Prefix prefix = prefix_at(random() % 8);  // few, so that they meet
      if (feeders[shard].ring.room() == 0) continue;
      if (pool.claim(prefix, shard) != ClaimResult::kClaimed) continue;
      if (pool.half(prefix) != Half::kFree) {
        pool.set_half(prefix, 0, Half::kFree);
        EXPECT_TRUE(emit_leave(feeders[shard], prefix, shard));
        ++left_count;
      }
      pool.release(prefix, shard);
    }
  };
  std::thread first(work, ShardId{0});
  std::thread second(work, ShardId{1});
  std::mt19937_64 random(9);
  std::uint64_t moved_count = 0;
  for (int round = 0; round < 30; ++round) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
    while (std::chrono::steady_clock::now() < until) {
      const unsigned log2 = random() % 4;
      const Ipv6Prefix at = prefix_at(random() % 8 >> log2 << log2);
      const Half half = random() % 4 == 0 ? Half::kFree : Half::kFreeBackup;
      moved_count += pool.move_block(at, log2, half) ? 1 : 0;
      if (random() % 16 == 0) std::this_thread::yield();
    }
  }
  ending = true;
  first.join();
  second.join();
  ASSERT_TRUE(committer.stop());
  const Halves found = halves_in(**opened);
  for (std::size_t i = 0; i < kCount; ++i) EXPECT_EQ(found[i], pool.half(prefix_at(i))) << i;
  EXPECT_GT(moved_count, 100u);
  EXPECT_GT(left_count, 100u);
}

}  // namespace
}  // namespace tandem6
