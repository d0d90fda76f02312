#include "tests/simulation/coverage_table.h"

#include <ostream>

namespace tandem6::simulation {

void CoverageTable::add(const CoverageTable& other) {
  for (const auto& [place, times] : other.counts_) counts_[place] += times;
}

std::uint64_t CoverageTable::sum(const std::string& prefix) const {
  std::uint64_t sum = 0;
  for (auto at = counts_.lower_bound(prefix); at != counts_.end(); ++at) {
    if (!at->first.starts_with(prefix)) break;
    sum += at->second;
  }
  return sum;
}

std::vector<std::string> CoverageTable::unreached() const { return {}; }

void CoverageTable::print(std::ostream& out) const {
  for (const auto& [place, times] : counts_) out << "  " << place << ": " << times << '\n';
}

}  // namespace tandem6::simulation
