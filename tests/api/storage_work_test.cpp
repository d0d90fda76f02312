// Checkpoints and checks off the control thread: that they are done, that they wait for nobody and
// nobody for them.
#include "control/daemon/storage_work.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/api/control_fixture.h"

namespace tandem6 {
namespace {

namespace fs = std::filesystem;

class StorageWorkTest : public ::testing::Test {
 protected:
  StorageWorkTest() {
    auto opened = Store::open({.path = path_});
    EXPECT_TRUE(opened.has_value()) << opened.error();
    store_ = std::move(*opened);
    start();
  }
  void start() {
    work_ = std::make_unique<StorageWork>(
        context_, StorageWork::Parts{.store = store_.get(),
                                     .path = path_,
                                     .find_trouble = [this] { return trouble_; },
                                     .ranges = ranges_of(settings())});
  }
  static ServerSettings settings() {
    LinkSettings link;
    link.address_pools = {prefix_of("2001:db8:7::/64")};
    link.prefix_pools = {{prefix_of("2001:db8:8000::/36"), 56, std::nullopt}};
    Reservation reservation;
    reservation.address = prefix_of("2001:db8:6::1/128").address;
    reservation.prefix = prefix_of("2001:db8:6:100::/60");
    link.reservations = {reservation};
    ServerSettings settings;
    settings.links = {link};
    return settings;
  }
  void put(const std::string& lease, std::uint8_t client = 1) {
    Change change{};
    change.kind = ChangeKind::kPut;
    change.binding = lease_of(client, prefix_of(lease)).binding;
    change.duid = lease_of(client, prefix_of(lease)).duid;
    WriteSet set(*store_);
    set.add(change);
    ASSERT_TRUE(store_->write(set, Durability::kProcess).has_value());
  }
  /// Runs the control thread until `done`.
  void run_until(const bool& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done && std::chrono::steady_clock::now() < deadline) {
      context_.restart();
      context_.run_for(std::chrono::milliseconds(10));
    }
    ASSERT_TRUE(done);
  }
  std::expected<CheckpointView, std::string> checkpoint(const std::string& folder) {
    std::expected<CheckpointView, std::string> result;
    bool done = false;
    work_->checkpoint(folder, [&](const auto& answer) {
      result = answer;
      done = true;
    });
    EXPECT_FALSE(done);
    run_until(done);
    return result;
  }
  std::expected<VerifyView, std::string> verified(const std::optional<std::string>& folder = {}) {
    std::expected<VerifyView, std::string> result;
    bool done = false;
    work_->verify(folder, [&](const auto& answer) {
      result = answer;
      done = true;
    });
    EXPECT_FALSE(done);
    run_until(done);
    return result;
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.path("leases");
  std::string trouble_;
  boost::asio::io_context context_{1};
  std::unique_ptr<Store> store_;
  std::unique_ptr<StorageWork> work_;
};

TEST_F(StorageWorkTest, RangesAreThePoolsAndTheReservations) {
  const LeaseRanges ranges = ranges_of(settings());
  ASSERT_EQ(ranges.pools.size(), 2u);
  EXPECT_EQ(ranges.pools[0].lease_length, 128);
  EXPECT_EQ(ranges.pools[1].lease_length, 56);
  EXPECT_EQ(ranges.pools[1].type, IaType::kPrefixDelegation);
  ASSERT_EQ(ranges.reservations.size(), 2u);
  EXPECT_EQ(ranges.reservations[0].range, prefix_of("2001:db8:6::1/128"));
  EXPECT_EQ(ranges.reservations[1].lease_length, 60);
}

TEST_F(StorageWorkTest, ACheckpointHasEverythingAndIsForItsOwnerOnly) {
  put("2001:db8:7::1/128");
  const std::string copy = folder_.path("copy");
  const auto made = checkpoint(copy);
  ASSERT_TRUE(made.has_value()) << made.error();
  EXPECT_EQ(made->folder, copy);
  EXPECT_GT(made->octets, 100u);
  EXPECT_EQ(fs::status(copy).permissions(), fs::perms::owner_all);
  EXPECT_FALSE(work_->under_way().has_value());
  const auto result = verified(copy);
  ASSERT_TRUE(result.has_value()) << result.error();
  EXPECT_EQ(result->result.lease_count, 1u);
  EXPECT_FALSE(checkpoint(copy).has_value()) << "never over something";
}

TEST_F(StorageWorkTest, OwnLeasesAreCheckedAgainstThePoolsAndLeaveNothingBehind) {
  put("2001:db8:7::1/128");
  put("2001:db8:6::1/128");
  const auto sound = verified();
  ASSERT_TRUE(sound.has_value()) << sound.error();
  EXPECT_TRUE(sound->result.is_sound());
  EXPECT_EQ(sound->result.count_of(VerifyFault::kInNoPool), 0u);
  EXPECT_EQ(sound->folder, path_);
  put("2001:db8:5::1/128");
  put("2001:db8:7::1/128", 2);
  // As a server that was killed meanwhile leaves it.
  fs::create_directory(path_ + "/verify.copy");
  std::ofstream(path_ + "/verify.copy/rest") << "rest";
  const auto faulty = verified();
  ASSERT_TRUE(faulty.has_value()) << faulty.error();
  EXPECT_EQ(faulty->result.count_of(VerifyFault::kInNoPool), 1u);
  EXPECT_EQ(faulty->result.count_of(VerifyFault::kHeldTwice), 1u);
  EXPECT_FALSE(fs::exists(path_ + "/verify.copy"));
}

TEST_F(StorageWorkTest, OneAtATime) {
  bool first_done = false;
  bool second_done = false;
  work_->checkpoint(folder_.path("first"), [&](const auto& answer) {
    EXPECT_TRUE(answer.has_value());
    first_done = true;
  });
  ASSERT_TRUE(work_->under_way().has_value());
  EXPECT_EQ(work_->under_way()->what, "checkpoint");
  work_->verify(std::nullopt, [&](const auto& answer) {
    EXPECT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error(), "a storage checkpoint is under way");
    second_done = true;
  });
  run_until(second_done);
  run_until(first_done);
  EXPECT_TRUE(verified().has_value());
}

TEST_F(StorageWorkTest, NotWhileStorageTakesNoChanges) {
  put("2001:db8:7::1/128");
  const std::string copy = folder_.path("copy");
  ASSERT_TRUE(checkpoint(copy).has_value());
  trouble_ = "the disk is full";
  EXPECT_EQ(checkpoint(folder_.path("second")).error(),
            "storage does not take changes: the disk is full");
  EXPECT_FALSE(verified().has_value());
  EXPECT_TRUE(verified(copy).has_value()) << "reading another folder needs no writing";
}

TEST_F(StorageWorkTest, FoldersThatCannotBeChecked) {
  EXPECT_EQ(verified(folder_.path("nowhere")).error(),
            folder_.path("nowhere") + ": no such folder");
  EXPECT_FALSE(fs::exists(folder_.path("nowhere")));
  EXPECT_NE(verified(path_ + "/").error().find("running server"), std::string::npos);
  fs::create_directory(folder_.path("empty"));
  EXPECT_FALSE(verified(folder_.path("empty")).has_value());
}

TEST_F(StorageWorkTest, UsageIsAskedForElsewhere) {
  put("2001:db8:7::1/128");
  ASSERT_TRUE(store_->flush().has_value());
  EXPECT_EQ(work_->usage().file_octets, 0u);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (work_->usage().file_octets == 0 && std::chrono::steady_clock::now() < deadline) {
    work_->sample_usage();
    context_.restart();
    context_.run_for(std::chrono::milliseconds(10));
  }
  EXPECT_GT(work_->usage().file_octets, 0u);
}

TEST_F(StorageWorkTest, EndsInTheMiddleWithoutACallback) {
  put("2001:db8:7::1/128");
  work_->verify(std::nullopt, [](const auto&) { ADD_FAILURE() << "nobody is there any more"; });
  work_->sample_usage();
  work_.reset();
  context_.restart();
  context_.run();
}

}  // namespace
}  // namespace tandem6
