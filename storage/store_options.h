// RocksDB's options as this server uses it: each with its reason, measured in README.md. Included
// by storage's own sources only.
#pragma once

#include <rocksdb/options.h>

#include <array>
#include <string>

#include "storage/store.h"

namespace tandem6 {

/// Names on disk, in the order of Family: never to be changed.
inline constexpr std::array<const char*, kFamilyCount> kFamilyNames = {"default", "lease", "dirty",
                                                                       "set-aside", "delegable"};

[[nodiscard]] rocksdb::DBOptions database_options(rocksdb::Env* env);
[[nodiscard]] rocksdb::ColumnFamilyOptions family_options(Family family);
/// See Store::stop_merging: without merges, tables pile up and nothing else may stop the writing.
void stop_merging(rocksdb::ColumnFamilyOptions& options);
/// Store::Options: database_tuning, lease_tuning.
[[nodiscard]] rocksdb::Status tune(const std::string& tuning, rocksdb::DBOptions& options);
[[nodiscard]] rocksdb::Status tune(const std::string& tuning,
                                   rocksdb::ColumnFamilyOptions& options);
[[nodiscard]] rocksdb::WriteOptions write_options(Durability durability);
/// For walks over many records: read far ahead, keep nothing in caches, check every block.
[[nodiscard]] rocksdb::ReadOptions walk_options();

}  // namespace tandem6
