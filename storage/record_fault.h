// Why a record was set aside rather than served.
#pragma once

#include <cstdint>

namespace tandem6 {

/// Stands in set-aside records: do not renumber.
enum class RecordFault : std::uint8_t {
  kSize = 1,      // shorter than its own parts say, or with octets after them
  kChecksum = 2,  // some octet is not the one that was written
  kVersion = 3,   // of a format that this program does not know
  kValue = 4,     // a field says what no server would have written
  kConflict = 5,  // another binding holds the lease
};

/// For people: "does not fit its checksum".
[[nodiscard]] const char* text_of(RecordFault fault) noexcept;

}  // namespace tandem6
