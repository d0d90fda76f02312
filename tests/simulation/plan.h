// A life before it is lived: how its servers, clients and networks are made, and what befalls them
// when. All of it comes from the seed; a shrunk life is the same plan with things left out.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/lease/wall_time.h"
#include "tests/simulation/agenda.h"

namespace tandem6::simulation {

/// Server 0 is primary to server 1; with a third server 0 is also secondary to server 2 (m-to-1).
inline constexpr unsigned kServerCountMax = 3;

enum class Trouble : std::uint8_t {
  kKill,         // the process, or (choice 1) its machine; detail: percent of unsynced that stays
  kKillBefore,   // at the detail-th effect of kind `choice` from now on
  kShutDown,     // planned
  kReplaceDisk,  // killed, and its disk is empty
  kOldCopy,      // killed, and its disk is what kCopyDisk took
  kCopyDisk,     //
  kCut,          // the cable: both ways (0), to its primary (1), to its secondary (2)
  kBreak,        // the connection is reset
  kHold,         // the primary (0) or secondary (1) does not read
  kIsolate,      // no client reaches the server
  kStallDisk,    // nothing becomes durable
  kStepClock,    // by detail milliseconds
  kPartnerDown,  // the operator tells the primary (0) or secondary (1) so
  kChangePools,  // killed, and starts with other pools
  kChangeMclt,   // likewise, with another MCLT
  kClientReleases,  //
  kClientDeclines,  //
  kClientLeaves,    // says nothing
  kClientComes,     //
  kClientRoams,     // to the other link
  kClientForgets,   // what it had, and asks anew
};
inline constexpr unsigned kTroubleCount = 21;
[[nodiscard]] const char* name_of(Trouble trouble) noexcept;
/// Whom it befalls: a client, a cable, or else a server.
[[nodiscard]] bool is_of_client(Trouble trouble);
[[nodiscard]] bool is_of_cable(Trouble trouble);

struct Action {
  Milliseconds at = 0;
  Trouble trouble = Trouble::kKill;
  unsigned subject = 0;  // server, cable or client
  Milliseconds lasts = 0;
  unsigned choice = 0;
  int detail = 0;
};
[[nodiscard]] std::string text_of(const Action& action);

struct LifeSettings {
  std::uint64_t seed = 0;
  bool has_third_server = false;
  /// The operator errs, or auto-partner-down does: then two clients may get one lease (8.4).
  bool partner_down_may_be_wrong = false;
  unsigned shard_count = 1;
  Lifetime mclt{60};            // of a primary
  Lifetime other_mclt{60};      // after kChangeMclt
  Lifetime secondary_mclt{60};  // as configured; the primary's counts
  Lifetime valid{120};          // perhaps infinite
  Lifetime keepalive{8};
  Lifetime startup{5};
  Lifetime stall{20};
  Lifetime rescan{20};
  Lifetime decline_hold{120};
  std::optional<Lifetime> auto_partner_down{};
  std::array<std::uint32_t, kServerCountMax> windows{16, 16, 16};
  unsigned secondary_share_percent = 50;
  unsigned client_count = 8;
  std::uint64_t absent_clients = 0;  // a bit for each number: left out by the shrinker
  unsigned address_bits = 4;         // of a pool of each link
  unsigned prefix_bits = 4;
  bool rapid_commit = false;
  bool is_roomy = false;  // every client can have a lease from either half
  std::uint32_t client_delay_ms_max = 20;
  std::uint32_t client_loss_percent = 0;
  std::uint32_t client_repeat_percent = 0;
  std::uint32_t cable_delay_ms_max = 20;
  std::uint32_t sync_ms_max = 10;
  std::array<Milliseconds, kServerCountMax> clock_offset_ms{};
  Milliseconds active_ms = 0;

  [[nodiscard]] Lifetime least_mclt() const noexcept { return std::min(mclt, other_mclt); }
  [[nodiscard]] Lifetime greatest_mclt() const noexcept { return std::max(mclt, other_mclt); }
};

struct Plan {
  LifeSettings settings;
  std::vector<Action> actions;  // by time
};

[[nodiscard]] Plan plan_of(std::uint64_t seed);

}  // namespace tandem6::simulation
