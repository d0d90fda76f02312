// What each command of tandem6ctl does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tools/tandem6ctl/exit_code.h"
#include "tools/tandem6ctl/style.h"

namespace tandem6 {

struct ControlOptions {
  std::string socket = "/run/tandem6/control.sock";
  bool json = false;
  bool yes = false;  // do not ask
  Style style;
};

[[nodiscard]] ExitCode show_status(const ControlOptions& options);
/// With `watch` it redraws every second until interrupted.
[[nodiscard]] ExitCode show_stats(const ControlOptions& options, bool watch);
[[nodiscard]] ExitCode show_pools(const ControlOptions& options,
                                  const std::optional<std::string>& link);

struct LeaseSearch {
  std::optional<std::string> what;  // either of the two
  std::optional<std::string> remote_id;
};
[[nodiscard]] ExitCode find_leases(const ControlOptions& options, const LeaseSearch& search);

struct LeaseListing {
  std::optional<std::string> link;
  std::optional<std::string> status;
  std::optional<std::uint64_t> limit;
};
[[nodiscard]] ExitCode list_leases(const ControlOptions& options, const LeaseListing& listing);

[[nodiscard]] ExitCode show_relationships(const ControlOptions& options,
                                          const std::optional<std::string>& name);
[[nodiscard]] ExitCode show_plan(const ControlOptions& options, const std::string& name);
[[nodiscard]] ExitCode show_conflicts(const ControlOptions& options,
                                      const std::optional<std::string>& name);

struct PartnerDownOrder {
  std::string name;               // of the relationship
  std::optional<std::string> at;  // "now", or a time; the server takes no other than now
  bool is_forced = false;
};
/// Says what it means and asks, unless `yes`.
[[nodiscard]] ExitCode declare_partner_down(const ControlOptions& options,
                                            const PartnerDownOrder& order);

[[nodiscard]] ExitCode show_storage(const ControlOptions& options);
[[nodiscard]] ExitCode make_checkpoint(const ControlOptions& options, const std::string& folder);
/// Of the running server's leases, or of those in a folder. Faults make it kRefused.
[[nodiscard]] ExitCode verify_storage(const ControlOptions& options,
                                      const std::optional<std::string>& folder);

/// Needs no daemon.
[[nodiscard]] ExitCode check_configuration(const ControlOptions& options, const std::string& file);
[[nodiscard]] ExitCode set_log_level(const ControlOptions& options, const std::string& level);
[[nodiscard]] ExitCode shut_down(const ControlOptions& options);

}  // namespace tandem6
