#include "tests/storage/machine.h"

#include <algorithm>
#include <thread>

namespace tandem6 {
namespace {

const std::string kPath = "/leases";
/// More operations than opening the store takes.
constexpr std::uint64_t kOpeningOperationCount = 60;

}  // namespace

bool Machine::start() {
  lanes_.clear();
  workloads_.clear();
  const std::uint64_t seed = random_();
  std::vector<CommitLane> joined;
  for (unsigned lane = 0; lane < kLaneCount; ++lane) {
    lanes_.push_back(std::make_unique<LaneFeeder>());
    workloads_.push_back(
        {.seed = seed, .lane = lane, .client_count = 1000, .expiry_base = expiry_base_});
    joined.push_back(lanes_.back()->lane());
  }
  auto opened = Store::open({.path = kPath, .env = disk_.env()});
  if (!opened.has_value()) return false;
  store_ = std::move(*opened);
  committer_ = std::make_unique<Committer>(
      *store_, joined,
      Committer::Options{.durability = durability_, .retry_interval = kRetryInterval});
  committer_->start();
  return true;
}

void Machine::emit(std::uint64_t count) {
  const std::size_t lane = draw(kLaneCount);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!workloads_[lane].emit_next(*lanes_[lane])) return;
  }
}

void Machine::drive(std::uint64_t count) {
  while (disk_.is_powered() && emitted() < count) {
    const std::uint64_t kind = draw(8);
    emit(kind == 0 ? 1 : 1 + draw(std::uint64_t{1} << kind));
    if (kind == 0) {
      while (disk_.is_powered() && !all_told()) std::this_thread::yield();
    } else if (kind < 4) {
      std::this_thread::yield();
    }
  }
}

std::uint64_t Machine::emitted() const {
  std::uint64_t sum = 0;
  for (const auto& lane : lanes_) sum += lane->next_number - 1;
  return sum;
}

std::vector<std::uint64_t> Machine::marks() const {
  std::vector<std::uint64_t> marks;
  for (const auto& lane : lanes_) marks.push_back(lane->mark.read());
  return marks;
}

bool Machine::all_told() const {
  return std::ranges::all_of(
      lanes_, [](const auto& lane) { return lane->mark.read() + 1 == lane->next_number; });
}

bool Machine::is_serving() const {
  return std::ranges::all_of(lanes_, [](const auto& lane) { return lane->mark.is_serving(); });
}

bool Machine::is_refusing() const {
  return std::ranges::none_of(lanes_, [](const auto& lane) { return lane->mark.is_serving(); });
}

void Machine::crash() {
  disk_.cut_power();
  committer_.reset();
  store_.reset();
}

/// What was promised must outlive a second and a third power cut too, at any step of the recovery.
std::unique_ptr<Store> Machine::open_at_last(FaultyDisk::Survival survival) {
  for (;;) {
    disk_.power_on(survival, random_);
    const bool goes_again = draw(3) == 0;
    if (goes_again) disk_.cut_power_after(draw(kOpeningOperationCount));
    auto opened = Store::open({.path = kPath, .env = disk_.env()});
    disk_.cut_power_after(FaultyDisk::kUnlimited);
    if (disk_.is_powered()) {
      EXPECT_TRUE(opened.has_value()) << opened.error();
      return opened.has_value() ? std::move(*opened) : nullptr;
    }
    survival = draw_survival();
  }
}

void Machine::come_back(FaultyDisk::Survival survival) {
  crash();
  const std::unique_ptr<Store> store = open_at_last(survival);
  if (store != nullptr) judge(*store);
}

void Machine::judge(const Store& store) {
  DiskState found = read_lanes(store, kLaneCount);
  EXPECT_EQ(found.fault, "");
  for (unsigned lane = 0; lane < lanes_.size(); ++lane) {
    const std::uint64_t told = workloads_[lane].promised_at(lanes_[lane]->mark.read());
    const std::uint64_t emitted = lanes_[lane]->next_number - 1;
    EXPECT_TRUE(surviving_count(states_[lane], workloads_[lane], told, emitted, found.lanes[lane]))
        << describe_loss(states_[lane], workloads_[lane], told, emitted, found.lanes[lane]);
    expiry_base_ =
        std::max(expiry_base_, workloads_[lane].expiry_base + static_cast<std::uint32_t>(emitted));
  }
  states_ = std::move(found.lanes);
}

}  // namespace tandem6
