// Failures go to standard error, in one line.
#pragma once

#include <iostream>

#include "tools/tandem6ctl/exit_code.h"

namespace tandem6 {

inline ExitCode report(const Failure& failure) {
  std::cerr << "tandem6ctl: " << failure.reason << '\n';
  return failure.code;
}

}  // namespace tandem6
