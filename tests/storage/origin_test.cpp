// Whether the leases on disk are what the server last knew.
#include <gtest/gtest.h>

#include <semaphore>

#include "storage/committer.h"
#include "tests/storage/lane_feeder.h"
#include "tests/storage/temporary_folder.h"

namespace tandem6 {
namespace {

class LeasesOriginTest : public testing::Test {
 protected:
  [[nodiscard]] static std::unique_ptr<Store> open(const std::string& path,
                                                   bool read_only = false) {
    auto opened = Store::open({.path = path, .read_only = read_only});
    EXPECT_TRUE(opened.has_value()) << opened.error();
    return opened.has_value() ? std::move(*opened) : nullptr;
  }
  static void set_origin(Store& store, LeasesOrigin origin) {
    WriteSet set(store);
    set.put_origin(origin);
    ASSERT_TRUE(store.write(set, Durability::kPower).has_value());
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.path("leases");
  const std::string copy_ = folder_.path("copy");
};

TEST_F(LeasesOriginTest, a_new_database_is_made_until_that_is_cleared_R_43) {
  EXPECT_EQ(open(path_)->origin(), LeasesOrigin::kMade);
  EXPECT_EQ(open(path_)->origin(), LeasesOrigin::kMade);
  set_origin(*open(path_), LeasesOrigin::kKept);
  EXPECT_EQ(open(path_)->origin(), LeasesOrigin::kKept);
}

TEST_F(LeasesOriginTest, a_checkpoint_is_restored_until_that_is_cleared_R_43) {
  {
    const auto store = open(path_);
    set_origin(*store, LeasesOrigin::kKept);
    ASSERT_TRUE(store->checkpoint(copy_).has_value());
    EXPECT_EQ(store->origin(), LeasesOrigin::kKept) << "the original is none";
  }
  EXPECT_EQ(open(path_)->origin(), LeasesOrigin::kKept);
  EXPECT_EQ(open(copy_, true)->origin(), LeasesOrigin::kRestored);
  EXPECT_EQ(open(copy_, true)->origin(), LeasesOrigin::kRestored) << "reading takes nothing away";
  // As an operator puts it back.
  std::filesystem::remove_all(path_);
  std::filesystem::copy(copy_, path_, std::filesystem::copy_options::recursive);
  EXPECT_EQ(open(path_)->origin(), LeasesOrigin::kRestored);
  EXPECT_EQ(open(path_)->origin(), LeasesOrigin::kRestored);
  set_origin(*open(path_), LeasesOrigin::kKept);
  EXPECT_EQ(open(path_)->origin(), LeasesOrigin::kKept);
  EXPECT_EQ(open(copy_, true)->origin(), LeasesOrigin::kRestored);
}

TEST_F(LeasesOriginTest, knows_whether_there_ever_was_a_partner) {
  const auto store = open(path_);
  EXPECT_EQ(store->has_endpoints(), false);
  WriteSet set(*store);
  set.put_server("endpoints", {});
  ASSERT_TRUE(store->write(set, Durability::kPower).has_value());
  EXPECT_EQ(store->has_endpoints(), false);
  set.clear();
  set.put_endpoint("west", {});
  ASSERT_TRUE(store->write(set, Durability::kPower).has_value());
  EXPECT_EQ(store->has_endpoints(), true);
}

TEST_F(LeasesOriginTest, a_rebuilt_database_is_damaged_R_43) {
  const auto store = open(path_);
  set_origin(*store, LeasesOrigin::kKept);
  ASSERT_TRUE(store->rebuild().has_value());
  EXPECT_EQ(store->origin(), LeasesOrigin::kDamaged);
}

TEST_F(LeasesOriginTest, a_record_that_makes_no_sense_is_damage) {
  const auto store = open(path_);
  WriteSet set(*store);
  const std::array<std::uint8_t, 1> unknown{4};
  set.put_server("leases-origin", unknown);
  ASSERT_TRUE(store->write(set, Durability::kPower).has_value());
  EXPECT_EQ(store->origin(), LeasesOrigin::kDamaged);
}

/// Who has resynchronised says so through the committer, as everything else is written then.
TEST_F(LeasesOriginTest, is_cleared_through_the_committer) {
  const auto store = open(path_);
  LaneFeeder lane;
  Committer committer(*store, {lane.lane()}, {});
  committer.start();
  std::binary_semaphore done(0);
  committer.put([](WriteSet& set) { set.put_origin(LeasesOrigin::kKept); },
                [&] { done.release(); });
  ASSERT_TRUE(done.try_acquire_for(std::chrono::seconds(10)));
  EXPECT_EQ(store->origin(), LeasesOrigin::kKept);
}

TEST_F(LeasesOriginTest, names) {
  EXPECT_STREQ(name_of(LeasesOrigin::kKept), "kept");
  EXPECT_STREQ(name_of(LeasesOrigin::kMade), "made");
  EXPECT_STREQ(name_of(LeasesOrigin::kRestored), "restored");
  EXPECT_STREQ(name_of(LeasesOrigin::kDamaged), "damaged");
}

}  // namespace
}  // namespace tandem6
