"""A wall clock that is wrong: a library that the daemon loads before the system's."""

from . import process

_SOURCE = """\
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec* time) {
  static int (*real)(clockid_t, struct timespec*);
  if (!real) real = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
  const int result = real(clock, time);
  const char* shift = getenv("SHIFT_SECONDS");
  if (clock == CLOCK_REALTIME && shift) time->tv_sec += atoi(shift);
  return result;
}
"""


def environment_of(folder, seconds):
    """For a Server whose clock is to be ahead by so much; `folder`: where the library is made."""
    source, library = folder / "shifted_clock.c", folder / "shifted_clock.so"
    source.write_text(_SOURCE)
    process.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"])
    # A daemon with AddressSanitizer wants to be loaded first itself.
    return {"LD_PRELOAD": str(library), "SHIFT_SECONDS": str(seconds), "ASAN_OPTIONS": "verify_asan_link_order=0"}
