#include "tests/storage/faulty_disk.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <utility>

namespace tandem6 {
namespace {

constexpr std::size_t kSectorSize = 512;

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

/// RocksDB writes some folders with a slash at their end.
std::string plain(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

FaultyDisk::FaultyDisk() : env_(make_faulty_env(*this)) {}

FaultyDisk::~FaultyDisk() = default;

// --- The test's side.

void FaultyDisk::set_free_octets(std::uint64_t octets) {
  const std::scoped_lock lock(mutex_);
  free_octets_ = octets;
}

void FaultyDisk::fail_writes(bool failing) {
  const std::scoped_lock lock(mutex_);
  failing_writes_ = failing;
}

void FaultyDisk::fail_syncs(bool failing, bool evicting) {
  const std::scoped_lock lock(mutex_);
  failing_syncs_ = failing;
  evicting_ = evicting;
}

void FaultyDisk::stand_still(bool standing) {
  const std::scoped_lock lock(mutex_);
  still_ = standing;
  moving_.notify_all();
}

void FaultyDisk::cut_power() {
  const std::scoped_lock lock(mutex_);
  powered_ = false;
  moving_.notify_all();
}

void FaultyDisk::cut_power_after(std::uint64_t operations) {
  const std::scoped_lock lock(mutex_);
  operations_left_ = operations;
}

bool FaultyDisk::is_powered() const {
  const std::scoped_lock lock(mutex_);
  return powered_;
}

std::uint64_t FaultyDisk::operation_count() const {
  const std::scoped_lock lock(mutex_);
  return operation_count_;
}

void FaultyDisk::power_on(Survival survival, std::mt19937_64& random) {
  const std::scoped_lock lock(mutex_);
  std::size_t kept = 0;
  if (survival != Survival::kNothing) kept = random() % (pending_names_.size() + 1);
  for (std::size_t i = 0; i < kept; ++i) apply(pending_names_[i], durable_names_);
  pending_names_.clear();
  // Files anew, so that a handle from before the cut reaches nothing any more. Two names of one
  // file stay two names of one file.
  std::map<File*, FilePtr> renewed;
  for (auto& [path, file] : durable_names_) {
    FilePtr& again = renewed[file.get()];
    if (again == nullptr) {
      survive(*file, survival, random);
      again = std::make_shared<File>(File{file->durable, file->durable, {}});
    }
    file = again;
  }
  names_ = durable_names_;
  locks_.clear();
  powered_ = true;
  still_ = failing_writes_ = failing_syncs_ = false;
  free_octets_ = operations_left_ = kUnlimited;
}

/// Brings what the power cut left of a file into `durable`.
void FaultyDisk::survive(File& file, Survival survival, std::mt19937_64& random) {
  if (survival == Survival::kNothing || file.dirty.empty()) return;
  std::set<std::size_t> kept;
  if (survival == Survival::kPrefix) {
    const auto count = static_cast<std::ptrdiff_t>(random() % (file.dirty.size() + 1));
    kept.insert(file.dirty.begin(), std::next(file.dirty.begin(), count));
  } else {
    for (const std::size_t sector : file.dirty) {
      if (random() % 2 == 0) kept.insert(sector);
    }
  }
  const std::size_t end = kept.empty() ? 0 : (*kept.rbegin() + 1) * kSectorSize;
  std::size_t size = std::max(file.durable.size(), std::min(end, file.content.size()));
  // The inode may know of octets that never arrived.
  if (survival == Survival::kSomeSectors && random() % 2 == 0) size = file.content.size();
  write_back(file, kept, size);
}

// --- The file system's side.

/// Waits while the disk stands still. kDone: the operation may change the disk, and calls end().
FaultyDisk::Outcome FaultyDisk::begin(std::unique_lock<std::mutex>& lock) {
  moving_.wait(lock, [&] { return !still_ || !powered_; });
  if (!powered_) return Outcome::kInputOutputError;
  ++operation_count_;
  return Outcome::kDone;
}

/// The power goes in the middle of an operation: it has done what it does, nobody hears of it.
FaultyDisk::Outcome FaultyDisk::end(Outcome outcome) {
  if (operations_left_ == kUnlimited) return outcome;
  if (operations_left_ > 0) {
    --operations_left_;
    return outcome;
  }
  powered_ = false;
  moving_.notify_all();
  return Outcome::kInputOutputError;
}

FaultyDisk::FilePtr FaultyDisk::find(const std::string& path) const {
  const std::scoped_lock lock(mutex_);
  if (!powered_) return nullptr;
  const auto found = names_.find(path);
  return found == names_.end() ? nullptr : found->second;
}

void FaultyDisk::apply(const NameChange& change, Names& names) {
  if (!change.gone.empty()) names.erase(change.gone);
  if (!change.path.empty()) names[change.path] = change.file;
}

void FaultyDisk::change_name(NameChange change) {
  apply(change, names_);
  pending_names_.push_back(std::move(change));
}

FaultyDisk::Outcome FaultyDisk::create(const std::string& path, FilePtr& created) {
  std::unique_lock lock(mutex_);
  if (const Outcome outcome = begin(lock); outcome != Outcome::kDone) return outcome;
  if (failing_writes_) return end(Outcome::kInputOutputError);
  created = std::make_shared<File>();
  change_name({.gone = {}, .path = path, .file = created});
  return end(Outcome::kDone);
}

FaultyDisk::Outcome FaultyDisk::rename(const std::string& from, const std::string& to) {
  std::unique_lock lock(mutex_);
  if (const Outcome outcome = begin(lock); outcome != Outcome::kDone) return outcome;
  if (failing_writes_) return end(Outcome::kInputOutputError);
  const auto found = names_.find(from);
  if (found == names_.end()) return end(Outcome::kMissing);
  change_name({.gone = from, .path = to, .file = found->second});
  return end(Outcome::kDone);
}

FaultyDisk::Outcome FaultyDisk::link(const std::string& from, const std::string& to) {
  std::unique_lock lock(mutex_);
  if (const Outcome outcome = begin(lock); outcome != Outcome::kDone) return outcome;
  if (failing_writes_) return end(Outcome::kInputOutputError);
  const auto found = names_.find(from);
  if (found == names_.end()) return end(Outcome::kMissing);
  change_name({.gone = {}, .path = to, .file = found->second});
  return end(Outcome::kDone);
}

FaultyDisk::Outcome FaultyDisk::erase(const std::string& path) {
  std::unique_lock lock(mutex_);
  if (const Outcome outcome = begin(lock); outcome != Outcome::kDone) return outcome;
  if (failing_writes_) return end(Outcome::kInputOutputError);
  if (!names_.contains(path)) return end(Outcome::kMissing);
  change_name({.gone = path, .path = {}, .file = nullptr});
  return end(Outcome::kDone);
}

FaultyDisk::Outcome FaultyDisk::make_folder(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  if (!powered_) return Outcome::kInputOutputError;
  folders_.insert(plain(path));
  return Outcome::kDone;
}

bool FaultyDisk::is_folder(const std::string& path) const {
  const std::scoped_lock lock(mutex_);
  return folders_.contains(plain(path));
}

std::vector<std::string> FaultyDisk::children(const std::string& path_of_folder) const {
  const std::string folder = plain(path_of_folder);
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> found;
  for (const auto& [path, file] : names_) {
    if (folder_of(path) == folder) found.push_back(path.substr(folder.size() + 1));
  }
  return found;
}

void FaultyDisk::mark_dirty(File& file, std::size_t from, std::size_t to) {
  for (std::size_t sector = from / kSectorSize; sector * kSectorSize < to; ++sector) {
    file.dirty.insert(sector);
  }
}

FaultyDisk::Outcome FaultyDisk::append(File& file, std::string_view octets) {
  std::unique_lock lock(mutex_);
  if (const Outcome outcome = begin(lock); outcome != Outcome::kDone) return outcome;
  if (failing_writes_) return end(Outcome::kInputOutputError);
  const std::size_t size = std::min<std::uint64_t>(octets.size(), free_octets_);
  if (free_octets_ != kUnlimited) free_octets_ -= size;
  const std::size_t from = file.content.size();
  file.content.append(octets.substr(0, size));
  mark_dirty(file, from, file.content.size());
  return end(size == octets.size() ? Outcome::kDone : Outcome::kNoSpace);
}

/// A file that shrinks has shrunk on disk too: nothing here depends on getting back what was cut.
FaultyDisk::Outcome FaultyDisk::truncate(File& file, std::size_t size) {
  std::unique_lock lock(mutex_);
  if (const Outcome outcome = begin(lock); outcome != Outcome::kDone) return outcome;
  if (failing_writes_) return end(Outcome::kInputOutputError);
  file.content.resize(size);
  if (file.durable.size() > size) file.durable.resize(size);
  file.dirty.erase(file.dirty.lower_bound((size + kSectorSize - 1) / kSectorSize),
                   file.dirty.end());
  return end(Outcome::kDone);
}

void FaultyDisk::write_back(File& file, const std::set<std::size_t>& sectors, std::size_t size) {
  file.durable.resize(size);
  for (const std::size_t sector : sectors) {
    const std::size_t from = sector * kSectorSize;
    const std::size_t length = std::min(kSectorSize, size - from);
    file.durable.replace(from, length, file.content, from, length);
  }
}

void FaultyDisk::forget(File& file) const {
  if (evicting_) {
    const std::size_t size = file.content.size();
    for (const std::size_t sector : file.dirty) {
      const std::size_t from = sector * kSectorSize;
      const std::size_t length = std::min(kSectorSize, size - from);
      std::string kept = from < file.durable.size() ? file.durable.substr(from, length) : "";
      kept.resize(length);
      file.content.replace(from, length, kept);
    }
  }
  file.dirty.clear();
}

FaultyDisk::Outcome FaultyDisk::sync(File& file) {
  std::unique_lock lock(mutex_);
  if (const Outcome outcome = begin(lock); outcome != Outcome::kDone) return outcome;
  // Power that goes during a sync leaves the sectors as uncertain as before it.
  if (operations_left_ == 0) return end(Outcome::kInputOutputError);
  if (failing_syncs_) {
    forget(file);
    return end(Outcome::kInputOutputError);
  }
  write_back(file, file.dirty, file.content.size());
  file.dirty.clear();
  return end(Outcome::kDone);
}

FaultyDisk::Outcome FaultyDisk::sync_folder(const std::string& path_of_folder) {
  const std::string folder = plain(path_of_folder);
  std::unique_lock lock(mutex_);
  if (const Outcome outcome = begin(lock); outcome != Outcome::kDone) return outcome;
  if (operations_left_ == 0 || failing_syncs_) return end(Outcome::kInputOutputError);
  std::vector<NameChange> left;
  for (NameChange& change : pending_names_) {
    if (folder_of(change.path.empty() ? change.gone : change.path) == folder) {
      apply(change, durable_names_);
    } else {
      left.push_back(std::move(change));
    }
  }
  pending_names_ = std::move(left);
  return end(Outcome::kDone);
}

FaultyDisk::Outcome FaultyDisk::read(const File& file, std::size_t offset, std::size_t size,
                                     std::string& octets) const {
  const std::scoped_lock lock(mutex_);
  if (!powered_) return Outcome::kInputOutputError;
  octets.clear();
  if (offset < file.content.size()) octets = file.content.substr(offset, size);
  return Outcome::kDone;
}

std::size_t FaultyDisk::size_of(const File& file) const {
  const std::scoped_lock lock(mutex_);
  return file.content.size();
}

bool FaultyDisk::lock(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  return locks_.insert(path).second;
}

void FaultyDisk::unlock(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  locks_.erase(path);
}

}  // namespace tandem6
