#include "control/api/socket_file.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace tandem6 {
namespace {

constexpr mode_t kMode = 0660;
constexpr int kBacklog = 16;

std::unexpected<std::string> failed(const std::string& path, const std::string& what) {
  return std::unexpected("control socket " + path + ": " + what);
}

std::string error_text() { return std::strerror(errno); }

class FileDescriptor {
 public:
  explicit FileDescriptor(int value) : value_(value) {}
  ~FileDescriptor() {
    if (value_ >= 0) close(value_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  [[nodiscard]] int get() const { return value_; }
  [[nodiscard]] int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

int connect_or_bind(int (*function)(int, const sockaddr*, socklen_t), int descriptor,
                    const sockaddr_un& name) {
  return function(descriptor, reinterpret_cast<const sockaddr*>(&name), sizeof(name));
}

/// An error text when something stands at the path that may not be replaced.
std::expected<void, std::string> make_room(const std::string& path, const sockaddr_un& name) {
  struct stat facts{};
  if (lstat(path.c_str(), &facts) != 0) {
    if (errno == ENOENT) return {};
    return failed(path, error_text());
  }
  if (!S_ISSOCK(facts.st_mode)) return failed(path, "there is a file of this name, no socket");
  const FileDescriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (probe.get() < 0) return failed(path, error_text());
  if (connect_or_bind(connect, probe.get(), name) == 0 || errno == EAGAIN) {
    return failed(path, "another server answers there");
  }
  if (errno != ECONNREFUSED) return failed(path, error_text());
  if (unlink(path.c_str()) != 0) return failed(path, error_text());
  return {};
}

}  // namespace

std::expected<int, std::string> listen_at_socket_file(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(name.sun_path)) {
    return failed(path, "the path must have 1 to 107 octets");
  }
  std::memcpy(name.sun_path, path.data(), path.size());

  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) return failed(path, "cannot make its folder: " + error.message());
  if (const auto room = make_room(path, name); !room.has_value()) {
    return std::unexpected(room.error());
  }

  FileDescriptor listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (listener.get() < 0) return failed(path, error_text());
  // Before `bind`, so that the file never stands there with more rights than it ends with.
  if (fchmod(listener.get(), kMode) != 0) return failed(path, error_text());
  if (connect_or_bind(bind, listener.get(), name) != 0) return failed(path, error_text());
  if (chmod(path.c_str(), kMode) != 0 || listen(listener.get(), kBacklog) != 0) {
    const std::string text = error_text();
    unlink(path.c_str());
    return failed(path, text);
  }
  return listener.release();
}

}  // namespace tandem6
