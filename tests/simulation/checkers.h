// What must hold at every step of a life, checked from outside: from what clients hold, from what
// passes on the cables, and from what stands on the disks. Nothing here asks the code under test
// for its own opinion, but for the state it is in.
//
//   double       two clients have one lease, or overlapping ones
//   lead-time    a client was told more than MCLT beyond what the partner acked (4.4)
//   durable      something was told that a crash could still undo
//   change       a lease went to another client without ack or waiting time (4.2.2.1, 8.4.1)
//   half         a new address of the partner's half was given (4.2.1, R-01)
//   silence      a client was answered in a state that answers nobody like it
//   window       more BNDUPDs unanswered than the partner allows (5.5.7)
//   bounded      what waits grows without end
//   mute         a client was not answered in a state that answers it
//   wire         a message that may not be sent then (wire_checker.h)
//   state        a state that cannot be, or not for so long (state_checker.h)
//   record       what may not be written of a lease (record_checker.h)
//   hearsay      leases that a server or its partner has forgotten (hearsay_checker.h)
// Life (life.h) adds those that look at the whole of it: recovery, equal, served, harness.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "control/failover/message.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/record_checker.h"
#include "tests/simulation/simulated_client.h"
#include "tests/simulation/simulated_server.h"
#include "tests/simulation/state_checker.h"
#include "tests/simulation/wire_checker.h"

namespace tandem6::simulation {

/// A STATE is obeyed when what it changes is on disk.
inline constexpr std::int64_t kObeySeconds = 10;

struct Violation {
  std::string checker;
  std::string text;
};

class Checkers {
 public:
  using End = std::pair<unsigned, RelationshipIndex>;  // a server, and which of its relationships

  Checkers(const LifeSettings& settings, std::function<End(End)> partner_of,
           std::function<void(Violation)> found)
      : settings_(settings), partner_of_(std::move(partner_of)), found_(std::move(found)) {}

  /// A living partner was taken for dead, as 8.4 forbids: from now on two clients may have one
  /// lease, until both servers have met and what they promised is over.
  void forgive(bool is_forgiving) { is_forgiving_ = is_forgiving; }

  // --- Clocks: how far apart servers' ones have been is how much two servers may err.
  void clock_is(Milliseconds offset);

  // --- Clients.
  void client_changed(const std::vector<std::unique_ptr<SimulatedClient>>& clients,
                      const SimulatedClient& changed, Milliseconds now);

  // --- A server answers a client: when it has decided, and when the reply leaves.
  void answers(unsigned server, SimulatedServer& it, RelationshipIndex relationship,
               MessageType asked, const Octets& client, const Reply& reply, WallTime now);
  /// It says nothing to the client because it may not.
  void keeps_silent(SimulatedServer& it, RelationshipIndex relationship, MessageType asked,
                    const Octets& client);
  void reply_leaves(unsigned server, const SimulatedServer& it, const Octets& client,
                    const Reply& reply, WallTime asked_at, WallTime now, Milliseconds at);

  // --- Partners.
  void sent(unsigned server, const SimulatedServer& it, RelationshipIndex relationship,
            ConnectionId id, const FailoverMessage& message, Milliseconds at);
  void arrives(unsigned server, RelationshipIndex relationship, ConnectionId id,
               const FailoverMessage& message, WallTime now, Milliseconds at);
  /// It has done what was to be done with what arrived.
  void has_heard(unsigned server, const SimulatedServer& it, RelationshipIndex relationship);
  void changed_state(unsigned server, const SimulatedServer& it, RelationshipIndex relationship,
                     EndpointState before, WallTime now, Milliseconds at);
  /// Each second.
  void look(unsigned server, const SimulatedServer& it, RelationshipIndex relationship,
            WallTime now, Milliseconds at);
  /// About to be written.
  void writes(unsigned server, const SimulatedServer& it, const LeaseRecord& record,
              ChangeKind kind, const Occasion& occasion, WallTime now, Milliseconds at);
  /// An operator is about to say so, and has, perhaps again.
  void declares_down(unsigned server, RelationshipIndex relationship, Milliseconds at) {
    states_[server][relationship].is_commanded(at);
  }
  void declared_down(unsigned server, RelationshipIndex relationship, WallTime now);
  void judged(unsigned server, const SimulatedServer& it, RelationshipIndex relationship,
              const LeaseUpdate& update, const LeaseRecord* before, const LeaseVerdict& verdict,
              WallTime now);
  void acknowledged(unsigned server, const LeaseAck& ack);
  /// Or has an old copy of it.
  void lost_disk(unsigned server) {
    views_[server].has_lost_data.fill(true);
    for (WireChecker& wire : wires_[server]) wire.lost_its_disk();
  }
  void died(unsigned server, WallTime now) { views_[server].died_at = now; }
  /// After a crash it knows what its disk knows.
  void restarted(unsigned server, const SimulatedServer& it, Milliseconds at);

 private:
  struct ClientLeaseKey {
    Ipv6Prefix lease;
    Octets client;
    auto operator<=>(const ClientLeaseKey&) const = default;
  };
  /// What a server must remember of a lease that some client has or had.
  struct Holder {
    Octets client;
    WallTime promised_until;  // by anybody, as far as this server was told
    WallTime told_until;      // the client
    bool is_freed = false;    // both servers know that it is over
  };
  struct ServerView {
    std::map<Ipv6Prefix, Holder> holders;
    std::map<ClientLeaseKey, WallTime> acked;
    std::array<std::optional<WallTime>, 2> partner_down_since;
    std::array<std::optional<WallTime>, 2> partner_seen_at;    // with S clear, in PARTNER-DOWN
    std::array<std::optional<WallTime>, 2> partner_speaks_at;  // so, just now
    std::array<WallTime, 2> declared_at{};                     // by an operator, perhaps again
    std::array<WallTime, 2> partner_down_told{};               // since when it is in PARTNER-DOWN
    std::array<bool, 2> is_partner_starting{};
    std::array<WallTime, 2> told_at{};        // its state
    std::array<ConnectionId, 2> forgot_on{};  // it asked for everything
    std::array<WallTime, 2> forgot_at{};
    // Blocks that were refused for a lease of the old copy.
    std::array<std::vector<std::pair<Ipv6Prefix, BindingStatus>>, 2> told_in_doubt;
    // Prefixes that the partner told of as leases since it told whose such a block is.
    std::array<std::vector<Ipv6Prefix>, 2> blocks_of_secondary;
    std::array<std::set<Ipv6Prefix>, 2> given_since;
    std::array<ConnectionId, 2> connection{};  // the last in use
    std::array<ConnectionId, 2> given_up{};    // when PARTNER-DOWN began
    std::map<std::pair<RelationshipIndex, ConnectionId>, std::int64_t> unanswered;
    std::set<Ipv6Prefix> kept_there;
    WallTime died_at;
    Milliseconds started_at = 0;
    Milliseconds synced_at = 0;
    // By which MCLT promises were made before it was another one, and until when.
    std::array<Lifetime, 2> agreed{};
    std::array<Lifetime, 2> agreed_before{};
    std::array<WallTime, 2> before_counts_until{};
    std::array<bool, 2> has_lost_data{};  // and has not been in NORMAL since
  };

  void report(const char* checker, std::string text) { found_({checker, std::move(text)}); }
  [[nodiscard]] WireChecker::Report report_of(const char* checker, unsigned server) {
    return [this, checker, server](const std::string& text) {
      report(checker, "server " + std::to_string(server) + ": " + text);
    };
  }
  void check_silence(SimulatedServer& it, RelationshipIndex relationship, MessageType asked,
                     const Octets& client, const Reply& reply);
  void check_grant(unsigned server, SimulatedServer& it, RelationshipIndex relationship,
                   const Octets& client, const ReplyIa& ia, const ReplyLease& lease, WallTime now);
  static void note_agreement(ServerView& view, RelationshipIndex relationship,
                             const FailoverMessage& message, WallTime now);
  [[nodiscard]] Lifetime least_mclt(const ServerView& view, RelationshipIndex relationship,
                                    WallTime now) const;
  [[nodiscard]] Standing standing(unsigned server, const SimulatedServer& it,
                                  RelationshipIndex relationship, WallTime now) const;
  /// What the partner acked of it counts no more.
  void frees(unsigned server, const LeaseRecord& record);
  void check_all_said(unsigned server, const SimulatedServer& it, RelationshipIndex relationship,
                      ConnectionId id);
  /// Of a server with an old copy: what the partner says of prefixes.
  static void note_in_doubt(ServerView& view, RelationshipIndex relationship,
                            const LeaseUpdate& update, bool is_taken, bool has_old_leases);
  /// NORMAL after PARTNER-DOWN: what was given without bound, the partner has heard.
  void check_heard(unsigned server, const SimulatedServer& it, RelationshipIndex relationship,
                   WallTime now);
  void check_settled(unsigned server, const SimulatedServer& it, RelationshipIndex relationship);
  void check_reply_durable(const SimulatedServer& it, const BindingReply& reply);
  [[nodiscard]] Milliseconds tolerance() const noexcept;

  const LifeSettings& settings_;
  const std::function<End(End)> partner_of_;
  const std::function<void(Violation)> found_;
  bool is_forgiving_ = false;
  Milliseconds least_offset_ = 0;
  Milliseconds greatest_offset_ = 0;
  std::array<ServerView, kServerCountMax> views_;
  std::array<std::array<WireChecker, 2>, kServerCountMax> wires_;  // by relationship
  std::array<std::array<StateChecker, 2>, kServerCountMax> states_;
  std::array<std::array<RecordChecker, 2>, kServerCountMax> records_;
};

}  // namespace tandem6::simulation
