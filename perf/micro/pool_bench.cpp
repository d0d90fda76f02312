// What claims and searches cost, by load and size.
//
// Scenarios:
//   ClaimAndRelease/LOAD   a lease of a table of ten million, LOAD percent of it held (100: a table
//                          as full as it was made for, that is half of its slots); cold lines
//   ClaimPrefetched/LOAD   the same in bursts of 32 that are prefetched first
//   RefusedClaim           a claim of a held lease
//   PrefixCycle/LOG2/FREE  find_free, claim, release in 2^LOG2 prefixes of which about one in FREE
//                          is free (1: nearly all)
//   AddressCycle/LOG2/FREE the same in a dense range of addresses
// Each gives nanoseconds per lease.
#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <random>
#include <vector>

#include "dataplane/lease/address_pool.h"
#include "dataplane/lease/prefix_pool.h"

namespace tandem6 {
namespace {

constexpr std::uint64_t kTableLeases = 10'000'000;
constexpr std::uint64_t kHigh = 0x20010db800000000;
const AllocationKey kKey({2, 1, 2, 2, 2, 3, 2, 4, 2, 5, 2, 6, 2, 7, 2, 8});

Ipv6Address address(std::uint64_t low) { return Ipv6Address::from_halves(kHigh, low); }

// Shared by the threads of a benchmark; made anew for each load.
std::unique_ptr<ClaimTable> shared_table;

void fill_table(const benchmark::State& state) {
  shared_table = std::make_unique<ClaimTable>(kTableLeases, kKey);
  const std::uint64_t held = kTableLeases / 100 * static_cast<std::uint64_t>(state.range(0));
  for (std::uint64_t i = 0; i < held; ++i) {
    if (shared_table->claim(address(i), 200) != ClaimResult::kClaimed) std::abort();
  }
}
void drop_table(const benchmark::State&) { shared_table.reset(); }

// Numbers past all held ones, different for each thread.
std::uint64_t first_free_number(const benchmark::State& state) {
  return (1ULL << 40) << state.thread_index();
}

void ClaimAndRelease(benchmark::State& state) {
  const auto shard = static_cast<ShardId>(state.thread_index());
  std::uint64_t number = first_free_number(state);
  for (auto _ : state) {
    const Ipv6Address lease = address(++number);
    benchmark::DoNotOptimize(shared_table->claim(lease, shard));
    shared_table->release(lease, shard);
  }
}
BENCHMARK(ClaimAndRelease)
    ->Setup(fill_table)
    ->Teardown(drop_table)
    ->Arg(2)
    ->Arg(50)
    ->Arg(100)
    ->ThreadRange(1, 2)
    ->UseRealTime();

void ClaimPrefetched(benchmark::State& state) {
  constexpr std::size_t kBurst = 32;
  const auto shard = static_cast<ShardId>(state.thread_index());
  std::uint64_t number = first_free_number(state);
  std::array<Ipv6Address, kBurst> leases;
  while (state.KeepRunningBatch(kBurst)) {
    for (Ipv6Address& lease : leases) {
      lease = address(++number);
      shared_table->prefetch(lease);
    }
    for (const Ipv6Address& lease : leases) {
      benchmark::DoNotOptimize(shared_table->claim(lease, shard));
      shared_table->release(lease, shard);
    }
  }
}
BENCHMARK(ClaimPrefetched)
    ->Setup(fill_table)
    ->Teardown(drop_table)
    ->Arg(2)
    ->Arg(50)
    ->Arg(100)
    ->ThreadRange(1, 2)
    ->UseRealTime();

void RefusedClaim(benchmark::State& state) {
  std::minstd_rand random(7);
  for (auto _ : state) {
    benchmark::DoNotOptimize(shared_table->claim(address(random() % kTableLeases), 1));
  }
}
BENCHMARK(RefusedClaim)->Setup(fill_table)->Teardown(drop_table)->Arg(100);

// Claims all leases of a pool but one in `one_in` (none: `one_in` is 1), scattered at random.
template <typename Pool, typename Lease>
void fill_pool(Pool& pool, std::uint64_t one_in, const Lease& lease_at) {
  std::minstd_rand random(11);
  for (std::uint64_t i = 0; one_in > 1 && i < pool.size(); ++i) {
    if (random() % one_in != 0) (void)pool.claim(lease_at(i), 0);
  }
}

// The first touch of a huge page costs a tenth of a millisecond: not what is measured here.
template <typename Pool>
void warm_up(Pool& pool, std::mt19937_64& random) {
  for (int i = 0; i < 100'000; ++i) {
    const auto found = pool.find_free({0, random()}, Half::kFree);
    if (found && pool.claim(*found, 0) == ClaimResult::kClaimed) pool.release(*found, 0);
  }
}

template <typename Pool>
void find_claim_release(benchmark::State& state, Pool& pool) {
  std::mt19937_64 random(13);
  warm_up(pool, random);
  std::uint64_t exhausted = 0;
  for (auto _ : state) {
    const auto found = pool.find_free({0, random()}, Half::kFree);
    if (!found) {
      ++exhausted;
      continue;
    }
    benchmark::DoNotOptimize(pool.claim(*found, 0));
    pool.release(*found, 0);
  }
  if (exhausted != 0) state.SkipWithError("nothing was free");
}

void PrefixCycle(benchmark::State& state) {
  const auto length = static_cast<std::uint8_t>(64 - state.range(0));
  PrefixPool pool({address(0), length}, 64, 1);
  fill_pool(pool, static_cast<std::uint64_t>(state.range(1)),
            [](std::uint64_t i) { return Ipv6Prefix{Ipv6Address::from_halves(kHigh | i, 0), 64}; });
  find_claim_release(state, pool);
}
BENCHMARK(PrefixCycle)->ArgsProduct({{16, 24}, {1, 2, 1000}});

void AddressCycle(benchmark::State& state) {
  const auto length = static_cast<std::uint8_t>(128 - state.range(0));
  ClaimTable table(1ULL << state.range(0), kKey);
  AddressPool pool({address(1ULL << 32), length}, table, 1);
  fill_pool(pool, static_cast<std::uint64_t>(state.range(1)),
            [](std::uint64_t i) { return address((1ULL << 32) + i); });
  find_claim_release(state, pool);
}
BENCHMARK(AddressCycle)->ArgsProduct({{16, 24}, {1, 2, 1000}});

void Draw(benchmark::State& state) {
  std::uint64_t client = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(kKey.draw(++client, IaType::kNonTemporaryAddress, Iaid{1}, 2, 0));
  }
}
BENCHMARK(Draw);

}  // namespace
}  // namespace tandem6

BENCHMARK_MAIN();
