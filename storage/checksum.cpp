#include "storage/checksum.h"

#include <cstring>

namespace tandem6 {

__attribute__((target("sse4.2"))) std::uint32_t crc32c(std::span<const std::uint8_t> octets,
                                                       std::uint32_t before) noexcept {
  std::uint64_t crc = ~before;
  std::size_t at = 0;
  for (; at + 8 <= octets.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, octets.data() + at, 8);
    crc = __builtin_ia32_crc32di(crc, word);
  }
  auto crc32 = static_cast<std::uint32_t>(crc);
  for (; at < octets.size(); ++at) crc32 = __builtin_ia32_crc32qi(crc32, octets[at]);
  return ~crc32;
}

}  // namespace tandem6
