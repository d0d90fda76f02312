// When a message was read, for the comparison with its sent-time. A message that waited
// because we paused reading was stamped when the partner wrote it, seconds or minutes before we
// look; how much of that was its clock nobody can know. So the wait is taken out.
#pragma once

#include <algorithm>
#include <optional>

#include "dataplane/lease/wall_time.h"

namespace tandem6 {

/// One for each connection. Pure.
class ReadClock {
 public:
  void paused(WallTime now) noexcept {
    if (!wait_) wait_ = Wait{.begin = now, .end = kNever};
    wait_->end = kNever;
  }
  void resumed(WallTime now) noexcept {
    if (wait_) wait_->end = now;
  }

  /// `read` is when its octets came from the socket. Of a message that may have been sent during
  /// the last pause: the time within the pause that is nearest to its sent-time. The first one that
  /// was sent after it ends the matter.
  [[nodiscard]] WallTime read_at(WallTime sent_time, WallTime read) noexcept {
    if (!wait_) return read;
    if (sent_time <= wait_->end) return std::min(std::max(sent_time, wait_->begin), read);
    wait_.reset();
    return read;
  }

 private:
  struct Wait {
    WallTime begin;
    WallTime end;
  };
  std::optional<Wait> wait_;
};

}  // namespace tandem6
