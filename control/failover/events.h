// What happens to an endpoint. Each comes with the time at which it is taken up; none is waited
// for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "control/failover/effects.h"
#include "control/failover/message.h"
#include "dataplane/lease/endpoint_record.h"
#include "dataplane/lease/lease_update.h"
#include "dataplane/lease/leases_origin.h"

namespace tandem6::event {

/// Once, first.
struct Start {
  std::optional<EndpointRecord> record;
  /// Where the database is from, until LeasesAreWhole has come: whatever is not kept is to be asked
  /// for, all of it; what was restored or damaged is an old copy beside.
  LeasesOrigin origin = LeasesOrigin::kKept;
  /// The latest client-last-transaction-time of the relationship's bindings on disk, which this
  /// server was told by a client: then it still served. None: it has none.
  WallTime last_client_contact{};
};
/// The connection that Open asked for is up, TLS included.
struct Connected {
  ConnectionId id;
};
/// At the secondary: a CONNECT that names this endpoint has come on a new connection.
struct ConnectReceived {
  ConnectionId id;
  FailoverMessage message;
};
struct Received {
  ConnectionId id;
  FailoverMessage message;
};
/// Nothing can be sent or received on it any more; also after our own Close, and after an Open that
/// failed.
struct Closed {
  ConnectionId id;
  std::string why;
};
/// The operator says that the partner is down.
struct PartnerDown {
  bool is_forced = false;
};
/// This server is about to end.
struct Shutdown {};
/// At least once a second.
struct Tick {};
/// Some binding of the relationship has changed and is unsent.
struct ChangesWaiting {};
/// Answers to effects.
struct Applied {
  std::uint32_t update;
  std::uint32_t lease;
  LeaseVerdict verdict;
  bool answer_with_ours = false;
};
struct Taken {
  std::uint32_t ticket = 0;
  bool is_end = false;                           // nothing was left
  std::vector<std::vector<LeaseUpdate>> groups;  // each goes into one BNDUPD
};
struct Shares {
  struct Pool {
    std::uint16_t pool;
    std::uint64_t free_primary;
    std::uint64_t free_secondary;
  };
  std::vector<Pool> pools;
};
struct BlockTaken {
  std::uint16_t pool;
  std::optional<LeaseUpdate> block;  // bare, to be sent; none: there is none
  std::uint64_t count = 0;           // how many prefixes it has
};

}  // namespace tandem6::event

namespace tandem6 {

using Event = std::variant<event::Start, event::Connected, event::ConnectReceived, event::Received,
                           event::Closed, event::PartnerDown, event::Shutdown, event::Tick,
                           event::ChangesWaiting, event::Applied, event::Taken, event::Shares,
                           event::BlockTaken>;

}  // namespace tandem6
