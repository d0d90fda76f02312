// May a binding update of the partner replace what is known here? RFC 8156 section 7.5.4 with its
// Figure 4, and rulings. Pure; any thread.
#pragma once

#include "dataplane/lease/binding.h"
#include "dataplane/lease/lease_update.h"
#include "dataplane/lease/role.h"

namespace tandem6 {

/// Partners keep their clocks within this of each other, so nearer times are one time (7.5.1).
inline constexpr std::int64_t kClockToleranceSeconds = 5;

/// The status that an update says: PENDING-FREE is the free status of the lease's half.
[[nodiscard]] BindingStatus status_of(const LeaseUpdate& update) noexcept;

/// The time of an update that counts against the known one (F-211, F-212). Times before 2000 are
/// none, as in a binding.
[[nodiscard]] WallTime time_of(const LeaseUpdate& update) noexcept;
/// The time of a binding (F-213): the client's last contact with either server, by what is known
/// here, else the start of its status. Of one last written from the partner: as the partner sent
/// it, in its own clock.
[[nodiscard]] WallTime time_of(const Binding& binding) noexcept;

/// The client's last contact with either server that is known here.
[[nodiscard]] WallTime latest_contact(const Binding& binding) noexcept;

/// When the client's lease ends by an ACTIVE update: at option 134, or at the end of the valid
/// lifetime counted from the client's last contact if that is later. Of other updates:
/// option 134 alone.
[[nodiscard]] WallTime state_expiration_of(const LeaseUpdate& update) noexcept;

/// What is known here of the lease that an update is about.
struct KnownLease {
  const Binding* binding = nullptr;  // of whatever client; null: nothing, so it is as configured
  bool is_same_client = false;       // DUID, IA type and IAID are those of the update
};

enum class Judgement : std::uint8_t {
  kTake,
  /// The same client's update of a running lease, older than what is known or as old: the later of
  /// each time, so that the lease does not end before any server said it would.
  kMerge,
  kOutdated,      // refuse with 19; the partner is to be told the binding known here
  kAddressInUse,  // refuse with 16: two clients, and the other one yields
  /// Refuse with 19, and say nothing: the lease is over for its client as the partner says, but
  /// another one that was to yield may still believe that it has it. The partner holds it
  /// and asks again with its scan.
  kTooEarly,
};

/// One cell of Figure 4. `receiver` is the role of the server that judges. The update is complete:
/// status and times that 7.4 requires are there. An ACTIVE of another client that has run out by
/// its own word takes no running lease away.
[[nodiscard]] Judgement judge(const KnownLease& known, const LeaseUpdate& update, Role receiver,
                              WallTime now) noexcept;

}  // namespace tandem6
