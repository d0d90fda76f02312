// The cut between the servers that undoes others: many new clients on each side of it, for
// addresses and for prefixes; nobody's lease is anybody else's, and both sides are one again alone.
// F-005, F-008, F-139, F-140, F-147, F-355, F-356, F-359, R-54
#include <gtest/gtest.h>

#include "tests/simulation/pair.h"

namespace tandem6::simulation {
namespace {

constexpr std::uint32_t kClients = 1501;

void expect_healed(Pair& pair) {
  pair.join();
  pair.pass(30);
  EXPECT_EQ(pair.state(Role::kPrimary), EndpointState::kNormal);
  EXPECT_EQ(pair.state(Role::kSecondary), EndpointState::kNormal);
  pair.pass(300);
  EXPECT_EQ(pair.doubles(), std::vector<std::string>{});
  EXPECT_EQ(pair.differences(), std::vector<std::string>{});
}

class Split : public testing::TestWithParam<unsigned> {};

TEST_P(Split, gives_no_address_twice_and_heals) {
  PairSettings settings = Pair::default_settings();
  settings.shard_count = GetParam();
  Pair pair(settings);
  pair.start_both();
  pair.pass(30);
  ASSERT_EQ(pair.state(Role::kPrimary), EndpointState::kNormal);
  pair.cut();
  for (std::uint32_t i = 1; i <= kClients; ++i) {
    EXPECT_TRUE(pair.lease_address(i, Role::kPrimary).lease) << i;
    EXPECT_TRUE(pair.lease_address(10'000 + i, Role::kSecondary).lease) << i;
  }
  EXPECT_EQ(pair.doubles(), std::vector<std::string>{});
  for (std::uint32_t i = 1; i <= kClients; ++i) {
    EXPECT_EQ(pair.lease_of(i)->lease.address.octets[15] & 1, 1);
    EXPECT_EQ(pair.lease_of(10'000 + i)->lease.address.octets[15] & 1, 0);
    EXPECT_LE(pair.lease_of(i)->valid, 3600U);  // F-155
  }
  expect_healed(pair);
}

TEST_P(Split, gives_no_prefix_twice_and_heals) {
  PairSettings settings = Pair::default_settings();
  settings.shard_count = GetParam();
  Pair pair(settings);
  pair.start_both();
  pair.pass(30);
  ASSERT_EQ(pair.state(Role::kPrimary), EndpointState::kNormal);
  pair.cut();
  for (std::uint32_t i = 1; i <= kClients; ++i) {
    EXPECT_TRUE(pair.lease_prefix(i, Role::kPrimary).lease) << i;
    EXPECT_TRUE(pair.lease_prefix(10'000 + i, Role::kSecondary).lease) << i;
  }
  EXPECT_EQ(pair.doubles(), std::vector<std::string>{});
  expect_healed(pair);
}

INSTANTIATE_TEST_SUITE_P(Shards, Split, testing::Values(1U, 3U));

}  // namespace
}  // namespace tandem6::simulation
