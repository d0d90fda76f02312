// Messages that wait to be written. They are encoded when the socket is ready for them, so that
// their sent-time is that of the writing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <optional>
#include <vector>

#include "control/failover/message.h"

namespace tandem6 {

/// One for each connection. Bounded by the memory that the messages take.
class SendQueue {
 public:
  /// A chunk is begun below this and ends with a whole message.
  static constexpr std::size_t kChunkSize = std::size_t{32} << 10;

  explicit SendQueue(std::size_t octets_max) noexcept : octets_max_(octets_max) {}

  /// False: it is full, and the message is lost.
  [[nodiscard]] bool push(FailoverMessage&& message);
  [[nodiscard]] bool empty() const noexcept { return waiting_.empty() && !contact_; }
  [[nodiscard]] std::size_t octets() const noexcept { return octets_; }

  /// Appends one chunk of frames, stamped with `now`; how many. CONTACT goes ahead of BNDUPD and
  /// BNDREPLY, but of nothing else: STATE is the first message after CONNECTREPLY (6.3), and no
  /// message comes before that. The error is the type of a message that fits no frame.
  [[nodiscard]] std::expected<std::size_t, MessageType> encode(WallTime now,
                                                               std::vector<std::uint8_t>& out);

 private:
  [[nodiscard]] FailoverMessage pop();

  std::size_t octets_max_;
  std::size_t octets_ = 0;  // of waiting_
  std::deque<FailoverMessage> waiting_;
  std::optional<FailoverMessage> contact_;  // one says as much as several
};

}  // namespace tandem6
