// tandem6d: reads the command line and the configuration, builds the parts, runs the control
// thread, joins the rest.
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <exception>
#include <utility>

#include "control/api/version.h"
#include "control/config/configuration.h"
#include "control/daemon/daemon.h"
#include "control/daemon/log.h"
#include "control/daemon/options.h"
#include "control/daemon/service_manager.h"
#include "control/daemon/signals.h"

namespace tandem6 {
namespace {

constexpr int kDone = 0;
constexpr int kCouldNotStart = 1;
constexpr int kUsage = 2;

void print_errors(const std::vector<ConfigurationError>& errors) {
  for (const ConfigurationError& error : errors) {
    std::fprintf(stderr, "%s\n", error.to_string().c_str());
  }
}

int check(const DaemonOptions& options) {
  const auto configuration = load_configuration(options.configuration_file);
  if (!configuration.has_value()) {
    print_errors(configuration.error());
    return kCouldNotStart;
  }
  std::printf("%s: nothing wrong\n", options.configuration_file.c_str());
  return kDone;
}

int run(const DaemonOptions& options) {
  auto configuration = load_configuration(options.configuration_file);
  if (!configuration.has_value()) {
    print_errors(configuration.error());
    return kCouldNotStart;
  }
  start_log(configuration->log_level, configuration->log_format);
  boost::asio::io_context context(1);
  // Before the parts: a signal during their building ends cleanly too, once they stand.
  Daemon* running = nullptr;
  const Signals signals(
      context, [&context] { context.stop(); },
      [&running] {
        if (running != nullptr) running->reload();
      });
  auto daemon = Daemon::start(std::move(*configuration), context);
  if (!daemon.has_value()) {
    std::fprintf(stderr, "tandem6d: %s\n", daemon.error().c_str());
    return kCouldNotStart;
  }
  running = daemon->get();
  log_info("ready");
  tell_ready();
  context.run();
  log_info("ending");
  tell_stopping();
  running = nullptr;
  (*daemon)->stop();
  log_info("ended");
  return kDone;
}

int act(const DaemonOptions& options) {
  switch (options.action) {
    case DaemonOptions::Action::kRun:
      return run(options);
    case DaemonOptions::Action::kCheck:
      return check(options);
    case DaemonOptions::Action::kVersion:
      std::printf("tandem6d %s\n", version());
      return kDone;
    case DaemonOptions::Action::kHelp:
      std::printf("%s", usage_text());
      return kDone;
    case DaemonOptions::Action::kWrongUsage:
      break;
  }
  std::fprintf(stderr, "tandem6d: %s\n%s", options.wrong.c_str(), usage_text());
  return kUsage;
}

}  // namespace
}  // namespace tandem6

int main(int argument_count, char** arguments) {
  try {
    return tandem6::act(tandem6::read_options(argument_count, arguments));
  } catch (const std::exception& error) {
    // Out of memory, mostly: everything else comes as a value.
    std::fprintf(stderr, "tandem6d: %s\n", error.what());
    return 1;
  }
}
