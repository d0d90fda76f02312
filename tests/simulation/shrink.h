// A violation made small: the same plan with everything left out that it does not need, and its
// trace as a person would want to read it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/checkers.h"
#include "tests/simulation/plan.h"

namespace tandem6::simulation {

/// What comes of a plan; it is lived in a process of its own, so that even a T6_CHECK that fails is
/// an outcome (checker "crash").
struct LifeOutcome {
  std::optional<Violation> violation;
  std::vector<std::string> trace;
};
[[nodiscard]] LifeOutcome outcome_of(const Plan& plan, bool with_trace);

/// As small as it gets while this checker still finds something.
[[nodiscard]] Plan shrunk(Plan plan, const std::string& checker);

/// Of a trace what the violation is about: troubles, states, and what concerns its leases and
/// clients; at most `line_count_max` lines, the last ones whole.
[[nodiscard]] std::vector<std::string> readable(const std::vector<std::string>& trace,
                                                const Violation& violation,
                                                std::size_t line_count_max);

}  // namespace tandem6::simulation
