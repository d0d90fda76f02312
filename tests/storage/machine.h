// A machine with a FaultyDisk: workers' lanes, the committer and the store on it, power that goes
// and comes back, and the judgement of what the disk then has.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

#include "storage/committer.h"
#include "tests/storage/faulty_disk.h"
#include "tests/storage/lane_history.h"

namespace tandem6 {

class Machine {
 public:
  static constexpr unsigned kLaneCount = 3;
  static constexpr std::chrono::milliseconds kRetryInterval{5};

  explicit Machine(std::uint64_t seed, Durability durability = Durability::kPower)
      : random_(seed), durability_(durability), states_(kLaneCount) {}
  ~Machine() { crash(); }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  [[nodiscard]] FaultyDisk& disk() noexcept { return disk_; }
  [[nodiscard]] std::uint64_t draw(std::uint64_t end) { return random_() % end; }
  [[nodiscard]] Committer& committer() { return *committer_; }
  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] LaneFeeder& lane(unsigned number) { return *lanes_[number]; }

  /// Opens the store and starts the committer. False when the store does not open.
  [[nodiscard]] bool start();
  /// Up to `count` changes of a lane drawn at random; fewer when its ring is full.
  void emit(std::uint64_t count);
  /// Bursts of all sizes, and lone changes that are waited for, until the power goes or `count`
  /// changes are emitted.
  void drive(std::uint64_t count);
  [[nodiscard]] std::uint64_t emitted() const;
  [[nodiscard]] std::vector<std::uint64_t> marks() const;
  [[nodiscard]] bool all_told() const;
  [[nodiscard]] bool is_serving() const;  // on every lane
  [[nodiscard]] bool is_refusing() const;

  /// Ends the programs in a machine that has lost its power, if they run.
  void crash();
  /// Power comes back, perhaps to go again while the store opens. Checks that the disk has what was
  /// told, and goes on from there.
  void come_back(FaultyDisk::Survival survival);
  [[nodiscard]] FaultyDisk::Survival draw_survival() {
    return static_cast<FaultyDisk::Survival>(draw(3));
  }

 private:
  [[nodiscard]] std::unique_ptr<Store> open_at_last(FaultyDisk::Survival survival);
  void judge(const Store& store);

  FaultyDisk disk_;
  std::mt19937_64 random_;
  const Durability durability_;
  std::vector<LaneState> states_;  // when the present run began
  std::uint32_t expiry_base_ = 0;
  std::vector<std::unique_ptr<LaneFeeder>> lanes_;
  std::vector<LaneWorkload> workloads_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Committer> committer_;
};

}  // namespace tandem6
