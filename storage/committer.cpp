#include "storage/committer.h"

#include <sys/prctl.h>

#include <algorithm>
#include <utility>

#include "dataplane/wire/check.h"
#include "storage/idle_wait.h"

namespace tandem6 {
namespace {

/// Bounds one write, and with it how long the first change in it waits: a few megabytes.
constexpr std::size_t kLaneChangeCountMax = 8192;
/// The longest that a lone client's reply waits before its change is even seen.
constexpr IdleWait::Duration kSleepMax{50};
/// Bounds what is written a second time after a sync that failed.
constexpr std::size_t kUnsyncedSizeMax = 1024UL * 1024;
constexpr auto kRetryLook = std::chrono::milliseconds(5);

std::int64_t nanoseconds(std::chrono::steady_clock::time_point time) noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

}  // namespace

Committer::Committer(Store& store, std::vector<CommitLane> lanes, Options options)
    : store_(store),
      options_(options),
      lanes_(std::move(lanes)),
      last_number_(lanes_.size(), 0),
      published_(lanes_.size(), 0),
      number_max_(lanes_.size(), 0),
      moves_(lanes_),
      set_(std::make_unique<WriteSet>(store)) {}

Committer::~Committer() { stop(); }

void Committer::start() {
  T6_CHECK(!thread_.joinable());
  thread_ = std::thread([this] { run(); });
}

bool Committer::stop() {
  stopping_.store(true, std::memory_order_release);  // R0: pairs with A0 in run
  if (thread_.joinable()) thread_.join();
  return all_written_;
}

void Committer::run() {
  prctl(PR_SET_NAME, "t6-committer");
  prctl(PR_SET_TIMERSLACK, 1000UL);  // the default of 50 us would double the shortest sleeps
  IdleWait idle(kSleepMax);
  for (;;) {
    // Read before gathering: what a worker emitted before `stop` is then in the rings.
    const bool last_rounds = stopping_.load(std::memory_order_acquire);  // A0
    gather();
    if (has_work()) {
      idle.reset();
      if (!commit()) {
        all_written_ = false;
        return;
      }
    } else if (last_rounds) {
      return;
    } else {
      idle.wait();
    }
  }
}

BlockWitness Committer::block_witness() noexcept {
  return {
      .tell = [](void* self, const Ipv6Prefix& block,
                 Half half) noexcept { static_cast<Committer*>(self)->moves_.add(block, half); },
      .self = this};
}

/// Encodes what stands in the rings and gives the slots back, so that the workers go on while the
/// disk works.
void Committer::gather() {
  // How far the rings are is read before the moves: so of what is taken behind the last move,
  // nothing can have followed one that is not seen yet.
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    published_[lane] = lanes_[lane].changes->published();
    number_max_[lane] = last_number_[lane] + kLaneChangeCountMax;
  }
  if (!take_moves()) return;
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    (void)take_changes(lane, published_[lane]);
  }
}

/// The moves, each behind the changes that came before it. False: these are too many for one set.
bool Committer::take_moves() {
  while (const BlockMoves::Entry* const next = moves_.front()) {
    bool is_its_turn = true;
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
      is_its_turn = take_changes(lane, next->positions[lane]) && is_its_turn;
    }
    if (!is_its_turn) return false;
    BlockMoves::Entry entry = moves_.take();
    if (entry.put) entry.put(*set_);
    set_was_told_ = true;
    if (entry.done) {
      done_.push_back(std::move(entry.done));
    }
  }
  return true;
}

/// Changes up to this number. False: that would make the set too large.
bool Committer::take_changes(std::size_t lane, std::uint64_t number) {
  SpscRing<Change>& changes = *lanes_[lane].changes;
  const std::uint64_t end = std::min(number, number_max_[lane]);
  const std::uint64_t begin = last_number_[lane];
  if (end > begin) {
    const std::size_t count = end - begin;
    for (std::size_t i = 0; i < count; ++i) {
      const Change& change = changes.front(i);
      T6_CHECK(change.number == ++last_number_[lane]);
      set_->add(change);
      set_was_told_ = set_was_told_ || change.urgency == Urgency::kTold;
    }
    changes.drop(count);
    set_change_count_ += count;
  }
  return number <= number_max_[lane];
}

Durability Committer::durability_of_set() const noexcept {
  const bool may_wait = options_.durability == Durability::kPower && !set_was_told_ &&
                        unsynced_size_ < kUnsyncedSizeMax;
  return may_wait ? Durability::kProcess : options_.durability;
}

/// Everything in the set is as durable as it was to be.
void Committer::settle() noexcept {
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    lanes_[lane].mark->advance(last_number_[lane]);
  }
}

void Committer::tell_done() {
  for (const auto& done : std::exchange(done_, {})) done();
}

/// Writes until it is written. False: the server ends and the disk still refuses.
bool Committer::commit() {
  // Without durability nobody waits for the disk; it only bounds how fast we go.
  if (options_.durability == Durability::kNone) settle();
  bool written = write_once();
  while (!written) {
    const bool was_ending = stopping_.load(std::memory_order_relaxed);
    if (!was_ending) wait_for_retry();
    if (const auto recovered = store_.recover(); recovered.has_value()) {
      written = write_unsynced_again() && write_once();
    } else {
      note_failure(recovered.error());
    }
    if (was_ending && !written) return false;
  }
  settle();
  const auto add = [](std::atomic<std::uint64_t>& counter, std::uint64_t n) {
    counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  };
  add(change_count_, set_change_count_);
  add(set_count_, 1);
  add(sync_count_, durability_of_set() == Durability::kPower ? 1 : 0);
  add(octet_count_, set_->size());
  keep_or_clear();
  tell_done();
  set_change_count_ = 0;
  set_was_told_ = false;
  if (!serving_.load(std::memory_order_relaxed)) set_serving(true);
  return true;
}

/// The sync that failed may have forgotten them, and later changes may not be on disk without them.
bool Committer::write_unsynced_again() {
  for (const auto& set : unsynced_) {
    if (const auto written = store_.write(*set, Durability::kProcess); !written.has_value()) {
      note_failure(written.error());
      return false;
    }
  }
  return true;
}

/// The set is written.
void Committer::keep_or_clear() {
  const bool is_unsynced =
      options_.durability == Durability::kPower && durability_of_set() != Durability::kPower;
  if (is_unsynced) {
    unsynced_size_ += set_->size();
    unsynced_.push_back(std::exchange(set_, std::make_unique<WriteSet>(store_)));
    return;
  }
  set_->clear();
  unsynced_.clear();
  unsynced_size_ = 0;
}

bool Committer::write_once() {
  const Clock::time_point began = Clock::now();
  write_began_ns_.store(nanoseconds(began), std::memory_order_relaxed);
  const auto written = store_.write(*set_, durability_of_set());
  write_began_ns_.store(0, std::memory_order_relaxed);
  if (!written.has_value()) {
    note_failure(written.error());
    return false;
  }
  const std::int64_t took = nanoseconds(Clock::now()) - nanoseconds(began);
  last_write_ns_.store(took, std::memory_order_relaxed);
  write_latency_.add(static_cast<std::uint64_t>(took));
  return true;
}

void Committer::set_serving(bool serving) noexcept {
  serving_.store(serving, std::memory_order_relaxed);
  for (const CommitLane& lane : lanes_) lane.mark->set_serving(serving);
  const std::scoped_lock lock(trouble_mutex_);
  if (serving) trouble_.clear();
}

void Committer::note_failure(const std::string& trouble) {
  set_serving(false);
  failure_count_.store(failure_count_.load(std::memory_order_relaxed) + 1,
                       std::memory_order_relaxed);
  const std::scoped_lock lock(trouble_mutex_);
  trouble_ = trouble;
}

/// Ends early when the server does.
void Committer::wait_for_retry() {
  const Clock::time_point until = Clock::now() + options_.retry_interval;
  while (Clock::now() < until && !stopping_.load(std::memory_order_relaxed)) {
    std::this_thread::sleep_for(kRetryLook);
  }
}

Committer::Report Committer::report() const {
  Report report;
  report.durability = options_.durability;
  report.change_count = change_count_.load(std::memory_order_relaxed);
  report.set_count = set_count_.load(std::memory_order_relaxed);
  report.sync_count = sync_count_.load(std::memory_order_relaxed);
  report.octet_count = octet_count_.load(std::memory_order_relaxed);
  report.failure_count = failure_count_.load(std::memory_order_relaxed);
  report.last_write_seconds =
      static_cast<double>(last_write_ns_.load(std::memory_order_relaxed)) * 1e-9;
  const std::int64_t began = write_began_ns_.load(std::memory_order_relaxed);
  if (began != 0) {
    report.writing_since_seconds = static_cast<double>(nanoseconds(Clock::now()) - began) * 1e-9;
  }
  report.write_latency = write_latency_.summary();
  report.serving = serving_.load(std::memory_order_relaxed);
  const std::scoped_lock lock(trouble_mutex_);
  report.trouble = trouble_;
  return report;
}

}  // namespace tandem6
