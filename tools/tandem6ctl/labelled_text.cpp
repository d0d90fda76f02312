#include "tools/tandem6ctl/labelled_text.h"

#include <algorithm>

namespace tandem6 {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kLabelWidth = 12;
constexpr std::size_t kColumnsMax = 100;

}  // namespace

std::string labelled_text(std::string_view label, std::string_view text) {
  std::string line = std::string(kIndent, ' ') + std::string(label);
  line.resize(std::max(line.size() + 1, kIndent + kLabelWidth), ' ');
  std::string lines;
  bool is_empty = true;  // of words
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (!is_empty && line.size() + 1 + end > kColumnsMax) {
      lines += line + '\n';
      line.assign(kIndent + kLabelWidth, ' ');
      is_empty = true;
    }
    line.append(is_empty ? "" : " ").append(text.substr(0, end));
    is_empty = false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return lines + line + '\n';
}

}  // namespace tandem6
