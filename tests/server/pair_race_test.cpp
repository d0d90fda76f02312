// A worker of the primary delegates prefixes at full speed while the endpoint's thread hands a
// block of them to the partner and takes it back: what has been handed over is not delegated
//
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "dataplane/lease/partner_rules.h"
#include "dataplane/server/claims.h"
#include "dataplane/server/prefix_shares.h"
#include "tests/server/pair_rules.h"
#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

constexpr int kMoveCount = 30'000;
constexpr int kLookCount = 300;
const Ipv6Prefix kBlock = prefix_of("2001:db8:8000::/56");  // one of two: the least time to move

/// Clients that take a prefix and give it back; the partner acks at once.
class Worker {
 public:
  explicit Worker(ServerBench& bench) : bench_(bench) {}

  void run(const std::atomic<bool>& done) {
    for (std::uint32_t n = 0; !done.load(std::memory_order_relaxed); ++n) {
      const Reply reply =
          bench_.send(to_server(kRequest, ServerBench::client_duid(n % 64)).ia_pd(Iaid{1}));
      if (!reply.pd().leases.empty()) free_again(reply.pd().leases[0].lease);
      bench_.changes.clear();
    }
  }
  std::atomic<std::uint64_t> granted_in_block{0};

 private:
  void free_again(const Ipv6Prefix& prefix) {
    granted_in_block += kBlock.contains(prefix) ? 1 : 0;
    Shard& shard = bench_.shard();
    const BindingIndex index = shard.find_lease(prefix.address, prefix.length);
    Binding& binding = shard.at(index);
    become_free(binding, Half::kFree, bench_.now);
    release_claim(*bench_.service, binding, shard.id());
    shard.erase(index);
  }

  ServerBench& bench_;
};

TEST(PairRace, a_block_that_was_handed_over_is_not_delegated_from) {
  ServerSettings settings = ServerBench::pair_settings();
  settings.links[0].prefix_pools = {{prefix_of("2001:db8:8000::/55"), 56, std::nullopt}};
  ServerBench bench(settings);
  bench.set_rules(normal(Role::kPrimary));
  const PrefixPool& pool = bench.pools->prefix_pool(0);
  std::atomic<bool> done{false};
  Worker worker(bench);
  std::thread thread([&] { worker.run(done); });

  int lost = 0;
  for (int moved = 0; moved < kMoveCount; ++moved) {
    while (!move_block(*bench.service, kBlock, Half::kFreeBackup)) std::this_thread::yield();
    // A grant leaves its mark: what a client had is the primary's afterwards.
    for (int look = 0; look < kLookCount; ++look) lost += pool.half(kBlock) == Half::kFree ? 1 : 0;
    // A claim that is given up again may stand in the way for a moment.
    while (!move_block(*bench.service, kBlock, Half::kFree)) std::this_thread::yield();
    const std::uint64_t before = worker.granted_in_block;
    while (moved % 64 == 0 && worker.granted_in_block == before) std::this_thread::yield();
  }
  done = true;
  thread.join();
  EXPECT_EQ(lost, 0);
  EXPECT_GT(worker.granted_in_block, 10u);
}

}  // namespace
}  // namespace tandem6
