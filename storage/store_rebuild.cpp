// A new database out of a damaged one.
#include <filesystem>
#include <mutex>

#include "storage/lease_format.h"
#include "storage/store.h"
#include "storage/store_impl.h"
#include "storage/store_options.h"

namespace tandem6 {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCopySetSize = 1024UL * 1024;

fs::path parent_of(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

/// "<path>.damaged-1", or the first such name that is free.
std::string damaged_name_of(const std::string& path) {
  for (unsigned n = 1;; ++n) {
    std::string name = path + ".damaged-" + std::to_string(n);
    if (!fs::exists(name)) return name;
  }
}

}  // namespace

std::string rebuilt_name_of(const std::string& path) { return path + ".rebuilt"; }

/// Between the two renames of a rebuild the name itself is not there; who finds it so ends the
/// work.
void finish_rebuild(const std::string& path) {
  std::error_code error;
  if (fs::exists(path, error) || !fs::exists(rebuilt_name_of(path), error)) return;
  fs::rename(rebuilt_name_of(path), path, error);
  sync_folder(parent_of(path).string());
}

/// The index of dirty bindings is made anew from the bindings: it must not name lost ones.
std::expected<void, std::string> Store::copy_into(Store& other) const {
  rocksdb::ColumnFamilyHandle* dirty = other.impl_->family(Family::kDirty);
  for (const Family family :
       {Family::kServer, Family::kLease, Family::kSetAside, Family::kDelegable}) {
    rocksdb::ColumnFamilyHandle* to = other.impl_->family(family);
    rocksdb::WriteBatch batch;
    rocksdb::Status status;
    const auto write = [&] {
      status = other.impl_->database->Write(write_options(Durability::kNone), &batch);
      batch.Clear();
      return status.ok();
    };
    const auto walked = walk(family, {}, {}, [&](RecordOctets key, RecordOctets value) {
      batch.Put(to, slice_of(key), slice_of(value)).PermitUncheckedError();
      const auto lease = family == Family::kLease ? read_lease_record(key, value)
                                                  : std::unexpected(RecordFault::kValue);
      if (lease.has_value() && lease->binding.needs_update) {
        batch.Put(dirty, slice_of(key), rocksdb::Slice()).PermitUncheckedError();
      }
      return batch.GetDataSize() < kCopySetSize || write();
    });
    if (!walked.has_value()) return std::unexpected(walked.error());
    if (!status.ok() || !write()) return std::unexpected(status.ToString());
  }
  WriteSet set(other);
  set.put_origin(LeasesOrigin::kDamaged);
  if (auto written = other.write(set, Durability::kNone); !written.has_value()) return written;
  return other.flush();
}

std::expected<void, std::string> Store::rebuild() {
  const std::string& path = impl_->options.path;
  const std::string rebuilt = rebuilt_name_of(path);
  std::error_code error;
  fs::remove_all(rebuilt, error);
  {
    auto opened = Store::open({.path = rebuilt});
    if (!opened.has_value()) return std::unexpected(opened.error());
    if (auto copied = copy_into(**opened); !copied.has_value()) return copied;
  }
  const std::unique_lock lock(impl_->in_use);
  impl_->close();
  const std::string damaged = damaged_name_of(path);
  fs::rename(path, damaged, error);
  if (!error) {
    fs::rename(rebuilt, path, error);
    sync_folder(parent_of(path).string());
  }
  const rocksdb::Status status = impl_->open();
  if (error) return std::unexpected(path + ": cannot be renamed: " + error.message());
  if (!status.ok()) return std::unexpected(path + ": " + status.ToString());
  return {};
}

}  // namespace tandem6
