// One function per message type that a client sends: it fills the exchange's plan, or says why
// there is no answer. None of them changes a binding; claims that they make are undone if the
// message is dropped. (RFC 8415 section 18.3)
#pragma once

#include "dataplane/server/exchange.h"

namespace tandem6 {

/// What the reply is, beside the plan's IAs.
struct ReplyShape {
  MessageType type = MessageType::kReply;
  bool has_status = false;  // a status at top level
  StatusCode status = StatusCode::kSuccess;
  bool rapid_commit = false;
};

[[nodiscard]] DropReason handle_solicit(Exchange& exchange, ReplyShape& shape) noexcept;
[[nodiscard]] DropReason handle_request(Exchange& exchange, ReplyShape& shape) noexcept;
[[nodiscard]] DropReason handle_confirm(Exchange& exchange, ReplyShape& shape) noexcept;
[[nodiscard]] DropReason handle_renew(Exchange& exchange, ReplyShape& shape) noexcept;
[[nodiscard]] DropReason handle_rebind(Exchange& exchange, ReplyShape& shape) noexcept;
[[nodiscard]] DropReason handle_release(Exchange& exchange, ReplyShape& shape) noexcept;
[[nodiscard]] DropReason handle_decline(Exchange& exchange, ReplyShape& shape) noexcept;
[[nodiscard]] DropReason handle_information_request(Exchange& exchange, ReplyShape& shape) noexcept;

}  // namespace tandem6
