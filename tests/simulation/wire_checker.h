// What one server may say to its partner, and when, whatever comes of it: judged from what passes
// on the cables alone.
//
//   - no BNDUPD before the partner's STATE with S clear
//   - no BNDUPD in POTENTIAL-CONFLICT but in answer to a request
//   - one unanswered BNDUPD of a lease, one open UPDREQ or UPDREQALL
//   - one message under a transaction-id (F-034)
//   - no UPDDONE in POTENTIAL-CONFLICT before all that was sent is answered
//   - the secondary asks in POTENTIAL-CONFLICT when the primary is through (F-377)
//   - the partner-lifetime of a client's lease never decreases on a connection
//   - a client does not get back what the partner was told that it lost, before it answers
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "control/failover/events.h"
#include "control/failover/message.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/simulated_server.h"

namespace tandem6::simulation {

/// One end of one relationship, over all its connections.
class WireChecker {
 public:
  using Report = std::function<void(std::string)>;

  void sent(Role role, const Disk& disk, ConnectionId id, const FailoverMessage& message,
            Milliseconds now, const Report& report);
  void arrives(ConnectionId id, const FailoverMessage& message);
  /// What the partner says of this lease counts now.
  void took(const Ipv6Prefix& lease);
  /// A client is told that it has this lease.
  void grants(const Ipv6Prefix& lease, const Octets& client, const Report& report) const;
  /// In PARTNER-DOWN what has ended is free without an ack.
  void partner_down(bool is_partner_down);
  /// Since when a BNDUPD of this connection waits for its answer.
  [[nodiscard]] Milliseconds unanswered_since(Milliseconds now) const;
  void lost_its_disk() { ended_.clear(); }
  /// Only what its disk knows.
  void restarted(const Disk& disk);

 private:
  /// What names a lease of a client between partners; of a block the client is empty.
  using Key = std::tuple<Ipv6Prefix, Octets, std::uint32_t>;
  [[nodiscard]] static Key key_of(const LeaseUpdate& update);
  [[nodiscard]] static bool has_ended_on(const Disk& disk, const Key& key);

  void begin(ConnectionId id);
  void check_update(const Disk& disk, std::uint32_t transaction_id, const BindingUpdate& update,
                    Milliseconds now, const Report& report);
  void check_request(Role role, std::uint32_t transaction_id, const Report& report);
  [[nodiscard]] bool resolves_conflicts() const {
    return own_state_ == EndpointState::kPotentialConflict;
  }

  // Of a connection.
  ConnectionId id_ = 0;
  std::optional<EndpointState> own_state_;      // as it was told
  std::optional<EndpointState> partner_state_;  // with S clear
  bool has_partner_had_its_turn_ = false;       // it was in CONFLICT-DONE
  std::optional<std::uint32_t> own_request_;
  std::set<std::uint32_t> requests_;
  struct Unanswered {
    Milliseconds since = 0;
    std::vector<Key> leases;
  };
  std::map<std::uint32_t, Unanswered> unanswered_;
  std::set<Key> unanswered_leases_;
  std::map<Key, WallTime> partner_lifetimes_;
  // Of longer.
  std::set<Key> ended_;  // told so, and not answered
  bool is_partner_down_ = false;
};

}  // namespace tandem6::simulation
