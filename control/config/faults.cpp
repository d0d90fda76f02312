#include "control/config/faults.h"

#include <algorithm>
#include <tuple>

namespace tandem6 {

void Faults::add(FilePosition position, std::string what, std::string_view why,
                 std::string_view right) {
  errors_.push_back({file_, position.line, position.column, std::move(what), std::string(why),
                     std::string(right)});
}

std::vector<ConfigurationError> Faults::sorted() const {
  auto errors = errors_;
  std::stable_sort(errors.begin(), errors.end(), [](const auto& a, const auto& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return errors;
}

std::string printable(std::string_view text) {
  constexpr std::size_t kShownMax = 60;
  std::string result;
  for (const char character : text.substr(0, kShownMax)) {
    const auto octet = static_cast<unsigned char>(character);
    result += octet < 0x20 || octet == 0x7f ? '?' : character;
  }
  if (text.size() > kShownMax) result += "…";
  return result;
}

std::string quoted(std::string_view text) { return '"' + printable(text) + '"'; }

std::string line_of(FilePosition position) { return "line " + std::to_string(position.line); }

std::string ConfigurationError::to_string() const {
  std::string text = file;
  if (line > 0) text += ':' + std::to_string(line) + ':' + std::to_string(column);
  return text + ": " + what + ": " + why + "; " + right;
}

}  // namespace tandem6
