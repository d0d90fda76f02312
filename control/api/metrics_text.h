// The text format of Prometheus: families of samples with labels.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace tandem6 {

/// Any one thread.
class MetricsText {
 public:
  /// Once for each name; its samples follow.
  void family(std::string_view name, std::string_view type, std::string_view help);
  void sample(const std::string& labels, const std::string& value);
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string name_;
  std::string text_;
};

/// `name="value"`, escaped.
[[nodiscard]] std::string metric_label(std::string_view name, std::string_view value);
/// Without the digits that a double has too many.
[[nodiscard]] std::string exact_number(double value);

}  // namespace tandem6
