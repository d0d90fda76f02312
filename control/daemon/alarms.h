// What an operator should look at now, a sentence each.
#pragma once

#include <string>
#include <vector>

#include "control/api/server_view.h"

namespace tandem6 {

/// Relationships that are in a state not to stay in, or that report a fault; halves of prefix pools
/// with less than 5 % left; pools that are used up to 80 or 95 %, bindings likewise, ports without
/// a link, leases that the disk does not take or did not give back. Pure.
[[nodiscard]] std::vector<std::string> find_alarms(const StatusView& status);

/// What to log when alarms changed from one list to the next. Pure.
struct AlarmChange {
  std::vector<std::string> raised;
  std::vector<std::string> gone;
};
/// Alarms are told apart by their words up to the first ": ", so that a growing number is no news.
[[nodiscard]] AlarmChange compare_alarms(const std::vector<std::string>& before,
                                         const std::vector<std::string>& now);

}  // namespace tandem6
