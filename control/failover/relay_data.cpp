#include "control/failover/relay_data.h"

#include "control/failover/option_walk.h"
#include "dataplane/lease/attribute_store.h"
#include "dataplane/wire/message_type.h"

namespace tandem6 {
namespace {

constexpr std::size_t kAddressSize = 16;
constexpr std::size_t kRelayHeaderSize = 34;
constexpr auto kRelayForward = static_cast<std::uint8_t>(MessageType::kRelayForward);

void keep(Bytes& kept, const WalkedOption& option) noexcept {
  const std::size_t size = option.value.size();
  if (option.fits && size != 0 && size <= kAttributeSizeMax) kept = option.value;
}

}  // namespace

RelayIdentity read_relay_data(Bytes value) noexcept {
  RelayIdentity identity;
  Bytes message = value.subspan(kAddressSize);
  // From the outermost inwards, so that the nearest to the client has the last word.
  for (std::size_t level = 0; level < kRelayLevelCountMax; ++level) {
    if (message.size() < kRelayHeaderSize || message[0] != kRelayForward) break;
    OptionWalk walk(message.subspan(kRelayHeaderSize), Place::kRelayMessage);
    message = {};
    while (const auto option = walk.next()) {
      if (option->code == OptionCode::kRemoteId) keep(identity.remote_id, *option);
      if (option->code == OptionCode::kInterfaceId) keep(identity.interface_id, *option);
      if (option->code == OptionCode::kRelayMessage) message = option->value;
    }
  }
  return identity;
}

void write_relay_data(OctetWriter& writer, const RelayIdentity& identity) {
  if (identity.remote_id.empty() && identity.interface_id.empty()) return;
  const std::size_t option = writer.begin(OptionCode::kLqRelayData);
  writer.zeros(kAddressSize);  // the relay's address is not kept
  writer.u8(kRelayForward);
  writer.zeros(kRelayHeaderSize - 1);  // hop-count, link-address, peer-address
  if (!identity.interface_id.empty())
    writer.option(OptionCode::kInterfaceId, identity.interface_id);
  if (!identity.remote_id.empty()) writer.option(OptionCode::kRemoteId, identity.remote_id);
  writer.end(option);
}

}  // namespace tandem6
