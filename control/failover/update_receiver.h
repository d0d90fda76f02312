// Binding updates of the partner on their way through shards and disk to their BNDREPLY (RFC 8156
// sections 7.5 and 7.6). A reply leaves when every lease of its BNDUPD has been judged and what was
// accepted is on disk (F-200).
#pragma once

#include <cstdint>
#include <unordered_map>

#include "control/failover/effects.h"
#include "control/failover/events.h"

namespace tandem6 {

/// Part of an Endpoint, one connection after the other.
class UpdateReceiver {
 public:
  /// A connection is up; so many BNDUPDs may wait for their reply.
  void begin(ConnectionId connection, std::uint32_t window) noexcept;
  /// Nobody waits any more; what is being applied is applied.
  void end() noexcept;

  /// False: the partner has overrun its window by far, and the connection should be closed.
  [[nodiscard]] bool received(std::uint32_t transaction_id, BindingUpdate&& update,
                              Effects& effects);
  /// True when the whole BNDUPD is answered with this and what is known here of some lease of it is
  /// to follow (F-248).
  [[nodiscard]] bool applied(const event::Applied& applied, Effects& effects);

  [[nodiscard]] std::size_t unanswered() const noexcept { return pending_.size(); }

 private:
  struct Pending {
    std::uint32_t transaction_id;
    std::shared_ptr<BindingUpdate> update;  // what Apply says is in it
    std::size_t unjudged = 0;
    bool answer_with_ours = false;
  };
  void reply(const Pending& pending, Effects& effects);

  ConnectionId connection_ = 0;
  std::uint32_t window_ = 0;
  std::uint32_t last_number_ = 0;
  std::unordered_map<std::uint32_t, Pending> pending_;  // by the number that Apply names
};

}  // namespace tandem6
