#include "control/config/nearest_word.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tandem6 {
namespace {

const std::vector<std::string_view> kWords = {"name", "match", "address-pools", "prefix-pools"};

TEST(NearestWord, FewEdits) {
  EXPECT_EQ(nearest_word("nmae", kWords), std::nullopt);  // two edits in four letters
  EXPECT_EQ(nearest_word("nam", kWords), "name");
  EXPECT_EQ(nearest_word("matches", kWords), "match");
  EXPECT_EQ(nearest_word("address_pool", kWords), "address-pools");
  EXPECT_EQ(nearest_word("prefixpools", kWords), "prefix-pools");
}

TEST(NearestWord, NothingNear) {
  EXPECT_EQ(nearest_word("colour", kWords), std::nullopt);
  EXPECT_EQ(nearest_word("", kWords), std::nullopt);
  EXPECT_EQ(nearest_word(std::string(100000, 'a'), kWords), std::nullopt);
  EXPECT_EQ(nearest_word("name", {}), std::nullopt);
}

}  // namespace
}  // namespace tandem6
