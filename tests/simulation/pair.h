// Two servers and what lies between them and their clients, in one thread and virtual time. What
// partners say passes through the shipping codec as octets in frames. Everything that happens is a
// line of the trace.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/failover/frame_reader.h"
#include "tests/simulation/simulated_server.h"

namespace tandem6::simulation {

/// What a client knows of its lease.
struct ClientLease {
  Ipv6Prefix lease;
  WallTime until;  // end of the valid lifetime it was told
  std::uint32_t valid = 0;
  std::uint32_t preferred = 0;
  std::uint32_t t1 = 0;
  Role server = Role::kPrimary;
};

/// How a client fared with one exchange.
struct Exchanged {
  bool answered = false;
  StatusCode status = StatusCode::kSuccess;  // of the IA
  std::optional<ClientLease> lease;          // with a lifetime over 0
};

struct PairSettings {
  EndpointSettings primary;
  EndpointSettings secondary;
  ServerSettings servers;  // DUIDs are set by the pair
  unsigned shard_count = 1;
};

class Pair {
 public:
  /// MCLT 1 h, valid lifetime 3 d, one link with addresses 2001:db8:7::/64 and prefixes
  /// 2001:db8:8000::/40 as /56.
  static PairSettings default_settings();
  explicit Pair(PairSettings settings = default_settings());

  // --- Time and troubles.
  void pass(std::uint32_t seconds);
  void start(Role role);
  void start_both();
  void crash(Role role);
  void shut_down(Role role);
  void lose_disk(Role role);
  /// Taken of a server, and put in the place of its disk when it does not run.
  void copy_disk(Role role) { copies_[role] = server(role).disk().durable_content(); }
  void put_copy_back(Role role) { server(role).restore_disk(copies_.at(role)); }
  /// The servers no longer reach each other: both learn it at once when `at_once`, else by their
  /// keepalive.
  void cut(bool at_once = true);
  void join();
  /// Messages from this one to its partner wait, until `hold(role, false)`.
  void hold(Role from, bool held);
  effect::CommandDone partner_down(Role role, bool is_forced = false);

  // --- Clients: one IA each, IAID 1.
  Exchanged lease_address(std::uint32_t client, Role role);  // SOLICIT and REQUEST
  Exchanged lease_prefix(std::uint32_t client, Role role);
  Exchanged renew(std::uint32_t client, Role role, IaType type = IaType::kNonTemporaryAddress);
  Exchanged rebind(std::uint32_t client, Role role, IaType type = IaType::kNonTemporaryAddress);
  Exchanged release(std::uint32_t client, Role role, IaType type = IaType::kNonTemporaryAddress);
  Exchanged decline(std::uint32_t client, Role role);
  [[nodiscard]] const ClientLease* lease_of(std::uint32_t client,
                                            IaType type = IaType::kNonTemporaryAddress) const;

  // --- For the eye.
  [[nodiscard]] SimulatedServer& server(Role role) { return *servers_.at(role); }
  [[nodiscard]] EndpointState state(Role role) { return server(role).endpoint().state(); }
  [[nodiscard]] WallTime now() const noexcept { return now_; }
  [[nodiscard]] const std::vector<std::string>& trace() const noexcept { return trace_; }
  void clear_trace() { trace_.clear(); }
  /// What lies between the two databases; empty: nothing.
  [[nodiscard]] std::vector<std::string> differences() const;
  /// Of the address that the client had last, as it stands on this server's disk: a status, or
  /// "unknown".
  [[nodiscard]] std::string status_at(std::uint32_t client, Role role);
  /// Leases that two clients believe to have at once; empty: none.
  [[nodiscard]] std::vector<std::string> doubles() const;
  [[nodiscard]] std::uint64_t messages_sent() const noexcept { return messages_sent_; }
  [[nodiscard]] std::uint64_t octets_sent() const noexcept { return octets_sent_; }

 private:
  struct Way {
    ConnectionId id = 0;  // at the end it leads to
    std::deque<std::vector<std::uint8_t>> frames;
    FrameReader reader;
    bool is_held = false;
  };
  struct Wire {
    bool is_up = false;
    ConnectionId at_primary = 0;
    ConnectionId at_secondary = 0;
  };

  [[nodiscard]] Surroundings surroundings(Role role);
  void open(ConnectionId id);
  void send(Role from, ConnectionId id, const FailoverMessage& message);
  void close(Role from, ConnectionId id, const std::string& why);
  void end_wire(const std::string& why);
  /// Until nothing is on its way any more.
  void settle();
  bool deliver(Role to);
  void note(Role role, const std::string& line);
  Exchanged exchange(std::uint32_t client, Role role, IaType type, const PacketBuilder& packet);
  [[nodiscard]] PacketBuilder packet(MessageType type, std::uint32_t client, IaType ia_type,
                                     std::optional<Role> server);
  [[nodiscard]] ConnectionId id_at(Role role) const noexcept {
    return role == Role::kPrimary ? wire_.at_primary : wire_.at_secondary;
  }

  WallTime now_{800'000'000};
  std::map<Role, std::unique_ptr<SimulatedServer>> servers_;
  std::map<Role, SimulatedDisk::Content> copies_;
  bool is_cut_ = false;
  bool is_silent_ = false;  // cut, and nobody has been told
  Wire wire_;
  ConnectionId last_incoming_ = 0;
  std::map<Role, Way> ways_;  // by receiver
  std::vector<Role> to_open_;
  std::vector<std::pair<Role, event::Closed>> closings_;
  std::vector<std::string> trace_;
  std::map<std::pair<std::uint32_t, IaType>, ClientLease> leases_;
  std::map<std::uint32_t, Ipv6Prefix> last_addresses_;  // also of those that gave theirs back
  std::uint64_t messages_sent_ = 0;
  std::uint64_t octets_sent_ = 0;
};

/// "BNDUPD ACTIVE 2001:db8:7::1", "STATE NORMAL", "UPDREQALL" and so on.
[[nodiscard]] std::string summary_of(const FailoverMessage& message);

}  // namespace tandem6::simulation
