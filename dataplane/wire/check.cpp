#include "dataplane/wire/check.h"

#include <cstdio>
#include <cstdlib>

namespace tandem6 {

void check_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "tandem6: broken invariant: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace tandem6
