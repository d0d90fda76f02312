#include "tools/tandem6ctl/table.h"

#include <algorithm>
#include <utility>

#include "dataplane/wire/check.h"

namespace tandem6 {

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (const Column& column : columns_) widths_.push_back(column.title.size());
}

void Table::add_row(std::vector<std::string> cells) {
  T6_CHECK(cells.size() == columns_.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    widths_[i] = std::max(widths_[i], cells[i].size());
  }
  rows_.push_back(std::move(cells));
}

std::string Table::line_of(const std::vector<std::string>& cells) const {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i != 0) line += "  ";
    const std::string padding(widths_[i] - cells[i].size(), ' ');
    line += columns_[i].align == Align::kRight ? padding + cells[i] : cells[i] + padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string Table::take_text(const Style& style) {
  std::string text;
  if (!titles_shown_) {
    std::vector<std::string> titles;
    for (const Column& column : columns_) titles.push_back(column.title);
    text += style.bold(line_of(titles)) + '\n';
    titles_shown_ = true;
  }
  for (const auto& row : rows_) text += line_of(row) + '\n';
  rows_.clear();
  return text;
}

}  // namespace tandem6
