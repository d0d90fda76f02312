// How many changes a second reach the disk, and how long a lone client waits.
//
// Scenarios (each on a database of its own, in the folder TANDEM6_BENCH_DIR or the current one):
//   Commit/DURABILITY/CLIENTS   the committer, fed by one worker that keeps CLIENTS changes in
//                               flight: batches are as large as they become by themselves
//   BareSync/OCTETS             floor: write + fdatasync of OCTETS, appended, without a database
//   WriteBatch/DURABILITY/N     floor: RocksDB alone, with its default memtable, sets of N such
//                               records, nothing else on the thread
// Beside the floors a thread polls, as the worker does beside the committer: on two cores it is the
// one that the kernel's part of a sync has to share.
// Durability: 0 power, 1 process, 2 none. Read Commit's "batch" and take the floors of that size:
//   ratio = Commit changes/s over the lower of BareSync (octets of that batch) and WriteBatch.
// Counters: changes/s, batch (mean), octets a change, p50/p99 of a write in us.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "storage/committer.h"
#include "storage/lease_format.h"

namespace tandem6 {
namespace {

constexpr std::uint64_t kClientCount = 1'000'000;
constexpr std::size_t kRingSize = 1UL << 17;

/// A folder of this run's own, gone afterwards.
class BenchFolder {
 public:
  BenchFolder() {
    const char* parent = std::getenv("TANDEM6_BENCH_DIR");
    path_ = std::string(parent != nullptr ? parent : ".") + "/commit_bench.tmp";
    std::filesystem::remove_all(path_);
  }
  ~BenchFolder() { std::filesystem::remove_all(path_); }
  BenchFolder(const BenchFolder&) = delete;
  BenchFolder& operator=(const BenchFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// The renewal of some client, in an order that has nothing to do with keys.
void fill(Change& change, std::uint64_t n) {
  const std::uint64_t client = n * 0x9e3779b97f4a7c15 % kClientCount;
  change.kind = ChangeKind::kPut;
  change.dirty_index = DirtyIndex::kKeep;
  change.attribute_sizes = {};
  std::array<std::uint8_t, 14> duid{0, 1, 0, 1};
  std::memcpy(duid.data() + 6, &client, sizeof client);
  change.duid = Duid(duid);
  change.binding.address =
      Ipv6Address::from_halves(0x20010db800070000, client * 0xbf58476d1ce4e5b9);
  change.binding.status = BindingStatus::kActive;
  change.binding.duid_size = duid.size();
  change.binding.valid_lifetime = Lifetime{86400};
  change.binding.preferred_lifetime = Lifetime{43200};
  change.binding.state_expiration_time = WallTime{static_cast<std::int64_t>(n)};
}

/// Does what a worker without work does.
class PollingWorker {
 public:
  PollingWorker()
      : thread_([this] {
          while (!ended_.load(std::memory_order_relaxed)) __builtin_ia32_pause();
        }) {}
  ~PollingWorker() {
    ended_.store(true, std::memory_order_relaxed);
    thread_.join();
  }
  PollingWorker(const PollingWorker&) = delete;
  PollingWorker& operator=(const PollingWorker&) = delete;

 private:
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

std::unique_ptr<Store> open_store(const std::string& path) {
  auto store = Store::open({.path = path});
  if (!store.has_value()) {
    std::fprintf(stderr, "%s\n", store.error().c_str());
    std::abort();
  }
  return std::move(*store);
}

void Commit(benchmark::State& state) {
  const auto durability = static_cast<Durability>(state.range(0));
  const auto in_flight_max = static_cast<std::uint64_t>(state.range(1));
  const BenchFolder folder;
  const auto store = open_store(folder.path());
  const auto ring = std::make_unique<SpscRing<Change>>(kRingSize);
  CommittedMark mark;
  Committer committer(*store, {{.changes = ring.get(), .mark = &mark}}, {.durability = durability});
  committer.start();
  std::uint64_t emitted = 0;
  // One iteration is one change, let go when the number in flight allows it.
  for (auto _ : state) {
    while (emitted - mark.read() >= in_flight_max) __builtin_ia32_pause();
    Change* change = nullptr;
    while ((change = ring->slot()) == nullptr) __builtin_ia32_pause();
    fill(*change, emitted);
    change->number = ++emitted;
    ring->publish();
  }
  committer.stop();
  const Committer::Report report = committer.report();
  state.SetItemsProcessed(static_cast<std::int64_t>(emitted));
  state.counters["batch"] =
      static_cast<double>(report.change_count) / static_cast<double>(report.set_count);
  state.counters["octets_per_change"] =
      static_cast<double>(report.octet_count) / static_cast<double>(report.change_count);
  state.counters["write_p50_us"] = report.write_latency.p50_seconds * 1e6;
  state.counters["write_p99_us"] = report.write_latency.p99_seconds * 1e6;
  state.SetLabel(name_of(durability));
}
BENCHMARK(Commit)
    ->ArgsProduct({{0, 1, 2}, {1, 100, 100'000}})
    ->ArgNames({"durability", "clients"})
    ->UseRealTime();

void BareSync(benchmark::State& state) {
  const BenchFolder folder;
  std::filesystem::create_directories(folder.path());
  const std::string octets(static_cast<std::size_t>(state.range(0)), 'x');
  const int file = open((folder.path() + "/log").c_str(), O_CREAT | O_WRONLY, 0644);
  if (file < 0) return state.SkipWithError("cannot write here");
  const PollingWorker worker;
  for (auto _ : state) {
    if (write(file, octets.data(), octets.size()) < 0 || fdatasync(file) != 0) {
      return state.SkipWithError("the disk refused");
    }
  }
  close(file);
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BareSync)->RangeMultiplier(8)->Range(128, 4L << 20)->UseRealTime();

void WriteBatch(benchmark::State& state) {
  const auto durability = static_cast<Durability>(state.range(0));
  const BenchFolder folder;
  rocksdb::Options options;
  options.create_if_missing = true;
  options.info_log_level = rocksdb::ERROR_LEVEL;
  rocksdb::DB* raw = nullptr;
  if (!rocksdb::DB::Open(options, folder.path(), &raw).ok()) std::abort();
  const std::unique_ptr<rocksdb::DB> database(raw);
  rocksdb::WriteOptions how;
  how.sync = durability == Durability::kPower;
  how.disableWAL = durability == Durability::kNone;
  const PollingWorker worker;
  Change change{};
  std::uint64_t n = 0;
  for (auto _ : state) {
    rocksdb::WriteBatch batch;
    for (std::int64_t i = 0; i < state.range(1); ++i) {
      fill(change, n++);
      const LeaseKey key(change.binding, change.duid.bytes());
      const LeaseValue value(change.binding, {}, key.octets());
      const auto slice = [](std::span<const std::uint8_t> octets) {
        return rocksdb::Slice(reinterpret_cast<const char*>(octets.data()), octets.size());
      };
      batch.Put(slice(key.octets()), slice(value.octets()));
    }
    if (!database->Write(how, &batch).ok()) return state.SkipWithError("the disk refused");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(n));
  state.SetLabel(name_of(durability));
}
BENCHMARK(WriteBatch)
    ->ArgsProduct({{0, 1, 2}, {1, 64, 4096}})
    ->ArgNames({"durability", "batch"})
    ->UseRealTime();

}  // namespace
}  // namespace tandem6

BENCHMARK_MAIN();
