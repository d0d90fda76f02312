#include "control/failover/fingerprint_option.h"

#include "dataplane/wire/cursor.h"

namespace tandem6 {

Bytes read_fingerprint(Bytes vendor_options) noexcept {
  Cursor cursor(vendor_options);
  if (cursor.u32() != kExampleEnterpriseNumber) return {};
  while (!cursor.at_end()) {
    const OptionView option = next_option(cursor);
    if (!cursor.ok()) break;
    if (option.code == kFingerprintSubOption) return option.value;
  }
  return {};
}

void write_fingerprint(OctetWriter& writer, Bytes fingerprint) {
  if (fingerprint.empty()) return;
  const std::size_t option = writer.begin(OptionCode::kVendorOptions);
  writer.u32(kExampleEnterpriseNumber);
  writer.u16(kFingerprintSubOption);
  writer.u16(static_cast<std::uint16_t>(fingerprint.size()));
  writer.bytes(fingerprint);
  writer.end(option);
}

}  // namespace tandem6
