#include <boost/json/array.hpp>
#include <cmath>

#include "tools/tandem6ctl/json_fields.h"
#include "tools/tandem6ctl/render.h"
#include "tools/tandem6ctl/units.h"

namespace tandem6 {

namespace json = boost::json;

std::string render_stats(const json::object& stats, const json::object* earlier, double seconds,
                         const Style& style) {
  const double worker_count = number_field(stats, "workers");
  std::vector<Column> columns = {{"COUNTER", Align::kLeft}, {"SUM", Align::kRight}};
  if (earlier != nullptr) columns.push_back({"PER SECOND", Align::kRight});
  for (int worker = 0; worker < worker_count && worker_count > 1; ++worker) {
    columns.push_back({"WORKER " + std::to_string(worker), Align::kRight});
  }
  const std::size_t column_count = columns.size();
  Table table(std::move(columns));
  for (const auto& member : object_field(stats, "counters")) {
    const json::object& counter = as_object(member.value());
    const double sum = number_field(counter, "sum");
    if (sum == 0) continue;
    std::vector<std::string> cells = {std::string(member.key()), human_count(sum)};
    if (earlier != nullptr) {
      const std::string name(member.key());
      const json::object& before = object_field(object_field(*earlier, "counters"), name.c_str());
      const double from = number_field(before, "sum");
      cells.push_back(std::isnan(from) ? "-" : human_rate((sum - from) / seconds));
    }
    for (const json::value& value : array_field(counter, "per_worker")) {
      if (cells.size() < column_count) cells.push_back(human_count(value.to_number<double>()));
    }
    cells.resize(column_count, "-");
    table.add_row(std::move(cells));
  }
  return table.take_text(style);
}

}  // namespace tandem6
