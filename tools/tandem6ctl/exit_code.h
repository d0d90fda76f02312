// How tandem6ctl ends; scripts rely on the numbers.
#pragma once

#include <string>

namespace tandem6 {

enum class ExitCode : int {
  kDone = 0,
  kRefused = 1,
  kUsage = 2,
  kNoDaemon = 3,
};

struct Failure {
  ExitCode code = ExitCode::kRefused;
  std::string reason;
};

}  // namespace tandem6
