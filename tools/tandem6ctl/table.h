// Aligned columns for people. Rows may come in parts: widths only grow, so a long list streams.
#pragma once

#include <string>
#include <vector>

#include "tools/tandem6ctl/style.h"

namespace tandem6 {

enum class Align : unsigned char { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kLeft;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns);

  /// REQUIRES: one cell for each column. Cells are ASCII.
  void add_row(std::vector<std::string> cells);
  /// The rows added since the last call, under the titles the first time. No trailing spaces.
  [[nodiscard]] std::string take_text(const Style& style);

 private:
  [[nodiscard]] std::string line_of(const std::vector<std::string>& cells) const;

  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<std::string>> rows_;
  bool titles_shown_ = false;
};

}  // namespace tandem6
