// What one server may say to its partner, and when, whatever comes of it: judged from what passes
// on the cables alone.
//
//   - no BNDUPD before the partner's STATE with S clear
//   - no BNDUPD in POTENTIAL-CONFLICT but in answer to a request
//   - one unanswered BNDUPD of a lease, one open UPDREQ or UPDREQALL
//   - one message under a transaction-id (F-034)
//   - no UPDDONE before whose a block is has been answered, nor in POTENTIAL-CONFLICT before all
//     that was sent is
//   - the secondary asks in POTENTIAL-CONFLICT when the primary is through (F-377)
//   - BNDREPLY echoes what was told (F-253), and is to a BNDUPD of the connection
//   - a server whose leases are lost asks for all, until it has had all
//   - a connection ends on which what was asked for or told makes no progress (R-51, F-349)
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
#include "tests/simulation/plan.h"
#include "tests/simulation/simulated_server.h"

namespace tandem6::simulation {

/// One end of one relationship, over all its connections.
class WireChecker {
 public:
  using Report = std::function<void(std::string)>;

  void sent(Role role, const Disk& disk, ConnectionId id, const FailoverMessage& message,
            Milliseconds now, const Report& report);
  void arrives(ConnectionId id, const FailoverMessage& message, WallTime clock, Milliseconds now);
  /// What the partner says of this lease counts now.
  void took(const Ipv6Prefix& lease);
  /// A client is told that it has this lease.
  void grants(const Ipv6Prefix& lease, const Octets& client, const Report& report) const;
  /// In PARTNER-DOWN what has ended is free without an ack.
  void partner_down(bool is_partner_down);
  /// Each second in which it has done all that there was to do. `slack`: of its clock.
  void look(const LifeSettings& settings, Milliseconds slack, Milliseconds now,
            const Report& report) const;
  /// The last message came with a time that is too far from its own.
  [[nodiscard]] bool is_skewed() const { return is_skewed_; }
  /// It was told of this lease, and has answered nothing on this connection.
  [[nodiscard]] bool is_unanswered(const LeaseRecord& record) const {
    const Key key = key_of(record);
    return unanswered_leases_.contains(key) && !answered_since_request_.contains(key);
  }
  /// It has said yes or no to this lease on this connection.
  [[nodiscard]] bool is_answered(const LeaseRecord& record) const {
    return answered_since_request_.contains(key_of(record));
  }
  /// It has told its state, with S clear.
  [[nodiscard]] bool partner_hears() const { return partner_state_.has_value(); }
  void lost_its_disk() {
    ended_.clear();
    owes_all_ = true;
  }
  /// Only what its disk knows.
  void restarted(const Disk& disk);

 private:
  /// What names a lease of a client between partners; of a block the client is empty.
  using Key = std::tuple<Ipv6Prefix, Octets, std::uint32_t>;
  [[nodiscard]] static Key key_of(const LeaseUpdate& update);
  [[nodiscard]] static Key key_of(const LeaseRecord& record) {
    return {record.binding.lease(), copied(record.duid.bytes()), record.binding.iaid.value};
  }
  [[nodiscard]] static bool has_ended_on(const Disk& disk, const Key& key);

  void begin(ConnectionId id);
  void check_update(const Disk& disk, std::uint32_t transaction_id, const BindingUpdate& update,
                    Milliseconds now, const Report& report);
  void check_request(Role role, std::uint32_t transaction_id, bool all, const Report& report);
  void check_echo(std::uint32_t transaction_id, const BindingReply& reply, const Report& report);
  [[nodiscard]] bool resolves_conflicts() const {
    return own_state_ == EndpointState::kPotentialConflict;
  }

  // Of a connection.
  ConnectionId id_ = 0;
  std::set<ConnectionId> past_;             // what still waits to be said on them is said to nobody
  std::optional<EndpointState> own_state_;  // as it was told
  std::optional<EndpointState> partner_state_;  // with S clear
  bool has_partner_had_its_turn_ = false;       // it was in CONFLICT-DONE
  std::optional<std::uint32_t> own_request_;
  bool is_own_request_all_ = false;
  Milliseconds progress_at_ = 0;  // of what it asked for
  bool is_skewed_ = false;
  std::set<std::uint32_t> requests_;
  struct Unanswered {
    Milliseconds since = 0;
    std::vector<Key> leases;
  };
  std::map<std::uint32_t, Unanswered> unanswered_;
  std::set<Key> unanswered_leases_;
  std::set<Key> answered_since_request_;
  std::set<Key> overtaken_blocks_;  // unanswered, and the partner has told of a lease in it
  std::map<Key, WallTime> partner_lifetimes_;
  std::map<std::uint32_t, BindingUpdate> heard_;  // and not answered yet
  // Of longer.
  std::set<Key> ended_;  // told so, and not answered
  bool is_partner_down_ = false;
  bool owes_all_ = false;
};

}  // namespace tandem6::simulation
