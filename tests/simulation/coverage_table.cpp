#include "tests/simulation/coverage_table.h"

#include <ostream>
#include <span>

#include "tests/simulation/required_places.h"

namespace tandem6::simulation {

std::uint64_t CoverageTable::sum(const std::string& prefix) const {
  std::uint64_t sum = 0;
  for (auto at = counts_.lower_bound(prefix); at != counts_.end(); ++at) {
    if (!at->first.starts_with(prefix)) break;
    sum += at->second;
  }
  return sum;
}

std::vector<std::string> CoverageTable::unreached(std::uint64_t lives) const {
  std::vector<std::string> missing;
  const auto look_for = [&](std::span<const char* const> places) {
    for (const char* place : places) {
      const std::string name(place);
      // A cell stands for both verdicts.
      const bool is_cell = name.starts_with("conflict ");
      if (is_cell ? sum(name + ' ') == 0 : !counts_.contains(name)) missing.push_back(name);
    }
  };
  if (lives >= kManyLives) look_for(kRequiredPlaces);
  if (lives >= kVeryManyLives) look_for(kRarePlaces);
  return missing;
}

void CoverageTable::print(std::ostream& out) const {
  for (const auto& [place, times] : counts_) out << "  " << place << ": " << times << '\n';
}

}  // namespace tandem6::simulation
