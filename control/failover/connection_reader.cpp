#include "control/failover/connection_reader.h"

#include "control/failover/fingerprint_option.h"
#include "control/failover/option_walk.h"
#include "control/failover/status_report.h"
#include "control/failover/wire_time.h"
#include "dataplane/wire/cursor.h"

namespace tandem6 {
namespace {

struct ConnectionOptions {
  ConnectionParameters parameters;
  std::optional<StatusReport> status;
};

/// REQUIRES: the option fits.
void read_parameter(const WalkedOption& option, ConnectionOptions& read) {
  ConnectionParameters& parameters = read.parameters;
  Cursor cursor(option.value);
  switch (option.code) {
    case OptionCode::kProtocolVersion: {
      const std::uint16_t major = cursor.u16();
      parameters.version = {.major = major, .minor = cursor.u16()};
      break;
    }
    case OptionCode::kMclt:
      parameters.mclt = Lifetime{cursor.u32()};
      break;
    case OptionCode::kKeepaliveTime:
      parameters.keepalive = Lifetime{cursor.u32()};
      break;
    case OptionCode::kMaxUnackedBndUpd:
      parameters.max_unacked_bndupd = cursor.u32();
      break;
    case OptionCode::kConnectFlags:
      parameters.flags = cursor.u16();
      break;
    case OptionCode::kRelationshipName:
      parameters.relationship_name.assign(option.value.begin(), option.value.end());
      break;
    case OptionCode::kVendorOptions:
      if (parameters.fingerprint.empty()) {
        const Bytes fingerprint = read_fingerprint(option.value);
        parameters.fingerprint.assign(fingerprint.begin(), fingerprint.end());
      }
      break;
    case OptionCode::kStatusCode:
      read.status = read_status(option.value);
      break;
    default:
      break;
  }
}

std::expected<ConnectionOptions, ReadFault> read_connection(Bytes options) {
  ConnectionOptions read;
  OptionWalk walk(options, Place::kFailoverMessage);
  while (const auto option = walk.next()) {
    if (option->fits) read_parameter(*option, read);
  }
  if (walk.overran()) return std::unexpected(ReadFault::kOptionOverrun);
  return read;
}

EndpointState state_of(std::uint8_t number) noexcept {
  constexpr auto kLast = static_cast<std::uint8_t>(EndpointState::kConflictDone);
  return number <= kLast ? static_cast<EndpointState>(number) : EndpointState::kNone;
}

/// False for a length that the option cannot have.
bool read_state_option(const WalkedOption& option, WallTime now, State& state) {
  constexpr std::uint8_t kKnownFlags =
      ServerFlags::kCommunicated | ServerFlags::kStartup | ServerFlags::kAckStartup;
  Cursor cursor(option.value);
  switch (option.code) {
    case OptionCode::kServerState:
      state.state = state_of(cursor.u8());
      return option.fits;
    case OptionCode::kServerFlags:
      state.flags.octet = cursor.u8() & kKnownFlags;
      return option.fits;
    case OptionCode::kStartTimeOfState:
      state.start_time_of_state = optional_time_near(cursor.u32(), now);
      return option.fits;
    case OptionCode::kPartnerDownTime:
      state.partner_down_time = optional_time_near(cursor.u32(), now);
      return option.fits;
    default:
      return true;
  }
}

}  // namespace

std::expected<Connect, ReadFault> read_connect(Bytes options) {
  auto read = read_connection(options);
  if (!read) return std::unexpected(read.error());
  return Connect{.parameters = std::move(read->parameters)};
}

std::expected<ConnectReply, ReadFault> read_connect_reply(Bytes options) {
  auto read = read_connection(options);
  if (!read) return std::unexpected(read.error());
  // A success only informs.
  if (read->status && !is_error(*read->status)) read->status.reset();
  return ConnectReply{.parameters = std::move(read->parameters),
                      .refusal = std::move(read->status)};
}

std::expected<Disconnect, ReadFault> read_disconnect(Bytes options) {
  auto read = read_connection(options);
  if (!read) return std::unexpected(read.error());
  return Disconnect{.status = std::move(read->status)};
}

std::expected<State, ReadFault> read_state(Bytes options, WallTime now) {
  State state;
  bool fits = true;
  OptionWalk walk(options, Place::kFailoverMessage);
  while (const auto option = walk.next()) {
    fits = read_state_option(*option, now, state) && fits;
  }
  if (walk.overran()) return std::unexpected(ReadFault::kOptionOverrun);
  if (!fits) return std::unexpected(ReadFault::kMalformedValue);
  return state;
}

}  // namespace tandem6
