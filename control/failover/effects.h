// What an endpoint wants done, in order. The order is part of the meaning: an effect is begun only
// when those before it are done, and a Persist is done when it is on disk. So what a STATE says is
// in stable storage before it is sent (RFC 8156 section 6.3), and a server that has stopped
// answering has stopped before it says so.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "control/failover/message.h"
#include "dataplane/lease/endpoint_record.h"
#include "dataplane/lease/lease_update.h"
#include "dataplane/lease/role.h"

namespace tandem6 {

/// Names a connection for as long as it lives; events of an older one are ignored. 0: none.
using ConnectionId = std::uint32_t;

/// What the endpoint's state allows the servers of its links (RFC 8156 section 8); the executor
/// makes ServingRules of it.
struct Serving {
  enum class Answers : std::uint8_t { kNobody, kOwnClients, kEverybody };

  Answers answers = Answers::kNobody;
  bool may_allocate = true;
  bool is_bounded = true;
  bool is_in_contact = false;
  bool has_old_leases = false;  // an old copy, until the partner has told all
  Lifetime mclt{};
  Lifetime mclt_max{};
  WallTime partner_down_since{};  // kNoTime outside of PARTNER-DOWN

  friend bool operator==(const Serving&, const Serving&) = default;
};

enum class Severity : std::uint8_t { kNotice, kWarning, kAlarm };

namespace effect {

/// A first start in this relationship, or in this role: every binding of it that is held is
/// to be told to the partner, whoever knew of it before, and is so on disk when this is done
/// . Before the first Persist, so that a crash in between repeats it.
struct MarkAllDirty {};
/// The database is an old copy, and so on disk when this is done. A lease in it may have been
/// promised for longer since (doubt_old_copy); whose prefixes are, nobody here knows: all are the
/// primary's, but for those that the secondary says are its own, or that the primary gives it from
/// now on.
struct DoubtOldCopy {};
/// The partner has told all that an old, damaged or new database lacked: what it did not speak of
/// is free there (settle_old_copy), and when that is on disk the next start need not say that its
/// leases are new. What follows waits for it.
struct LeasesAreWhole {};
struct Persist {
  EndpointRecord record;
  bool is_lazy = false;  // a heartbeat: needs no sync of its own, nothing waits for it
};
/// All workers obey it when this is done.
struct Serve {
  Serving serving;
};
/// The primary opens a connection; Connected or Closed comes back.
struct Open {
  ConnectionId id;
};
struct Send {
  ConnectionId id;
  FailoverMessage message;  // sent-time is stamped when it is written
};
/// After what was sent before it.
struct Close {
  ConnectionId id;
  std::string why;
};
/// One lease of a BNDUPD, to be judged, applied and put on disk; Applied comes back.
struct Apply {
  std::uint32_t update;  // names the BNDUPD
  std::uint32_t lease;   // its place in it
  std::shared_ptr<const LeaseUpdate> content;
};
/// One accepted lease of a BNDREPLY.
struct Acknowledge {
  LeaseAck ack;
};
/// One lease that the partner has refused, and not because it knows something newer: it is unacked,
/// also where it was acked once (a partner that has lost its disk asks for everything), until a
/// scan or the next connection tells it again.
struct NoteRefusal {
  LeaseAck lease;
};
/// One pass over everything unacked (or all) that is held for the relationship, bindings and blocks
/// of prefixes, from its begin to its end; a pass under way is given up.
struct BeginSweep {
  bool all;
};
/// A piece of the sweep, or else of what has changed since it was last handed to this connection:
/// at most about `count` leases. Taken comes back with the same ticket when what it says is on
/// disk.
struct Take {
  std::uint32_t ticket;
  bool of_sweep;
  std::uint32_t count;
};
/// What is not acked counts as unsent again: the periodic scan, or a new connection. On that one
/// the primary also says again which blocks of prefixes are the secondary's: in PARTNER-DOWN the
/// secondary may have freed leases without our ack, which then were nobody's.
struct ForgetSent {
  bool is_new_connection;
};
/// PARTNER-DOWN: ended leases may be used again by time.
struct ArmReuseTimers {};
/// How each prefix pool of the relationship is shared out; Shares comes back.
struct ReadShares {};
/// The primary gives a block of at most `count` prefixes of the pool to the secondary: FREE-BACKUP
/// on disk, then BlockTaken comes back, and Take has the block.
struct GiveBlock {
  std::uint16_t pool;
  std::uint64_t count;
};
/// The primary asks for a block of at most `count` back: BlockTaken comes back, nothing has moved.
struct FindBlockToTakeBack {
  std::uint16_t pool;
  std::uint64_t count;
};
/// For people and alarms.
struct Report {
  Severity severity;
  std::string text;
};
/// The answer to an operator's command.
struct CommandDone {
  bool taken;
  std::string text;
};

}  // namespace effect

using EndpointEffect =
    std::variant<effect::MarkAllDirty, effect::DoubtOldCopy, effect::LeasesAreWhole,
                 effect::Persist, effect::Serve, effect::Open, effect::Send, effect::Close,
                 effect::Apply, effect::Acknowledge, effect::NoteRefusal, effect::BeginSweep,
                 effect::Take, effect::ForgetSent, effect::ArmReuseTimers, effect::ReadShares,
                 effect::GiveBlock, effect::FindBlockToTakeBack, effect::Report,
                 effect::CommandDone>;
using Effects = std::vector<EndpointEffect>;

}  // namespace tandem6
