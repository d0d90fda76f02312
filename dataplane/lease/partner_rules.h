// What a partner changes about the life of a binding: the transitions of RFC 8156 section 7.2 that
// wait for an ack, what an accepted BNDUPD stores (7.5.5, 7.8) and what an ack stores (7.7). Pure:
// a binding and values go in, the binding changes; claims, timers, records and attributes are the
// caller's.
//
// Times of a binding and who writes them:
//
//   partner_lifetime              grants here (greatest sent, never less while one client has it)
//   acked_partner_lifetime        acks: the latest; its maximum beside it
//   expiration_time               accepted updates: the greatest partner-lifetime that we acked
//   partner_raw_clt_time          accepted updates, exactly as sent (F-195)
//   client_last_transaction_time  grants here; an update's option 126 if later (F-208)
#pragma once

#include "dataplane/lease/binding.h"
#include "dataplane/lease/conflict.h"
#include "dataplane/lease/lease_update.h"
#include "dataplane/lease/role.h"

namespace tandem6 {

/// What a grant tells a client and, later, the partner.
struct Grant {
  Lifetime preferred;
  Lifetime valid;    // actual: bounded already
  Lifetime desired;  // by configuration
  Lifetime t1;       // told to the client; 0: it chooses
};

/// The client was heard and gets (or keeps) the lease: as `grant` of lease_rules.h, and the partner
/// is to be told of it until partner_lifetime_after (kept when greater). Clears from_partner.
void grant_with_partner(Binding& binding, WallTime now, const Grant& grant) noexcept;

/// ACTIVE ends, or ABANDONED is reset: EXPIRED, RELEASED or RESET, held until the partner acks
/// (transition 4). state_expiration_time becomes none. REQUIRES: how is one of the three.
void end_with_partner(Binding& binding, BindingStatus how, WallTime now) noexcept;

/// The client found the address in use: as `abandon`, and the partner is to be told.
void abandon_with_partner(Binding& binding, WallTime now, Lifetime hold) noexcept;

/// PENDING-FREE and on, at once: FREE or FREE-BACKUP by `half`; no partner times are left
/// but for the client's contact, by which later updates are judged. needs_update is
/// untouched. from_partner stays where that contact is known: the end of a lease that the partner
/// told of says nothing that it does not know, and should it ask again, it is to hear yes again.
void become_free(Binding& binding, Half half, WallTime now) noexcept;

/// Stores an accepted update (`judge` said kTake or kMerge). `same_client`: the binding was this
/// client's already (else it is new or has been taken over: nothing of before counts). EXPIRED,
/// RELEASED and RESET stay so until the caller, once they are on disk, calls become_free.
///
/// kTake: the partner's version is the one that counts now. from_partner is set, nothing is left to
/// tell. kMerge: ours goes on, with the later of each time; needs_update is set where ours says
/// more than the partner knows, update_sent is cleared where the merge changed anything, and
/// from_partner stays as it was: ours is the later contact.
/// REQUIRES: kTake or kMerge; kMerge: same_client, and both are ACTIVE.
void take_update(Binding& binding, const LeaseUpdate& update, Judgement judgement,
                 bool same_client) noexcept;

/// Stores an accepting reply. True when the binding is now to become free: EXPIRED, RELEASED or
/// RESET, unchanged since it was sent.
///
/// Unchanged: `update_sent`, and the echo does not speak of an older version. An ack of an older
/// version only updates the acked times, and those only while the client has the lease
/// or has just had it.
[[nodiscard]] bool take_ack(Binding& binding, const LeaseAck& ack) noexcept;

/// After take_update of an ACTIVE: where the partner acked more than we know to have told it, or
/// tells of a later contact of ours than of its own, we have lost our record, and may have promised
/// the client to MCLT beyond everything that the partner acked. RECOVER-WAIT waits for what the
/// partner never knew, not for this. It becomes the end of the lease here, which no grant takes
/// back. `mclt`: the larger one known.
void recall_promise(Binding& binding, WallTime partner_lifetime_before, Lifetime mclt) noexcept;

/// When an ACTIVE binding ends by time here: when nobody can have promised its client more.
///  - What we told it: state_expiration_time.
///  - The partner may have renewed it unknown to us, to MCLT beyond everything that we acked. While
///    it is alive it refuses an end that comes too early; but it may have lost its disk and believe
///    us.
/// Where the binding is from the partner, a grace period later: it is for the server that heard the
/// client last to say so. `mclt`: the larger one known.
[[nodiscard]] WallTime end_of_active(const Binding& binding, Lifetime mclt) noexcept;
inline constexpr Lifetime kPartnerExpiryGrace{60};

}  // namespace tandem6
