// What failover costs a server, and how fast its partner knows what it knows.
//
//     pair_figures rate   [--leases N] [--seconds S] [--repeat R]     default: 1 million, 10, 3
//     pair_figures resync [--leases N] [--renewals-per-second R]      default: 10 million, 20,000
//     both: [--durability power|process|none] [--path DIR] [--pin]
//
// Two servers in processes of their own, whole but for the packet path, partners over TCP on the
// loopback; clients renew at the primary. Prints medians of the runs.
//   rate:   all leases told to a new partner; replies/s with failover and without, in turns;
//   updates
//           acknowledged meanwhile; the lag behind the clients at the top rate, 0.9 and 0.5 of it.
//   resync: the secondary is killed and its disk lost; until it has everything again (RECOVER-WAIT)
//           while the primary answers renewals; how long these wait, before and meanwhile.
// --pin: the primary has the first core for all its threads, the secondary the second; without it
// they share what there is.
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <vector>

#include "control/daemon/log.h"
#include "perf/failover/lone_server.h"

namespace tandem6 {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kRest = std::chrono::milliseconds(50);
constexpr auto kSlice = std::chrono::milliseconds(10);
constexpr auto kPatience = std::chrono::minutes(10);

struct Options {
  std::uint64_t leases = 0;
  double seconds = 10;
  unsigned repeat = 3;
  double renewals_per_second = 20'000;
  Durability durability = Durability::kPower;
  std::string path = "pair_figures.tmp";
  bool pin = false;

  [[nodiscard]] LoneServer::Settings settings(std::optional<Role> role) const {
    return {.folder = path + (role == Role::kSecondary ? "/secondary" : "/primary"),
            .lease_count_max = leases,
            .durability = durability,
            .role = role};
  }
};

double seconds_since(Clock::time_point time) {
  return std::chrono::duration<double>(Clock::now() - time).count();
}

// --- Processes.

/// Runs it in a process of its own, on this core where one is named.
pid_t begin(std::optional<int> core, const std::function<void()>& work) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (core.has_value()) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(*core, &cores);
    (void)sched_setaffinity(0, sizeof cores, &cores);
  }
  work();
  std::fflush(stdout);
  _exit(0);
}

void wait_for(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) std::exit(1);
}

void kill_now(pid_t child) {
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

/// What a process leaves for the one that began it.
template <typename T>
T* shared() {
  void* const memory =
      mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return new (memory) T();
}

// --- One server.

/// Ends the process when it does not come to it.
void run_until(LoneServer& server, const std::function<bool()>& is_reached, const char* what) {
  const auto began = Clock::now();
  while (!is_reached()) {
    server.run_for(kSlice);
    if (Clock::now() - began < kPatience) continue;
    std::fprintf(stderr, "pair_figures: waited in vain for %s\n", what);
    _exit(1);
  }
}

bool knows_all(const LoneServer& server) {
  const RelationshipView view = server.relationship();
  return view.state == EndpointState::kNormal && view.acked_total >= server.lease_count();
}

void serve(const LoneServer::Settings& settings, std::uint64_t client_count) {
  LoneServer server(settings, client_count);
  for (;;) server.run_for(std::chrono::seconds(1));
}

/// A database with this many leases.
void fill(const Options& options) {
  std::filesystem::remove_all(options.path);
  std::filesystem::create_directories(options.path);
  wait_for(begin({}, [&] {
    auto store = Store::open({.path = options.path + "/primary"});
    if (!store.has_value()) std::exit(1);
    if (!population::fill(**store, options.leases, WallClock().now()).has_value()) std::exit(1);
  }));
}

std::optional<int> core_of(const Options& options, Role role) {
  if (!options.pin) return {};
  return role == Role::kPrimary ? 0 : 1;
}

// --- Rate.

struct Phase {
  double replies_per_second = 0;
  double acked_per_second = 0;
  double worker_ns_per_reply = 0;
  LatencyRecord::Summary latency;
  LatencyRecord::Summary lag;
};
struct RateRun {
  double sweep_per_second = 0;  // a new partner is told everything
  Phase top;
  Phase at_90;
  Phase at_50;
};

Phase measure(LoneServer& server, double renewals_per_second, double seconds, bool has_partner) {
  auto* const load = new Load;  // the worker may look at it until the end
  load->renewals_per_second = renewals_per_second;
  const auto acked = [&] { return has_partner ? server.relationship().acked_total : 0; };
  const std::uint64_t acked_before = acked();
  const auto began = Clock::now();
  server.use(*load);
  while (seconds_since(began) < seconds) server.run_for(kSlice);
  const double took = seconds_since(began);
  const auto told = static_cast<double>(load->told.load());
  const auto acked_meanwhile = static_cast<double>(acked() - acked_before);
  server.use(*new Load);
  server.run_for(kRest);  // until the worker has let go of the load
  return {.replies_per_second = told / took,
          .acked_per_second = acked_meanwhile / took,
          .worker_ns_per_reply = static_cast<double>(load->worker_ns.load()) / told,
          .latency = load->latency.summary(),
          .lag = load->lag.summary()};
}

void run_rate(const Options& options, bool with_partner, RateRun& run) {
  const auto role = with_partner ? std::optional(Role::kPrimary) : std::nullopt;
  LoneServer server(options.settings(role), options.leases);
  if (with_partner) {
    run_until(server, [&] { return server.relationship().is_in_contact; }, "a partner");
    const auto began = Clock::now();
    run_until(server, [&] { return knows_all(server); }, "the partner to know all leases");
    run.sweep_per_second = static_cast<double>(options.leases) / seconds_since(began);
  }
  run.top = measure(server, Load::kAsFastAsPossible, options.seconds, with_partner);
  if (!with_partner) return;
  for (auto [phase, share] : {std::pair{&run.at_90, 0.9}, std::pair{&run.at_50, 0.5}}) {
    const std::uint64_t unacked = 0;
    run_until(
        server, [&] { return server.relationship().unacked_count == unacked; },
        "the partner to catch up");
    *phase = measure(server, share * run.top.replies_per_second, options.seconds, true);
  }
}

RateRun one_rate_run(const Options& options, bool with_partner) {
  fill(options);
  auto* const run = shared<RateRun>();
  std::optional<pid_t> partner;
  if (with_partner) {
    partner = begin(core_of(options, Role::kSecondary),
                    [&] { serve(options.settings(Role::kSecondary), options.leases); });
  }
  wait_for(begin(core_of(options, Role::kPrimary), [&] { run_rate(options, with_partner, *run); }));
  if (partner.has_value()) kill_now(*partner);
  return *run;
}

double median(const std::vector<RateRun>& runs, const std::function<double(const RateRun&)>& of) {
  std::vector<double> values;
  for (const RateRun& run : runs) values.push_back(of(run));
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void print_phase(const char* name, const std::vector<RateRun>& runs, Phase RateRun::* phase) {
  const auto of = [&](auto field) {
    return median(runs, [&](const RateRun& run) { return field(run.*phase); });
  };
  std::printf(
      "%-22s %9.0f replies/s   p50 %6.2f ms  p99 %6.2f ms   worker %5.0f ns a reply   "
      "%8.0f acked/s   lag p50 %7.3f s  p99 %7.3f s  worst %7.3f s\n",
      name, of([](const Phase& each) { return each.replies_per_second; }),
      of([](const Phase& each) { return each.latency.p50_seconds * 1e3; }),
      of([](const Phase& each) { return each.latency.p99_seconds * 1e3; }),
      of([](const Phase& each) { return each.worker_ns_per_reply; }),
      of([](const Phase& each) { return each.acked_per_second; }),
      of([](const Phase& each) { return each.lag.p50_seconds; }),
      of([](const Phase& each) { return each.lag.p99_seconds; }),
      of([](const Phase& each) { return each.lag.worst_seconds; }));
}

int rate(const Options& options) {
  std::vector<RateRun> alone;
  std::vector<RateRun> paired;
  for (unsigned i = 0; i < options.repeat; ++i) {
    alone.push_back(one_rate_run(options, false));
    paired.push_back(one_rate_run(options, true));
  }
  std::printf("%lu leases, durability %s, %u runs of %.0f s, %s\n", options.leases,
              name_of(options.durability), options.repeat, options.seconds,
              options.pin ? "a core for each server" : "both servers on all cores");
  std::printf("a new partner is told everything: %.0f bindings/s acknowledged\n",
              median(paired, [](const RateRun& run) { return run.sweep_per_second; }));
  print_phase("without failover", alone, &RateRun::top);
  print_phase("with failover", paired, &RateRun::top);
  print_phase("0.9 of that", paired, &RateRun::at_90);
  print_phase("0.5 of that", paired, &RateRun::at_50);
  const auto top = [](const RateRun& run) { return run.top.replies_per_second; };
  std::printf("with / without: %.2f\n", median(paired, top) / median(alone, top));
  std::filesystem::remove_all(options.path);
  return 0;
}

// --- Resync.

struct ResyncRun {
  bool is_ready = false;  // the partner has everything for the first time
  double from_start_seconds = 0;
  double from_contact_seconds = 0;
  LatencyRecord::Summary before;
  LatencyRecord::Summary meanwhile;
};

void run_resync(const Options& options, volatile ResyncRun& shown, ResyncRun& run) {
  LoneServer server(options.settings(Role::kPrimary), options.leases);
  run_until(server, [&] { return knows_all(server); }, "the partner to know all leases");
  run.before = measure(server, options.renewals_per_second, 10, true).latency;
  shown.is_ready = true;
  auto* const load = new Load;
  load->renewals_per_second = options.renewals_per_second;
  server.use(*load);
  run_until(server, [&] { return !server.relationship().is_in_contact; }, "the partner to die");
  const auto began = Clock::now();
  run_until(server, [&] { return server.relationship().is_in_contact; }, "the partner to return");
  const auto contact = Clock::now();
  run_until(
      server,
      [&] {
        const EndpointState state = server.relationship().partner_state;
        return state == EndpointState::kRecoverWait || state == EndpointState::kRecoverDone ||
               server.relationship().state == EndpointState::kNormal;
      },
      "the partner to have everything");
  run.from_start_seconds = seconds_since(began);
  run.from_contact_seconds = seconds_since(contact);
  run.meanwhile = load->latency.summary();
}

int resync(const Options& options) {
  fill(options);
  auto* const run = shared<ResyncRun>();
  const auto begin_partner = [&] {
    return begin(core_of(options, Role::kSecondary),
                 [&] { serve(options.settings(Role::kSecondary), options.leases); });
  };
  pid_t partner = begin_partner();
  const pid_t survivor =
      begin(core_of(options, Role::kPrimary), [&] { run_resync(options, *run, *run); });
  const volatile bool& is_ready = run->is_ready;
  while (!is_ready && waitpid(survivor, nullptr, WNOHANG) == 0) usleep(10'000);
  if (!is_ready) return 1;
  kill_now(partner);
  std::filesystem::remove_all(options.settings(Role::kSecondary).folder);
  partner = begin_partner();
  wait_for(survivor);
  kill_now(partner);
  std::printf("%lu leases, durability %s, %.0f renewals/s, %s\n", options.leases,
              name_of(options.durability), options.renewals_per_second,
              options.pin ? "a core for each server" : "both servers on all cores");
  std::printf(
      "everything told anew: %.1f s from contact (%.0f bindings/s), %.1f s from the partner's "
      "death\n",
      run->from_contact_seconds, static_cast<double>(options.leases) / run->from_contact_seconds,
      run->from_start_seconds);
  for (const auto& [name, latency] :
       {std::pair{"before", run->before}, std::pair{"meanwhile", run->meanwhile}}) {
    std::printf("replies %-10s p50 %.2f ms   p99 %.2f ms   p99.9 %.2f ms   worst %.1f ms\n", name,
                latency.p50_seconds * 1e3, latency.p99_seconds * 1e3, latency.p999_seconds * 1e3,
                latency.worst_seconds * 1e3);
  }
  std::filesystem::remove_all(options.path);
  return 0;
}

}  // namespace
}  // namespace tandem6

int main(int argument_count, char** arguments) {
  (void)tandem6::set_log_level("off");
  tandem6::Options options;
  CLI::App app("What failover costs a server, and how fast its partner knows what it knows.");
  app.require_subcommand(1);
  const std::map<std::string, tandem6::Durability> names{{"power", tandem6::Durability::kPower},
                                                         {"process", tandem6::Durability::kProcess},
                                                         {"none", tandem6::Durability::kNone}};
  const auto add = [&](const char* name, const char* what) {
    CLI::App* const command = app.add_subcommand(name, what);
    command->add_option("--leases", options.leases, "how many");
    command->add_option("--durability", options.durability, "what a reply waits for")
        ->transform(CLI::CheckedTransformer(names));
    command->add_option("--path", options.path, "folder of the databases; made anew");
    command->add_flag("--pin", options.pin, "a core for each server");
    return command;
  };
  CLI::App* const rate = add("rate", "replies/s with and without failover");
  rate->add_option("--seconds", options.seconds, "of each phase");
  rate->add_option("--repeat", options.repeat, "runs of each kind");
  CLI::App* const resync = add("resync", "a lost disk is filled again");
  resync->add_option("--renewals-per-second", options.renewals_per_second, "meanwhile");
  CLI11_PARSE(app, argument_count, arguments);
  if (options.leases == 0) options.leases = rate->parsed() ? 1'000'000 : 10'000'000;
  return rate->parsed() ? tandem6::rate(options) : tandem6::resync(options);
}
