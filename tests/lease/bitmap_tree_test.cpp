#include "dataplane/lease/bitmap_tree.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <vector>

namespace tandem6 {
namespace {

using Initially = BitmapTree::Initially;

TEST(BitmapTree, BeginsEmptyOrFullWithoutBeingFilled) {
  for (const std::uint32_t size :
       {1U, 2U, 63U, 64U, 65U, 4096U, 4097U, 1U << 24, (1U << 24) + 1, BitmapTree::kSizeMax}) {
    BitmapTree empty(size, Initially::kEmpty);
    EXPECT_EQ(empty.find_next(0), BitmapTree::kNone);
    BitmapTree full(size, Initially::kFull);
    EXPECT_EQ(full.find_next(0), 0U);
    EXPECT_EQ(full.find_next(size - 1), size - 1);
    EXPECT_EQ(full.find_next(size), BitmapTree::kNone) << "no bit past the end";
  }
}

TEST(BitmapTree, FindsTheLastOfTheLargest) {
  BitmapTree tree(BitmapTree::kSizeMax, Initially::kEmpty);
  tree.insert(BitmapTree::kSizeMax - 1);
  EXPECT_EQ(tree.find_next(0), BitmapTree::kSizeMax - 1);
  tree.erase(BitmapTree::kSizeMax - 1);
  EXPECT_EQ(tree.find_next(0), BitmapTree::kNone);
}

TEST(BitmapTree, FindsNothingOnceAFullOneIsEmptied) {
  constexpr std::uint32_t kSize = 64 * 64 + 3;
  BitmapTree tree(kSize, Initially::kFull);
  for (std::uint32_t i = 0; i < kSize; ++i) {
    EXPECT_EQ(tree.find_next(0), i);
    tree.erase(i);
  }
  EXPECT_EQ(tree.find_next(0), BitmapTree::kNone);
  tree.insert(kSize - 1);
  EXPECT_EQ(tree.find_next(5), kSize - 1);
}

TEST(BitmapTree, TakesInAnotherOne) {
  for (const Initially initially : {Initially::kEmpty, Initially::kFull}) {
    constexpr std::uint32_t kSize = 64 * 64 * 64 + 7;
    BitmapTree tree(kSize, initially);
    BitmapTree other(kSize, Initially::kEmpty);
    for (std::uint32_t i = 0; i < kSize; ++i) tree.erase(i);
    tree.insert(5);
    for (const std::uint32_t number : {5U, 6U, 700U, 64U * 64U, kSize - 1}) other.insert(number);
    tree.insert_all(other);
    std::vector<std::uint32_t> members;
    for (std::uint32_t at = tree.find_next(0); at != BitmapTree::kNone;
         at = tree.find_next(at + 1)) {
      members.push_back(at);
    }
    EXPECT_EQ(members, (std::vector<std::uint32_t>{5, 6, 700, 64 * 64, kSize - 1}));
  }
}

// A std::set is the twin.
RC_GTEST_PROP(BitmapTree, AnswersLikeASet, (bool full)) {
  const auto size = *rc::gen::element(1U, 60U, 64U, 100U, 4096U, 5000U, 300'000U);
  BitmapTree tree(size, full ? Initially::kFull : Initially::kEmpty);
  std::set<std::uint32_t> twin;
  if (full) {
    for (std::uint32_t i = 0; i < size; ++i) twin.insert(twin.end(), i);
  }
  const auto steps =
      *rc::gen::container<std::vector<std::tuple<int, std::uint32_t, std::uint32_t>>>(
          rc::gen::tuple(rc::gen::inRange(0, 3), rc::gen::inRange(0U, size),
                         rc::gen::element(1U, 64U, 200U, 5000U)));
  for (const auto& [kind, number, run] : steps) {
    for (std::uint32_t i = number; i < size && i < number + run; ++i) {
      if (kind == 0) {
        tree.insert(i);
        twin.insert(i);
      } else if (kind == 1) {
        tree.erase(i);
        twin.erase(i);
      }
    }
    const auto next = twin.lower_bound(number);
    RC_ASSERT(tree.find_next(number) == (next == twin.end() ? BitmapTree::kNone : *next));
    RC_ASSERT(tree.contains(number) == twin.contains(number));
  }
}

}  // namespace
}  // namespace tandem6
