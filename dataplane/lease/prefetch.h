// The start of a memory load whose result is wanted later.
#pragma once

namespace tandem6 {

/// Any address, mapped or not. The empty statement after it is there because g++ 12 takes a
/// function that does nothing but prefetch for one without effect, and drops it with its loop.
inline void prefetch_line(const void* address) noexcept {
  __builtin_prefetch(address);
  asm volatile("" : : "r"(address));
}

}  // namespace tandem6
