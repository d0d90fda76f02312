// The record of a failover endpoint: what RFC 8156 section 8.2 wants kept, octet by octet.
#include "storage/endpoint_format.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "tests/storage/record_octets.h"

namespace tandem6 {
namespace {

const RecordBuffer kKey = {'e', 'n', 'd', 'p', 'o', 'i', 'n', 't', '/', 'w', 'e', 's', 't'};

EndpointRecord sample() {
  EndpointRecord record;
  record.role = 2;
  record.state = 4;
  record.previous_state = 3;
  record.partner_state = 5;
  record.partner_flags = 6;
  record.has_communicated = true;
  record.start_time_of_state = WallTime{0x2faf0801};
  record.partner_start_time_of_state = WallTime{0x2faf0802};
  record.partner_down_time = WallTime{0x2faf0803};
  record.last_contact = WallTime{0x2faf0804};
  record.last_heartbeat = WallTime{0x2faf0805};
  record.recover_wait_end = kNever;
  record.mclt = Lifetime{3600};
  record.mclt_before = Lifetime{7200};
  record.mclt_before_until = WallTime{0x2faf0806};
  return record;
}

/// Written down by hand from README.md. Never to be changed: servers have these on their disks.
const RecordBuffer kGolden = from_hex(
    "02 02 04 03 05 06 01 00"
    "0108af2f 0208af2f 0308af2f 0408af2f 0508af2f ffffffff 100e0000 201c0000 0608af2f"
    "028f1770");
const RecordBuffer kGoldenOfVersion1 = from_hex(
    "01 02 04 03 05 06 01 00"
    "0108af2f 0208af2f 0308af2f 0408af2f 0508af2f ffffffff 100e0000"
    "639dcff5");

std::expected<EndpointRecord, RecordFault> read(const RecordBuffer& value) {
  return read_endpoint_record(kKey, value);
}

/// The sample's value with one octet of its content changed, sealed anew.
RecordBuffer with_octet(std::size_t at, std::uint8_t octet) {
  RecordBuffer content = unsealed(endpoint_value(sample(), kKey));
  content[at] = octet;
  return sealed(kKey, content);
}

TEST(EndpointFormat, version_2_is_written_and_read_for_ever) {
  EXPECT_EQ(endpoint_value(sample(), kKey), kGolden);
  ASSERT_TRUE(read(kGolden).has_value());
  EXPECT_EQ(*read(kGolden), sample());
}

TEST(EndpointFormat, version_1_is_read_for_ever) {
  EndpointRecord record = sample();
  record.mclt_before = Lifetime{};
  record.mclt_before_until = kNoTime;
  ASSERT_TRUE(read(kGoldenOfVersion1).has_value());
  EXPECT_EQ(*read(kGoldenOfVersion1), record);
}

TEST(EndpointFormat, reads_back_what_it_wrote) {
  std::mt19937 random(1);
  const auto octet = [&] { return static_cast<std::uint8_t>(random()); };
  const auto time = [&] {
    const std::uint32_t choice = random() % 8;
    return choice == 0   ? kNoTime
           : choice == 1 ? kNever
                         : WallTime{static_cast<std::int64_t>(random() % 0xfffffffe + 1)};
  };
  for (int n = 0; n < 1000; ++n) {
    EndpointRecord record;
    record.role = octet() % 3;
    record.state = octet();
    record.previous_state = octet();
    record.partner_state = octet();
    record.partner_flags = octet();
    record.has_communicated = octet() % 2 != 0;
    record.start_time_of_state = time();
    record.partner_start_time_of_state = time();
    record.partner_down_time = time();
    record.last_contact = time();
    record.last_heartbeat = time();
    record.recover_wait_end = time();
    record.mclt = Lifetime{static_cast<std::uint32_t>(random())};
    record.mclt_before = Lifetime{static_cast<std::uint32_t>(random())};
    record.mclt_before_until = time();
    const auto back = read(endpoint_value(record, kKey));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(*back, record);
  }
}

TEST(EndpointFormat, refuses_every_damage) {
  for_each_damage(kKey, kGolden, [](const RecordBuffer& key, const RecordBuffer& value) {
    const auto read = read_endpoint_record(key, value);
    ASSERT_FALSE(read.has_value());
    const bool has_a_size =
        value.size() == kGolden.size() || value.size() == kGoldenOfVersion1.size();
    EXPECT_EQ(read.error(), has_a_size ? RecordFault::kChecksum : RecordFault::kSize);
  });
}

TEST(EndpointFormat, says_that_a_record_is_of_a_later_version) {
  for (const std::uint8_t version : std::to_array<std::uint8_t>({0, 1, 3, 255})) {
    EXPECT_EQ(read(with_octet(0, version)).error(), RecordFault::kVersion);
  }
}

TEST(EndpointFormat, refuses_what_no_server_would_have_written) {
  EXPECT_EQ(read(with_octet(1, 3)).error(), RecordFault::kValue);  // role
  EXPECT_EQ(read(with_octet(6, 2)).error(), RecordFault::kValue);  // has_communicated
  EXPECT_EQ(read(with_octet(7, 1)).error(), RecordFault::kValue);  // unused
}

TEST(EndpointFormat, no_octets_bring_it_down) {
  std::mt19937 random(2);
  for (int n = 0; n < 20000; ++n) {
    RecordBuffer content(random() % 4 == 0 ? random() % 80 : 44);
    for (std::uint8_t& octet : content) octet = static_cast<std::uint8_t>(random());
    if (!content.empty() && random() % 2 == 0) content[0] = kEndpointFormatVersion;
    const RecordBuffer value = sealed(kKey, content);
    if (const auto record = read(value)) {
      EXPECT_EQ(endpoint_value(*record, kKey), value);
    }
  }
}

}  // namespace
}  // namespace tandem6
