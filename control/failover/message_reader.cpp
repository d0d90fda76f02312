#include "control/failover/message_reader.h"

#include <utility>

#include "control/failover/binding_reader.h"
#include "control/failover/connection_reader.h"
#include "control/failover/wire_time.h"
#include "dataplane/wire/cursor.h"

namespace tandem6 {
namespace {

constexpr std::size_t kPlainHeaderSize = 4;
constexpr std::size_t kHeaderSize = 8;

using Body = FailoverMessage::Body;

/// A message whose options, if there are any, say nothing.
std::expected<Body, ReadFault> read_nothing(Bytes options, Body body) {
  Cursor cursor(options);
  while (!cursor.at_end()) {
    next_option(cursor);
    if (!cursor.ok()) return std::unexpected(ReadFault::kOptionOverrun);
  }
  return body;
}

template <typename Read>
std::expected<Body, ReadFault> body_of(std::expected<Read, ReadFault>&& read) {
  if (!read) return std::unexpected(read.error());
  return Body(std::move(*read));
}

std::expected<Body, ReadFault> read_body(MessageType type, Bytes options, WallTime now) {
  switch (type) {
    case MessageType::kBndUpd:
      return body_of(read_binding_update(options, now));
    case MessageType::kBndReply:
      return body_of(read_binding_reply(options, now));
    case MessageType::kPoolReq:
      return read_nothing(options, PoolRequest{});
    case MessageType::kPoolResp:
      return read_nothing(options, PoolResponse{});
    case MessageType::kUpdReq:
      return read_nothing(options, UpdateRequest{.all = false});
    case MessageType::kUpdReqAll:
      return read_nothing(options, UpdateRequest{.all = true});
    case MessageType::kUpdDone:
      return read_nothing(options, UpdateDone{});
    case MessageType::kConnect:
      return body_of(read_connect(options));
    case MessageType::kConnectReply:
      return body_of(read_connect_reply(options));
    case MessageType::kDisconnect:
      return body_of(read_disconnect(options));
    case MessageType::kState:
      return body_of(read_state(options, now));
    case MessageType::kContact:
      return read_nothing(options, Contact{});
    default:
      return std::unexpected(ReadFault::kUnknownType);
  }
}

}  // namespace

const char* text_of(ReadFault fault) noexcept {
  switch (fault) {
    case ReadFault::kTooShort:
      return "a message shorter than its header";
    case ReadFault::kOptionOverrun:
      return "an option that runs past its container";
    case ReadFault::kUnknownType:
      return "a message of unknown type";
    case ReadFault::kMalformedValue:
      return "an option with a length that it cannot have";
  }
  return "an unknown fault";
}

bool ends_connection(ReadFault fault) noexcept {
  return fault == ReadFault::kTooShort || fault == ReadFault::kOptionOverrun;
}

std::expected<FailoverMessage, ReadFault> read_message(std::span<const std::uint8_t> frame,
                                                       WallTime now) {
  Cursor cursor(frame);
  const auto type = static_cast<MessageType>(cursor.u8());
  // Of a message that is not of failover only the plain header of DHCPv6 can be asked for.
  if (frame.size() < (is_failover(type) ? kHeaderSize : kPlainHeaderSize)) {
    return std::unexpected(ReadFault::kTooShort);
  }
  const std::uint32_t transaction_id = cursor.u24();
  const WallTime sent_time = wall_time_near(cursor.u32(), now);
  auto body = read_body(type, cursor.rest(), now);
  if (!body) return std::unexpected(body.error());
  return FailoverMessage{
      .transaction_id = transaction_id, .sent_time = sent_time, .body = std::move(*body)};
}

}  // namespace tandem6
