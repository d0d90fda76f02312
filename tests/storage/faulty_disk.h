// A disk in memory that does what disks do on their worst days. What was not synced is forgotten at
// a power cut, or survives in part, sector by sector; there is no room; writes or syncs fail; it
// stands still.
//
// The model is the strictest that POSIX allows, so that what passes here passes on any file system:
//  - the content of a file survives as it was at its last sync that succeeded; sync_file_range
//    promises nothing;
//  - a name (create, rename, delete) survives once its directory is synced; of the names changed
//    since, the first few may survive, in order, as a journal keeps them;
//  - a sync that fails forgets what it should have written, and the next one succeeds without it
//    (fsyncgate, as Linux does). Readers still see the forgotten pages, or no longer, when memory
//    was short or the file system threw them away;
//  - sectors of 512 octets are written whole or not at all, in any order.
//
// Any thread; one mutex over all. RocksDB sees it through env() (faulty_file_system.cpp).
#pragma once

#include <condition_variable>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rocksdb {
class Env;
}

namespace tandem6 {

class FaultyDisk {
 public:
  enum class Outcome : std::uint8_t { kDone, kNoSpace, kInputOutputError, kMissing };
  /// What a power cut leaves of that which was not synced.
  enum class Survival : std::uint8_t {
    kNothing,
    kPrefix,       // of each file the first sectors, of the names the first changes
    kSomeSectors,  // any sectors of each file, zeros between them: torn in the middle
  };
  static constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  /// For Store::Options::env; lives as long as the disk.
  [[nodiscard]] rocksdb::Env* env() noexcept { return env_.get(); }

  // --- The test's side.
  /// Room for so many octets more; a write that does not fit is written as far as it does.
  void set_free_octets(std::uint64_t octets);
  void fail_writes(bool failing);
  /// `evicting`: what a sync forgot, readers do not see either.
  void fail_syncs(bool failing, bool evicting = false);
  /// Writes and syncs begun from now on wait until it moves again, or the power goes.
  void stand_still(bool standing);
  void cut_power();
  /// In the middle of the operation that changes the disk after so many others.
  void cut_power_after(std::uint64_t operations);
  [[nodiscard]] bool is_powered() const;
  /// The machine starts again with a healthy disk. Whoever had files open has ended.
  void power_on(Survival survival, std::mt19937_64& random);
  /// Operations that changed the disk, or were to.
  [[nodiscard]] std::uint64_t operation_count() const;

  // --- The file system's side.
  /// Guarded by the disk's mutex.
  struct File {
    std::string content;          // as readers see it
    std::string durable;          // as it survives
    std::set<std::size_t> dirty;  // sectors that the next sync writes
  };
  using FilePtr = std::shared_ptr<File>;

  /// The file of that name; null when there is none.
  [[nodiscard]] FilePtr find(const std::string& path) const;
  /// Empty, whatever stood there before.
  [[nodiscard]] Outcome create(const std::string& path, FilePtr& created);
  [[nodiscard]] Outcome rename(const std::string& from, const std::string& to);
  [[nodiscard]] Outcome link(const std::string& from, const std::string& to);
  [[nodiscard]] Outcome erase(const std::string& path);
  [[nodiscard]] Outcome make_folder(const std::string& path);
  [[nodiscard]] bool is_folder(const std::string& path) const;
  /// Names, not paths.
  [[nodiscard]] std::vector<std::string> children(const std::string& path_of_folder) const;
  [[nodiscard]] Outcome append(File& file, std::string_view octets);
  [[nodiscard]] Outcome truncate(File& file, std::size_t size);
  [[nodiscard]] Outcome sync(File& file);
  [[nodiscard]] Outcome sync_folder(const std::string& path_of_folder);
  [[nodiscard]] Outcome read(const File& file, std::size_t offset, std::size_t size,
                             std::string& octets) const;
  [[nodiscard]] std::size_t size_of(const File& file) const;
  /// False when it is locked already.
  [[nodiscard]] bool lock(const std::string& path);
  void unlock(const std::string& path);

 private:
  /// A name that changed since its folder was synced: `gone` and `path` at one instant.
  struct NameChange {
    std::string gone;  // empty: no name went
    std::string path;  // empty: none came
    FilePtr file;
  };
  using Names = std::map<std::string, FilePtr>;

  [[nodiscard]] Outcome begin(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] Outcome end(Outcome outcome);
  void change_name(NameChange change);
  static void apply(const NameChange& change, Names& names);
  static void mark_dirty(File& file, std::size_t from, std::size_t to);
  void forget(File& file) const;
  static void write_back(File& file, const std::set<std::size_t>& sectors, std::size_t size);
  static void survive(File& file, Survival survival, std::mt19937_64& random);

  mutable std::mutex mutex_;
  std::condition_variable moving_;
  Names names_;
  Names durable_names_;
  std::vector<NameChange> pending_names_;
  std::set<std::string> folders_;  // survive at once
  std::set<std::string> locks_;
  bool powered_ = true;
  bool still_ = false;
  bool failing_writes_ = false;
  bool failing_syncs_ = false;
  bool evicting_ = false;
  std::uint64_t free_octets_ = kUnlimited;
  std::uint64_t operations_left_ = kUnlimited;  // until the power goes
  std::uint64_t operation_count_ = 0;

  std::unique_ptr<rocksdb::Env> env_;
};

/// RocksDB's view of the disk, which outlives it.
[[nodiscard]] std::unique_ptr<rocksdb::Env> make_faulty_env(FaultyDisk& disk);

}  // namespace tandem6
