// Passes over the shards, piece by piece.
#include "control/daemon/sweeps.h"

#include <gtest/gtest.h>

namespace tandem6 {
namespace {

constexpr bool kOfSweep = true;
constexpr bool kOfUnsent = false;

TEST(Sweeps, a_sweep_is_over_when_every_shard_is_through) {
  Sweeps sweeps(2);
  sweeps.begin_sweep(true);
  sweeps.begin_piece(kOfSweep);
  EXPECT_EQ(sweeps.kind(), UpdateKind::kAll);
  sweeps.go_on_at(7);
  EXPECT_FALSE(sweeps.end_piece());
  sweeps.begin_piece(kOfSweep);
  EXPECT_EQ(sweeps.shard(), 0U);
  EXPECT_EQ(sweeps.from(), 7U);
  sweeps.go_on_at(kNoBinding);
  EXPECT_EQ(sweeps.shard(), 1U);
  EXPECT_EQ(sweeps.from(), 0U);
  sweeps.go_on_at(kNoBinding);
  EXPECT_TRUE(sweeps.is_at_end());
  EXPECT_TRUE(sweeps.end_piece());
  sweeps.begin_sweep(false);
  sweeps.begin_piece(kOfSweep);
  EXPECT_FALSE(sweeps.is_at_end());
  EXPECT_EQ(sweeps.kind(), UpdateKind::kUnsent);
}

// However much changes in the first shard, the second one has its turn.
TEST(Sweeps, what_is_unsent_goes_round) {
  Sweeps sweeps(2);
  sweeps.begin_piece(kOfUnsent);
  sweeps.go_on_at(100);
  EXPECT_FALSE(sweeps.end_piece());
  sweeps.begin_piece(kOfUnsent);
  EXPECT_EQ(sweeps.from(), 100U);
  sweeps.go_on_at(kNoBinding);
  EXPECT_EQ(sweeps.shard(), 1U);
  sweeps.go_on_at(kNoBinding);
  EXPECT_FALSE(sweeps.end_piece()) << "what changed before the place where it began was not seen";
  sweeps.begin_piece(kOfUnsent);
  EXPECT_EQ(sweeps.shard(), 0U);
  EXPECT_EQ(sweeps.from(), 0U);
  sweeps.go_on_at(kNoBinding);
  sweeps.go_on_at(kNoBinding);
  EXPECT_TRUE(sweeps.end_piece());
}

TEST(Sweeps, a_sweep_leaves_what_is_unsent_where_it_is) {
  Sweeps sweeps(1);
  sweeps.begin_piece(kOfUnsent);
  sweeps.go_on_at(5);
  EXPECT_FALSE(sweeps.end_piece());
  sweeps.begin_sweep(true);
  sweeps.begin_piece(kOfSweep);
  EXPECT_EQ(sweeps.from(), 0U);
  sweeps.go_on_at(kNoBinding);
  EXPECT_TRUE(sweeps.end_piece());
  sweeps.begin_piece(kOfUnsent);
  EXPECT_EQ(sweeps.from(), 5U);
  EXPECT_EQ(sweeps.kind(), UpdateKind::kUnsent);
}

}  // namespace
}  // namespace tandem6
