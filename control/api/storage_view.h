// What control shows of the leases on disk: plain values.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "storage/verify.h"

namespace tandem6 {

/// What was read from disk at start.
struct StorageLoadView {
  std::uint64_t lease_count = 0;
  std::uint64_t unplaced_count = 0;     // of these, in no pool
  std::uint64_t set_aside_count = 0;    // could not be served
  std::uint64_t damaged_gap_count = 0;  // places that the disk gave back damaged
  double seconds = 0;
};

/// A checkpoint or a check that is under way.
struct StorageWorkView {
  std::string what;  // "checkpoint", "verify"
  double seconds = 0;
  std::uint64_t lease_count = 0;  // checked so far
};

struct StorageView {
  std::string path;
  std::string durability;
  bool serving = true;
  std::string trouble;  // why not; empty while serving

  std::uint64_t change_count = 0;  // committed since the start
  double changes_per_second = 0;
  std::uint64_t write_count = 0;  // each carries the changes that had gathered
  double writes_per_second = 0;
  std::uint64_t written_octet_count = 0;
  std::uint64_t write_failure_count = 0;

  double last_write_seconds = 0;  // as long as the newest write took
  double write_seconds_p50 = 0;
  double write_seconds_p99 = 0;
  double write_seconds_p999 = 0;
  double write_seconds_worst = 0;
  std::optional<double> writing_since_seconds;  // of the write that is under way

  // A few seconds old: whoever asks does not wait for the disk.
  std::uint64_t file_octets = 0;
  std::uint64_t memory_octets = 0;
  std::uint64_t pending_octets = 0;   // for compaction to do
  std::uint64_t set_aside_count = 0;  // about; of all starts so far

  StorageLoadView loaded;
  std::optional<StorageWorkView> work;

  [[nodiscard]] double changes_per_write() const noexcept {
    return write_count == 0 ? 0
                            : static_cast<double>(change_count) / static_cast<double>(write_count);
  }
  [[nodiscard]] double octets_per_change() const noexcept {
    return change_count == 0
               ? 0
               : static_cast<double>(written_octet_count) / static_cast<double>(change_count);
  }
};

struct CheckpointView {
  std::string folder;
  std::uint64_t octets = 0;
  double seconds = 0;
};
using CheckpointCallback = std::function<void(std::expected<CheckpointView, std::string>)>;

struct VerifyView {
  std::string folder;
  double seconds = 0;
  VerifyResult result;
};
using VerifyCallback = std::function<void(std::expected<VerifyView, std::string>)>;

}  // namespace tandem6
