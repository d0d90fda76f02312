// CRC-32C (Castagnoli), the checksum of every record. Eight octets a step with the processor's own
// instruction, which every processor that DPDK runs on has.
#pragma once

#include <cstdint>
#include <span>

namespace tandem6 {

/// Of `octets` after what gave `before` (0 for the first). Any thread.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::uint8_t> octets,
                                   std::uint32_t before = 0) noexcept;

}  // namespace tandem6
