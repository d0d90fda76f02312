// What a server writes down of a lease, and on whose account: judged from the record before and the
// record after, whatever comes of it.
//
//   - what a client was told or has said is to be told to the partner (4.2.2.1), and with it when
//     the partner may take the lease for expired (4.4, R-14)
//   - and it is told, soon, to a partner that hears it
//   - a prefix of the partner's half is given in PARTNER-DOWN, after the MCLT, and no longer when
//     the partner is back
//   - the end of one client's lease never ends another's that runs
//   - what is told again is taken again, and a DECLINE that is later than all; its
//     RESET is answered by nobody who has not heard of it
//   - of two clients the primary yields only to whom was heard later, nobody to what has run out
//   - who loses a running lease keeps it from others as long as it was told; so does who
//     declined it
//   - a prefix leaves its half when it is given, and by no older end
//   - what the partner has not heard of stays to be told: neither an older update nor the ack of an
//     older version makes it known
//   - what ended in PARTNER-DOWN is free when nobody can have been promised it any more, and then
//
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "tests/simulation/agenda.h"
#include "tests/simulation/simulated_server.h"

namespace tandem6::simulation {

/// How a server stands to its partner, when it writes.
struct Standing {
  Role role = Role::kPrimary;
  WallTime now;
  Lifetime least_mclt{};
  Lifetime greatest_mclt{};
  std::optional<WallTime> partner_down_since;
  WallTime declared_at{};  // since when PARTNER-DOWN may have begun anew
  bool is_partner_back = false;
  bool is_behind = false;      // what it does may still be of the state before
  bool has_lost_data = false;  // and has not been in NORMAL since
};

/// Of one relationship of one server.
class RecordChecker {
 public:
  using Report = std::function<void(std::string)>;

  /// `before`: of this lease and client, if there was one. `half`: whose the lease is on disk.
  void writes(const LeaseRecord& record, ChangeKind kind, const LeaseRecord* before, Half half,
              const Occasion& occasion, const Standing& standing, Milliseconds at,
              const Report& report);
  /// `record`: what is written of a lease that the client is told now.
  static void told(const LeaseRecord& record, Lifetime t1, Lifetime valid, Lifetime desired,
                   WallTime now, const Report& report);
  /// What the partner tells of a lease of which `before` stood here; held: by another client.
  static void refused(const LeaseRecord* before, const LeaseUpdate& update, bool is_held,
                      const Report& report);
  /// Now and then, at each that is written down.
  static void look(const LeaseRecord& record, const Standing& standing, const Report& report);
  /// Each second. The partner hears updates, or does not.
  void partner_hears(bool does, std::uint32_t window, Lifetime rescan, Milliseconds at,
                     const Report& report);
  void started() { untold_since_.clear(); }
  /// To be told, and never taken for a BNDUPD.
  [[nodiscard]] bool is_untold(const LeaseRecord& record) const;
  /// Or the partner has told of it: what was taken to be told is left out until the next scan.
  void is_told(const LeaseUpdate& update);

 private:
  static void by_client(const LeaseRecord& record, const LeaseRecord* before, Half half,
                        const Standing& standing, const Report& report);
  static void by_time(const LeaseRecord& record, const LeaseRecord* before,
                      const Standing& standing, const Report& report);
  void check_lost(const LeaseRecord& record, ChangeKind kind, const LeaseRecord* before,
                  const LeaseUpdate& update, const Standing& standing, const Report& report);
  void by_update(const LeaseRecord& record, ChangeKind kind, const LeaseRecord* before, Half half,
                 const LeaseUpdate& update, const Standing& standing, const Report& report);
  static void by_ack(const LeaseRecord& record, const LeaseRecord* before, const LeaseAck& ack,
                     const Report& report);

  // By the update that is being taken.
  Ipv6Prefix lost_;
  WallTime lost_until_;
  std::map<std::string, Milliseconds> untold_since_;  // never taken for a BNDUPD
  Milliseconds hears_since_ = -1;
};

}  // namespace tandem6::simulation
