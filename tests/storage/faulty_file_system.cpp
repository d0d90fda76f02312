// RocksDB's view of a FaultyDisk: files and folders, each call passed on to the disk.
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstring>
#include <utility>

#include "tests/storage/faulty_disk.h"

namespace tandem6 {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;
using FilePtr = FaultyDisk::FilePtr;

IOStatus status_of(FaultyDisk::Outcome outcome, const std::string& path) {
  switch (outcome) {
    case FaultyDisk::Outcome::kDone:
      return IOStatus::OK();
    case FaultyDisk::Outcome::kNoSpace:
      return IOStatus::NoSpace(path, "No space left on device");
    case FaultyDisk::Outcome::kMissing:
      return IOStatus::PathNotFound(path, "No such file or directory");
    case FaultyDisk::Outcome::kInputOutputError:
      break;
  }
  return IOStatus::IOError(path, "Input/output error");
}

IOStatus read_into(const FaultyDisk& disk, const FaultyDisk::File& file, std::uint64_t offset,
                   std::size_t size, Slice* result, char* scratch) {
  std::string octets;
  const auto outcome = disk.read(file, offset, size, octets);
  std::memcpy(scratch, octets.data(), octets.size());
  *result = Slice(scratch, octets.size());
  return status_of(outcome, "read");
}

class Sequential final : public rocksdb::FSSequentialFile {
 public:
  Sequential(FaultyDisk& disk, FilePtr file) : disk_(disk), file_(std::move(file)) {}
  IOStatus Read(std::size_t size, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) override {
    const IOStatus status = read_into(disk_, *file_, offset_, size, result, scratch);
    offset_ += result->size();
    return status;
  }
  IOStatus Skip(std::uint64_t count) override {
    offset_ += count;
    return IOStatus::OK();
  }

 private:
  FaultyDisk& disk_;
  FilePtr file_;
  std::uint64_t offset_ = 0;
};

class RandomAccess final : public rocksdb::FSRandomAccessFile {
 public:
  RandomAccess(FaultyDisk& disk, FilePtr file) : disk_(disk), file_(std::move(file)) {}
  IOStatus Read(std::uint64_t offset, std::size_t size, const IOOptions&, Slice* result,
                char* scratch, IODebugContext*) const override {
    return read_into(disk_, *file_, offset, size, result, scratch);
  }

 private:
  FaultyDisk& disk_;
  FilePtr file_;
};

class Writable final : public rocksdb::FSWritableFile {
 public:
  Writable(FaultyDisk& disk, FilePtr file, std::string path)
      : disk_(disk), file_(std::move(file)), path_(std::move(path)) {}
  using FSWritableFile::Append;
  IOStatus Append(const Slice& octets, const IOOptions&, IODebugContext*) override {
    return status_of(disk_.append(*file_, octets.ToStringView()), path_);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions&, IODebugContext*) override {
    return status_of(disk_.truncate(*file_, size), path_);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    return status_of(disk_.sync(*file_), path_);
  }
  bool IsSyncThreadSafe() const override { return true; }
  std::uint64_t GetFileSize(const IOOptions&, IODebugContext*) override {
    return disk_.size_of(*file_);
  }
  /// Starts writing back, and promises nothing.
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  FaultyDisk& disk_;
  FilePtr file_;
  std::string path_;
};

class Folder final : public rocksdb::FSDirectory {
 public:
  Folder(FaultyDisk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return status_of(disk_.sync_folder(path_), path_);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  FaultyDisk& disk_;
  std::string path_;
};

class Lock final : public rocksdb::FileLock {
 public:
  explicit Lock(std::string its_path) : path(std::move(its_path)) {}
  std::string path;
};

/// RocksDB's own log for people stays off the disk: it is no part of what must survive.
class NoLog final : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
  std::size_t GetLogFileSize() const override { return 0; }
};

class FaultyFileSystem final : public rocksdb::FileSystem {
 public:
  explicit FaultyFileSystem(FaultyDisk& disk) : disk_(disk) {}
  const char* Name() const override { return "FaultyFileSystem"; }

  // --- Opening.
  IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions&,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result,
                             IODebugContext*) override {
    FilePtr file = disk_.find(path);
    if (file == nullptr) return status_of(FaultyDisk::Outcome::kMissing, path);
    *result = std::make_unique<Sequential>(disk_, std::move(file));
    return IOStatus::OK();
  }
  IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions&,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                               IODebugContext*) override {
    FilePtr file = disk_.find(path);
    if (file == nullptr) return status_of(FaultyDisk::Outcome::kMissing, path);
    *result = std::make_unique<RandomAccess>(disk_, std::move(file));
    return IOStatus::OK();
  }
  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions&,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext*) override {
    FilePtr file;
    const auto outcome = disk_.create(path, file);
    if (outcome == FaultyDisk::Outcome::kDone) {
      *result = std::make_unique<Writable>(disk_, std::move(file), path);
    }
    return status_of(outcome, path);
  }
  IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* result,
                              IODebugContext* context) override {
    FilePtr file = disk_.find(path);
    if (file == nullptr) return NewWritableFile(path, options, result, context);
    *result = std::make_unique<Writable>(disk_, std::move(file), path);
    return IOStatus::OK();
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions&,
                        std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext*) override {
    *result = std::make_unique<Folder>(disk_, path);
    return IOStatus::OK();
  }
  IOStatus NewLogger(const std::string&, const IOOptions&, std::shared_ptr<rocksdb::Logger>* result,
                     IODebugContext*) override {
    *result = std::make_shared<NoLog>();
    return IOStatus::OK();
  }

  // --- Names.
  IOStatus FileExists(const std::string& path, const IOOptions&, IODebugContext*) override {
    if (disk_.is_folder(path) || disk_.find(path) != nullptr) return IOStatus::OK();
    return disk_.is_powered() ? IOStatus::NotFound()
                              : status_of(FaultyDisk::Outcome::kInputOutputError, path);
  }
  IOStatus GetChildren(const std::string& path, const IOOptions&, std::vector<std::string>* result,
                       IODebugContext*) override {
    if (!disk_.is_folder(path)) return status_of(FaultyDisk::Outcome::kMissing, path);
    *result = disk_.children(path);
    return IOStatus::OK();
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) override {
    return status_of(disk_.erase(path), path);
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&,
                      IODebugContext*) override {
    return status_of(disk_.rename(from, to), from);
  }
  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions&,
                    IODebugContext*) override {
    return status_of(disk_.link(from, to), from);
  }
  IOStatus CreateDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    if (disk_.is_folder(path)) return IOStatus::IOError(path, "File exists");
    return status_of(disk_.make_folder(path), path);
  }
  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions&, IODebugContext*) override {
    return status_of(disk_.make_folder(path), path);
  }
  IOStatus DeleteDir(const std::string&, const IOOptions&, IODebugContext*) override {
    return IOStatus::NotSupported("DeleteDir");
  }
  IOStatus IsDirectory(const std::string& path, const IOOptions&, bool* result,
                       IODebugContext*) override {
    *result = disk_.is_folder(path);
    return IOStatus::OK();
  }
  IOStatus GetAbsolutePath(const std::string& path, const IOOptions&, std::string* result,
                           IODebugContext*) override {
    *result = path;
    return IOStatus::OK();
  }
  IOStatus GetTestDirectory(const IOOptions&, std::string* path, IODebugContext*) override {
    *path = "/test";
    return IOStatus::OK();
  }

  // --- What is known of a file.
  IOStatus GetFileSize(const std::string& path, const IOOptions&, std::uint64_t* size,
                       IODebugContext*) override {
    const FilePtr file = disk_.find(path);
    if (file == nullptr) return status_of(FaultyDisk::Outcome::kMissing, path);
    *size = disk_.size_of(*file);
    return IOStatus::OK();
  }
  IOStatus GetFileModificationTime(const std::string&, const IOOptions&, std::uint64_t* time,
                                   IODebugContext*) override {
    *time = 0;
    return IOStatus::OK();
  }
  IOStatus LockFile(const std::string& path, const IOOptions&, rocksdb::FileLock** lock,
                    IODebugContext*) override {
    if (!disk_.lock(path)) return IOStatus::IOError("lock " + path, "already held");
    *lock = new Lock(path);
    return IOStatus::OK();
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
    const std::unique_ptr<Lock> held(static_cast<Lock*>(lock));
    disk_.unlock(held->path);
    return IOStatus::OK();
  }

 private:
  FaultyDisk& disk_;
};

}  // namespace

std::unique_ptr<rocksdb::Env> make_faulty_env(FaultyDisk& disk) {
  return rocksdb::NewCompositeEnv(std::make_shared<FaultyFileSystem>(disk));
}

}  // namespace tandem6
