#include "storage/immediate_committer.h"

#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "dataplane/wire/check.h"

namespace tandem6 {
namespace {

constexpr std::size_t kBatchSizeMax = 256;
constexpr unsigned kSpinRoundCount = 2000;
constexpr auto kSleepMin = std::chrono::microseconds(5);
constexpr auto kSleepMax = std::chrono::microseconds(100);

}  // namespace

ImmediateCommitter::ImmediateCommitter(std::vector<CommitLane> lanes)
    : lanes_(std::move(lanes)), last_number_(lanes_.size(), 0), batch_(kBatchSizeMax) {}

ImmediateCommitter::~ImmediateCommitter() { stop(); }

void ImmediateCommitter::start() {
  T6_CHECK(!thread_.joinable());
  thread_ = std::thread([this] { run(); });
}

void ImmediateCommitter::stop() {
  stopping_.store(true, std::memory_order_release);  // R0: pairs with A0 in run
  if (thread_.joinable()) thread_.join();
}

ImmediateCommitter::Counts ImmediateCommitter::counts() const noexcept {
  return {.changes = changes_.load(std::memory_order_relaxed),
          .batches = batches_.load(std::memory_order_relaxed)};
}

void ImmediateCommitter::run() {
  prctl(PR_SET_NAME, "t6-committer");
  // The default slack of 50 us would double the shortest sleeps.
  prctl(PR_SET_TIMERSLACK, 1000UL);
  unsigned idle_rounds = 0;
  auto sleep = kSleepMin;
  for (;;) {
    // Read before the round: what a worker emitted before `stop` is then in the rings.
    const bool last_rounds = stopping_.load(std::memory_order_acquire);  // A0
    if (commit_round() != 0) {
      idle_rounds = 0;
      sleep = kSleepMin;
    } else if (last_rounds) {
      return;
    } else if (++idle_rounds < kSpinRoundCount) {
      __builtin_ia32_pause();
    } else {
      std::this_thread::sleep_for(sleep);
      sleep = std::min(sleep * 2, kSleepMax);
    }
  }
}

std::size_t ImmediateCommitter::commit_round() {
  std::size_t round_count = 0;
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    const std::size_t count = lanes_[lane].changes->pop(batch_);
    if (count == 0) continue;
    for (std::size_t i = 0; i < count; ++i) {
      T6_CHECK(batch_[i].number == ++last_number_[lane]);
    }
    lanes_[lane].mark->advance(last_number_[lane]);
    round_count += count;
  }
  if (round_count != 0) {
    changes_.store(changes_.load(std::memory_order_relaxed) + round_count,
                   std::memory_order_relaxed);
    batches_.store(batches_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  return round_count;
}

}  // namespace tandem6
