// All leases from disk into memory at start, with every core: readers walk parts of the database
// side by side, check and decode, and hand blocks of records to whoever inserts into a shard.
//
// A shard has one inserter at a time and no thread of its own: a reader that has filled a block for
// a shard inserts what waits for it, unless another one is doing so already; then it reads on, and
// helps only when too much waits. So with one shard the readers keep one core inserting and the
// others reading, with many shards all do both.
//
// Budget on 2 cores, 10 million leases: reading 0.1 us a record and core, inserting 0.3 us (three
// cache misses overlapped by prefetching): 3 s with one shard, 2 s with two.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "storage/lease_format.h"
#include "storage/store.h"

namespace tandem6 {

struct LoadedLease {
  LeaseView lease;
  std::uint64_t client_hash = 0;
  RecordOctets key;    // as on disk, for setting it aside
  RecordOctets value;  // likewise
};

/// Where a client is at home.
struct ClientHome {
  unsigned shard = 0;
  std::uint64_t client_hash = 0;
};

struct LoadTarget {
  unsigned shard_count = 1;
  /// Any thread.
  std::function<ClientHome(std::span<const std::uint8_t> duid)> home_of;
  /// One thread at a time for each shard. The views hold for the call.
  std::function<void(unsigned shard, std::span<const LoadedLease> leases)> insert;
};

/// Written by the loader's threads, read by whoever shows it to people.
struct LoadProgress {
  std::atomic<std::uint64_t> record_count{0};
};

struct BadRecord {
  std::vector<std::uint8_t> key;
  std::vector<std::uint8_t> value;
  RecordFault fault{};
};

inline constexpr std::size_t kBadRecordKeptMax = 100'000;

struct LoadResult {
  std::uint64_t record_count = 0;  // that checked and were handed over
  std::vector<BadRecord> bad;      // at most kBadRecordKeptMax of them
  std::uint64_t bad_count = 0;
  std::uint64_t damaged_gap_count = 0;  // blocks that the disk gave back damaged

  void keep_bad(RecordOctets key, RecordOctets value, RecordFault fault);
};

/// Control thread, before the workers start. Uses every core that the process may.
[[nodiscard]] std::expected<LoadResult, std::string> load_leases(const Store& store,
                                                                 const LoadTarget& target,
                                                                 LoadProgress& progress);

}  // namespace tandem6
