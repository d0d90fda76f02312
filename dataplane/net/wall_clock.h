// The wall time of leases, from the monotonic clock and an offset taken once: a step of the system
// clock neither expires nor prolongs a lease (S-184). One for the whole process, so that all
// threads agree. Immutable after construction; any thread reads it, without a system call (vDSO).
//
// The monotonic clock and not the TSC: DPDK knows the rate of the TSC only to about one in a
// thousand, which is minutes in a lease of a week.
#pragma once

#include <cstdint>

#include "dataplane/lease/wall_time.h"

namespace tandem6 {

class WallClock {
 public:
  WallClock() noexcept;
  /// To the second; the clock behind it moves every few milliseconds.
  [[nodiscard]] WallTime now() const noexcept;

 private:
  std::int64_t offset_ns_;  // from monotonic to unix time, when the process began
};

}  // namespace tandem6
