// Whether the leases on disk are what this server last knew. Where they are not, the partner's
// leases are to be asked for anew, all of them: event::Start's `origin`.
#pragma once

#include <cstdint>

namespace tandem6 {

/// Stored on disk: do not renumber. Kept until whoever has resynchronised says kKept.
enum class LeasesOrigin : std::uint8_t {
  kKept = 0,      // they are
  kMade = 1,      // the database was made, empty
  kRestored = 2,  // it was a checkpoint: whatever was told since is missing
  kDamaged = 3,   // records were set aside, or places of the disk were lost
};

/// Leases in it may have ended since, and be somebody else's. What a made one has it was told by
/// clients and the partner, as any other.
[[nodiscard]] constexpr bool is_old_copy(LeasesOrigin origin) noexcept {
  return origin == LeasesOrigin::kRestored || origin == LeasesOrigin::kDamaged;
}

/// "restored"
[[nodiscard]] constexpr const char* name_of(LeasesOrigin origin) noexcept {
  switch (origin) {
    case LeasesOrigin::kKept:
      return "kept";
    case LeasesOrigin::kMade:
      return "made";
    case LeasesOrigin::kRestored:
      return "restored";
    case LeasesOrigin::kDamaged:
      return "damaged";
  }
  return "unknown";
}

}  // namespace tandem6
