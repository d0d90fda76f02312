// Clients of one worker that renew their leases in turn: messages in, replies out when their change
// is committed. Stands where in the daemon the packet path stands; the worker's thread.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/lease/committed_mark.h"
#include "dataplane/net/held_replies.h"
#include "dataplane/net/message_server.h"
#include "dataplane/wire/counters.h"
#include "dataplane/wire/parsed_message.h"
#include "perf/storage/population.h"
#include "storage/latency_record.h"

namespace tandem6 {

class RenewingClients {
 public:
  static constexpr std::size_t kBurstSize = 32;

  /// Borrows both.
  RenewingClients(MessageServer& server, const CommittedMark& mark, std::uint64_t client_count)
      : server_(server), mark_(mark), client_count_(client_count) {}

  /// A burst of RENEWs, no more than this, and as many as held replies and change ring take.
  void renew(WallTime now, std::size_t count_max = kBurstSize);
  /// Sends what is committed; `latency` has from the message to the reply's release.
  void release(LatencyRecord& latency);

  [[nodiscard]] std::uint64_t told() const noexcept { return head_; }
  [[nodiscard]] std::uint64_t begun() const noexcept { return tail_; }
  /// Of the n-th RENEW: all clients in turn, in an order that has nothing to do with keys.
  [[nodiscard]] std::uint64_t client_of(std::uint64_t renewal) const noexcept {
    return renewal * 0x9e3779b97f4a7c15 % client_count_;
  }

 private:
  struct Held {
    std::uint64_t number;
    std::uint64_t arrived;
  };
  [[nodiscard]] std::uint64_t held_count() const noexcept { return tail_ - head_; }

  MessageServer& server_;
  const CommittedMark& mark_;
  WireCounters counters_;
  std::uint64_t client_count_;
  population::RenewTemplate renew_;
  std::array<std::array<std::uint8_t, 256>, kBurstSize> datagrams_{};
  std::array<ParsedMessage, kBurstSize> messages_;
  std::array<std::uint8_t, 1232> reply_{};
  std::array<Held, HeldReplies::kCountMax> held_{};
  std::uint64_t head_ = 0;
  std::uint64_t tail_ = 0;  // renewals begun
};

/// Of the steady clock.
[[nodiscard]] std::uint64_t nanoseconds_now();

}  // namespace tandem6
