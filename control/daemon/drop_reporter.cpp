#include "control/daemon/drop_reporter.h"

namespace tandem6 {
namespace {

/// Those that a healthy server meets all the time: counted, never logged.
bool is_everyday(DropReason reason) {
  return reason == DropReason::kNone || reason == DropReason::kOtherServer ||
         reason == DropReason::kNotForUs || reason == DropReason::kUnresponsive;
}

}  // namespace

std::vector<std::string> DropReporter::look(const Counts& counts, Time now) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < kReasonCount; ++i) {
    const auto reason = static_cast<DropReason>(i);
    Reported& reported = reported_[i];
    if (is_everyday(reason) || counts[i] == reported.count) continue;
    if (reported.at.has_value() && now - *reported.at < kQuietTime) continue;
    lines.push_back("dropped " + std::to_string(counts[i] - reported.count) + " messages: drop." +
                    name_of(reason) + " (" + std::to_string(counts[i]) + " in all)");
    reported = {.count = counts[i], .at = now};
  }
  return lines;
}

}  // namespace tandem6
