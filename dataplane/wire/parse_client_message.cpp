#include "dataplane/wire/parse_client_message.h"

#include "dataplane/wire/client_fqdn.h"
#include "dataplane/wire/parse_ia.h"

namespace tandem6 {
namespace {

constexpr std::size_t kMessageHeaderSize = 4;
constexpr std::size_t kEnterpriseNumberSize = 4;

/// kNone for what a client may send over UDP.
DropReason type_fault(std::uint8_t type) noexcept {
  switch (static_cast<MessageType>(type)) {
    case MessageType::kSolicit:
    case MessageType::kRequest:
    case MessageType::kConfirm:
    case MessageType::kRenew:
    case MessageType::kRebind:
    case MessageType::kRelease:
    case MessageType::kDecline:
    case MessageType::kInformationRequest:
      return DropReason::kNone;
    case MessageType::kAdvertise:
    case MessageType::kReply:
    case MessageType::kReconfigure:
    case MessageType::kRelayReply:
    case MessageType::kLeasequeryReply:
    case MessageType::kLeasequeryDone:
    case MessageType::kLeasequeryData:
    case MessageType::kActiveLeasequery:
    case MessageType::kStartTls:
      return DropReason::kDirection;
    case MessageType::kRelayForward:  // unwrapped before
    case MessageType::kLeasequery:    // this server answers no leasequery: as good as unknown to it
    case MessageType::kBndUpd:        // failover comes over TCP only
    case MessageType::kBndReply:
    case MessageType::kPoolReq:
    case MessageType::kPoolResp:
    case MessageType::kUpdReq:
    case MessageType::kUpdReqAll:
    case MessageType::kUpdDone:
    case MessageType::kConnect:
    case MessageType::kConnectReply:
    case MessageType::kDisconnect:
    case MessageType::kState:
    case MessageType::kContact:
      break;
  }
  return DropReason::kUnknownType;
}

/// Does not touch the array of IAs: whatever lies past `ia_count` is old.
void reset_client_part(ParsedMessage& message) noexcept {
  message.client_id = {};
  message.server_id = {};
  message.rapid_commit = false;
  message.reconfigure_accept = false;
  message.has_option_request = false;
  message.requested.reset();
  message.elapsed_time = 0;
  message.client_fqdn = {};
  message.user_class = {};
  message.vendor_class = {};
  message.ia_count = 0;
}

/// RFC 8415 section 11 knows types 1 to 4; others are served, opaque as they all are.
bool duid_type_is_known(Bytes duid) noexcept {
  const std::uint16_t type = Cursor(duid).u16();
  return type >= 1 && type <= 4;
}

void read_option_request(Bytes value, ParsedMessage& message, ParseState& state) noexcept {
  message.has_option_request = true;
  // More codes than there are is odd, as is saying one twice.
  bool odd = value.size() / 2 > kRequestableCodeEnd;
  Cursor codes(value);
  while (!codes.at_end()) {
    const std::uint16_t code = codes.u16();
    if (code >= kRequestableCodeEnd) continue;
    odd = odd || message.requested[code];
    message.requested[code] = true;
  }
  if (odd) state.note(OddReason::kOroBig);
}

/// User and vendor class data: strings, each after its length in two octets.
bool counted_strings_fit(Bytes value) noexcept {
  Cursor strings(value);
  while (!strings.at_end()) strings.bytes(strings.u16());
  return strings.ok();
}

void read_user_class(Bytes value, ParsedMessage& message, ParseState& state) noexcept {
  if (value.empty() || !counted_strings_fit(value)) {
    state.note(OddReason::kClass);
    return;
  }
  message.user_class = value;
}

void read_vendor_class(Bytes value, ParsedMessage& message, ParseState& state) noexcept {
  if (!counted_strings_fit(value.subspan(kEnterpriseNumberSize))) {
    state.note(OddReason::kClass);
    return;
  }
  if (message.vendor_class.empty()) message.vendor_class = value;
}

void read_fqdn(Bytes value, ParsedMessage& message, ParseState& state) noexcept {
  if (!read_client_fqdn(value)) {
    state.note(OddReason::kFqdn);
    return;
  }
  message.client_fqdn = value;
}

bool is_known_ia(const ParsedMessage& message, const IaView& ia) noexcept {
  for (const IaView& known : message.identity_associations()) {
    if (known.type == ia.type && known.iaid == ia.iaid) return true;
  }
  return false;
}

DropReason read_ia(const OptionView& option, ParsedMessage& message, ParseState& state) noexcept {
  IaView ia;
  const DropReason fault = parse_ia(option, ia, state);
  if (fault != DropReason::kNone) return fault;
  if (is_known_ia(message, ia)) {
    state.note(OddReason::kDupIa);
    return DropReason::kNone;
  }
  if (message.ia_count == kIaCountMax) return DropReason::kIaFlood;
  message.ias[message.ia_count++] = ia;
  return DropReason::kNone;
}

DropReason read_option(const OptionView& option, ParsedMessage& message,
                       ParseState& state) noexcept {
  switch (static_cast<OptionCode>(option.code)) {
    case OptionCode::kClientId:
      message.client_id = option.value;
      if (!duid_type_is_known(option.value)) state.note(OddReason::kDuidType);
      break;
    case OptionCode::kServerId:
      message.server_id = option.value;
      break;
    case OptionCode::kIaNa:
    case OptionCode::kIaPd:
      return read_ia(option, message, state);
    case OptionCode::kOptionRequest:
      read_option_request(option.value, message, state);
      break;
    case OptionCode::kElapsedTime:
      message.elapsed_time = Cursor(option.value).u16();
      break;
    case OptionCode::kRapidCommit:
      message.rapid_commit = true;
      break;
    case OptionCode::kReconfigureAccept:
      message.reconfigure_accept = true;
      break;
    case OptionCode::kUserClass:
      read_user_class(option.value, message, state);
      break;
    case OptionCode::kVendorClass:
      read_vendor_class(option.value, message, state);
      break;
    case OptionCode::kClientFqdn:
      read_fqdn(option.value, message, state);
      break;
    default:
      break;
  }
  return DropReason::kNone;
}

}  // namespace

DropReason parse_client_message(Bytes bytes, ParsedMessage& message, ParseState& state) noexcept {
  if (bytes.size() < kMessageHeaderSize) return DropReason::kTruncated;
  const DropReason wrong_type = type_fault(bytes[0]);
  if (wrong_type != DropReason::kNone) return wrong_type;
  reset_client_part(message);
  message.type = static_cast<MessageType>(bytes[0]);
  message.transaction_id = Cursor(bytes.subspan(1)).u24();

  OptionReader reader(bytes.subspan(kMessageHeaderSize), Place::kClientMessage, state);
  OptionView option;
  while (reader.next(option)) {
    const DropReason fault = read_option(option, message, state);
    if (fault != DropReason::kNone) return fault;
  }
  return reader.fault();
}

}  // namespace tandem6
