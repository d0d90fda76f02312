// The half of a block of delegable prefixes on disk: key and value of one record of the column
// family "delegable". The format is described in README.md; here it is written and read. Pure; any
// thread.
//
// A move ends the records of all blocks inside of the one that moves, and blocks are aligned powers
// of two, so that two of them lie apart or one inside of the other. Hence of two records that cover
// a prefix the longer block is the newer one, whatever happened before: no record needs a number,
// and there are never more of them than there are blocks.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <span>

#include "dataplane/lease/binding.h"
#include "storage/record_fault.h"

namespace tandem6 {

inline constexpr std::uint8_t kBlockFormatVersion = 1;

/// Sorts a block before all blocks inside of it, and these before all that come after it.
class BlockKey {
 public:
  static constexpr std::size_t kSize = 16 + 1;  // address, prefix length

  /// REQUIRES: no bits past the length.
  explicit BlockKey(const Ipv6Prefix& block) noexcept;
  /// Past every block inside of `block`, and before the first one behind it.
  [[nodiscard]] static BlockKey end_inside(const Ipv6Prefix& block) noexcept;
  [[nodiscard]] std::span<const std::uint8_t> octets() const noexcept { return octets_; }

 private:
  BlockKey(const Ipv6Address& address, std::uint8_t last) noexcept;
  std::array<std::uint8_t, kSize> octets_;
};

class BlockValue {
 public:
  static constexpr std::size_t kSize = 4 + 4;

  /// The checksum is over the key too, so that no value passes under another key.
  BlockValue(Half half, const BlockKey& key) noexcept;
  [[nodiscard]] std::span<const std::uint8_t> octets() const noexcept { return octets_; }

 private:
  std::array<std::uint8_t, kSize> octets_;
};

struct BlockHalf {
  Ipv6Prefix block;
  Half half;
  friend bool operator==(const BlockHalf&, const BlockHalf&) = default;
};
[[nodiscard]] std::expected<BlockHalf, RecordFault> read_block_record(
    std::span<const std::uint8_t> key, std::span<const std::uint8_t> value) noexcept;

}  // namespace tandem6
