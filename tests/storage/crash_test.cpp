// Killed with SIGKILL at random moments, hundreds of times in a row, a storage at full rate keeps
// every promise of its marks (S-068). TANDEM6_CRASHES says how many times for each durability;
// TANDEM6_SEED repeats the moments of an earlier run as far as the scheduler lets it.
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

#include "storage/store.h"
#include "tests/storage/crash_log.h"
#include "tests/storage/lane_history.h"
#include "tests/storage/temporary_folder.h"

extern char** environ;

namespace tandem6 {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// Beside this program.
std::string victim_path() {
  return std::filesystem::read_symlink("/proc/self/exe").replace_filename("crash_victim").string();
}

class Crash : public testing::TestWithParam<Durability> {
 protected:
  Crash() : random_(number_from("TANDEM6_SEED", 1)) {}

  [[nodiscard]] std::uint64_t draw(std::uint64_t end) { return random_() % end; }
  [[nodiscard]] bool is_serving() const { return log_.serving.load() != 0; }

  void prepare() {
    log_.seed = random_();
    log_.expiry_base = expiry_base_;
    log_.client_count = 2000;
    log_.serving.store(0);
    for (auto& lane : log_.lanes) {
      lane.emitted.store(0);
      lane.told.store(0);
    }
  }

  void start() {
    std::string program = victim_path();
    std::string mode = name_of(GetParam());
    char* words[] = {program.data(), path_.data(), log_path_.data(), mode.data(), nullptr};
    ASSERT_EQ(posix_spawn(&victim_, program.c_str(), nullptr, nullptr, words, environ), 0);
  }

  /// At any moment from its first instruction on: some kills hit the recovery from the kill before.
  void kill_at_random() {
    if (draw(4) != 0) {
      const auto deadline = steady_clock::now() + std::chrono::seconds(20);
      while (!is_serving() && steady_clock::now() < deadline) {
        std::this_thread::sleep_for(microseconds(100));
      }
      ASSERT_TRUE(is_serving());
    }
    std::this_thread::sleep_for(microseconds(draw(60'000)));
    ASSERT_EQ(kill(victim_, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(waitpid(victim_, &status, 0), victim_);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "it ended by itself";
  }

  /// Checks every promise. Half of the time only by reading, so that the next victim recovers.
  void judge() {
    const auto store = Store::open({.path = path_, .read_only = draw(2) == 0});
    ASSERT_TRUE(store.has_value()) << store.error();
    DiskState found = read_lanes(**store, CrashLog::kLaneCount);
    ASSERT_EQ(found.fault, "");
    std::uint64_t emitted_max = 0;
    for (unsigned lane = 0; lane < CrashLog::kLaneCount; ++lane) {
      const LaneWorkload workload{.seed = log_.seed,
                                  .lane = lane,
                                  .client_count = log_.client_count,
                                  .expiry_base = log_.expiry_base};
      const std::uint64_t told = workload.promised_at(log_.lanes[lane].told.load());
      const std::uint64_t emitted = log_.lanes[lane].emitted.load();
      ASSERT_TRUE(surviving_count(states_[lane], workload, told, emitted, found.lanes[lane]))
          << describe_loss(states_[lane], workload, told, emitted, found.lanes[lane]);
      emitted_max = std::max(emitted_max, emitted);
      told_ += told;
    }
    expiry_base_ += static_cast<std::uint32_t>(emitted_max);
    states_ = std::move(found.lanes);
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.path("leases");
  std::string log_path_ = folder_.path("log");
  CrashLog& log_ = map_crash_log(log_path_);
  std::mt19937_64 random_;
  pid_t victim_ = 0;
  std::uint32_t expiry_base_ = 0;
  std::vector<LaneState> states_ = std::vector<LaneState>(CrashLog::kLaneCount);
  std::uint64_t told_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Durability, Crash,
                         testing::Values(Durability::kPower, Durability::kProcess),
                         [](const auto& each) { return std::string(name_of(each.param)); });

TEST_P(Crash, KeepsEveryPromiseOfItsMarks_S_068) {
  const std::uint64_t count = number_from("TANDEM6_CRASHES", 60);
  ASSERT_TRUE(Store::open({.path = path_}).has_value());
  for (std::uint64_t crash = 0; crash < count; ++crash) {
    SCOPED_TRACE("crash " + std::to_string(crash));
    prepare();
    ASSERT_NO_FATAL_FAILURE(start());
    ASSERT_NO_FATAL_FAILURE(kill_at_random());
    ASSERT_NO_FATAL_FAILURE(judge());
  }
  std::printf("%llu kills, %llu changes told\n", static_cast<unsigned long long>(count),
              static_cast<unsigned long long>(told_));
  EXPECT_GT(told_, count * 100) << "hardly anything was at stake";
}

}  // namespace
}  // namespace tandem6
