#include "control/config/nearest_word.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace tandem6 {
namespace {

/// Levenshtein's distance.
std::size_t edit_count(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above + 1, row[j - 1] + 1, changed});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::optional<std::string_view> nearest_word(std::string_view word,
                                             std::span<const std::string_view> candidates) {
  constexpr std::size_t kWordSizeMax = 64;
  if (word.size() > kWordSizeMax) return std::nullopt;
  std::optional<std::string_view> best;
  std::size_t best_count = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t count = edit_count(word, candidate);
    if (count >= best_count) continue;
    best = candidate;
    best_count = count;
  }
  return best;
}

}  // namespace tandem6
