// The golden octets: one file for each message in tests/failover/golden, written by hand from the
// figures of the RFCs, and beside each the message that it means.
#pragma once

#include <string>
#include <vector>

#include "control/failover/message.h"
#include "tests/wire/packet_builder.h"

namespace tandem6 {

/// What the clock shows when the golden octets are read and written: 2027-02-11.
inline constexpr WallTime kGoldenNow{0x33000000};

struct Golden {
  std::string name;
  FailoverMessage message;
};
/// Every file has its entry.
[[nodiscard]] std::vector<Golden> golden_messages();

/// The frame with its two octets of size. Throws when there is no such file.
[[nodiscard]] Octets golden_octets(const std::string& name);
[[nodiscard]] std::vector<std::string> golden_files();

/// The frame without its size.
[[nodiscard]] inline Octets without_size(const Octets& frame) {
  return {frame.begin() + 2, frame.end()};
}

}  // namespace tandem6
