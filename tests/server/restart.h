// A restart on the bench: what one server's shards have let the disk know, and another server that
// begins with it.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <tuple>
#include <vector>

#include "dataplane/server/restore.h"
#include "dataplane/server/shard_query.h"
#include "tests/server/server_bench.h"

namespace tandem6 {

inline Octets copied(std::span<const std::uint8_t> octets) {
  return {octets.begin(), octets.end()};
}

/// The leases on disk: the last record of each key, in the order of the keys.
using Disk = std::map<std::tuple<IaType, Ipv6Prefix, Iaid, Octets>, LeaseRecord>;

inline void keep(Disk& disk, const LeaseRecord& record) {
  const Binding& binding = record.binding;
  disk[{binding.ia_type, binding.lease(), binding.iaid, copied(record.duid.bytes())}] = record;
}

inline Disk disk_of(const std::vector<Change>& changes) {
  Disk disk;
  for (const Change& change : changes) {
    LeaseRecord record;
    record.binding = change.binding;
    record.duid = change.duid;
    record.set_attributes(change.attributes());
    keep(disk, record);
    if (change.kind == ChangeKind::kErase) {
      disk.erase({change.binding.ia_type, change.binding.lease(), change.binding.iaid,
                  copied(change.duid.bytes())});
    }
  }
  return disk;
}
inline Disk disk_of(const ServerBench& bench) { return disk_of(bench.changes); }

/// What stands in the shards.
inline Disk memory_of(const ServerBench& bench) {
  Disk memory;
  for (const auto& shard : bench.shards) {
    for (BindingIndex at = shard->first_from(0); at != kNoBinding; at = shard->first_from(at + 1)) {
      keep(memory, record_of(*shard, at));
    }
  }
  return memory;
}

/// Only what outlives a restart: as a reader of the disk gives it.
inline Binding without_places(const Binding& binding) {
  Binding read = binding;
  read.pool = read.link = kNoPool;
  read.list_next = read.list_previous = kNoBinding;
  read.attributes = 0;
  read.list_kind = 0;
  read.claimed = read.dirty_indexed = read.in_doubt = false;
  return read;
}

inline Restored restore_one(ServerBench& bench, const LeaseRecord& record) {
  const ClientKey client = bench.service->client_key(record.duid.bytes());
  return restore(*bench.service, *bench.shards[bench.service->home_of(client)],
                 without_places(record.binding), client, record.attributes(), bench.now);
}

/// How many records came to which end.
using Outcomes = std::map<Restored, int>;

inline Outcomes restore_all(ServerBench& bench, const Disk& disk) {
  Outcomes outcomes;
  for (const auto& [key, record] : disk) ++outcomes[restore_one(bench, record)];
  return outcomes;
}

/// A server with these settings that starts `seconds` after the last one stopped.
struct Restarted {
  explicit Restarted(const ServerBench& before, std::uint32_t seconds = 0)
      : Restarted(before, before.settings, seconds) {}
  Restarted(const ServerBench& before, const ServerSettings& settings, std::uint32_t seconds = 0,
            unsigned shard_count = 1)
      : bench(settings, shard_count) {
    bench.now = WallTime{before.now.seconds + seconds};
    outcomes = restore_all(bench, disk_of(before));
  }

  ServerBench bench;
  Outcomes outcomes;
};

inline void PrintTo(Restored restored, std::ostream* out) {
  constexpr const char* kNames[] = {"kServed", "kUnplaced", "kConflict", "kOverlap", "kNoMemory"};
  *out << kNames[static_cast<std::size_t>(restored)];
}

}  // namespace tandem6
