// From a closed database to the first correct answer: how long, how much memory, how much disk.
//
//     start_time [--leases N] [--shards N] [--runs N] [--path DIR] [--keep]
//
// Makes a database of N leases, then opens, loads and answers one RENEW, in a process that has
// nothing of it in memory; the kernel's cache of the files is warm, as after a restart of the
// program. Prints one line a run.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "dataplane/server/responder.h"
#include "dataplane/wire/parse.h"
#include "perf/storage/population.h"

namespace tandem6 {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

std::uint64_t resident_octets() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

struct Options {
  std::uint64_t leases = 1'000'000;
  unsigned shards = 1;
  unsigned runs = 3;
  std::string path = "start_time.tmp";
  bool keep = false;
};

WallTime now() {
  const auto unix_time = std::chrono::system_clock::now().time_since_epoch();
  return WallTime{std::chrono::duration_cast<std::chrono::seconds>(unix_time).count() -
                  kUnixSecondsOfEpoch};
}

std::unique_ptr<Store> open_store(const std::string& path) {
  auto store = Store::open({.path = path});
  if (store.has_value()) return std::move(*store);
  std::fprintf(stderr, "start_time: %s\n", store.error().c_str());
  std::exit(1);
}

bool answers(population::Memory& memory, std::uint64_t client, WallTime at) {
  population::RenewTemplate renew;
  WireCounters counters;
  ParsedMessage message;
  const auto octets = renew.of(client, 1);
  if (parse(octets, message, counters) != DropReason::kNone) return false;
  const ShardId home = memory.service.home_of(memory.service.client_key(message.client_id));
  Responder responder(memory.service, *memory.shards[home], counters);
  const Envelope envelope{.source = *Ipv6Address::parse("fe80::1"),
                          .destination = *Ipv6Address::parse("ff02::1:2"),
                          .source_port = 546,
                          .port = 0};
  std::array<std::uint8_t, 1232> reply;
  const Outcome outcome = responder.respond(envelope, message, at, reply);
  const auto address = population::address_of(client).octets;
  const auto end = reply.begin() + outcome.size;
  return outcome.drop == DropReason::kNone && outcome.change_number != 0 &&
         std::search(reply.begin(), end, address.begin(), address.end()) != end;
}

void run_once(const Options& options) {
  const std::uint64_t memory_before = resident_octets();
  const Clock::time_point began = Clock::now();
  const auto store = open_store(options.path);
  const double opened = seconds_since(began);
  population::Memory memory(options.shards, options.leases);
  const auto loaded = memory.load(*store, now());
  if (!loaded.has_value() || loaded->record_count != options.leases) {
    std::fprintf(stderr, "start_time: not every lease came back\n");
    std::exit(1);
  }
  if (!answers(memory, options.leases / 2, now())) {
    std::fprintf(stderr, "start_time: a wrong answer\n");
    std::exit(1);
  }
  const double total = seconds_since(began);
  const double leases = static_cast<double>(options.leases);
  std::printf(
      "%.1f million leases, %u shards: open %.2f s, to the first answer %.2f s (%.2f million/s), "
      "%.0f octets of memory and %.0f of disk a lease\n",
      leases / 1e6, options.shards, opened, total, leases / total / 1e6,
      static_cast<double>(resident_octets() - memory_before) / leases,
      static_cast<double>(store->usage().file_octets) / leases);
}

int measure(const Options& options) {
  if (!std::filesystem::exists(options.path)) {
    const auto store = open_store(options.path);
    const auto filled = population::fill(*store, options.leases, now());
    if (!filled.has_value()) {
      std::fprintf(stderr, "start_time: %s\n", filled.error().c_str());
      return 1;
    }
  }
  for (unsigned run = 0; run < options.runs; ++run) run_once(options);
  if (!options.keep) std::filesystem::remove_all(options.path);
  return 0;
}

}  // namespace
}  // namespace tandem6

int main(int argument_count, char** arguments) {
  tandem6::Options options;
  CLI::App app("Measures the load of leases at start.");
  app.add_option("--leases", options.leases, "how many");
  app.add_option("--shards", options.shards, "in how many shards");
  app.add_option("--runs", options.runs, "how often");
  app.add_option("--path", options.path, "folder of the database; made when it is not there");
  app.add_flag("--keep", options.keep, "leave the database");
  CLI11_PARSE(app, argument_count, arguments);
  return tandem6::measure(options);
}
