// The lock-free pools under real threads: short histories that must be linearizable, and long races
// in which each holder leaves a mark that a second holder would run into. To be run under
// ThreadSanitizer as well: there the marks are plain memory, so that a missing order shows too.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "dataplane/lease/address_pool.h"
#include "dataplane/lease/bitmap_tree.h"
#include "dataplane/lease/claim_protocol.h"
#include "dataplane/lease/claim_table.h"
#include "dataplane/lease/prefix_pool.h"
#include "tests/lease/lease_history.h"

namespace tandem6 {
namespace {

using Kind = LeaseOperation::Kind;

const AllocationKey kKey({4, 1, 4, 2, 4, 3, 4, 4, 4, 5, 4, 6, 4, 7, 4, 8});
constexpr unsigned kThreads = 3;

Ipv6Address address(std::uint64_t low) { return Ipv6Address::from_halves(0x20010db800000000, low); }

// Turns over the processor now and then, so that threads meet in the middle of things even where
// there are fewer processors than threads.
class Jitter {
 public:
  explicit Jitter(unsigned seed) : random_(seed) {}
  void operator()() {
    if (random_() % 8 == 0) std::this_thread::yield();
  }

 private:
  std::minstd_rand random_;
};

// Spins for a while first: who yields at once comes back too late to meet anybody.
template <typename Condition>
void wait_until(const Condition& condition) {
  for (unsigned spins = 0; !condition(); ++spins) {
    if (spins > 5000) std::this_thread::yield();
  }
}

// Runs rounds of `work(thread, round)` on all threads at once, the caller's being thread 0; and
// `between(round)` when all are done.
template <typename Work, typename Between>
void run_rounds(unsigned round_count, const Work& work, const Between& between) {
  std::atomic<unsigned> round{0};
  std::atomic<unsigned> arrived{0};
  std::vector<std::thread> threads;
  for (unsigned thread = 1; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (unsigned mine = 1; mine <= round_count; ++mine) {
        wait_until([&] { return round.load() >= mine; });
        work(thread, mine);
        arrived.fetch_add(1);
      }
    });
  }
  for (unsigned i = 1; i <= round_count; ++i) {
    arrived.store(1);
    round.store(i);
    work(0, i);
    wait_until([&] { return arrived.load() == kThreads; });
    between(i);
  }
  for (std::thread& thread : threads) thread.join();
}

// --- What the histories are made of: anything with claim, release and holder by lease number.

struct ClaimTableSubject {
  // Sixteen homes: all leases share their windows, so slots are fought for too.
  ClaimTable table{1, kKey};
  ClaimResult claim(unsigned lease, ShardId shard) { return table.claim(address(lease), shard); }
  void release(unsigned lease, ShardId shard) { table.release(address(lease), shard); }
  ShardId holder(unsigned lease) { return table.holder(address(lease)); }
};

struct PrefixPoolSubject {
  PrefixPool pool{Ipv6Prefix{address(0), 48}, 64, kThreads};
  static Ipv6Prefix prefix(unsigned lease) {
    return {Ipv6Address::from_halves(address(0).high() | lease, 0), 64};
  }
  ClaimResult claim(unsigned lease, ShardId shard) { return pool.claim(prefix(lease), shard); }
  void release(unsigned lease, ShardId shard) { pool.release(prefix(lease), shard); }
  ShardId holder(unsigned lease) { return pool.holder(prefix(lease)); }
};

struct AddressPoolSubject {
  ClaimTable table{1, kKey};
  AddressPool pool{Ipv6Prefix{address(0x100), 120}, table, kThreads};
  ClaimResult claim(unsigned lease, ShardId shard) {
    return pool.claim(address(0x100 + lease), shard);
  }
  void release(unsigned lease, ShardId shard) { pool.release(address(0x100 + lease), shard); }
  ShardId holder(unsigned lease) { return pool.holder(address(0x100 + lease)); }
};

// The protocol on a memory of its own that turns over the processor between any two steps.
struct JitteryProtocolSubject {
  struct Memory {
    static constexpr unsigned kWindow = 6;
    std::array<std::atomic<std::uint64_t>, kWindow> slots{};
    std::atomic<unsigned> greatest{0};

    static void jitter() {
      static std::atomic<unsigned> seeds{0};
      thread_local Jitter jitter(++seeds);
      jitter();
    }
    std::uint64_t load(std::uint64_t slot) {
      jitter();
      return slots[slot].load();
    }
    bool exchange_if(std::uint64_t slot, std::uint64_t expected, std::uint64_t desired) {
      jitter();
      return slots[slot].compare_exchange_strong(expected, desired);
    }
    unsigned reach(std::uint64_t) {
      jitter();
      return greatest.load();
    }
    void raise_reach(std::uint64_t, unsigned displacement) {
      jitter();
      unsigned seen = greatest.load();
      while (seen < displacement && !greatest.compare_exchange_weak(seen, displacement)) {
      }
    }
  };
  Memory memory{};

  static claim_protocol::Key key(unsigned lease) {
    return {.home = 0, .fingerprint = (lease + 1ULL) << claim_protocol::kFingerprintShift};
  }
  ClaimResult claim(unsigned lease, ShardId shard) {
    return claim_protocol::claim(memory, key(lease), shard);
  }
  void release(unsigned lease, ShardId shard) {
    claim_protocol::release(memory, key(lease), shard);
  }
  ShardId holder(unsigned lease) { return claim_protocol::holder(memory, key(lease)); }
};

// One thread's part of a round: random operations, and in the end it gives back what it holds.
template <typename Subject>
class Recorder {
 public:
  Recorder(Subject& subject, std::atomic<std::uint64_t>& clock, ShardId shard)
      : subject_(subject),
        clock_(clock),
        shard_(shard),
        random_(shard + 1U),
        jitter_(shard + 10U) {}

  void run(unsigned lease_count, unsigned operation_count) {
    operations_.clear();
    std::vector<bool> held(lease_count);
    for (unsigned i = 0; i < operation_count; ++i) {
      const auto lease = static_cast<unsigned>(random_() % lease_count);
      if (held[lease] && random_() % 2 == 0) {
        record(Kind::kRelease, lease);
        held[lease] = false;
      } else if (random_() % 4 == 0) {
        record(Kind::kHolder, lease);
      } else if (record(Kind::kClaim, lease).result == ClaimResult::kClaimed) {
        held[lease] = true;
      }
    }
    for (unsigned lease = 0; lease < lease_count; ++lease) {
      if (held[lease]) record(Kind::kRelease, lease);
    }
  }

  [[nodiscard]] const std::vector<LeaseOperation>& operations() const { return operations_; }

 private:
  const LeaseOperation& record(Kind kind, unsigned lease) {
    LeaseOperation operation{.kind = kind, .shard = shard_, .lease = lease};
    operation.invoked = clock_.fetch_add(1);
    jitter_();
    if (kind == Kind::kClaim) operation.result = subject_.claim(lease, shard_);
    if (kind == Kind::kRelease) subject_.release(lease, shard_);
    if (kind == Kind::kHolder) operation.answer = subject_.holder(lease);
    jitter_();
    operation.responded = clock_.fetch_add(1);
    operations_.push_back(operation);
    return operations_.back();
  }

  Subject& subject_;
  std::atomic<std::uint64_t>& clock_;
  ShardId shard_;
  std::minstd_rand random_;
  Jitter jitter_;
  std::vector<LeaseOperation> operations_;
};

template <typename Recorders>
std::vector<LeaseOperation> operations_on(unsigned lease, const Recorders& recorders) {
  std::vector<LeaseOperation> operations;
  for (const auto& recorder : recorders) {
    std::ranges::copy_if(recorder.operations(), std::back_inserter(operations),
                         [lease](const LeaseOperation& one) { return one.lease == lease; });
  }
  return operations;
}

std::ptrdiff_t overlapping_count(const std::vector<LeaseOperation>& operations) {
  return std::ranges::count_if(operations, [&operations](const LeaseOperation& one) {
    return std::ranges::any_of(operations, [&one](const LeaseOperation& other) {
      return other.shard != one.shard && other.overlaps(one);
    });
  });
}

template <typename Subject>
class Linearizability : public testing::Test {};
using Subjects = testing::Types<ClaimTableSubject, JitteryProtocolSubject, PrefixPoolSubject,
                                AddressPoolSubject>;
TYPED_TEST_SUITE(Linearizability, Subjects);

// S-071, the pool's side: claims that run in parallel are as if made one after the other.
TYPED_TEST(Linearizability, EveryShortHistoryIs) {
  constexpr unsigned kRounds = 6000;
  constexpr unsigned kLeases = 2;
  TypeParam subject;
  std::atomic<std::uint64_t> clock{0};
  std::vector<Recorder<TypeParam>> recorders;
  for (unsigned i = 0; i < kThreads; ++i) {
    recorders.emplace_back(subject, clock, static_cast<ShardId>(i));
  }
  std::ptrdiff_t overlapping = 0;
  unsigned bad = 0;
  run_rounds(
      kRounds, [&](unsigned thread, unsigned) { recorders[thread].run(kLeases, 8); },
      [&](unsigned) {
        for (unsigned lease = 0; lease < kLeases; ++lease) {
          const std::vector<LeaseOperation> operations = operations_on(lease, recorders);
          overlapping += overlapping_count(operations);
          bad += LeaseHistory(operations).is_linearizable() ? 0 : 1;
        }
      });
  EXPECT_EQ(bad, 0U);
  EXPECT_GT(overlapping, kRounds / 10) << "the threads hardly met";
}

TEST(LeaseHistory, SeesWhatIsNotLinearizable) {
  const LeaseOperation first{
      .kind = Kind::kClaim, .shard = 1, .lease = 0, .invoked = 0, .responded = 5};
  const LeaseOperation second{
      .kind = Kind::kClaim, .shard = 2, .lease = 0, .invoked = 1, .responded = 6};
  EXPECT_FALSE(LeaseHistory({first, second}).is_linearizable()) << "two hold one lease";

  LeaseOperation refused = second;
  refused.result = ClaimResult::kTaken;
  EXPECT_TRUE(LeaseHistory({first, refused}).is_linearizable());
  refused.invoked = 0;
  LeaseOperation later = first;
  later.invoked = 7;
  later.responded = 9;
  EXPECT_FALSE(LeaseHistory({refused, later}).is_linearizable()) << "taken by nobody";

  LeaseOperation contended = second;
  contended.result = ClaimResult::kContended;
  EXPECT_TRUE(LeaseHistory({first, contended}).is_linearizable());
  EXPECT_FALSE(LeaseHistory({later, contended}).is_linearizable()) << "contention without a rival";

  LeaseOperation asked{.kind = Kind::kHolder, .shard = 2, .lease = 0, .invoked = 6, .responded = 8};
  EXPECT_FALSE(LeaseHistory({first, asked}).is_linearizable()) << "a held lease is overlooked";
  asked.invoked = 4;
  EXPECT_TRUE(LeaseHistory({asked, first}).is_linearizable());
  LeaseOperation released{
      .kind = Kind::kRelease, .shard = 2, .lease = 0, .invoked = 7, .responded = 8};
  EXPECT_FALSE(LeaseHistory({first, released}).is_linearizable()) << "released by a stranger";
}

// --- The long race.

// A holder's mark on a lease: atomic for the check, plain for ThreadSanitizer, who must find each
// holder's writes ordered before the next one's.
struct Mark {
  std::atomic<unsigned> holder{0};
  unsigned plain = 0;
};

TEST(ClaimTableRace, NeverTwoHoldersOfOneLease) {
  constexpr unsigned kLeases = 48;
  constexpr unsigned kAttempts = 2'000'000;
  ClaimTable table(1, kKey);
  std::array<Mark, kLeases> marks;
  std::array<unsigned, kThreads> claimed{};
  std::atomic<unsigned> faults{0};
  run_rounds(
      1,
      [&](unsigned thread, unsigned) {
        const auto shard = static_cast<ShardId>(thread);
        std::minstd_rand random(thread + 1);
        for (unsigned i = 0; i < kAttempts; ++i) {
          // Few leases most of the time, so that the threads meet on them.
          const auto lease = static_cast<unsigned>(random() % (i % 4 == 0 ? kLeases : 2));
          if (table.claim(address(lease), shard) != ClaimResult::kClaimed) continue;
          ++claimed[thread];
          Mark& mark = marks[lease];
          if (mark.holder.exchange(thread + 1, std::memory_order_relaxed) != 0) ++faults;
          mark.plain = thread + 1;
          if (table.holder(address(lease)) != shard) ++faults;
          if (mark.plain != thread + 1) ++faults;
          if (mark.holder.exchange(0, std::memory_order_relaxed) != thread + 1) ++faults;
          table.release(address(lease), shard);
        }
      },
      [](unsigned) {});
  EXPECT_EQ(faults.load(), 0U);
  for (const unsigned count : claimed) EXPECT_GT(count, kAttempts / 100);
  for (unsigned lease = 0; lease < kLeases; ++lease) {
    EXPECT_EQ(table.holder(address(lease)), kNoShard);
    EXPECT_EQ(table.claim(address(lease), 0), ClaimResult::kClaimed) << "a word was left over";
  }
}

// Threads fill a small pool to the brim and empty it, so that words and summaries flip all the
// time, while another moves blocks to and fro. When they rest, every free prefix must be found.
TEST(PrefixPoolRace, LosesNoPrefix) {
  constexpr std::uint32_t kSize = 256;
  const auto nth = [](std::uint64_t i) {
    return Ipv6Prefix{Ipv6Address::from_halves(address(0).high() | i, 0), 64};
  };
  PrefixPool pool({address(0), 56}, 64, kThreads);
  std::array<Mark, kSize> marks;
  std::atomic<unsigned> faults{0};
  run_rounds(
      400,
      [&](unsigned thread, unsigned round) {
        const auto shard = static_cast<ShardId>(thread);
        std::minstd_rand random(round * kThreads + thread);
        std::vector<Ipv6Prefix> held;
        for (unsigned i = 0; i < 300; ++i) {
          if (thread == 0 && i % 16 == 0) {
            const std::uint64_t block = random() % 8;
            pool.set_half(nth(block * 32), 5, random() % 2 == 0 ? Half::kFree : Half::kFreeBackup);
          }
          const Half half = random() % 2 == 0 ? Half::kFree : Half::kFreeBackup;
          const auto found = pool.find_free({0, random()}, half);
          if (found && random() % 8 != 0) {
            if (pool.claim(*found, shard) != ClaimResult::kClaimed) continue;
            Mark& mark = marks[found->address.high() & (kSize - 1)];
            if (mark.holder.exchange(thread + 1, std::memory_order_relaxed) != 0) ++faults;
            mark.plain = thread + 1;
            held.push_back(*found);
          } else {
            for (unsigned gone = 0; gone < 8 && !held.empty(); ++gone) {
              Mark& mark = marks[held.back().address.high() & (kSize - 1)];
              if (mark.plain != thread + 1) ++faults;
              if (mark.holder.exchange(0, std::memory_order_relaxed) != thread + 1) ++faults;
              pool.release(held.back(), shard);
              held.pop_back();
            }
          }
        }
        for (const Ipv6Prefix& prefix : held) {
          marks[prefix.address.high() & (kSize - 1)].holder.store(0, std::memory_order_relaxed);
          pool.release(prefix, shard);
        }
      },
      [&](unsigned) {
        EXPECT_EQ(pool.used(), 0U);
        std::vector<Ipv6Prefix> all;
        for (const Half half : {Half::kFree, Half::kFreeBackup}) {
          while (const auto found = pool.find_free({0, 0}, half)) {
            ASSERT_EQ(pool.claim(*found, 0), ClaimResult::kClaimed);
            all.push_back(*found);
          }
        }
        EXPECT_EQ(all.size(), kSize) << "a free prefix is not found any more";
        for (const Ipv6Prefix& prefix : all) pool.release(prefix, 0);
      });
  EXPECT_EQ(faults.load(), 0U);
}

TEST(BitmapTreeRace, LosesNoMember) {
  constexpr std::uint32_t kSize = 64 * 64 * 3;
  for (const auto initially : {BitmapTree::Initially::kEmpty, BitmapTree::Initially::kFull}) {
    BitmapTree tree(kSize, initially);
    for (std::uint32_t i = 0; i < kSize; ++i) tree.erase(i);
    // Each thread has its own numbers, but words and their summaries are shared.
    std::array<std::set<std::uint32_t>, kThreads> members;
    run_rounds(
        500,
        [&](unsigned thread, unsigned round) {
          std::minstd_rand random(round * kThreads + thread);
          for (unsigned i = 0; i < 200; ++i) {
            const auto word = static_cast<std::uint32_t>(random() % 3 * 64 + random() % 2);
            const std::uint32_t number = word * 64 + thread;
            if (members[thread].erase(number) != 0) {
              tree.erase(number);
            } else {
              members[thread].insert(number);
              tree.insert(number);
            }
            (void)tree.find_next(static_cast<std::uint32_t>(random() % kSize));
          }
        },
        [&](unsigned) {
          std::set<std::uint32_t> expected;
          for (const auto& part : members) expected.insert(part.begin(), part.end());
          std::set<std::uint32_t> found;
          for (std::uint32_t at = tree.find_next(0); at != BitmapTree::kNone;
               at = tree.find_next(at + 1)) {
            found.insert(at);
          }
          EXPECT_EQ(found, expected);
        });
  }
}

}  // namespace
}  // namespace tandem6
