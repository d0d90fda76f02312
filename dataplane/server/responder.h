// The server of RFC 8415/9915 as a pure object: a parsed message, a shard and the time go in; a
// reply and changes of the shard come out. No socket, no clock, no thread, no log, no disk.
//
// Order within one message, always: validate, decide (claims may be made), build the whole reply,
// and only when it fits apply the decisions to the shard and emit the changes. A message that is
// dropped has changed nothing.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/lease/shard.h"
#include "dataplane/lease/wall_time.h"
#include "dataplane/server/plan.h"
#include "dataplane/server/service.h"
#include "dataplane/wire/counters.h"
#include "dataplane/wire/parsed_message.h"

namespace tandem6 {

/// Where a datagram came from and how it reached us.
struct Envelope {
  Ipv6Address source;
  Ipv6Address destination;
  std::uint16_t source_port = 0;
  std::uint16_t port = 0;  // index into NetSettings::ports
  /// False while storage takes none: what needs no change is answered, the rest is drop.storage.
  bool changes_allowed = true;
};

/// What is to be sent. `drop` other than kNone: nothing is.
struct Outcome {
  DropReason drop = DropReason::kNone;
  std::uint32_t size = 0;           // octets written into the buffer
  std::uint64_t change_number = 0;  // hold the reply until this change is committed; 0: send now
  Ipv6Address destination;
  std::uint16_t destination_port = 0;
};

/// One per worker; only that worker's thread calls it.
class Responder {
 public:
  Responder(const Service& service, Shard& shard, WireCounters& counters) noexcept;

  /// Takes another configuration snapshot from the next message on.
  void use(const Service& service) noexcept { service_ = &service; }

  /// Answers one message whose home is this shard (or that names no client). Counts what it
  /// receives, drops and sends. `buffer` must hold at least 1232 octets for usual answers; one that
  /// does not fit is drop.ans_size.
  [[nodiscard]] Outcome respond(const Envelope& envelope, const ParsedMessage& message,
                                WallTime now, std::span<std::uint8_t> buffer) noexcept;

  /// Ends bindings whose time has come, at most `budget` of them. Returns how many. Call it often.
  std::size_t expire(WallTime now, std::size_t budget) noexcept;

 private:
  const Service* service_;
  Shard* shard_;
  WireCounters* counters_;
  Plan plan_;  // reused by every message
};

}  // namespace tandem6
