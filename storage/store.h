// The leases on disk: RocksDB, and nothing of RocksDB outside of this folder.
//
// Column families (the format of each is in README.md):
//   lease      every binding, sorted by lease
//   dirty      the keys of those whose newest version the partner has not acked
//   set-aside  records that did not check, kept as they were found
//   delegable  which blocks of prefixes are whose half, each block inside of others newer than they
//   default    the format's number, this server's identity, its failover endpoints
//
// Writing is the committer's alone (its thread); reading works on snapshots, from any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/lease/leases_origin.h"
#include "storage/endpoint_format.h"
#include "storage/storage_settings.h"
#include "storage/write_set.h"

namespace rocksdb {
class Env;
}

namespace tandem6 {

/// Called for each record; false ends the walk.
using RecordVisitor = std::function<bool(RecordOctets key, RecordOctets value)>;

enum class Family : std::uint8_t { kServer, kLease, kDirty, kSetAside, kDelegable };
inline constexpr std::size_t kFamilyCount = 5;

class Store {
 public:
  struct Options {
    std::string path;
    bool read_only = false;       // of a checkpoint, say; nothing may be written then
    rocksdb::Env* env = nullptr;  // borrowed; the machine's own when null
    /// For measurements only: RocksDB's own options over ours, "name=value;name=value", of the
    /// database and of the families lease and dirty.
    std::string database_tuning = {};
    std::string lease_tuning = {};
  };
  /// Makes the database where there is none. The error is a line for the operator: another server
  /// has it open, a disk that does not answer, a format that this version does not know.
  [[nodiscard]] static std::expected<std::unique_ptr<Store>, std::string> open(
      const Options& options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // --- Writing: one thread, the committer's.
  /// All of `set`, as durable as `durability` says when it returns. After an error nothing is known
  /// of the set: write it again once `recover` has succeeded; every record in it stands for itself.
  [[nodiscard]] std::expected<void, std::string> write(const WriteSet& set, Durability durability);
  /// After a failed write: makes the database writable again, from what the disk has kept.
  [[nodiscard]] std::expected<void, std::string> recover();
  /// Copies everything that can still be read into a new database, which takes the place of this
  /// one; the damaged one stays beside it as "<path>.damaged-<n>". After damage was found: what is
  /// written over a damaged place would be lost with it at the next start. Takes a second for each
  /// few million leases. The error, with nothing changed: no space, or a path that cannot be
  /// renamed (a mount point).
  [[nodiscard]] std::expected<void, std::string> rebuild();
  /// Tables are merged no more, from now to the next start: the disk gave back a damaged place, and
  /// merging over it would fail and stop all writing. The server goes on for gigabytes of changes;
  /// a restart rebuilds. `write` does it by itself when a merge has met damage.
  void stop_merging();
  /// Everything that is only in memory goes to disk (durability `none`, clean shutdown).
  [[nodiscard]] std::expected<void, std::string> flush();

  // --- Reading: any thread, each call on a snapshot of its own.
  /// Walks a family in the order of its keys, from `first` (inclusive) to `end` (exclusive, empty:
  /// to the last). Blocks that the disk gives back damaged are passed over.
  struct Walked {
    std::uint64_t record_count = 0;
    std::uint64_t damaged_gap_count = 0;  // each is one block or more, with unknown records in it
  };
  [[nodiscard]] std::expected<Walked, std::string> walk(Family family, RecordOctets first,
                                                        RecordOctets end,
                                                        const RecordVisitor& visit) const;
  /// Keys that cut the leases into about `count` parts of like size; fewer when there is little.
  [[nodiscard]] std::vector<std::vector<std::uint8_t>> split_leases(unsigned count) const;
  [[nodiscard]] std::expected<std::optional<EndpointRecord>, std::string> endpoint(
      std::string_view relationship) const;
  /// The endpoint of any relationship, of today's configuration or not.
  [[nodiscard]] std::expected<bool, std::string> has_endpoints() const;
  /// What WriteSet::put_server kept under this name.
  [[nodiscard]] std::expected<std::optional<std::vector<std::uint8_t>>, std::string> server_value(
      std::string_view name) const;

  /// Where the leases come from, as it was found at the start and not cleared since
  /// (WriteSet::put_origin).
  [[nodiscard]] LeasesOrigin origin() const;

  /// About how many leases there are; exact after a clean shutdown and a compaction only.
  [[nodiscard]] std::uint64_t lease_count_estimate() const;
  struct Usage {
    std::uint64_t file_octets = 0;      // tables and logs
    std::uint64_t memory_octets = 0;    // memtables and caches
    std::uint64_t pending_octets = 0;   // compaction has them to do
    std::uint64_t set_aside_count = 0;  // about
    bool merging_stopped = false;       // see stop_merging
  };
  [[nodiscard]] Usage usage() const;

  /// A consistent copy of everything committed so far, in a folder that must not exist; hard links
  /// where the file system is the same. It is marked: who serves from it knows that the leases are
  /// restored ones.
  [[nodiscard]] std::expected<void, std::string> checkpoint(const std::string& folder);

 private:
  [[nodiscard]] std::expected<void, std::string> take_mark();
  [[nodiscard]] std::expected<void, std::string> copy_into(Store& other) const;

  friend class WriteSet;
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem6
