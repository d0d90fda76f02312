// What the fuzzer and the replay of its corpus do with the octets of one failover frame. What does
// not hold ends the process (T6_CHECK), which a fuzzer sees.
#pragma once

#include <span>

#include "control/failover/message_reader.h"
#include "control/failover/message_writer.h"
#include "dataplane/wire/check.h"
#include "dataplane/wire/print.h"

namespace tandem6 {

/// Every BNDUPD has a reply, and one like us can read it (F-250).
inline void try_reply(const FailoverMessage& message, const BindingUpdate& update, WallTime now) {
  for (const BindingUpdate::Lease& lease : update.leases) {
    if (lease.verdict.status != StatusCode::kSuccess) continue;
    T6_CHECK(lease.update.lease.length <= 128);
    T6_CHECK(lease.update.lease == lease.update.lease.masked());
    T6_CHECK(lease.update.start_time_of_state.seconds > 0);
  }
  std::vector<std::uint8_t> frame;
  T6_CHECK(write_message(
      {.transaction_id = message.transaction_id, .sent_time = now, .body = reply_to(update)}, now,
      frame));
  const auto reply = read_message(std::span(frame).subspan(2), now);
  T6_CHECK(reply.has_value());
  T6_CHECK(std::holds_alternative<BindingReply>(reply->body));
  T6_CHECK(reply->transaction_id == message.transaction_id);
}

/// A reply says the same when it is said again.
inline void try_again(const FailoverMessage& message, const BindingReply& reply, WallTime now) {
  std::vector<std::uint8_t> frame;
  T6_CHECK(write_message(message, now, frame));
  const auto again = read_message(std::span(frame).subspan(2), now);
  T6_CHECK(again.has_value());
  T6_CHECK(std::get<BindingReply>(again->body).leases.size() <= reply.leases.size());
}

inline void try_failover_message(std::span<const std::uint8_t> octets) {
  constexpr WallTime kNow{0x33000000};
  (void)print_datagram(octets);
  const auto read = read_message(octets, kNow);
  if (!read) {
    (void)text_of(read.error());
    return;
  }
  T6_CHECK(static_cast<std::uint8_t>(read->type()) == octets[0]);
  if (const auto* const update = std::get_if<BindingUpdate>(&read->body)) {
    try_reply(*read, *update, kNow);
  } else if (const auto* const reply = std::get_if<BindingReply>(&read->body)) {
    try_again(*read, *reply, kNow);
  }
}

}  // namespace tandem6
