#include "control/partner/start_tls.h"

#include "control/failover/octet_writer.h"
#include "control/failover/status_report.h"
#include "dataplane/wire/cursor.h"

namespace tandem6 {
namespace {

constexpr std::size_t kHeaderSize = 4;

std::vector<std::uint8_t> frame_of(MessageType type, std::uint32_t transaction_id,
                                   const std::optional<StatusReport>& status) {
  std::vector<std::uint8_t> frame;
  OctetWriter writer(frame);
  writer.u16(0);
  const std::size_t begin = writer.size();
  writer.u8(static_cast<std::uint8_t>(type));
  writer.u24(transaction_id);
  if (status) write_status(writer, *status);
  writer.patch_u16(0, writer.size() - begin);
  return frame;
}

}  // namespace

std::vector<std::uint8_t> start_tls_frame(std::uint32_t transaction_id) {
  return frame_of(MessageType::kStartTls, transaction_id, std::nullopt);
}

std::vector<std::uint8_t> start_tls_reply_frame(std::uint32_t transaction_id,
                                                const std::optional<StatusReport>& refusal) {
  return frame_of(MessageType::kReply, transaction_id, refusal);
}

std::optional<std::uint32_t> read_start_tls(std::span<const std::uint8_t> frame) {
  if (frame.size() < kHeaderSize) return std::nullopt;
  Cursor cursor(frame.subspan(1));
  return cursor.u24();
}

std::expected<void, std::string> read_start_tls_reply(std::span<const std::uint8_t> frame) {
  if (frame.size() < kHeaderSize) return std::unexpected("the REPLY to STARTTLS is too short");
  Cursor cursor(frame.subspan(kHeaderSize));
  while (!cursor.at_end()) {
    const OptionView option = next_option(cursor);
    if (!cursor.ok()) return std::unexpected("the REPLY to STARTTLS is cut off");
    if (option.code != static_cast<std::uint16_t>(OptionCode::kStatusCode)) continue;
    if (option.value.size() < sizeof(std::uint16_t)) {
      return std::unexpected("the REPLY to STARTTLS has a status that is none");
    }
    const StatusReport status = read_status(option.value);
    if (!is_error(status)) continue;
    std::string why = std::string("the partner refuses TLS: ") + name_of(status.code);
    if (!status.text.empty()) why += ", " + status.text;
    return std::unexpected(std::move(why));
  }
  return {};
}

}  // namespace tandem6
