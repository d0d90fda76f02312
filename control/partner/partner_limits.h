// Deadlines and sizes of the connections between partners. Tests make them small.
#pragma once

#include <chrono>
#include <cstddef>

namespace tandem6 {

struct PartnerLimits {
  std::chrono::milliseconds start_time_max{10'000};          // TCP and TLS
  std::chrono::milliseconds first_message_time_max{10'000};  // from then to the first whole message
  std::chrono::milliseconds idle_time_max{60'000};           // without a whole message
  std::chrono::milliseconds close_time_max{3'000};  // to write what is left, and for the other end
  std::chrono::milliseconds tick{1'000};
  std::chrono::milliseconds standstill_max{3'000};  // above a tick, below what clocks may be apart
  std::chrono::milliseconds bind_pause{1'000};      // before a listener's address is tried again
  std::size_t queue_octets_max = std::size_t{64} << 20;
};

}  // namespace tandem6
