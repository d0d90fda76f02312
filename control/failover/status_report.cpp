#include "control/failover/status_report.h"

#include "dataplane/wire/cursor.h"

namespace tandem6 {

StatusReport read_status(Bytes value) {
  Cursor cursor(value);
  StatusReport status{.code = static_cast<StatusCode>(cursor.u16()), .text = {}};
  for (const std::uint8_t octet : cursor.rest()) {
    const bool is_control = octet < ' ' || octet == 0x7f;
    status.text += is_control ? '?' : static_cast<char>(octet);
  }
  return status;
}

void write_status(OctetWriter& writer, const StatusReport& status) {
  const std::size_t option = writer.begin(OptionCode::kStatusCode);
  writer.u16(static_cast<std::uint16_t>(status.code));
  for (const char letter : status.text) writer.u8(static_cast<std::uint8_t>(letter));
  writer.end(option);
}

void write_status_if_telling(OctetWriter& writer, const StatusReport& status) {
  if (is_error(status) || !status.text.empty()) write_status(writer, status);
}

}  // namespace tandem6
