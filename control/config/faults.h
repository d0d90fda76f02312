// The faults of a configuration file, gathered so that one run shows them all.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "control/config/configuration.h"

namespace tandem6 {

/// Where something stands in the file; both from 1.
struct FilePosition {
  int line = 1;
  int column = 1;
  friend auto operator<=>(const FilePosition&, const FilePosition&) = default;
};

/// What a value must be: the reason, and what the operator should write.
struct Rule {
  std::string_view why;
  std::string_view right;
};

/// One thread, while one file is read.
class Faults {
 public:
  explicit Faults(std::string file) : file_(std::move(file)) {}

  void add(FilePosition position, std::string what, std::string_view why, std::string_view right);
  void add(FilePosition position, std::string what, const Rule& rule) {
    add(position, std::move(what), rule.why, rule.right);
  }

  [[nodiscard]] bool empty() const noexcept { return errors_.empty(); }
  [[nodiscard]] std::size_t count() const noexcept { return errors_.size(); }
  /// All of them in the order of the file.
  [[nodiscard]] std::vector<ConfigurationError> sorted() const;

 private:
  std::string file_;
  std::vector<ConfigurationError> errors_;
};

/// The text cut where it is long, control characters shown as '?': fit for a line of a terminal
/// whatever the file holds.
[[nodiscard]] std::string printable(std::string_view text);
/// The same in double quotes.
[[nodiscard]] std::string quoted(std::string_view text);

/// "line 12": refers to another place of the same file.
[[nodiscard]] std::string line_of(FilePosition position);

}  // namespace tandem6
