#include "dataplane/lease/binding.h"

namespace tandem6 {

const char* name_of(BindingStatus status) noexcept {
  switch (status) {
    case BindingStatus::kActive:
      return "ACTIVE";
    case BindingStatus::kExpired:
      return "EXPIRED";
    case BindingStatus::kReleased:
      return "RELEASED";
    case BindingStatus::kPendingFree:
      return "PENDING-FREE";
    case BindingStatus::kFree:
      return "FREE";
    case BindingStatus::kFreeBackup:
      return "FREE-BACKUP";
    case BindingStatus::kAbandoned:
      return "ABANDONED";
    case BindingStatus::kReset:
      return "RESET";
  }
  return "UNKNOWN";
}

}  // namespace tandem6
