#include "storage/record_fault.h"

namespace tandem6 {

const char* text_of(RecordFault fault) noexcept {
  switch (fault) {
    case RecordFault::kSize:
      return "is cut short or has octets too many";
    case RecordFault::kChecksum:
      return "does not fit its checksum";
    case RecordFault::kVersion:
      return "is of a format that this version does not know";
    case RecordFault::kValue:
      return "says what no server would have written";
    case RecordFault::kConflict:
      return "claims a lease that another binding holds";
  }
  return "is of an unknown fault";
}

}  // namespace tandem6
