#include "dataplane/lease/reserved_memory.h"

#include <sys/mman.h>

#include <new>

namespace tandem6::reserved_memory {

void* map(std::size_t size) {
  if (size == 0) return nullptr;
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  // Random looks into a large table miss the TLB on every access with small pages. Only a hint:
  // where it is refused everything works as well, only slower.
  static_cast<void>(madvise(memory, size, MADV_HUGEPAGE));
  return memory;
}

void unmap(void* memory, std::size_t size) noexcept {
  if (size != 0) munmap(memory, size);
}

}  // namespace tandem6::reserved_memory
