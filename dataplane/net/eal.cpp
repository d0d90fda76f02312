#include "dataplane/net/eal.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <string_view>

#include "dataplane/net/dpdk_log.h"

namespace tandem6 {
namespace {

bool names_any(const std::vector<std::string>& arguments,
               std::initializer_list<std::string_view> options) {
  return std::ranges::any_of(arguments, [&](const std::string& argument) {
    return std::ranges::any_of(options, [&](std::string_view option) {
      // "-l0-1" and "-l 0-1", "--lcores=…" and "--lcores …".
      const bool is_short = option.size() == 2;
      return is_short ? argument.starts_with(option)
                      : argument == option || argument.starts_with(std::string(option) + "=");
    });
  });
}

std::vector<unsigned> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<unsigned> cpus;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
    }
  }
  if (cpus.empty()) cpus.push_back(0);
  return cpus;
}

std::string joined(std::span<const std::string> words, char separator) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += separator;
    text += word;
  }
  return text;
}

std::string cpu_list(std::span<const unsigned> cpus) {
  std::vector<std::string> names;
  for (const unsigned cpu : cpus) names.push_back(std::to_string(cpu));
  std::string text = "(";
  text += joined(names, ',');
  return text += ')';
}

/// Core 0 is the caller's, 1.. are the workers'.
std::string default_cores(unsigned worker_count, IdleMode idle) {
  const std::vector<unsigned> cpus = allowed_cpus();
  const bool pinned = idle == IdleMode::kPoll;
  const std::size_t left = cpus.size() > worker_count ? cpus.size() - worker_count : cpus.size();
  std::string text = "0@";
  text += cpu_list({cpus.data(), pinned ? left : cpus.size()});
  for (unsigned worker = 0; worker < worker_count; ++worker) {
    const unsigned cpu = cpus[cpus.size() - 1 - worker % cpus.size()];
    text += ',';
    text += std::to_string(worker + 1);
    text += '@';
    text += pinned ? std::to_string(cpu) : cpu_list(cpus);
  }
  return text;
}

std::vector<std::string> complete(const NetSettings& settings) {
  const std::vector<std::string>& given = settings.eal_arguments;
  std::vector<std::string> arguments{"tandem6d"};
  // Ours come first. Of two log levels, drivers take the first and the rest of DPDK the last, so
  // none of ours beside the operator's.
  if (!names_any(given, {"--log-level"})) arguments.emplace_back("--log-level=*:warning");
  if (!names_any(given, {"--telemetry", "--no-telemetry"})) {
    arguments.emplace_back("--no-telemetry");
  }
  if (!names_any(given, {"--file-prefix", "--in-memory"})) {
    arguments.push_back("--file-prefix=tandem6-" + std::to_string(getpid()));
  }
  // Without huge pages no second process can attach, so there is nothing to share.
  if (names_any(given, {"--no-huge"}) && !names_any(given, {"--no-shconf"})) {
    arguments.emplace_back("--no-shconf");
  }
  if (!names_any(given, {"-l", "-c", "--lcores", "-s", "-S"})) {
    arguments.push_back("--lcores=" + default_cores(settings.worker_count, settings.idle));
  }
  arguments.insert(arguments.end(), given.begin(), given.end());
  return arguments;
}

}  // namespace

std::expected<std::unique_ptr<Eal>, std::string> Eal::start(const NetSettings& settings) {
  watch_dpdk_log();
  std::unique_ptr<Eal> eal(new Eal);
  eal->arguments_ = complete(settings);
  for (std::string& argument : eal->arguments_) eal->argument_pointers_.push_back(argument.data());
  const int count = static_cast<int>(eal->argument_pointers_.size());
  eal->argument_pointers_.push_back(nullptr);

  const int taken = rte_eal_init(count, eal->argument_pointers_.data());
  if (taken < 0) {
    const std::string reason = rte_strerror(rte_errno);
    return std::unexpected("DPDK does not start with dataplane.eal [" +
                           joined(settings.eal_arguments, ' ') + "]: " + reason + take_dpdk_log());
  }
  if (!names_any(settings.eal_arguments, {"--file-prefix", "--in-memory"})) {
    eal->runtime_directory_ = rte_eal_get_runtime_dir();
  }
  if (taken + 1 < count) {
    return std::unexpected(std::string("dataplane.eal: DPDK knows no argument \"") +
                           eal->argument_pointers_[static_cast<std::size_t>(taken) + 1] + "\"");
  }
  unsigned core = 0;
  RTE_LCORE_FOREACH_WORKER(core) {
    if (eal->worker_cores_.size() < settings.worker_count) eal->worker_cores_.push_back(core);
  }
  if (eal->worker_cores_.size() < settings.worker_count) {
    return std::unexpected(
        "dataplane.eal names " + std::to_string(rte_lcore_count()) + " cores, but " +
        std::to_string(settings.worker_count) + " workers need " +
        std::to_string(settings.worker_count + 1) +
        ": one each and one for the control thread (leave the cores out and they are chosen)");
  }
  return eal;
}

Eal::~Eal() {
  rte_eal_cleanup();
  if (!runtime_directory_.empty()) {
    std::error_code ignored;  // left behind it does no harm
    std::filesystem::remove_all(runtime_directory_, ignored);
  }
}

}  // namespace tandem6
