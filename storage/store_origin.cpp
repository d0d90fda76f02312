// Where a Store's leases come from, and the mark by which a checkpoint is known for one.
//
// The mark is a file beside RocksDB's own, which leave it alone: so it goes wherever the folder is
// copied to, and the database in the copy stays untouched until it is served.
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "storage/store.h"
#include "storage/store_impl.h"
#include "storage/store_options.h"

namespace tandem6 {

namespace {

namespace fs = std::filesystem;

constexpr const char* kMarkName = "CHECKPOINT-OF-TANDEM6";

fs::path mark_in(const std::string& folder) { return fs::path(folder) / kMarkName; }

}  // namespace

void sync_folder(const std::string& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  static_cast<void>(::fsync(file));
  ::close(file);
}

std::expected<void, std::string> mark_checkpoint(const std::string& folder) {
  const std::string mark = mark_in(folder).string();
  const int file = ::open(mark.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const bool is_made = file >= 0 && ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  if (!is_made) return std::unexpected(mark + ": cannot be written");
  sync_folder(folder);
  return {};
}

/// First the record, then the mark goes: whenever this is cut short, one of them says it.
std::expected<void, std::string> Store::take_mark() {
  const std::string& path = impl_->options.path;
  std::error_code error;
  if (impl_->options.env != nullptr || !fs::exists(mark_in(path), error)) return {};
  WriteSet set(*this);
  set.put_origin(LeasesOrigin::kRestored);
  if (auto written = write(set, Durability::kPower); !written.has_value()) return written;
  if (!fs::remove(mark_in(path), error)) {
    return std::unexpected(mark_in(path).string() + ": cannot be removed: " + error.message());
  }
  sync_folder(path);
  return {};
}

LeasesOrigin Store::origin() const {
  std::error_code error;
  if (impl_->options.env == nullptr && fs::exists(mark_in(impl_->options.path), error)) {
    return LeasesOrigin::kRestored;  // only read, so the mark is still there
  }
  const auto kept = server_value(kOriginName);
  // A record that cannot be read is damage as well.
  if (!kept.has_value()) return LeasesOrigin::kDamaged;
  if (!kept->has_value()) return LeasesOrigin::kKept;  // of before there was the record
  const std::vector<std::uint8_t>& value = **kept;
  const bool is_known =
      value.size() == 1 && value[0] <= static_cast<std::uint8_t>(LeasesOrigin::kDamaged);
  return is_known ? static_cast<LeasesOrigin>(value[0]) : LeasesOrigin::kDamaged;
}

}  // namespace tandem6
