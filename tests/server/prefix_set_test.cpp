#include "dataplane/server/prefix_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tandem6 {
namespace {

Ipv6Prefix prefix(const char* text) { return Ipv6Prefix::parse(text).value(); }
Ipv6Address address(const char* text) { return Ipv6Address::parse(text).value(); }

TEST(PrefixSet, keeps_the_outermost_only) {
  const PrefixSet set({prefix("2001:db8:1:8000::/49"), prefix("2001:db8::/33"),
                       prefix("2001:db8:1::/48"), prefix("2001:db8:1::/48"), prefix("fd00::/8")});
  EXPECT_EQ(set.outermost().size(), 2u);
  EXPECT_TRUE(set.contains(address("2001:db8:7fff::1")));
  EXPECT_FALSE(set.contains(address("2001:db8:8000::1")));
  EXPECT_FALSE(set.contains(address("2001:db7:ffff::1")));
  EXPECT_TRUE(set.contains(prefix("fd00::/8")));
  EXPECT_FALSE(set.contains(prefix("fc00::/7"))) << "a lease wider than what is in the set";
}

TEST(PrefixSet, of_nothing_contains_nothing) {
  EXPECT_FALSE(PrefixSet().contains(address("::")));
  EXPECT_TRUE(PrefixSet().empty());
  EXPECT_TRUE(PrefixSet({prefix("::/0")}).contains(address("ffff::")));
}

TEST(PrefixSet, agrees_with_a_look_at_every_prefix) {
  std::mt19937 random(20260102);
  // Few distinct bits, so that prefixes nest and touch.
  const auto random_prefix = [&] {
    const auto length = static_cast<std::uint8_t>(1 + random() % 12);
    const std::uint64_t high = static_cast<std::uint64_t>(random() & 0xfff) << 52;
    return Ipv6Prefix{Ipv6Address::from_halves(high, 0), length}.masked();
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<Ipv6Prefix> prefixes(random() % 20);
    std::ranges::generate(prefixes, random_prefix);
    const PrefixSet set(prefixes);
    for (int question = 0; question < 100; ++question) {
      const Ipv6Prefix asked = random_prefix();
      const bool expected =
          std::ranges::any_of(prefixes, [&](const auto& each) { return each.contains(asked); });
      ASSERT_EQ(set.contains(asked), expected) << asked.to_string() << " in round " << round;
    }
  }
}

}  // namespace
}  // namespace tandem6
