#include "control/partner/type_rules.h"

namespace tandem6 {
namespace {

using Fault = std::optional<TypeFault>;

/// Of a first message that is not the one it has to be.
TypeFault fault_of_first(MessageType type) noexcept {
  if (is_failover(type)) return {PartnerEvent::kSequence, "a message before the CONNECT"};
  return {PartnerEvent::kGarbage, "what comes is not failover"};
}

Fault fault_before_tls(MessageType type) noexcept {
  if (type == MessageType::kStartTls) return std::nullopt;
  if (type == MessageType::kConnect) {
    return TypeFault{PartnerEvent::kTls, "a CONNECT in clear; TLS is asked for here"};
  }
  return fault_of_first(type);
}

Fault fault_of_connect(MessageType type, bool is_in_tls) noexcept {
  if (type == MessageType::kConnect) return std::nullopt;
  if (type != MessageType::kStartTls) return fault_of_first(type);
  if (!is_in_tls) return std::nullopt;
  return TypeFault{PartnerEvent::kTls, "STARTTLS a second time"};
}

Fault fault_while_running(Role role, MessageType type) noexcept {
  if (type == MessageType::kStartTls) {
    return TypeFault{PartnerEvent::kTls, "STARTTLS on a connection that is up"};
  }
  if (type > MessageType{0} && type < MessageType::kStartTls) {
    return TypeFault{PartnerEvent::kSequence, "a message of clients"};
  }
  if (type == MessageType::kConnect) {
    return TypeFault{PartnerEvent::kSequence,
                     role == Role::kSecondary ? "a second CONNECT" : "a CONNECT to the primary"};
  }
  if (type == MessageType::kConnectReply && role == Role::kSecondary) {
    return TypeFault{PartnerEvent::kSequence, "a CONNECTREPLY to the secondary"};
  }
  return std::nullopt;
}

}  // namespace

std::optional<TypeFault> fault_of_type(Stage stage, Role role, MessageType type) noexcept {
  switch (stage) {
    case Stage::kStartTls:
      return fault_before_tls(type);
    case Stage::kStartTlsReply:
      if (type == MessageType::kReply) return std::nullopt;
      return TypeFault{PartnerEvent::kTls, "STARTTLS is answered by something that is no REPLY"};
    case Stage::kConnectInClear:
      return fault_of_connect(type, false);
    case Stage::kConnectInTls:
      return fault_of_connect(type, true);
    case Stage::kRunning:
      break;
  }
  return fault_while_running(role, type);
}

}  // namespace tandem6
