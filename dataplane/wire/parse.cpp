#include "dataplane/wire/parse.h"

#include "dataplane/wire/option_reader.h"
#include "dataplane/wire/parse_client_message.h"
#include "dataplane/wire/parse_relay.h"

namespace tandem6 {
namespace {

/// The relay next to the client says 0, each one outwards one more (RFC 8415 section 19.1). A field
/// that disagrees does no harm: it goes back as it came.
bool hop_counts_match(std::span<const RelayLevel> levels) noexcept {
  std::size_t expected = levels.size();
  for (const RelayLevel& level : levels) {
    if (level.hop_count != --expected) return false;
  }
  return true;
}

}  // namespace

DropReason parse(std::span<const std::uint8_t> datagram, ParsedMessage& message,
                 WireCounters& counters) noexcept {
  constexpr auto kRelayForward = static_cast<std::uint8_t>(MessageType::kRelayForward);
  ParseState state;
  Bytes rest = datagram;
  message.relay_level_count = 0;
  while (!rest.empty() && rest[0] == kRelayForward) {
    if (message.relay_level_count == kRelayLevelCountMax) return DropReason::kRelayDepth;
    RelayLevel& level = message.relay_levels[message.relay_level_count];
    const DropReason fault = parse_relay_level(rest, level, state);
    if (fault != DropReason::kNone) return fault;
    ++message.relay_level_count;
  }
  if (!hop_counts_match(message.relays())) state.note(OddReason::kHopCount);

  const DropReason fault = parse_client_message(rest, message, state);
  if (fault == DropReason::kNone) state.publish(counters);
  return fault;
}

}  // namespace tandem6
