// Which type of message may come when on a connection between partners (RFC 8156 section 6.1, RFC
// 7653 sections 8.2 and 9.1). Judged as soon as the type octet is there. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "control/partner/partner_counters.h"
#include "dataplane/lease/role.h"
#include "dataplane/wire/message_type.h"

namespace tandem6 {

/// What is waited for.
enum class Stage : std::uint8_t {
  kStartTls,        // secondary, in clear, with TLS in its settings
  kStartTlsReply,   // primary, in clear
  kConnectInClear,  // secondary; STARTTLS is let through, since it is answered
  kConnectInTls,    // secondary
  kRunning,
};

struct TypeFault {
  PartnerEvent event;
  const char* why;
};

/// nullopt: it may come; that includes what is not known and will be skipped (F-035).
[[nodiscard]] std::optional<TypeFault> fault_of_type(Stage stage, Role role,
                                                     MessageType type) noexcept;

}  // namespace tandem6
