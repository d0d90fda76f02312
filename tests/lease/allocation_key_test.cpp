#include "dataplane/lease/allocation_key.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <numeric>
#include <set>
#include <vector>

namespace tandem6 {
namespace {

std::array<std::uint8_t, 16> counting_octets() {
  std::array<std::uint8_t, 16> octets{};
  std::iota(octets.begin(), octets.end(), std::uint8_t{0});
  return octets;
}

std::uint64_t hash_of_counting_message(std::size_t size) {
  std::vector<std::uint8_t> message(size);
  std::iota(message.begin(), message.end(), std::uint8_t{0});
  return AllocationKey(counting_octets()).hash(message);
}

// The paper's appendix A and its authors' reference vectors: key 00..0f, message 00..(size-1).
TEST(AllocationKey, HashesAsTheSipHashReferenceDoes) {
  EXPECT_EQ(hash_of_counting_message(0), 0x726fdb47dd0e0e31);
  EXPECT_EQ(hash_of_counting_message(1), 0x74f839c593dc67fd);
  EXPECT_EQ(hash_of_counting_message(2), 0x0d6c8009d9a94f5a);
  EXPECT_EQ(hash_of_counting_message(3), 0x85676696d7fb7e2d);
  EXPECT_EQ(hash_of_counting_message(7), 0xab0200f58b01d137);
  EXPECT_EQ(hash_of_counting_message(8), 0x93f5f5799a932462);
  EXPECT_EQ(hash_of_counting_message(15), 0xa129ca6149be45e5);
  EXPECT_EQ(hash_of_counting_message(63), 0x958a324ceb064572);
}

using Words = std::pair<std::uint64_t, std::uint64_t>;
Words words_of(const AllocationKey::Draw& draw) { return {draw.high, draw.low}; }

TEST(AllocationKey, EveryPartOfADrawCounts) {
  const AllocationKey key(counting_octets());
  const auto na = IaType::kNonTemporaryAddress;
  const std::set<Words> draws = {
      words_of(key.draw(1, na, Iaid{2}, 3, 4)),
      words_of(key.draw(2, na, Iaid{2}, 3, 4)),
      words_of(key.draw(1, IaType::kPrefixDelegation, Iaid{2}, 3, 4)),
      words_of(key.draw(1, na, Iaid{3}, 3, 4)),
      words_of(key.draw(1, na, Iaid{2}, 4, 4)),
      words_of(key.draw(1, na, Iaid{2}, 3, 5)),
  };
  EXPECT_EQ(draws.size(), 6U);
}

// S-253: who lacks the key cannot tell a client's draws, nor the next client's from this one's.
TEST(AllocationKey, DrawsDependOnTheKeyAndLookRandom) {
  auto octets = counting_octets();
  const AllocationKey key(octets);
  octets[15] ^= 1;
  const AllocationKey other(octets);

  constexpr int kDraws = 4096;
  std::array<int, 128> ones{};
  for (std::uint64_t client = 0; client < kDraws; ++client) {
    const auto draw = key.draw(client, IaType::kNonTemporaryAddress, Iaid{1}, 7, 0);
    const auto foreign = other.draw(client, IaType::kNonTemporaryAddress, Iaid{1}, 7, 0);
    EXPECT_NE(words_of(draw), words_of(foreign));
    EXPECT_NE(draw.high, draw.low);
    const auto previous = key.draw(client - 1, IaType::kNonTemporaryAddress, Iaid{1}, 7, 0);
    for (unsigned bit = 0; bit < 64; ++bit) {
      ones[bit] += static_cast<int>(((draw.high ^ previous.high) >> bit) & 1);
      ones[64 + bit] += static_cast<int>(((draw.low ^ previous.low) >> bit) & 1);
    }
  }
  // Each bit flips in half of the steps; 2048 +- 6 standard deviations of 32.
  for (const int count : ones) {
    EXPECT_GT(count, 2048 - 192);
    EXPECT_LT(count, 2048 + 192);
  }
}

TEST(AllocationKey, TwoServersWithOneKeyDrawTheSame) {
  const AllocationKey one(counting_octets());
  const AllocationKey two(counting_octets());
  const auto prefix = Ipv6Prefix{Ipv6Address::from_halves(0x20010db800000000, 0), 64};
  const std::uint64_t salt = salt_of_pool(prefix, 128);
  EXPECT_EQ(words_of(one.draw(5, IaType::kPrefixDelegation, Iaid{6}, salt, 1)),
            words_of(two.draw(5, IaType::kPrefixDelegation, Iaid{6}, salt, 1)));
}

TEST(AllocationKey, PoolsHaveDifferentSalts) {
  const auto base = Ipv6Address::from_halves(0x20010db800000000, 0);
  const auto next = Ipv6Address::from_halves(0x20010db800000001, 0);
  const std::set<std::uint64_t> salts = {
      salt_of_pool({base, 48}, 56), salt_of_pool({base, 48}, 64), salt_of_pool({base, 56}, 64),
      salt_of_pool({base, 64}, 128), salt_of_pool({next, 64}, 128)};
  EXPECT_EQ(salts.size(), 5U);
}

}  // namespace
}  // namespace tandem6
