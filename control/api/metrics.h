// The counters as Prometheus text, version 0.0.4.
#pragma once

#include <string>

namespace tandem6 {

class ServerView;

/// Control thread.
[[nodiscard]] std::string write_metrics(ServerView& server);

}  // namespace tandem6
