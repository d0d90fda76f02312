// A lease whose pool or reservation has moved to another link. A client, an IA and a lease are one
// record on disk; so a client that has had the lease before gets its old binding, not a second one.
#include <gtest/gtest.h>

#include "tests/server/restart.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();
const Ipv6Prefix kAddress = lease_of("2001:db8:70::77");
const Ipv6Prefix kOutside = prefix_of("2001:db8:abcd::/48");

/// The pool 2001:db8:70::/64 and a reservation are on the first link or on the second; the pools
/// keep their order.
ServerSettings with_pool_on(std::size_t link) {
  ServerSettings settings = ServerBench::two_links();
  settings.lease_count_max_per_client = 3;
  auto& pools = settings.links[link].address_pools;
  pools.insert(link == 0 ? pools.end() : pools.begin(), prefix_of("2001:db8:70::/64"));
  settings.links[link].reservations = {
      {.duid = kClient, .iaid = std::nullopt, .address = std::nullopt, .prefix = kOutside}};
  return settings;
}

PacketBuilder message(MessageType type, std::uint32_t iaid = 1) {
  PacketBuilder packet = type == kSolicit ? solicit(kClient) : to_server(type, kClient);
  return packet.ia_na(Iaid{iaid}, {kAddress.address}).ia_pd(Iaid{iaid});
}

/// The client had the leases on the first link; now they are on the second, where it is as well.
struct Moved {
  Moved() : bench(with_pool_on(0)) {
    const Reply given = bench.send(message(kRequest));
    EXPECT_TRUE(std::ranges::any_of(given.na().leases,
                                    [](const ReplyLease& each) { return each.lease == kAddress; }));
    EXPECT_EQ(given.pd().leases.at(0).lease, kOutside);
    PacketBuilder release = to_server(kRelease, kClient);
    std::vector<Ipv6Address> addresses;
    for (const ReplyLease& each : given.na().leases) addresses.push_back(each.lease.address);
    (void)bench.send(release.ia_na(Iaid{1}, addresses).ia_pd(Iaid{1}, {kOutside}));
    EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 0u);
    bench.reconfigure(with_pool_on(1));
  }
  Reply send(const PacketBuilder& packet) {
    return bench.send(packet.bytes(), ServerBench::direct_from(address_of("fe80::c1"), 1));
  }
  [[nodiscard]] std::size_t count(const Ipv6Prefix& lease) const {
    std::size_t count = 0;
    const Shard& shard = *bench.shards[0];
    for (BindingIndex at = shard.first_from(0); at != kNoBinding; at = shard.first_from(at + 1)) {
      count += shard.at(at).lease() == lease;
    }
    return count;
  }
  ServerBench bench;
};

bool has(const ReplyIa& ia, const Ipv6Prefix& lease) {
  return std::ranges::any_of(ia.leases,
                             [&](const ReplyLease& each) { return each.lease == lease; });
}

TEST(MovedLease, is_taken_up_again_by_its_old_binding) {
  Moved moved;
  const Reply offered = moved.send(message(kSolicit));
  EXPECT_TRUE(has(offered.na(), kAddress));
  EXPECT_TRUE(has(offered.pd(), kOutside));
  EXPECT_FALSE(moved.bench.binding_of(kAddress).claimed);
  const Reply given = moved.send(message(kRequest));
  for (const Ipv6Prefix& lease : {kAddress, kOutside}) {
    EXPECT_TRUE(has(lease == kAddress ? given.na() : given.pd(), lease));
    EXPECT_EQ(moved.count(lease), 1u) << lease.to_string();
    const Binding& binding = moved.bench.binding_of(lease);
    EXPECT_EQ(binding.status, BindingStatus::kActive);
    EXPECT_EQ(binding.link, 1u);
    EXPECT_TRUE(binding.claimed);
  }
  // Memory and disk agree, and time ends it as any other.
  EXPECT_EQ(disk_of(moved.bench).size(), memory_of(moved.bench).size());
  EXPECT_EQ(moved.send(to_server(kRenew, kClient).ia_pd(Iaid{1})).pd().leases.at(0).valid, 6000u);
  moved.bench.pass(6000);
  EXPECT_EQ(moved.bench.live_bindings(BindingStatus::kActive), 0u);
  for (std::size_t i = 0; i < moved.bench.pools->address_pool_count(); ++i) {
    EXPECT_EQ(moved.bench.pools->address_pool(static_cast<PoolIndex>(i)).used(), 0u);
  }
}

TEST(MovedLease, stays_as_it_was_when_the_message_is_dropped) {
  Moved moved;
  const std::string before = moved.bench.digest();
  moved.bench.buffer_size = 60;
  EXPECT_EQ(moved.send(message(kRequest)).drop, DropReason::kAnsSize);
  EXPECT_EQ(moved.bench.digest(), before);
  EXPECT_EQ(moved.bench.pools->claims().holder(kOutside.address), kNoShard);
  EXPECT_EQ(moved.bench.pools->claims().holder(kAddress.address), kNoShard);
}

// S-203
TEST(MovedLease, counts_for_the_cap_of_its_client) {
  Moved moved;
  PacketBuilder packet = to_server(kRequest, kClient);
  packet.ia_pd(Iaid{1}).ia_pd(Iaid{2}).ia_pd(Iaid{3}).ia_pd(Iaid{4});
  const Reply reply = moved.send(packet);
  EXPECT_EQ(reply.pd(1).leases.at(0).lease, kOutside);
  EXPECT_EQ(reply.pd(2).leases.size(), 1u);
  EXPECT_EQ(reply.pd(3).leases.size(), 1u);
  EXPECT_TRUE(reply.pd(4).leases.empty());
}

}  // namespace
}  // namespace tandem6
