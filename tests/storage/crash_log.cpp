#include "tests/storage/crash_log.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dataplane/wire/check.h"

namespace tandem6 {

CrashLog& map_crash_log(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  T6_CHECK(file >= 0);
  T6_CHECK(ftruncate(file, sizeof(CrashLog)) == 0);
  void* mapped = mmap(nullptr, sizeof(CrashLog), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  T6_CHECK(mapped != MAP_FAILED);
  close(file);
  // Zeros are a log of nothing, and the other process may have begun already.
  return *static_cast<CrashLog*>(mapped);
}

}  // namespace tandem6
