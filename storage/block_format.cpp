#include "storage/block_format.h"

#include <algorithm>

#include "storage/checksum.h"
#include "storage/octet_codec.h"

namespace tandem6 {

namespace {

constexpr std::size_t kChecksumSize = 4;
constexpr std::size_t kContentSize = BlockValue::kSize - kChecksumSize;

}  // namespace

BlockKey::BlockKey(const Ipv6Address& address, std::uint8_t last) noexcept {
  std::ranges::copy(address.octets, octets_.begin());
  octets_.back() = last;
}

BlockKey::BlockKey(const Ipv6Prefix& block) noexcept : BlockKey(block.address, block.length) {
  T6_CHECK(block.length <= 128 && block == block.masked());
}

BlockKey BlockKey::end_inside(const Ipv6Prefix& block) noexcept {
  const PrefixMask mask(block.length);
  const Ipv6Address last =
      Ipv6Address::from_halves(block.address.high() | ~mask.high, block.address.low() | ~mask.low);
  return {last, 0xff};  // longer than any length
}

BlockValue::BlockValue(Half half, const BlockKey& key) noexcept {
  RecordWriter writer(octets_);
  writer.number(kBlockFormatVersion);
  writer.number(static_cast<std::uint8_t>(half));
  writer.number(std::uint16_t{0});
  writer.number(crc32c(writer.written(), crc32c(key.octets())));
}

std::expected<BlockHalf, RecordFault> read_block_record(
    std::span<const std::uint8_t> key, std::span<const std::uint8_t> value) noexcept {
  if (key.size() != BlockKey::kSize || value.size() != BlockValue::kSize) {
    return std::unexpected(RecordFault::kSize);
  }
  RecordReader checksum(value.last(kChecksumSize));
  if (checksum.number<std::uint32_t>() != crc32c(value.first(kContentSize), crc32c(key))) {
    return std::unexpected(RecordFault::kChecksum);
  }
  RecordReader reader(value.first(kContentSize));
  if (reader.number<std::uint8_t>() != kBlockFormatVersion) {
    return std::unexpected(RecordFault::kVersion);
  }
  const auto half = reader.number<std::uint8_t>();
  const auto unused = reader.number<std::uint16_t>();
  const Ipv6Prefix block{Ipv6Address::from_bytes(key.first<16>()), key[16]};
  if (half > 1 || unused != 0 || block.length > 128 || block != block.masked()) {
    return std::unexpected(RecordFault::kValue);
  }
  return BlockHalf{block, static_cast<Half>(half)};
}

}  // namespace tandem6
