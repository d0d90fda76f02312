// The database behind a Store. Included by storage's own sources only.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <atomic>
#include <memory>
#include <shared_mutex>
#include <string>

#include "storage/store.h"

namespace tandem6 {

[[nodiscard]] inline rocksdb::Slice slice_of(RecordOctets octets) noexcept {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}
[[nodiscard]] inline RecordOctets octets_of(const rocksdb::Slice& slice) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(slice.data()), slice.size()};
}

/// Where the endpoint of a relationship stands in "default".
inline constexpr std::string_view kEndpointPrefix = "endpoint/";
[[nodiscard]] inline std::string endpoint_key(std::string_view relationship) {
  return std::string(kEndpointPrefix) + std::string(relationship);
}

/// Where LeasesOrigin stands in "default".
inline constexpr const char* kOriginName = "leases-origin";

/// A value of "default" with its checksum.
[[nodiscard]] std::vector<std::uint8_t> server_record(std::string_view name, RecordOctets value);

/// The names in a folder are on disk.
void sync_folder(const std::string& folder);
/// See store_origin.cpp.
[[nodiscard]] std::expected<void, std::string> mark_checkpoint(const std::string& folder);

/// See store_rebuild.cpp; before anything else is done with the path.
void finish_rebuild(const std::string& path);

struct Store::Impl {
  explicit Impl(Options its_options) : options(std::move(its_options)) {}
  ~Impl() { close(); }

  [[nodiscard]] rocksdb::Status open();
  void close();
  [[nodiscard]] std::expected<void, std::string> check_format();
  /// Of the family "default".
  [[nodiscard]] std::expected<std::optional<std::string>, std::string> read(
      std::string_view name) const;
  [[nodiscard]] rocksdb::ColumnFamilyHandle* family(Family which) const noexcept {
    return handles[static_cast<std::size_t>(which)];
  }

  Options options;
  /// Shared: the database is in use, by a reader or the writer. Exclusive: it is opened anew.
  mutable std::shared_mutex in_use;
  std::unique_ptr<rocksdb::DB> database;  // null after a recovery that failed
  std::atomic<bool> merging_stopped{false};
  /// Null: a database of before there was this family, read only.
  std::array<rocksdb::ColumnFamilyHandle*, kFamilyCount> handles{};
};

struct WriteSet::Impl {
  const Store::Impl* store;  // asked for the families anew each time: a recovery changes them
  rocksdb::WriteBatch batch;
};

}  // namespace tandem6
