// The record of a block of delegable prefixes, octet by octet.
#include "storage/block_format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/storage/record_octets.h"

namespace tandem6 {
namespace {

const Ipv6Prefix kBlock = Ipv6Prefix::parse("2001:db8:8000::/36").value();

/// Written down by hand from README.md. Never to be changed: servers have these on their disks.
const RecordBuffer kGoldenKey = from_hex("20010db8 80000000 00000000 00000000 24");
const RecordBuffer kGoldenValue = from_hex("01 01 0000 1964cce2");

TEST(BlockFormat, version_1_is_written_and_read_for_ever) {
  const BlockKey key(kBlock);
  EXPECT_EQ(copy_of(key.octets()), kGoldenKey);
  EXPECT_EQ(copy_of(BlockValue(Half::kFreeBackup, key).octets()), kGoldenValue);
  EXPECT_EQ(copy_of(BlockValue(Half::kFree, key).octets()),
            sealed(kGoldenKey, from_hex("01 00 0000")));
  const auto read = read_block_record(kGoldenKey, kGoldenValue);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, (BlockHalf{kBlock, Half::kFreeBackup}));
}

TEST(BlockFormat, refuses_every_damage) {
  for_each_damage(kGoldenKey, kGoldenValue, [](const RecordBuffer& key, const RecordBuffer& value) {
    const auto read = read_block_record(key, value);
    ASSERT_FALSE(read.has_value());
    const bool is_sized = key.size() == kGoldenKey.size() && value.size() == kGoldenValue.size();
    EXPECT_EQ(read.error(), is_sized ? RecordFault::kChecksum : RecordFault::kSize);
  });
}

TEST(BlockFormat, refuses_what_no_server_would_have_written) {
  const auto fault_of = [](const RecordBuffer& key, const char* content) {
    return read_block_record(key, sealed(key, from_hex(content))).error();
  };
  EXPECT_EQ(fault_of(kGoldenKey, "02 01 0000"), RecordFault::kVersion);
  EXPECT_EQ(fault_of(kGoldenKey, "01 02 0000"), RecordFault::kValue);  // half
  EXPECT_EQ(fault_of(kGoldenKey, "01 01 0001"), RecordFault::kValue);  // unused
  RecordBuffer key = kGoldenKey;
  key[16] = 32;  // the block has a bit past it
  EXPECT_EQ(fault_of(key, "01 01 0000"), RecordFault::kValue);
  key[16] = 129;
  EXPECT_EQ(fault_of(key, "01 01 0000"), RecordFault::kValue);
}

/// What a move voids is just what lies inside: between a block's key and its end.
TEST(BlockFormat, keys_of_what_lies_inside_stand_between_those_of_the_block) {
  std::mt19937_64 random(1);
  const auto draw = [&] {
    const std::uint64_t few = random() % 4;  // so that blocks meet, at both ends of the space too
    const std::uint64_t bits = few == 0 ? ~0ULL : few == 1 ? 0 : random();
    return Ipv6Prefix{Ipv6Address::from_halves(bits, random() % 2 == 0 ? bits : 0),
                      static_cast<std::uint8_t>(random() % 129)}
        .masked();
  };
  int inside_count = 0;
  for (int n = 0; n < 100'000; ++n) {
    const Ipv6Prefix block = draw();
    Ipv6Prefix other = draw();
    if (random() % 2 == 0) {
      other = Ipv6Prefix{block.address, static_cast<std::uint8_t>(random() % 129)}.masked();
    }
    const BlockKey first(block);
    const BlockKey end = BlockKey::end_inside(block);
    const BlockKey key(other);
    const auto before = [](const BlockKey& a, const BlockKey& b) {
      return std::ranges::lexicographical_compare(a.octets(), b.octets());
    };
    const bool is_between = !before(key, first) && before(key, end);
    ASSERT_EQ(is_between, block.contains(other)) << block.to_string() << " " << other.to_string();
    inside_count += is_between ? 1 : 0;
  }
  EXPECT_GT(inside_count, 10'000);
}

}  // namespace
}  // namespace tandem6
