// The partner's side of a shard: what it tells us of leases is judged and applied here, what we
// have for it is taken here, and its acks come back here (RFC 8156 sections 7.4 to 7.7).
//
// Budget: a microsecond an update, no allocation; a call does a bounded piece, so that it fits
// between two bursts.
//
// A lease is judged by the shard that holds it, whoever is named in the update. An update for a
// client at home here may concern a lease that a binding of another shard holds: then apply_update
// changes nothing and says which shard that is; the caller lets that shard `yield_lease` first, and
// calls again. Between the two calls nobody holds the lease, and only claims decide who gets it
// next, so nothing can be given twice.
//
// What the message handlers owe to these functions:
//  - a change that the partner has to know clears update_sent (partner_rules.h does) and is
//  emitted;
//    that alone puts it among the unsent ones;
//  - a prefix that a client gets leaves its half: `leave_half` (claims.h), while it is claimed;
//  - EXPIRED, RELEASED and RESET stay claimed until the ack (apply_ack frees them), and their timer
//    is for `set_timer` and `end_wait` to say (lease_timers.h): none outside of PARTNER-DOWN, in it
//    their state_expiration_time is the time of reuse, known to this server alone;
//  - whoever brings a binding back from disk calls Shard::note_restored and set_timer.
#pragma once

#include <cstdint>

#include "dataplane/lease/lease_update.h"
#include "dataplane/lease/shard.h"
#include "dataplane/server/block_book.h"
#include "dataplane/server/relationships.h"
#include "dataplane/server/service.h"
#include "dataplane/server/serving_rules.h"

namespace tandem6 {

/// The shard, and the endpoint on whose behalf it is asked. Only the shard's worker.
struct PartnerContext {
  const Service& service;
  Shard& shard;
  RelationshipIndex relationship;
  ServingRules rules;  // of that relationship, now
  WallTime now;
};

struct UpdateOutcome {
  LeaseVerdict verdict{};
  std::uint64_t change_number = 0;  // the reply waits until this is committed; 0: for nothing
  /// Refused as outdated where our own version was not waiting to be sent: it may be sent at once,
  /// after the reply (F-248, F-249).
  bool answer_with_ours = false;
  ShardId held_by = kNoShard;  // another shard has to yield first; nothing was changed
  /// Of yield_lease: until when the client that loses the lease may believe that it has it.
  WallTime promised_until{};
};

/// Judges and applies one lease of a BNDUPD. Without room for a new binding an update that needs
/// one is refused with UnspecFail (1), before anybody has lost anything: the partner keeps its
/// lease unacked and tells it again. `promised_until`: what another shard's yield_lease said of it.
/// REQUIRES: the client is at home in this shard (a bare prefix: see prefix_shares.h), the update
/// lacks nothing of section 7.4, and change_room() >= 2.
[[nodiscard]] UpdateOutcome apply_update(const PartnerContext& context, const LeaseUpdate& update,
                                         WallTime promised_until = kNoTime) noexcept;

/// The same judgement for a lease that a binding of this shard holds and another client's update
/// claims. When it is accepted the binding here is over and its claim released; `held_by` is
/// kNoShard then and the home shard can apply. REQUIRES: as above but for the client.
[[nodiscard]] UpdateOutcome yield_lease(const PartnerContext& context,
                                        const LeaseUpdate& update) noexcept;

/// Stores an accepting reply for one lease. Returns the change's number (nobody waits for it), or 0
/// when nothing here matches it. REQUIRES: change_room() >= 1.
std::uint64_t apply_ack(const PartnerContext& context, const LeaseAck& ack) noexcept;

/// The partner has refused the lease: it is dirty, if it was not, and is told again with the next
/// scan. Returns the change's number (nobody waits for it), or 0 when there was none.
/// REQUIRES: change_room() >= 1.
std::uint64_t note_refusal(const PartnerContext& context, const LeaseAck& lease) noexcept;

/// Takes one update after the other. `last_of_ia`: the leases up to here belong into one BNDUPD
/// of an IA, what goes goes together). Of kUnsent that is what has changed in the IA: leases
/// that the partner knows as they are would only make it compare, and answer.
using UpdateSink = void (*)(void* sink, const LeaseUpdate& update, bool last_of_ia);

enum class UpdateKind : std::uint8_t {
  kUnsent,  // changed since it was last handed to this connection
  /// Everything held for the relationship: UPDREQALL. Free leases only where the partner does not
  /// know that they are; an IA whose leases stand far apart may go twice. What has ended here, and
  /// which the partner may have renewed and forgotten, is ABANDONED from here on (lease_ends.h).
  kAll,
};

struct TakenUpdates {
  BindingIndex next = 0;            // go on from here; kNoBinding: this was the end
  std::uint32_t count = 0;          // of leases given to the sink
  std::uint64_t change_number = 0;  // hand them to the connection when this is committed; 0: now
};
/// Hands at most about `count_max` leases to the sink, from binding `from` on: builds each update
/// as the binding is now and notes that it was sent (on disk for one that has ended: R-11). Looks
/// at a bounded number of bindings; stops early (`next` unchanged, perhaps) when the change ring
/// has no room. What the partner is told is committed first, so that this server never knows less
/// than its partner was told by it.
[[nodiscard]] TakenUpdates take_updates(const PartnerContext& context, UpdateKind kind,
                                        BindingIndex from, std::uint32_t count_max, UpdateSink sink,
                                        void* sink_context) noexcept;

/// A new connection has been sent nothing yet; the periodic scan sends again what was refused.
/// Everything in this shard that is not acked counts as unsent, whichever the relationship. Costs a
/// step for each 64 bindings.
void forget_sent(const PartnerContext& context) noexcept;

/// The first start in a relationship, or in another role, with the shard restored:
/// every binding of the relationship that is held becomes dirty, and what a partner of before has
/// acked bounds nothing any more. Those that are free stay as they are: without a record the
/// partner takes a lease for what it is by configuration, and that is free as well.
/// Looks at a bounded number of bindings from `from` on, fewer where the change ring has no room;
/// returns where to go on, kNoBinding at the end. Durable when Shard::last_change is committed.
[[nodiscard]] BindingIndex mark_all_dirty(const PartnerContext& context,
                                          BindingIndex from) noexcept;

/// A start with an old copy of the database, likewise: what this server has promised since
/// is not in it. A client that has a lease there, or had it until a moment before, may have it
/// until MCLT beyond all that the partner may have acked, and not before that does this server say
/// that it is over; nothing that the partner acked then bounds a grant. Only ABANDONED is news, or
/// an address that the partner has forgotten would be kept for ever.
[[nodiscard]] BindingIndex doubt_old_copy(const PartnerContext& context,
                                          BindingIndex from) noexcept;

/// The partner has told everything that it holds: what it did not speak of is free there. It gives
/// what of that is in its half, so that this is free here as well; what is in ours may have been
/// promised since: it runs out, and nothing is told of it before. Likewise; `book` knows of the
/// blocks that the partner spoke of. After a forced PARTNER-DOWN (rules.has_old_leases is false)
/// nothing is freed.
[[nodiscard]] BindingIndex settle_old_copy(const PartnerContext& context, BindingIndex from,
                                           const BlockBook& book) noexcept;

/// On entry to PARTNER-DOWN: every ended binding of the relationship that waits for an ack gets a
/// timer for the time from which it may be free without one. Looks at a bounded number of
/// bindings from `from` on; returns where to go on, kNoBinding at the end. Leaving PARTNER-DOWN
/// needs no scan: a timer that fires outside of it only clears itself.
[[nodiscard]] BindingIndex arm_reuse_timers(const PartnerContext& context,
                                            BindingIndex from) noexcept;

}  // namespace tandem6
