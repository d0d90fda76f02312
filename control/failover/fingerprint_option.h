// Where the fingerprint of the configuration travels: a Vendor-specific Information option (17, RFC
// 8415 section 21.17) in CONNECT and CONNECTREPLY, which other servers skip. Part of the codec of
// messages.
#pragma once

#include "control/failover/octet_writer.h"

namespace tandem6 {

/// The number that RFC 5612 sets apart for examples: this project has none of its own, and will not
/// borrow one that means somebody. What another server says under it is no fingerprint of ours and
/// at worst reads as a configuration that differs.
inline constexpr std::uint32_t kExampleEnterpriseNumber = 32473;
inline constexpr std::uint16_t kFingerprintSubOption = 1;

/// Empty: none in this option. Takes any value.
[[nodiscard]] Bytes read_fingerprint(Bytes vendor_options) noexcept;
/// Writes nothing when it is empty.
void write_fingerprint(OctetWriter& writer, Bytes fingerprint);

}  // namespace tandem6
