// Says in the log that messages were dropped, at most a line a minute for each reason; the counters
// have every one of them. Looks at counters from time to time, so that the packet path never logs.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/wire/counters.h"

namespace tandem6 {

/// Not thread-safe.
class DropReporter {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr auto kQuietTime = std::chrono::minutes(1);
  static constexpr std::size_t kReasonCount = static_cast<std::size_t>(DropReason::kCount);
  using Counts = std::array<std::uint64_t, kReasonCount>;

  /// `counts` by reason, of all workers, since the start. The lines that are due now.
  [[nodiscard]] std::vector<std::string> look(const Counts& counts, Time now);

 private:
  struct Reported {
    std::uint64_t count = 0;
    std::optional<Time> at;
  };
  std::array<Reported, kReasonCount> reported_{};
};

}  // namespace tandem6
