// What a worker asks of the server behind it: who is at home where, and the answer to a message.
// The daemon gives each worker a ShardServer; tests give it something smaller.
//
// One per worker. All calls come from that worker's thread, `use` included.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/lease/wall_time.h"
#include "dataplane/server/responder.h"
#include "dataplane/server/service.h"
#include "dataplane/server/shard_query.h"
#include "dataplane/server/shard_task.h"
#include "dataplane/wire/parsed_message.h"

namespace tandem6 {

/// Answers to one query at most, the last one included; a query's count_max stays below it.
inline constexpr std::size_t kShardAnswerCountMax = 512;

class MessageServer {
 public:
  virtual ~MessageServer() = default;

  /// The worker at home for this client; when it is this one, its bindings are prefetched.
  [[nodiscard]] virtual unsigned locate(Bytes client_id) noexcept = 0;
  /// As Responder::respond.
  [[nodiscard]] virtual Outcome respond(const Envelope& envelope, const ParsedMessage& message,
                                        WallTime now, std::span<std::uint8_t> buffer) noexcept = 0;
  /// As Responder::expire.
  virtual std::size_t expire(WallTime now, std::size_t budget) noexcept = 0;
  /// Pushes at most kShardAnswerCountMax answers, for which the ring has room.
  virtual void answer(const ShardQuery& query, SpscRing<ShardAnswer>& answers) noexcept = 0;
  /// As ShardTask::advance.
  virtual bool advance(ShardTask& task, WallTime now) noexcept = 0;
  /// Takes another configuration snapshot from the next message on.
  virtual void use(const Service& service) noexcept = 0;
};

}  // namespace tandem6
