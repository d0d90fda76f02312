// Our own bug: an assertion that stands in every build.
//
// A lease server that goes on with a broken invariant hands out duplicates, while its partner can
// take over from a dead one; so a broken invariant ends the process. Never use it on what a peer,
// a client, a disk or an operator can cause (those are wire input or the world).
#pragma once

namespace tandem6 {

/// Prints the broken condition and where it stands, then aborts. Any thread.
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace tandem6

#define T6_CHECK(condition)                             \
  (__builtin_expect(static_cast<bool>(condition), true) \
       ? static_cast<void>(0)                           \
       : ::tandem6::check_failed(#condition, __FILE__, __LINE__))
