#include "dataplane/wire/parse_relay.h"

namespace tandem6 {
namespace {

constexpr std::size_t kRelayHeaderSize = 34;
constexpr std::uint8_t kHopCountMax = 8;

}  // namespace

DropReason parse_relay_level(Bytes& message, RelayLevel& level, ParseState& state) noexcept {
  if (message.size() < kRelayHeaderSize) return DropReason::kTruncated;
  level = RelayLevel{};
  level.hop_count = message[1];
  if (level.hop_count > kHopCountMax) return DropReason::kRelayDepth;
  level.link_address = Ipv6Address::from_bytes(message.subspan(2));
  level.peer_address = Ipv6Address::from_bytes(message.subspan(18));

  OptionReader reader(message.subspan(kRelayHeaderSize), Place::kRelayMessage, state);
  OptionView option;
  Bytes inner;
  while (reader.next(option)) {
    switch (static_cast<OptionCode>(option.code)) {
      case OptionCode::kRelayMessage:
        inner = option.value;
        break;
      case OptionCode::kInterfaceId:
        level.has_interface_id = true;
        level.interface_id = option.value;
        break;
      case OptionCode::kRemoteId:
        level.remote_id = option.value;
        break;
      case OptionCode::kSubscriberId:
        level.subscriber_id = option.value;
        break;
      case OptionCode::kClientLinkLayerAddress:
        level.client_link_layer_address = option.value;
        break;
      case OptionCode::kRelaySourcePort:
        level.has_relay_source_port = true;
        level.relay_source_port = Cursor(option.value).u16();
        break;
      case OptionCode::kRelaySuppliedOptions: {
        const DropReason fault = check_framing(option.value, state);
        if (fault != DropReason::kNone) return fault;
        level.relay_supplied_options = option.value;
        break;
      }
      default:
        break;
    }
  }
  if (reader.fault() != DropReason::kNone) return reader.fault();
  if (inner.empty()) return DropReason::kRelayMsg;
  message = inner;
  return DropReason::kNone;
}

}  // namespace tandem6
