#include "dataplane/net/dpdk_log.h"

#include <rte_log.h>

#include <cstdio>
#include <deque>
#include <mutex>
#include <string_view>

namespace tandem6 {
namespace {

constexpr std::size_t kLineCountMax = 3;

std::mutex lines_mutex;
std::deque<std::string> last_lines;  // guarded by lines_mutex

ssize_t write_line(void* /*cookie*/, const char* text, std::size_t size) {
  std::string_view line(text, size);
  std::fwrite(line.data(), 1, line.size(), stderr);
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.remove_suffix(1);
  if (!line.empty()) {
    const std::lock_guard lock(lines_mutex);
    last_lines.emplace_back(line);
    if (last_lines.size() > kLineCountMax) last_lines.pop_front();
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
  const std::lock_guard lock(lines_mutex);
  std::string text;
  for (const std::string& line : last_lines) {
    text += text.empty() ? " (" : "; ";
    text += line;
  }
  if (!text.empty()) text += ')';
  last_lines.clear();
  return text;
}

}  // namespace tandem6
