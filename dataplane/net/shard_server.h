// The server behind a worker: its shard, its responder and the configuration snapshot in use.
#pragma once

#include "dataplane/net/message_server.h"

namespace tandem6 {

class ShardServer final : public MessageServer {
 public:
  /// Borrows all three; they outlive it. Any thread constructs it, before the worker starts.
  ShardServer(const Service& service, Shard& shard, WireCounters& counters) noexcept
      : service_(&service), shard_(&shard), responder_(service, shard, counters) {}

  [[nodiscard]] unsigned locate(Bytes client_id) noexcept override;
  [[nodiscard]] Outcome respond(const Envelope& envelope, const ParsedMessage& message,
                                WallTime now, std::span<std::uint8_t> buffer) noexcept override {
    return responder_.respond(envelope, message, now, buffer);
  }
  std::size_t expire(WallTime now, std::size_t budget) noexcept override {
    return responder_.expire(now, budget);
  }
  void answer(const ShardQuery& query, SpscRing<ShardAnswer>& answers) noexcept override;
  bool advance(ShardTask& task, WallTime now) noexcept override {
    return task.advance(*service_, *shard_, now);
  }
  void use(const Service& service) noexcept override;

 private:
  const Service* service_;
  Shard* shard_;
  Responder responder_;
};

}  // namespace tandem6
