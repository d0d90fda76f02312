#include "control/failover/message_writer.h"

#include "control/failover/binding_writer.h"
#include "control/failover/fingerprint_option.h"
#include "control/failover/octet_writer.h"
#include "control/failover/status_report.h"
#include "control/failover/wire_time.h"
#include "dataplane/wire/check.h"

namespace tandem6 {
namespace {

constexpr std::size_t kFrameSizeMax = 65535;

Bytes octets_of(const std::string& text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Writes the options of each message.
class BodyWriter {
 public:
  BodyWriter(OctetWriter& writer, WallTime now) : writer_(writer), now_(now) {}

  void operator()(const Connect& message) { parameters(message.parameters); }
  void operator()(const ConnectReply& message) {
    if (message.refusal) write_status(writer_, *message.refusal);
    parameters(message.parameters);
  }
  void operator()(const Disconnect& message) {
    if (message.status) write_status(writer_, *message.status);
  }
  void operator()(const State& message);
  void operator()(const Contact&) {}
  void operator()(const PoolRequest&) {}
  void operator()(const PoolResponse&) {}
  void operator()(const UpdateRequest&) {}
  void operator()(const UpdateDone&) {}
  void operator()(const BindingUpdate& message) { write_binding_update(writer_, message, now_); }
  void operator()(const BindingReply& message) { write_binding_reply(writer_, message); }

 private:
  void parameters(const ConnectionParameters& parameters);

  OctetWriter& writer_;
  WallTime now_;
};

void BodyWriter::parameters(const ConnectionParameters& parameters) {
  if (parameters.version) {
    const std::size_t option = writer_.begin(OptionCode::kProtocolVersion);
    writer_.u16(parameters.version->major);
    writer_.u16(parameters.version->minor);
    writer_.end(option);
  }
  if (parameters.mclt) writer_.option_u32(OptionCode::kMclt, parameters.mclt->seconds);
  if (parameters.keepalive) {
    writer_.option_u32(OptionCode::kKeepaliveTime, parameters.keepalive->seconds);
  }
  if (parameters.max_unacked_bndupd) {
    writer_.option_u32(OptionCode::kMaxUnackedBndUpd, *parameters.max_unacked_bndupd);
  }
  if (parameters.flags) writer_.option_u16(OptionCode::kConnectFlags, *parameters.flags);
  if (!parameters.relationship_name.empty()) {
    writer_.option(OptionCode::kRelationshipName, octets_of(parameters.relationship_name));
  }
  write_fingerprint(writer_, parameters.fingerprint);
}

void BodyWriter::operator()(const State& message) {
  // The S flag says STARTUP (F-054), and no STATE goes out without a state (F-112). A start that a
  // damaged record has lost goes as the earliest time there is: 133 is always there.
  T6_CHECK(message.state != EndpointState::kNone && message.state != EndpointState::kStartup);
  writer_.option_u8(OptionCode::kServerState, static_cast<std::uint8_t>(message.state));
  writer_.option_u8(OptionCode::kServerFlags, message.flags.octet);
  writer_.option_u32(OptionCode::kStartTimeOfState,
                     told_time_of(message.start_time_of_state, now_));
  if (message.state == EndpointState::kPartnerDown && !message.partner_down_time.is_none()) {
    writer_.option_u32(OptionCode::kPartnerDownTime, told_time_of(message.partner_down_time, now_));
  }
}

bool write_if_it_fits(const FailoverMessage& message, WallTime now,
                      std::vector<std::uint8_t>& out) {
  const std::size_t size_at = out.size();
  OctetWriter writer(out);
  writer.u16(0);
  const std::size_t frame_at = out.size();
  writer.u8(static_cast<std::uint8_t>(message.type()));
  writer.u24(message.transaction_id);
  writer.u32(wire_time_of(message.sent_time));
  std::visit(BodyWriter(writer, now), message.body);
  const std::size_t size = out.size() - frame_at;
  if (size > kFrameSizeMax) {
    out.resize(size_at);
    return false;
  }
  writer.patch_u16(size_at, size);
  return true;
}

}  // namespace

bool write_message(const FailoverMessage& message, WallTime now, std::vector<std::uint8_t>& out) {
  if (write_if_it_fits(message, now, out)) return true;
  if (!std::holds_alternative<BindingReply>(message.body)) return false;
  FailoverMessage shorter = message;
  while (shorten(std::get<BindingReply>(shorter.body))) {
    if (write_if_it_fits(shorter, now, out)) return true;
  }
  return false;
}

}  // namespace tandem6
