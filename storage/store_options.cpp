#include "storage/store_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/env.h>
#include <rocksdb/table.h>

#include <limits>

#include "storage/append_memtable.h"

namespace tandem6 {

namespace {

constexpr std::size_t kMebi = 1024UL * 1024;
constexpr std::size_t kMemtableSize = 64 * kMebi;
constexpr int kMemtableCountMax = 8;
constexpr std::size_t kMemtableRecordCount = kMemtableSize / 128;
constexpr std::size_t kBlockSize = 32 * 1024;
constexpr std::size_t kCacheSize = 8 * kMebi;
constexpr std::size_t kReadAheadSize = 4 * kMebi;
constexpr std::size_t kInfoLogSizeMax = 4 * kMebi;

/// Nobody looks up single records, so there is neither a filter nor much of a cache.
void set_table(rocksdb::ColumnFamilyOptions& options) {
  rocksdb::BlockBasedTableOptions table;
  table.block_size = kBlockSize;
  table.block_cache = rocksdb::NewLRUCache(kCacheSize);
  table.format_version = 5;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
}

/// Written at full rate, read at start only.
void set_bulk_memtable(rocksdb::ColumnFamilyOptions& options) {
  options.memtable_factory = std::make_shared<AppendMemtableFactory>(kMemtableRecordCount);
  options.write_buffer_size = kMemtableSize;
  options.max_write_buffer_number = kMemtableCountMax;
}

/// Never slow the committer down step by step: workers shed what the disk cannot take, and that is
/// the only brake. The stop is far away and bounds what a reader has to merge.
void set_compaction(rocksdb::ColumnFamilyOptions& options) {
  options.level0_file_num_compaction_trigger = 6;
  options.level0_slowdown_writes_trigger = 64;
  options.level0_stop_writes_trigger = 96;
  options.soft_pending_compaction_bytes_limit = 0;
  options.hard_pending_compaction_bytes_limit = 0;
  options.max_bytes_for_level_base = 1024 * kMebi;
  options.target_file_size_base = 64 * kMebi;
  options.compression = rocksdb::kLZ4Compression;
}

}  // namespace

rocksdb::DBOptions database_options(rocksdb::Env* env) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  if (env != nullptr) options.env = env;
  options.allow_concurrent_memtable_write = false;  // our memtables know one writer
  options.max_background_jobs = 2;
  // The families reach the tables together, so that without a log they still agree.
  options.atomic_flush = true;
  // A clean end leaves tables, and after a crash the log becomes tables before anything else: what
  // was synced then no longer depends on it, and walks need not sort memtables.
  options.avoid_flush_during_shutdown = false;
  options.avoid_flush_during_recovery = false;
  // Of a torn tail, everything up to the first gap: what was synced lies before any gap.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.bytes_per_sync = kMebi;  // tables reach the disk as they are written, not in one burst
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.max_log_file_size = kInfoLogSizeMax;
  options.keep_log_file_num = 4;
  options.stats_dump_period_sec = 0;
  return options;
}

rocksdb::ColumnFamilyOptions family_options(Family family) {
  rocksdb::ColumnFamilyOptions options;
  set_table(options);
  if (family == Family::kLease || family == Family::kDirty) {
    set_bulk_memtable(options);
    set_compaction(options);
  } else {
    options.write_buffer_size = kMebi;
  }
  return options;
}

void stop_merging(rocksdb::ColumnFamilyOptions& options) {
  options.disable_auto_compactions = true;
  options.level0_slowdown_writes_trigger = std::numeric_limits<int>::max();
  options.level0_stop_writes_trigger = std::numeric_limits<int>::max();
}

rocksdb::Status tune(const std::string& tuning, rocksdb::DBOptions& options) {
  if (tuning.empty()) return rocksdb::Status::OK();
  return rocksdb::GetDBOptionsFromString(rocksdb::ConfigOptions(), options, tuning, &options);
}

rocksdb::Status tune(const std::string& tuning, rocksdb::ColumnFamilyOptions& options) {
  if (tuning.empty()) return rocksdb::Status::OK();
  return rocksdb::GetColumnFamilyOptionsFromString(rocksdb::ConfigOptions(), options, tuning,
                                                   &options);
}

rocksdb::WriteOptions write_options(Durability durability) {
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::kPower;
  options.disableWAL = durability == Durability::kNone;
  return options;
}

rocksdb::ReadOptions walk_options() {
  rocksdb::ReadOptions options;
  options.readahead_size = kReadAheadSize;
  options.fill_cache = false;
  options.verify_checksums = true;
  return options;
}

}  // namespace tandem6
