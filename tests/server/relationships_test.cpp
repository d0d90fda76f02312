// The rules of each relationship come out as they went in.
#include "dataplane/server/relationships.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/server/pair_rules.h"

namespace tandem6 {
namespace {

TEST(Relationships, answer_nobody_before_an_endpoint_has_spoken) {  // F-288
  const Relationships relationships;
  for (std::size_t i = 0; i < Relationships::kCountMax; ++i) {
    const ServingRules rules = relationships.read(static_cast<RelationshipIndex>(i));
    EXPECT_EQ(rules.responsiveness, Responsiveness::kUnresponsive);
    EXPECT_TRUE(rules.has_partner);
    EXPECT_FALSE(rules.is_in_contact);
    EXPECT_FALSE(rules.is_partner_down());
  }
}

TEST(Relationships, no_relationship_is_alone) {
  EXPECT_EQ(Relationships().read(kNoRelationship), ServingRules::alone());
}

ServingRules random_rules(std::mt19937_64& random) {
  const auto flip = [&] { return random() % 2 == 0; };
  return {.responsiveness = static_cast<Responsiveness>(random() % 3),
          .role = flip() ? Role::kPrimary : Role::kSecondary,
          .has_partner = flip(),
          .may_allocate = flip(),
          .is_bounded = flip(),
          .is_in_contact = flip(),
          .mclt = Lifetime{static_cast<std::uint32_t>(random())},
          .mclt_max = Lifetime{static_cast<std::uint32_t>(random())},
          .partner_down_since = flip() ? kNoTime : WallTime{static_cast<std::int64_t>(random())}};
}

TEST(Relationships, each_keeps_its_own_rules_whole) {
  std::mt19937_64 random(7);
  Relationships relationships;
  std::array<ServingRules, Relationships::kCountMax> written;
  for (int round = 0; round < 200; ++round) {
    for (std::size_t i = 0; i < written.size(); ++i) {
      written[i] = random_rules(random);
      relationships.write(static_cast<RelationshipIndex>(i), written[i]);
    }
    for (std::size_t i = 0; i < written.size(); ++i) {
      ASSERT_EQ(relationships.read(static_cast<RelationshipIndex>(i)), written[i]);
    }
  }
}

TEST(Relationships, keep_the_extremes) {
  Relationships relationships;
  ServingRules rules = partner_down(Role::kSecondary, kNever);
  rules.mclt = rules.mclt_max = kInfiniteLifetime;
  relationships.write(15, rules);
  EXPECT_EQ(relationships.read(15), rules);
}

}  // namespace
}  // namespace tandem6
