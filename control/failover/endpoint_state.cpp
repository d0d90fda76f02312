#include "control/failover/endpoint_state.h"

namespace tandem6 {

const char* name_of(EndpointState state) noexcept {
  switch (state) {
    case EndpointState::kNone:
      return "NONE";
    case EndpointState::kStartup:
      return "STARTUP";
    case EndpointState::kNormal:
      return "NORMAL";
    case EndpointState::kCommunicationsInterrupted:
      return "COMMUNICATIONS-INTERRUPTED";
    case EndpointState::kPartnerDown:
      return "PARTNER-DOWN";
    case EndpointState::kPotentialConflict:
      return "POTENTIAL-CONFLICT";
    case EndpointState::kRecover:
      return "RECOVER";
    case EndpointState::kRecoverWait:
      return "RECOVER-WAIT";
    case EndpointState::kRecoverDone:
      return "RECOVER-DONE";
    case EndpointState::kResolutionInterrupted:
      return "RESOLUTION-INTERRUPTED";
    case EndpointState::kConflictDone:
      return "CONFLICT-DONE";
  }
  return "UNKNOWN";
}

}  // namespace tandem6
