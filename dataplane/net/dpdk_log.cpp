#include "dataplane/net/dpdk_log.h"

#include <rte_log.h>

#include <cstdio>
#include <mutex>
#include <string_view>

namespace tandem6 {
namespace {

std::mutex last_line_mutex;
std::string last_line;  // guarded by last_line_mutex

ssize_t write_line(void* /*cookie*/, const char* text, std::size_t size) {
  std::string_view line(text, size);
  std::fwrite(line.data(), 1, line.size(), stderr);
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.remove_suffix(1);
  if (!line.empty()) {
    const std::lock_guard lock(last_line_mutex);
    last_line = line;
  }
  return static_cast<ssize_t>(size);
}

}  // namespace

void watch_dpdk_log() {
  static std::FILE* const stream = [] {
    std::FILE* file = fopencookie(
        nullptr, "w", {.read = nullptr, .write = write_line, .seek = nullptr, .close = nullptr});
    if (file != nullptr) setvbuf(file, nullptr, _IOLBF, 1024);
    return file;
  }();
  if (stream != nullptr) rte_openlog_stream(stream);
}

std::string take_dpdk_log() {
  const std::lock_guard lock(last_line_mutex);
  if (last_line.empty()) return {};
  const std::string text = " (" + last_line + ")";
  last_line.clear();
  return text;
}

}  // namespace tandem6
