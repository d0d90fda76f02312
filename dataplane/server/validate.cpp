#include "dataplane/server/validate.h"

#include <algorithm>

namespace tandem6 {

namespace {

enum class Need : std::uint8_t { kForbidden, kOptional, kRequired };

struct IdentifierRule {
  Need client_id;
  Need server_id;
};

/// RFC 8415 sections 16.2 to 16.12.
IdentifierRule rule_of(MessageType type) noexcept {
  switch (type) {
    case MessageType::kSolicit:
    case MessageType::kConfirm:
    case MessageType::kRebind:
      return {Need::kRequired, Need::kForbidden};
    case MessageType::kRequest:
    case MessageType::kRenew:
    case MessageType::kRelease:
    case MessageType::kDecline:
      return {Need::kRequired, Need::kRequired};
    default:
      return {Need::kOptional, Need::kOptional};  // INFORMATION-REQUEST
  }
}

bool meets(Need need, bool present) noexcept {
  return present ? need != Need::kForbidden : need != Need::kRequired;
}

bool is_ours(const Service& service, Bytes server_id) noexcept {
  return std::ranges::equal(server_id, service.settings().server_duid.bytes());
}

DropReason check_path(const Service& service, const Envelope& envelope,
                      const ParsedMessage& message) noexcept {
  const Ipv6Address& source = envelope.source;
  if (source.is_unspecified() || source.is_multicast() || source.is_loopback()) {
    return DropReason::kBadSource;
  }
  if (!message.is_relayed()) {
    // RFC 9915: no client message by unicast without a relay between (S-012, S-174, S-175).
    return envelope.destination.is_multicast() ? DropReason::kNone : DropReason::kUnicast;
  }
  const auto& relays = service.settings().relays;
  if (!relays.empty() && std::ranges::find(relays, source) == relays.end()) {
    return DropReason::kRelayUnlisted;
  }
  return service.is_client_only(envelope.port) ? DropReason::kRelayUnlisted : DropReason::kNone;
}

}  // namespace

DropReason validate(const Service& service, const Envelope& envelope,
                    const ParsedMessage& message) noexcept {
  if (const DropReason reason = check_path(service, envelope, message);
      reason != DropReason::kNone) {
    return reason;
  }
  const IdentifierRule rule = rule_of(message.type);
  if (!meets(rule.client_id, !message.client_id.empty()) ||
      !meets(rule.server_id, !message.server_id.empty())) {
    return DropReason::kRules;
  }
  if (!message.server_id.empty() && !is_ours(service, message.server_id)) {
    return DropReason::kOtherServer;
  }
  if (message.type == MessageType::kInformationRequest && message.ia_count != 0) {
    return DropReason::kRules;  // RFC 8415 section 16.12
  }
  return DropReason::kNone;
}

bool may_answer(const ServingRules& rules, MessageType type) noexcept {
  if (!rules.may_allocate && type != MessageType::kRenew) return false;
  switch (rules.responsiveness) {
    case Responsiveness::kUnresponsive:
      return false;
    case Responsiveness::kRenewResponsive:
      return rule_of(type).server_id == Need::kRequired;
    case Responsiveness::kResponsive:
      break;
  }
  return true;
}

}  // namespace tandem6
