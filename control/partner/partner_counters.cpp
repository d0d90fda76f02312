#include "control/partner/partner_counters.h"

namespace tandem6 {

const char* name_of(PartnerEvent event) noexcept {
  static constexpr std::array<const char*, kPartnerEventCount> kNames = {
      "fo.accept", "fo.unlisted", "fo.conn_cap", "fo.deadline", "fo.frame",    "fo.garbage",
      "fo.tls",    "fo.unknown",  "fo.sequence", "fo.window",   "fo.reconnect"};
  return kNames[static_cast<std::size_t>(event)];
}

}  // namespace tandem6
