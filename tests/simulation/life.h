// A life: two servers or three, their clients, clocks, disks and networks, from one plan in one
// thread. Lived to its end, or to the first thing that must not be.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/agenda.h"
#include "tests/simulation/cable.h"
#include "tests/simulation/checkers.h"
#include "tests/simulation/coverage_table.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/simulated_client.h"
#include "tests/simulation/simulated_server.h"

namespace tandem6::simulation {

class Life {
 public:
  /// `trace` may be null; it makes a life several times as long.
  Life(const Plan& plan, CoverageTable& coverage, std::vector<std::string>* trace);

  /// What must not be, if there was such a thing.
  std::optional<Violation> live();
  [[nodiscard]] Milliseconds time() const noexcept { return agenda_.now(); }

 private:
  struct HeldReply {
    std::uint64_t step;  // of the disk
    unsigned client;
    WallTime asked_at;
    Milliseconds clock_offset;  // of the server then
    Reply reply;
  };
  struct PendingKill {
    std::size_t effect;
    int left;
    Milliseconds lasts;
  };
  struct Server {
    std::unique_ptr<SimulatedServer> it;
    std::vector<unsigned> cables;  // by its own relationship index
    Milliseconds clock_offset = 0;
    Milliseconds disk_stalled_until = 0;
    Milliseconds isolated_until = 0;
    bool is_syncing = false;
    bool has_other_pools = false;
    bool has_other_mclt = false;
    bool has_lost_data = false;  // and has not been in NORMAL since
    std::deque<HeldReply> replies;
    std::optional<SimulatedDisk::Content> copy;
    std::optional<PendingKill> pending_kill;
    RandomStream random;
    std::uint64_t start_count = 0;
  };
  struct Pairing {
    unsigned primary;
    unsigned secondary;
    std::unique_ptr<Cable> cable;
    /// The server that an operator has rightly declared dead, until it has learned of it.
    std::optional<unsigned> declared_dead;
  };

  // --- life.cpp
  void note(const std::string& line);
  void found(Violation violation);
  [[nodiscard]] WallTime clock(unsigned server) const;
  void start(unsigned server);
  void kill(unsigned server, bool silently, std::uint32_t kept_percent);
  void after(unsigned server);
  void tick(unsigned server, std::uint64_t start);
  void tell(unsigned server, RelationshipIndex relationship, Event&& event);
  void disk_done(unsigned server, std::uint64_t start, std::uint64_t step);
  void pass_until(Milliseconds end);
  void check_harness();

  // --- life_clients.cpp
  void make_clients();
  void send_to_servers(unsigned client, const Octets& datagram);
  void serve(unsigned server, unsigned client, const Octets& datagram);
  void let_replies_leave(unsigned server);
  void reply_arrives(unsigned server, unsigned client, const Reply& reply);
  void wake(unsigned client);

  // --- life_making.cpp
  void make_servers();
  void make_cables();
  /// Of the pairing, as the server counts its own.
  [[nodiscard]] RelationshipIndex index_at(unsigned server, const Pairing& pairing) const;
  [[nodiscard]] Checkers::End partner_of(Checkers::End end) const;
  [[nodiscard]] ServerSettings server_settings(unsigned server, bool has_other_pools) const;
  [[nodiscard]] EndpointSettings endpoint_settings(unsigned server, unsigned cable,
                                                   Role role) const;
  [[nodiscard]] Surroundings surroundings(unsigned server);
  [[nodiscard]] CableEnds ends(unsigned cable);

  // --- life_troubles.cpp
  void befall(const Action& action);
  void befall_client(const Action& action);
  bool befall_server(const Action& action);
  bool befall_cable(const Action& action);
  bool replace_disk(const Action& action);
  bool declare_dead(Pairing& pairing, const Action& action);
  [[nodiscard]] bool is_anybody_declared_dead();
  [[nodiscard]] bool do_clocks_agree() const;
  [[nodiscard]] bool may_lose_disk(unsigned server);

  // --- life_end.cpp
  void heal();
  [[nodiscard]] bool wait_until(Milliseconds limit, bool (Life::*is_so)());
  [[nodiscard]] bool all_normal();
  [[nodiscard]] bool all_equal();
  [[nodiscard]] bool all_balanced();
  [[nodiscard]] std::vector<std::string> differences();
  [[nodiscard]] bool all_served();
  void check_served();
  void end_well();

  const Plan plan_;
  CoverageTable& coverage_;
  std::vector<std::string>* const trace_;
  Agenda agenda_;
  Checkers checkers_;
  std::optional<Violation> violation_;
  std::vector<Server> servers_;
  std::vector<Duid> server_duids_;
  std::vector<Pairing> pairings_;
  std::vector<std::unique_ptr<SimulatedClient>> clients_;
  std::vector<Milliseconds> client_wakes_;
  RandomStream client_network_;
  bool is_healed_ = false;
  bool has_erred_ = false;  // a partner was perhaps wrongly taken for dead
  bool are_clients_mute_ = false;
  int gtest_failures_ = 0;
};

}  // namespace tandem6::simulation
