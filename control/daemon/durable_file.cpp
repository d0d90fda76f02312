#include "control/daemon/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace tandem6 {
namespace {

constexpr std::size_t kSizeMax = 4096;

std::unexpected<std::string> failed(const std::string& path, const char* what) {
  return std::unexpected(path + ": " + what + ": " + std::strerror(errno));
}

bool write_all(int descriptor, const std::string& content) {
  for (std::size_t written = 0; written < content.size();) {
    const ssize_t count = write(descriptor, content.data() + written, content.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    written += static_cast<std::size_t>(count);
  }
  return true;
}

std::expected<void, std::string> make_folder(const std::filesystem::path& folder) {
  if (folder.empty() || mkdir(folder.c_str(), 0750) == 0 || errno == EEXIST) return {};
  if (errno != ENOENT) return failed(folder, "cannot make this folder");
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return std::unexpected(folder.string() + ": " + error.message());
  return {};
}

/// Makes the new name itself survive.
std::expected<void, std::string> sync_folder(const std::filesystem::path& folder) {
  const std::string name = folder.empty() ? "." : folder.string();
  const int descriptor = open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return failed(name, "cannot open this folder");
  const bool synced = fsync(descriptor) == 0;
  const int error = errno;
  close(descriptor);
  errno = error;
  if (!synced) return failed(name, "cannot sync this folder");
  return {};
}

}  // namespace

std::expected<std::optional<std::string>, std::string> read_small_file(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return std::optional<std::string>();
  if (descriptor < 0) return failed(path, "cannot open");
  std::array<char, kSizeMax + 1> content{};
  const ssize_t size = read(descriptor, content.data(), content.size());
  const int error = errno;
  close(descriptor);
  errno = error;
  if (size < 0) return failed(path, "cannot read");
  if (static_cast<std::size_t>(size) > kSizeMax) return std::unexpected(path + ": far too long");
  return std::string(content.data(), static_cast<std::size_t>(size));
}

std::expected<void, std::string> write_durable_file(const std::string& path,
                                                    const std::string& content, mode_t mode) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (const auto made = make_folder(folder); !made.has_value()) return made;
  const std::string beside = path + ".new";
  unlink(beside.c_str());  // of a run that was cut off
  const int descriptor = open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor < 0) return failed(beside, "cannot make");
  const bool written = write_all(descriptor, content) && fsync(descriptor) == 0;
  const int error = errno;
  close(descriptor);
  errno = error;
  if (!written) return failed(beside, "cannot write");
  if (rename(beside.c_str(), path.c_str()) != 0) return failed(path, "cannot put in place");
  return sync_folder(folder);
}

}  // namespace tandem6
