// A server small enough to see what the worker does with it: the home of a client is the last octet
// of its DUID, modulo the number of workers; the answer is the message's type 7, its transaction-id
// and the number of the worker. State-changing types get the next change number, or are refused.
#pragma once

#include <algorithm>
#include <atomic>
#include <vector>

#include "dataplane/net/message_server.h"
#include "dataplane/wire/check.h"

namespace tandem6 {

class FakeServer final : public MessageServer {
 public:
  struct Answered {
    Envelope envelope;
    MessageType type;
    std::uint32_t transaction_id;
    std::uint8_t client;  // last octet of the DUID
  };

  FakeServer(unsigned index, unsigned count) : index_(index), count_(count) {}

  static bool changes_state(MessageType type) {
    return type == MessageType::kRequest || type == MessageType::kRenew ||
           type == MessageType::kRebind || type == MessageType::kRelease ||
           type == MessageType::kDecline;
  }

  unsigned locate(Bytes client_id) noexcept override { return client_id.back() % count_; }

  Outcome respond(const Envelope& envelope, const ParsedMessage& message, WallTime now,
                  std::span<std::uint8_t> buffer) noexcept override {
    Outcome outcome;
    if (!envelope.changes_allowed && changes_state(message.type)) {
      ++refused;
      outcome.drop = DropReason::kStorage;
      return outcome;
    }
    const std::uint8_t client = message.client_id.empty() ? 0 : message.client_id.back();
    if (remember) answered.push_back({envelope, message.type, message.transaction_id, client});
    last_time = now;
    if (message.type == MessageType::kConfirm) {
      outcome.drop = DropReason::kNoLink;
      return outcome;
    }
    const std::uint8_t octets[5] = {7, static_cast<std::uint8_t>(message.transaction_id >> 16),
                                    static_cast<std::uint8_t>(message.transaction_id >> 8),
                                    static_cast<std::uint8_t>(message.transaction_id),
                                    static_cast<std::uint8_t>(index_)};
    std::copy(std::begin(octets), std::end(octets), buffer.begin());
    outcome.size = sizeof octets;
    outcome.destination = envelope.source;
    outcome.destination_port = 546;
    if (changes_state(message.type)) outcome.change_number = ++last_change;
    return outcome;
  }

  std::size_t expire(WallTime now, std::size_t budget) noexcept override {
    last_expire = now;
    const std::size_t count = std::min(budget, to_expire);
    to_expire -= count;
    return count;
  }

  void answer(const ShardQuery& query, SpscRing<ShardAnswer>& answers) noexcept override {
    ShardAnswer reply;
    reply.id = query.id;
    for (unsigned n = 0; n < query.count_max; ++n) T6_CHECK(answers.push(reply));
    reply.last = true;
    T6_CHECK(answers.push(reply));
  }

  /// Each task takes three turns.
  bool advance(ShardTask& task, WallTime) noexcept override {
    advanced.push_back(&task);
    return advanced.size() % 3 == 0;
  }

  void use(const Service& service) noexcept override { used.store(&service); }

  bool remember = true;
  std::vector<Answered> answered;
  std::vector<const ShardTask*> advanced;
  std::size_t refused = 0;
  WallTime last_time = kNoTime;
  WallTime last_expire = kNoTime;
  std::size_t to_expire = 0;
  std::uint64_t last_change = 0;
  std::atomic<const Service*> used{nullptr};

 private:
  unsigned index_;
  unsigned count_;
};

}  // namespace tandem6
