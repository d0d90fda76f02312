#include "storage/store.h"

#include <rocksdb/utilities/checkpoint.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <unordered_map>

#include "storage/checksum.h"
#include "storage/octet_codec.h"
#include "storage/store_impl.h"
#include "storage/store_options.h"

namespace tandem6 {

namespace {

constexpr std::uint32_t kFormatNumber = 1;
constexpr const char* kFormatKey = "format";

std::string trouble(const std::string& path, const rocksdb::Status& status) {
  return path + ": " + status.ToString();
}

/// A line for the operator.
std::string open_trouble(const std::string& path, const rocksdb::Status& status) {
  if (status.IsIOError() && status.ToString().find("lock") != std::string::npos) {
    return path + ": another server has these leases open";
  }
  return trouble(path, status);
}

/// The allocation key is in there: who knows it knows which client gets which address.
void keep_private(const std::string& folder) {
  std::error_code ignored;  // on a file system without modes there is nothing to set
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, ignored);
}

std::vector<rocksdb::ColumnFamilyDescriptor> descriptors() {
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    families.emplace_back(kFamilyNames[i], family_options(static_cast<Family>(i)));
  }
  return families;
}

/// Nothing is made in a database that is only read: of an older version it lacks the newest
/// families, which are the last ones.
void keep_existing(std::vector<rocksdb::ColumnFamilyDescriptor>& families,
                   const rocksdb::DBOptions& settings, const std::string& path) {
  std::vector<std::string> names;
  if (!rocksdb::DB::ListColumnFamilies(settings, path, &names).ok()) return;  // opening says why
  while (!families.empty() && std::ranges::find(names, families.back().name) == names.end()) {
    families.pop_back();
  }
}

}  // namespace

rocksdb::Status Store::Impl::open() {
  rocksdb::DBOptions database_settings = database_options(options.env);
  rocksdb::Status tuned = tune(options.database_tuning, database_settings);
  auto families = descriptors();
  for (const Family bulk : {Family::kLease, Family::kDirty}) {
    if (tuned.ok()) {
      tuned = tune(options.lease_tuning, families[static_cast<std::size_t>(bulk)].options);
    }
  }
  if (!tuned.ok()) return tuned;
  if (merging_stopped.load(std::memory_order_relaxed)) {
    for (auto& each : families) tandem6::stop_merging(each.options);
  }
  if (options.read_only) keep_existing(families, database_settings, options.path);
  std::vector<rocksdb::ColumnFamilyHandle*> opened;
  rocksdb::DB* raw = nullptr;
  const rocksdb::Status status =
      options.read_only
          ? rocksdb::DB::OpenForReadOnly(database_settings, options.path, families, &opened, &raw)
          : rocksdb::DB::Open(database_settings, options.path, families, &opened, &raw);
  if (!status.ok()) return status;
  database.reset(raw);
  std::ranges::copy(opened, handles.begin());
  return status;
}

void Store::Impl::close() {
  if (database == nullptr) return;
  for (rocksdb::ColumnFamilyHandle*& handle : handles) {
    if (handle == nullptr) continue;
    database->DestroyColumnFamilyHandle(handle);
    handle = nullptr;
  }
  database->Close().PermitUncheckedError();
  database.reset();
}

std::expected<void, std::string> Store::Impl::check_format() {
  std::string found;
  const rocksdb::Status status =
      database->Get(rocksdb::ReadOptions(), family(Family::kServer), kFormatKey, &found);
  if (status.ok()) {
    RecordReader reader(octets_of(found));
    const auto number = reader.number<std::uint32_t>();
    if (reader.ok() && number == kFormatNumber) return {};
    return std::unexpected(options.path + ": of format " + std::to_string(number) +
                           ", and this version knows " + std::to_string(kFormatNumber) +
                           " only; use the version that wrote it");
  }
  if (!status.IsNotFound()) return std::unexpected(trouble(options.path, status));
  if (options.read_only) return std::unexpected(options.path + ": no leases of tandem6");
  std::array<std::uint8_t, 4> number{};
  RecordWriter(number).number(kFormatNumber);
  rocksdb::WriteBatch batch;
  const std::array origin{static_cast<std::uint8_t>(LeasesOrigin::kMade)};
  const std::vector<std::uint8_t> made = server_record(kOriginName, origin);
  batch.Put(family(Family::kServer), kOriginName, slice_of(made)).PermitUncheckedError();
  batch.Put(family(Family::kServer), kFormatKey, slice_of(number)).PermitUncheckedError();
  const rocksdb::Status written = database->Write(write_options(Durability::kPower), &batch);
  if (!written.ok()) return std::unexpected(trouble(options.path, written));
  return {};
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Store::~Store() = default;

std::expected<std::unique_ptr<Store>, std::string> Store::open(const Options& options) {
  if (!options.read_only && options.env == nullptr) {
    finish_rebuild(options.path);
    std::error_code error;
    if (std::filesystem::create_directories(options.path, error)) {
      keep_private(options.path);
    }
    if (error) return std::unexpected(options.path + ": " + error.message());
  }
  auto impl = std::make_unique<Impl>(options);
  if (const rocksdb::Status status = impl->open(); !status.ok()) {
    return std::unexpected(open_trouble(options.path, status));
  }
  if (const auto checked = impl->check_format(); !checked.has_value()) {
    return std::unexpected(checked.error());
  }
  std::unique_ptr<Store> store(new Store(std::move(impl)));
  if (options.read_only) return store;
  if (auto made = store->take_mark(); !made.has_value()) return std::unexpected(made.error());
  return store;
}

// --- Writing.

std::expected<void, std::string> Store::write(const WriteSet& set, Durability durability) {
  const std::shared_lock lock(impl_->in_use);
  if (impl_->database == nullptr) return std::unexpected(impl_->options.path + ": not open");
  // The batch is only read; RocksDB's interface does not say so.
  const rocksdb::Status status =
      impl_->database->Write(write_options(durability), &set.impl_->batch);
  if (status.IsCorruption()) impl_->merging_stopped.store(true, std::memory_order_relaxed);
  if (!status.ok()) return std::unexpected(trouble(impl_->options.path, status));
  return {};
}

void Store::stop_merging() {
  const std::unique_lock lock(impl_->in_use);
  impl_->merging_stopped.store(true, std::memory_order_relaxed);
  if (impl_->database == nullptr) return;
  const std::unordered_map<std::string, std::string> off{{"disable_auto_compactions", "true"}};
  for (rocksdb::ColumnFamilyHandle* handle : impl_->handles) {
    impl_->database->SetOptions(handle, off).PermitUncheckedError();
  }
}

/// Always by opening the database anew, never by going on with the log in which a write or a sync
/// failed: the kernel may have forgotten pages of it that it still shows us. What the log has goes
/// into synced tables first, so that nothing later depends on it.
std::expected<void, std::string> Store::recover() {
  const std::unique_lock lock(impl_->in_use);
  impl_->close();
  const rocksdb::Status status = impl_->open();
  if (!status.ok()) return std::unexpected(open_trouble(impl_->options.path, status));
  return {};
}

std::expected<void, std::string> Store::flush() {
  const std::shared_lock lock(impl_->in_use);
  if (impl_->database == nullptr) return std::unexpected(impl_->options.path + ": not open");
  const std::vector<rocksdb::ColumnFamilyHandle*> families(impl_->handles.begin(),
                                                           impl_->handles.end());
  const rocksdb::Status status = impl_->database->Flush(rocksdb::FlushOptions(), families);
  if (!status.ok()) return std::unexpected(trouble(impl_->options.path, status));
  return {};
}

// --- Reading.

std::expected<std::optional<std::string>, std::string> Store::Impl::read(
    std::string_view name) const {
  const std::shared_lock lock(in_use);
  if (database == nullptr) return std::unexpected(options.path + ": not open");
  std::string found;
  const rocksdb::Status status =
      database->Get(rocksdb::ReadOptions(), family(Family::kServer), rocksdb::Slice(name), &found);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return std::unexpected(trouble(options.path, status));
  return found;
}

std::expected<std::optional<std::vector<std::uint8_t>>, std::string> Store::server_value(
    std::string_view name) const {
  const auto found = impl_->read(name);
  if (!found.has_value()) return std::unexpected(found.error());
  if (!found->has_value()) return std::nullopt;
  const RecordOctets octets = octets_of(**found);
  const std::size_t size = octets.size() - std::min(octets.size(), sizeof(std::uint32_t));
  const RecordOctets value = octets.first(size);
  RecordReader checksum(octets.subspan(size));
  const auto expected = crc32c(value, crc32c(octets_of(rocksdb::Slice(name))));
  if (checksum.number<std::uint32_t>() != expected || !checksum.ok()) {
    return std::unexpected(impl_->options.path + ": the record `" + std::string(name) + "` " +
                           text_of(RecordFault::kChecksum));
  }
  return std::vector<std::uint8_t>(value.begin(), value.end());
}

std::expected<std::optional<EndpointRecord>, std::string> Store::endpoint(
    std::string_view relationship) const {
  const std::string key = endpoint_key(relationship);
  const auto value = impl_->read(key);
  if (!value.has_value()) return std::unexpected(value.error());
  if (!value->has_value()) return std::nullopt;
  auto record = read_endpoint_record(octets_of(rocksdb::Slice(key)), octets_of(**value));
  if (!record.has_value()) {
    return std::unexpected(impl_->options.path + ": the record of relationship " +
                           std::string(relationship) + " " + text_of(record.error()));
  }
  return *record;
}

std::expected<bool, std::string> Store::has_endpoints() const {
  bool any = false;
  const auto walked = walk(Family::kServer, octets_of(rocksdb::Slice(kEndpointPrefix)), {},
                           [&](RecordOctets key, RecordOctets) {
                             any = rocksdb::Slice(slice_of(key)).starts_with(kEndpointPrefix);
                             return false;
                           });
  if (!walked.has_value()) return std::unexpected(walked.error());
  return any;
}

std::expected<void, std::string> Store::checkpoint(const std::string& folder) {
  const std::shared_lock lock(impl_->in_use);
  if (impl_->database == nullptr) return std::unexpected(impl_->options.path + ": not open");
  std::error_code error;
  if (std::filesystem::exists(folder, error)) {
    return std::unexpected(folder + ": is there already; name a folder that is not");
  }
  // Under its name only once it is marked; RocksDB does the same before that.
  const std::string unfinished = folder + ".tmp";
  std::filesystem::remove_all(unfinished, error);
  rocksdb::Checkpoint* raw = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(impl_->database.get(), &raw);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(raw);
  if (status.ok()) status = checkpoint->CreateCheckpoint(unfinished);
  if (!status.ok()) return std::unexpected(trouble(folder, status));
  keep_private(unfinished);
  if (auto marked = mark_checkpoint(unfinished); !marked.has_value()) return marked;
  std::filesystem::rename(unfinished, folder, error);
  if (error) return std::unexpected(folder + ": " + error.message());
  sync_folder(std::filesystem::path(folder).parent_path().string());
  return {};
}

}  // namespace tandem6
