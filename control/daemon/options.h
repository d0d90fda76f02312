// The command line of tandem6d.
#pragma once

#include <string>

namespace tandem6 {

struct DaemonOptions {
  enum class Action : unsigned char { kRun, kCheck, kVersion, kHelp, kWrongUsage };
  Action action = Action::kWrongUsage;
  std::string configuration_file;
  std::string wrong;  // with kWrongUsage: what was wrong
};

[[nodiscard]] DaemonOptions read_options(int argument_count, char** arguments);
[[nodiscard]] const char* usage_text() noexcept;

}  // namespace tandem6
