#include "control/daemon/options.h"

#include <getopt.h>

#include <array>

namespace tandem6 {

const char* usage_text() noexcept {
  return "usage: tandem6d --config FILE [--check]\n"
         "       tandem6d --version\n"
         "\n"
         "  --config FILE  the configuration; runs in the foreground and logs to stderr\n"
         "  --check        only reads the configuration and says what is wrong with it\n"
         "  --version      says which tandem6 this is\n"
         "\n"
         "Exit codes: 0 done; 1 could not start, with the reason; 2 usage.\n";
}

DaemonOptions read_options(int argument_count, char** arguments) {
  static constexpr std::array<option, 5> kLongOptions = {{
      {"config", required_argument, nullptr, 'c'},
      {"check", no_argument, nullptr, 'k'},
      {"version", no_argument, nullptr, 'v'},
      {"help", no_argument, nullptr, 'h'},
      {nullptr, 0, nullptr, 0},
  }};
  DaemonOptions options;
  bool check = false;
  optind = 0;  // starts anew: tests read several command lines
  opterr = 0;
  for (;;) {
    const int found = getopt_long(argument_count, arguments, ":", kLongOptions.data(), nullptr);
    if (found == -1) break;
    switch (found) {
      case 'c':
        options.configuration_file = optarg;
        break;
      case 'k':
        check = true;
        break;
      case 'v':
        options.action = DaemonOptions::Action::kVersion;
        return options;
      case 'h':
        options.action = DaemonOptions::Action::kHelp;
        return options;
      case ':':
        options.wrong = std::string(arguments[optind - 1]) + " wants a value";
        return options;
      default:
        options.wrong = std::string("there is no option ") + arguments[optind - 1];
        return options;
    }
  }
  if (optind < argument_count) {
    options.wrong = std::string("what is ") + arguments[optind] + "?";
  } else if (options.configuration_file.empty()) {
    options.wrong = "--config FILE is missing";
  } else {
    options.action = check ? DaemonOptions::Action::kCheck : DaemonOptions::Action::kRun;
  }
  return options;
}

}  // namespace tandem6
