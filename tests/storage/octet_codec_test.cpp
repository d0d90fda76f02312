#include "storage/octet_codec.h"

#include <gtest/gtest.h>

#include "tests/storage/record_octets.h"

namespace tandem6 {
namespace {

TEST(OctetCodec, numbers_are_little_endian) {
  RecordBuffer buffer(15);
  RecordWriter writer(buffer);
  writer.number(std::uint8_t{0x01});
  writer.number(std::uint16_t{0x0203});
  writer.number(std::uint32_t{0x04050607});
  writer.number(std::uint64_t{0x08090a0b0c0d0e0f});
  EXPECT_EQ(writer.size(), 15u);
  EXPECT_EQ(buffer, from_hex("01 0302 07060504 0f0e0d0c0b0a0908"));
  RecordReader reader(buffer);
  EXPECT_EQ(reader.number<std::uint8_t>(), 0x01u);
  EXPECT_EQ(reader.number<std::uint16_t>(), 0x0203u);
  EXPECT_EQ(reader.number<std::uint32_t>(), 0x04050607u);
  EXPECT_EQ(reader.number<std::uint64_t>(), 0x08090a0b0c0d0e0fu);
  EXPECT_EQ(reader.left(), 0u);
  EXPECT_TRUE(reader.ok());
}

TEST(OctetCodec, past_the_end_stands_zero_and_the_error_stays) {
  const RecordBuffer buffer = from_hex("010203");
  RecordReader reader(buffer);
  EXPECT_EQ(reader.number<std::uint32_t>(), 0u);
  EXPECT_FALSE(reader.ok());
  // There would be octets for this one, but nothing after an error is to be believed.
  EXPECT_EQ(reader.number<std::uint8_t>(), 0u);
  EXPECT_TRUE(reader.octets(1).empty());
  EXPECT_FALSE(reader.ok());
}

TEST(OctetCodec, nothing_can_be_read_from_nothing) {
  RecordReader reader({});
  EXPECT_TRUE(reader.octets(0).empty());
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.number<std::uint8_t>(), 0u);
  EXPECT_FALSE(reader.ok());
}

TEST(OctetCodecDeathTest, a_writer_never_leaves_its_buffer) {
  RecordBuffer buffer(3);
  EXPECT_DEATH(RecordWriter(buffer).number(std::uint32_t{1}), "buffer_");
  EXPECT_DEATH(RecordWriter(buffer).octets(from_hex("01020304")), "buffer_");
}

}  // namespace
}  // namespace tandem6
