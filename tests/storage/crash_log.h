// What a program that may be killed at any instruction has told, in a file that outlives it: the
// kernel keeps shared pages whoever dies.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

namespace tandem6 {

struct CrashLog {
  static constexpr unsigned kLaneCount = 4;
  struct alignas(64) Lane {
    std::atomic<std::uint64_t> emitted;  // at most so many changes reached the ring
    std::atomic<std::uint64_t> told;     // at least so many did the mark promise
  };
  // Written by the parent before the program starts.
  std::uint64_t seed;
  std::uint32_t expiry_base;
  std::uint32_t client_count;
  // Written by the program.
  std::atomic<std::uint32_t> serving;  // the store is open
  std::array<Lane, kLaneCount> lanes;
};

/// Maps the file, which is made when it is not there; the mapping lasts as long as the process.
[[nodiscard]] CrashLog& map_crash_log(const std::string& path);

}  // namespace tandem6
