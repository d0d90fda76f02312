#include "control/daemon/lease_loading.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

#include "control/daemon/log.h"
#include "control/daemon/service_manager.h"
#include "dataplane/lease/lease_rules.h"
#include "dataplane/server/restore.h"
#include "storage/block_loader.h"
#include "storage/loader.h"

namespace tandem6 {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kProgressInterval = std::chrono::seconds(1);
constexpr std::size_t kPrefetchDistance = 8;
constexpr std::size_t kLeaseTextCountMax = 3;

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

/// Tells the log and the service manager once a second how far the load is, from a thread of its
/// own, until it is destroyed.
class ProgressTeller {
 public:
  ProgressTeller(const LoadProgress& progress, std::uint64_t expected_count)
      : progress_(progress), expected_count_(expected_count), thread_([this] { run(); }) {}
  ~ProgressTeller() {
    {
      const std::scoped_lock lock(mutex_);
      ended_ = true;
    }
    end_.notify_one();
    thread_.join();
  }
  ProgressTeller(const ProgressTeller&) = delete;
  ProgressTeller& operator=(const ProgressTeller&) = delete;

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (!end_.wait_for(lock, kProgressInterval, [this] { return ended_; })) tell();
  }
  void tell() const {
    const std::uint64_t count = progress_.record_count.load(std::memory_order_relaxed);
    const double seconds = seconds_since(began_);
    const double rate = static_cast<double>(count) / seconds;
    std::array<char, 160> text;
    if (count != 0 && count < expected_count_) {
      std::snprintf(text.data(), text.size(),
                    "loading leases: %lu of about %lu, %.0f a second, about %.0f s left", count,
                    expected_count_, rate, static_cast<double>(expected_count_ - count) / rate);
    } else {
      std::snprintf(text.data(), text.size(), "loading leases: %lu, %.0f a second", count, rate);
    }
    log_info(text.data());
    tell_progress(text.data());
  }

  const LoadProgress& progress_;
  const std::uint64_t expected_count_;
  const Clock::time_point began_ = Clock::now();
  std::mutex mutex_;
  std::condition_variable end_;
  bool ended_ = false;  // guarded by mutex_
  std::thread thread_;
};

/// What happened to the leases of one shard; its inserter's own.
struct ShardTally {
  std::uint64_t lease_count = 0;
  std::uint64_t unplaced_count = 0;
  std::uint64_t no_memory_count = 0;
  std::uint64_t overlap_count = 0;
  WallTime last_client_contact = kNoTime;
  std::vector<std::string> overlaps;  // the first few, as text
  std::vector<BadRecord> conflicts;
};

class Inserter {
 public:
  Inserter(WorkerSet& workers, const Service& service, WallTime now)
      : workers_(workers), service_(service), now_(now), tallies_(workers.size()) {}

  void insert(unsigned number, std::span<const LoadedLease> leases) {
    Shard& shard = workers_.shard(number);
    for (std::size_t i = 0; i < leases.size(); ++i) {
      const std::size_t ahead = i + kPrefetchDistance;
      if (ahead < leases.size()) {
        prefetch_restore(service_, shard, leases[ahead].lease.binding.lease(),
                         client_of(leases[ahead]));
      }
      insert(shard, tallies_[number], leases[i]);
    }
  }
  [[nodiscard]] std::vector<ShardTally>& tallies() noexcept { return tallies_; }

 private:
  static ClientKey client_of(const LoadedLease& lease) {
    return {lease.lease.duid, lease.client_hash};
  }
  void insert(Shard& shard, ShardTally& tally, const LoadedLease& loaded) {
    const LeaseView& lease = loaded.lease;
    tally.last_client_contact =
        std::max<WallTime>(tally.last_client_contact, lease.binding.client_last_transaction_time);
    switch (restore(service_, shard, lease.binding, client_of(loaded), lease.attributes, now_)) {
      case Restored::kServed:
        ++tally.lease_count;
        break;
      case Restored::kUnplaced:
        ++tally.lease_count;
        ++tally.unplaced_count;
        break;
      case Restored::kConflict:
        tally.conflicts.push_back({.key = {loaded.key.begin(), loaded.key.end()},
                                   .value = {loaded.value.begin(), loaded.value.end()},
                                   .fault = RecordFault::kConflict});
        break;
      case Restored::kOverlap:
        ++tally.overlap_count;
        if (tally.overlaps.size() < kLeaseTextCountMax) {
          tally.overlaps.push_back(lease.binding.lease().to_string());
        }
        break;
      case Restored::kNoMemory:
        // One that nobody holds only remembered a former client; on disk it still does.
        if (holds_its_lease(lease.binding.status)) ++tally.no_memory_count;
        break;
    }
  }

  WorkerSet& workers_;
  const Service& service_;
  WallTime now_;
  std::vector<ShardTally> tallies_;
};

/// Errors that only the operator can resolve.
std::expected<void, std::string> check_all_held(const std::vector<ShardTally>& tallies) {
  std::uint64_t no_memory = 0;
  std::uint64_t overlaps = 0;
  std::string examples;
  for (const ShardTally& tally : tallies) {
    no_memory += tally.no_memory_count;
    overlaps += tally.overlap_count;
    for (const std::string& text : tally.overlaps)
      examples += (examples.empty() ? "" : ", ") + text;
  }
  if (no_memory != 0) {
    return std::unexpected(std::to_string(no_memory) +
                           " leases on disk find no room in memory: raise dataplane.bindings");
  }
  if (overlaps != 0) {
    return std::unexpected(std::to_string(overlaps) +
                           " leases on disk overlap pools that lease another size or " +
                           "type now (" + examples +
                           "): put these pools back as they were until the leases have ended");
  }
  return {};
}

std::expected<void, std::string> set_aside(Store& store, const std::vector<BadRecord>& records) {
  WriteSet set(store);
  for (const BadRecord& record : records) set.set_aside(record.key, record.value, record.fault);
  if (set.empty()) return {};
  return store.write(set, Durability::kPower);
}

std::expected<void, std::string> set_all_aside(Store& store, const LoadResult& result,
                                               const std::vector<ShardTally>& tallies) {
  if (auto done = set_aside(store, result.bad); !done.has_value()) return done;
  for (const ShardTally& tally : tallies) {
    if (auto done = set_aside(store, tally.conflicts); !done.has_value()) return done;
  }
  return {};
}

/// The pools' halves, before the bindings: a prefix that a client has leaves its half.
std::expected<LoadReport, std::string> load_halves(const Service& service, Store& store) {
  LoadReport report;
  const auto loaded = load_blocks(store, [&](const BlockHalf& each) {
    const bool fits = restore_half(service, each.block, each.half);
    ++(fits ? report.block_count : report.unplaced_block_count);
  });
  if (!loaded.has_value()) return std::unexpected(loaded.error());
  report.set_aside_count = loaded->bad_count;
  report.damaged_gap_count = loaded->damaged_gap_count;
  WriteSet set(store);
  for (const BadRecord& bad : loaded->bad) set.set_block_aside(bad.key, bad.value, bad.fault);
  if (set.empty()) return report;
  if (auto written = store.write(set, Durability::kPower); !written.has_value()) {
    return std::unexpected(written.error());
  }
  log_error(std::to_string(loaded->bad_count) +
            " records of whose half prefixes are were set aside; the first one " +
            text_of(loaded->bad.front().fault));
  return report;
}

/// What this start has found and the partner is to make good outlives the start.
std::expected<LeasesOrigin, std::string> settle_origin(Store& store, const LoadReport& report) {
  if (report.set_aside_count == 0 && report.damaged_gap_count == 0) return store.origin();
  WriteSet set(store);
  set.put_origin(LeasesOrigin::kDamaged);
  if (auto written = store.write(set, Durability::kPower); !written.has_value()) {
    return std::unexpected(written.error());
  }
  return LeasesOrigin::kDamaged;
}

/// From here on the leases are in a database without damage or, where that cannot be, nothing
/// merges over it.
void leave_damage_behind(Store& store) {
  log_error("the disk gave back damaged leases: copying the others into a new database");
  const auto rebuilt = store.rebuild();
  if (rebuilt.has_value()) return;
  log_error(rebuilt.error());
  store.stop_merging();
}

void tell_result(const LoadReport& report, const LoadResult& result, std::uint64_t conflicts) {
  std::array<char, 120> text;
  std::snprintf(text.data(), text.size(), "%lu leases loaded in %.1f s", report.lease_count,
                report.seconds);
  log_info(text.data());
  if (report.unplaced_count != 0) {
    log_warning(std::to_string(report.unplaced_count) +
                " leases lie in no pool of this configuration: they run out and are not renewed");
  }
  if (report.origin == LeasesOrigin::kRestored) {
    log_warning("these leases were restored from a checkpoint: what was told since is not there");
  }
  if (report.unplaced_block_count != 0) {
    log_warning("whose half " + std::to_string(report.unplaced_block_count) +
                " blocks of prefixes are is known, and no pool that is shared today has them");
  }
  if (!result.bad.empty()) {
    log_error(std::to_string(result.bad_count) + " lease records were set aside; the first one " +
              text_of(result.bad.front().fault));
  }
  if (conflicts != 0) {
    log_error(std::to_string(conflicts) +
              " lease records were set aside: another client holds each of these leases too");
  }
  if (report.damaged_gap_count != 0) {
    log_error("the disk gave back " + std::to_string(report.damaged_gap_count) +
              " damaged places in the leases; an unknown number of leases is lost there");
  }
}

}  // namespace

std::expected<LoadReport, std::string> load_into(WorkerSet& workers, const Service& service,
                                                 Store& store, WallTime now) {
  const Clock::time_point began = Clock::now();
  auto halves = load_halves(service, store);
  if (!halves.has_value()) return std::unexpected(halves.error());
  Inserter inserter(workers, service, now);
  LoadProgress progress;
  std::expected<LoadResult, std::string> result;
  {
    const ProgressTeller teller(progress, store.lease_count_estimate());
    result = load_leases(
        store,
        {.shard_count = static_cast<unsigned>(workers.size()),
         .home_of =
             [&](std::span<const std::uint8_t> duid) {
               const ClientKey client = service.client_key(duid);
               return ClientHome{.shard = service.home_of(client), .client_hash = client.hash};
             },
         .insert = [&](unsigned shard,
                       std::span<const LoadedLease> leases) { inserter.insert(shard, leases); }},
        progress);
  }
  if (!result.has_value()) return std::unexpected(result.error());
  const std::vector<ShardTally>& tallies = inserter.tallies();
  if (auto held = check_all_held(tallies); !held.has_value()) return std::unexpected(held.error());
  if (auto done = set_all_aside(store, *result, tallies); !done.has_value()) {
    return std::unexpected(done.error());
  }
  LoadReport report = *halves;
  report.damaged_gap_count += result->damaged_gap_count;
  if (report.damaged_gap_count != 0) leave_damage_behind(store);
  std::uint64_t conflict_count = 0;
  for (const ShardTally& tally : tallies) {
    report.lease_count += tally.lease_count;
    report.unplaced_count += tally.unplaced_count;
    conflict_count += tally.conflicts.size();
    report.last_client_contact = std::max(report.last_client_contact, tally.last_client_contact);
  }
  report.set_aside_count += result->bad_count + conflict_count;
  const auto origin = settle_origin(store, report);
  if (!origin.has_value()) return std::unexpected(origin.error());
  report.origin = *origin;
  report.seconds = seconds_since(began);
  tell_result(report, *result, conflict_count);
  return report;
}

}  // namespace tandem6
