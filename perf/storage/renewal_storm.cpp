// Every lease renewed, again and again, at the highest rate: what the disk sustains.
//
//     renewal_storm [--leases N] [--seconds S] [--durability power|process|none] [--path DIR]
//                   [--json] [--keep] [--database-tuning TEXT] [--lease-tuning TEXT]
//
// The shipping parts without the packet path: a worker's thread that parses RENEWs, answers them
// from its shard and holds each reply until its change is committed (at most as many as a worker
// holds), the committer, and RocksDB with its compactions. Latency is from the message to the
// reply's release, so at full rate it is mostly the queue. Default: 10 million leases, 15 minutes.
//
// Prints a line each minute (of each ten seconds in short runs), with its worst second, then the
// sum: the worst interval against the best, the worst second of all, octets written to the device
// for each octet of record. Ends with 1 when a lease whose renewal was told is not on disk at the
// end as it was told.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <vector>

#include "dataplane/net/shard_server.h"
#include "perf/storage/population.h"
#include "perf/storage/renewing_clients.h"
#include "storage/committer.h"
#include "storage/latency_record.h"

namespace tandem6 {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration;

struct Options {
  std::uint64_t leases = 10'000'000;
  unsigned seconds = 900;
  Durability durability = Durability::kPower;
  std::string path = "renewal_storm.tmp";
  std::string database_tuning;
  std::string lease_tuning;
  bool json = false;
  bool keep = false;
};

/// Octets that this process has caused to be written to the device.
std::uint64_t device_octets() {
  std::ifstream file("/proc/self/io");
  std::string name;
  std::uint64_t value = 0;
  while (file >> name >> value) {
    if (name == "write_bytes:") return value;
  }
  return 0;
}

struct Interval {
  double seconds = 0;
  std::uint64_t replies = 0;
  double worst_second_rate = 0;  // replies in that of its seconds that had the fewest
  LatencyRecord::Summary latency;
};

void print(const Interval& interval, std::size_t number) {
  std::printf(
      "%3zu  %8.0f replies/s (worst second %8.0f)   p50 %.2f ms   p99 %.2f ms   p99.9 %.2f ms   "
      "worst %.1f ms\n",
      number, static_cast<double>(interval.replies) / interval.seconds, interval.worst_second_rate,
      interval.latency.p50_seconds * 1e3, interval.latency.p99_seconds * 1e3,
      interval.latency.p999_seconds * 1e3, interval.latency.worst_seconds * 1e3);
  std::fflush(stdout);
}

/// Every client's expiry on disk is that of its newest told renewal or later.
bool all_told_is_there(const Store& store, const Shard& shard, std::uint64_t count) {
  std::uint64_t good = 0;
  const auto walked = store.walk(Family::kLease, {}, {}, [&](RecordOctets key, RecordOctets value) {
    const auto lease = read_lease_record(key, value);
    if (!lease.has_value()) return true;
    const BindingIndex index = shard.find_lease(lease->binding.address, 128);
    good += index != kNoBinding && WallTime(shard.at(index).state_expiration_time) ==
                                       WallTime(lease->binding.state_expiration_time);
    return true;
  });
  return walked.has_value() && good == count;
}

class Storm {
 public:
  explicit Storm(Options options) : options_(std::move(options)) {}

  int run() {
    open();
    population::Memory memory(1, options_.leases);
    const WallTime began{800'000'000};
    if (!memory.load(*store_, began).has_value()) return fail("the leases do not load");
    CommittedMark mark;
    Committer committer(*store_, {{.changes = &memory.shards[0]->changes(), .mark = &mark}},
                        {.durability = options_.durability});
    WireCounters counters;
    ShardServer server(memory.service, *memory.shards[0], counters);
    RenewingClients clients(server, mark, options_.leases);
    const std::uint64_t device_before = device_octets();
    committer.start();
    blow(clients, began);
    if (!committer.stop()) return fail(committer.report().trouble.c_str());
    clients.release(*latency_);
    sum_up(committer.report(), device_octets() - device_before);
    store_.reset();
    open();
    if (!all_told_is_there(*store_, *memory.shards[0], options_.leases)) {
      return fail("a lease is not on disk as it was told");
    }
    std::printf("every lease is on disk as it was told\n");
    store_.reset();
    if (!options_.keep) std::filesystem::remove_all(options_.path);
    return 0;
  }

 private:
  static int fail(const char* why) {
    std::fprintf(stderr, "renewal_storm: %s\n", why);
    return 1;
  }
  void open() {
    const bool is_new = !std::filesystem::exists(options_.path);
    auto opened = Store::open({.path = options_.path,
                               .database_tuning = options_.database_tuning,
                               .lease_tuning = options_.lease_tuning});
    if (!opened.has_value()) std::exit(fail(opened.error().c_str()));
    store_ = std::move(*opened);
    if (!is_new) return;
    const auto filled = population::fill(*store_, options_.leases, WallTime{800'000'000});
    if (!filled.has_value()) std::exit(fail(filled.error().c_str()));
  }
  void blow(RenewingClients& clients, WallTime began) {
    const auto start = Clock::now();
    const double interval_seconds = options_.seconds >= 120 ? 60 : options_.seconds >= 20 ? 10 : 1;
    auto interval_began = start;
    auto second_began = start;
    std::uint64_t told_before = 0;
    std::uint64_t told_before_second = 0;
    double worst_second_rate = std::numeric_limits<double>::infinity();
    while (intervals_.size() * interval_seconds < options_.seconds) {
      for (int i = 0; i < 64; ++i) {
        const double elapsed = duration<double>(Clock::now() - start).count();
        clients.release(*latency_);
        clients.renew(WallTime{began.seconds + 1 + static_cast<std::int64_t>(elapsed)});
      }
      const auto now = Clock::now();
      if (const double passed = duration<double>(now - second_began).count(); passed >= 1) {
        const auto told = static_cast<double>(clients.told() - told_before_second);
        worst_second_rate = std::min(worst_second_rate, told / passed);
        second_began = now;
        told_before_second = clients.told();
      }
      const double seconds = duration<double>(now - interval_began).count();
      if (seconds < interval_seconds) continue;
      intervals_.push_back({.seconds = seconds,
                            .replies = clients.told() - told_before,
                            .worst_second_rate = worst_second_rate,
                            .latency = latency_->summary()});
      latency_ = std::make_unique<LatencyRecord>();
      print(intervals_.back(), intervals_.size());
      told_before = clients.told();
      interval_began = now;
      worst_second_rate = std::numeric_limits<double>::infinity();
    }
  }
  void sum_up(const Committer::Report& report, std::uint64_t device) const {
    double best = 0;
    double worst = 1e18;
    double worst_second = 1e18;
    for (const Interval& each : intervals_) {
      const double rate = static_cast<double>(each.replies) / each.seconds;
      best = std::max(best, rate);
      worst = std::min(worst, rate);
      worst_second = std::min(worst_second, each.worst_second_rate);
    }
    const double changes = static_cast<double>(report.change_count);
    const double record = static_cast<double>(report.octet_count) / changes;
    std::printf(
        "durability %s: worst interval %.2f of the best, worst second %.2f; batch %.0f; %.0f "
        "octets a record, "
        "%.0f to the device (%.1f times)\n",
        name_of(options_.durability), worst / best, worst_second / best,
        changes / static_cast<double>(report.set_count), record,
        static_cast<double>(device) / changes, static_cast<double>(device) / changes / record);
    if (!options_.json) return;
    std::printf(
        "{\"durability\": \"%s\", \"leases\": %lu, \"worst_of_best\": %.3f, "
        "\"worst_second_of_best\": %.3f, "
        "\"changes\": %lu, \"device_octets\": %lu, \"replies_per_second\": [",
        name_of(options_.durability), options_.leases, worst / best, worst_second / best,
        report.change_count, device);
    for (std::size_t i = 0; i < intervals_.size(); ++i) {
      std::printf("%s%.0f", i == 0 ? "" : ", ",
                  static_cast<double>(intervals_[i].replies) / intervals_[i].seconds);
    }
    std::printf("]}\n");
  }

  Options options_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<LatencyRecord> latency_ = std::make_unique<LatencyRecord>();
  std::vector<Interval> intervals_;
};

}  // namespace
}  // namespace tandem6

int main(int argument_count, char** arguments) {
  tandem6::Options options;
  CLI::App app("Renews every lease, again and again, at the highest rate.");
  app.add_option("--leases", options.leases, "how many");
  app.add_option("--seconds", options.seconds, "how long");
  const std::map<std::string, tandem6::Durability> names{{"power", tandem6::Durability::kPower},
                                                         {"process", tandem6::Durability::kProcess},
                                                         {"none", tandem6::Durability::kNone}};
  app.add_option("--durability", options.durability, "what a reply waits for")
      ->transform(CLI::CheckedTransformer(names));
  app.add_option("--path", options.path, "folder of the database; made when it is not there");
  app.add_option("--database-tuning", options.database_tuning,
                 "options of RocksDB over the server's, name=value;name=value");
  app.add_option("--lease-tuning", options.lease_tuning,
                 "the same, of the column families of leases");
  app.add_flag("--json", options.json, "the sum once more, for programs");
  app.add_flag("--keep", options.keep, "leave the database");
  CLI11_PARSE(app, argument_count, arguments);
  return tandem6::Storm(std::move(options)).run();
}
