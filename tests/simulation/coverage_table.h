// How often the simulation came by each place: transitions of the state machine, cells of the
// conflict table, deaths before each kind of effect, troubles, messages. Sums of many lives.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace tandem6::simulation {

class CoverageTable {
 public:
  void count(const std::string& place) { ++counts_[place]; }
  void add(const std::string& place, std::uint64_t times) { counts_[place] += times; }
  [[nodiscard]] const std::map<std::string, std::uint64_t>& counts() const noexcept {
    return counts_;
  }
  /// The sum over all places whose name begins so.
  [[nodiscard]] std::uint64_t sum(const std::string& prefix) const;
  /// Every place that a campaign of so many lives has to come by, and did not: none for a good one.
  [[nodiscard]] std::vector<std::string> unreached(std::uint64_t lives) const;
  void print(std::ostream& out) const;

 private:
  std::map<std::string, std::uint64_t> counts_;
};

}  // namespace tandem6::simulation
