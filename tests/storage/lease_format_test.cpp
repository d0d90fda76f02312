// A binding as a record: what is written is read back, what each version wrote is read for ever,
// and nothing that was not written so is taken for a lease (S-259).
#include "storage/lease_format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>

#include "tests/storage/lease_samples.h"

namespace tandem6 {
namespace {

/// All written down by hand from README.md. Never to be changed: servers have these on their disks.
const RecordBuffer kAddressKey = from_hex(
    "01 20010db800070000000000000000beef 80"  // type, address, prefix length
    "01020304 0003000102990000000a");         // IAID, DUID
const RecordBuffer kAddressValue1 = from_hex(
    "01 01 03 00 b80b0000 70170000"  // version, ACTIVE, flags, lifetimes
    "0008af2f 701faf2f 0108af2f 0208af2f 0308af2f 0408af2f 0508af2f 0608af2f"
    "24370212");
const RecordBuffer kAddressValue2 = from_hex(
    "02 01 0b 00 b80b0000 70170000"  // with the flag that it came from the partner
    "0008af2f 701faf2f 0108af2f 0208af2f 0308af2f 0408af2f 0508af2f 0608af2f"
    "322fc835");
const RecordBuffer kAddressValue3 = from_hex(
    "03 01 1b 00 b80b0000 70170000"  // promised twice as well
    "0008af2f 701faf2f 0108af2f 0208af2f 0308af2f 0408af2f 0508af2f 0608af2f"
    "5295075e");
const RecordBuffer kPrefixKey = from_hex(
    "02 20010db8800042000000000000000000 38"
    "00000006 000400112233445566778899aabbccddeeff");
const RecordBuffer kPrefixValue1 = from_hex(
    "01 07 05 00 00000000 ffffffff"
    "0008af2f ffffffff 00000000 00000000 00000000 00000000 00000000 00000000"
    "01 03 010102  02 04 00000009  03 02 6568  04 01 aa  05 02 00ff"
    "44bd7b90");
const RecordBuffer kPrefixValue2 = from_hex(
    "02 07 05 00 00000000 ffffffff"
    "0008af2f ffffffff 00000000 00000000 00000000 00000000 00000000 00000000"
    "01 03 010102  02 04 00000009  03 02 6568  04 01 aa  05 02 00ff"
    "d7ba3c3b");
const RecordBuffer kPrefixValue3 = from_hex(
    "03 07 05 00 00000000 ffffffff"
    "0008af2f ffffffff 00000000 00000000 00000000 00000000 00000000 00000000"
    "01 03 010102  02 04 00000009  03 02 6568  04 01 aa  05 02 00ff"
    "096a5aa1");

LeaseSample golden_address() {
  LeaseSample sample;
  sample.duid = from_hex("0003000102990000000a");
  Binding& binding = sample.binding;
  binding.address = Ipv6Address::parse("2001:db8:7::beef").value();
  binding.iaid = Iaid{0x01020304};
  binding.status = BindingStatus::kActive;
  binding.needs_update = true;
  binding.update_sent = true;
  binding.preferred_lifetime = Lifetime{3000};
  binding.valid_lifetime = Lifetime{6000};
  binding.start_time_of_state = WallTime{800'000'000};
  binding.state_expiration_time = WallTime{800'006'000};
  binding.client_last_transaction_time = WallTime{800'000'001};
  binding.partner_raw_clt_time = WallTime{800'000'002};
  binding.expiration_time = WallTime{800'000'003};
  binding.partner_lifetime = WallTime{800'000'004};
  binding.acked_partner_lifetime = WallTime{800'000'005};
  binding.acked_partner_lifetime_max = WallTime{800'000'006};
  return sample;
}

LeaseSample golden_prefix() {
  LeaseSample sample;
  sample.duid = from_hex("000400112233445566778899aabbccddeeff");
  Binding& binding = sample.binding;
  binding.address = Ipv6Address::parse("2001:db8:8000:4200::").value();
  binding.prefix_length = 56;
  binding.ia_type = IaType::kPrefixDelegation;
  binding.iaid = Iaid{6};
  binding.status = BindingStatus::kAbandoned;
  binding.needs_update = true;
  binding.pd_excluded = true;
  binding.valid_lifetime = kInfiniteLifetime;
  binding.start_time_of_state = WallTime{800'000'000};
  binding.state_expiration_time = kNever;
  sample.parts = {from_hex("010102"), from_hex("00000009"), from_hex("6568"), from_hex("aa"),
                  from_hex("00ff")};
  return sample;
}

// The old-version tests: a program that cannot read these loses its operators' leases.
TEST(LeaseFormat, version_1_of_an_address_is_read_for_ever) {
  expect_read(kAddressKey, kAddressValue1, golden_address());
}

TEST(LeaseFormat, version_1_of_a_prefix_with_all_parts_is_read_for_ever) {
  expect_read(kPrefixKey, kPrefixValue1, golden_prefix());
}

TEST(LeaseFormat, version_2_of_an_address_is_read_for_ever) {
  LeaseSample sample = golden_address();
  sample.binding.from_partner = true;
  expect_read(kAddressKey, kAddressValue2, sample);
}

TEST(LeaseFormat, version_2_of_a_prefix_with_all_parts_is_read_for_ever) {
  expect_read(kPrefixKey, kPrefixValue2, golden_prefix());
}

TEST(LeaseFormat, version_3_of_an_address_is_written_and_read_for_ever) {
  LeaseSample sample = golden_address();
  sample.binding.from_partner = true;
  sample.binding.promised_twice = true;
  EXPECT_EQ(sample.key(), kAddressKey);
  EXPECT_EQ(sample.value(), kAddressValue3);
  expect_read(kAddressKey, kAddressValue3, sample);
}

TEST(LeaseFormat, version_3_of_a_prefix_with_all_parts_is_written_and_read_for_ever) {
  const LeaseSample sample = golden_prefix();
  EXPECT_EQ(sample.key(), kPrefixKey);
  EXPECT_EQ(sample.value(), kPrefixValue3);
  expect_read(kPrefixKey, kPrefixValue3, sample);
}

TEST(LeaseFormat, a_record_of_an_older_version_is_written_again_as_version_3) {
  for (const RecordBuffer& old : {kPrefixValue1, kPrefixValue2}) {
    const auto read = read_lease_record(kPrefixKey, old);
    ASSERT_TRUE(read.has_value());
    const LeaseValue again(read->binding, read->attributes, kPrefixKey);
    EXPECT_EQ(copy_of(again.octets()), kPrefixValue3);
  }
}

TEST(LeaseFormat, reads_back_what_it_wrote) {
  std::mt19937 random(1);
  for (int n = 0; n < 5000; ++n) {
    SCOPED_TRACE("record " + std::to_string(n));
    const LeaseSample sample = random_lease(random);
    expect_read(sample.key(), sample.value(), sample);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(LeaseFormat, holds_the_longest_duid_and_attributes) {
  LeaseSample sample = golden_prefix();
  sample.duid.assign(Duid::kSizeMax, 0xd5);
  for (RecordBuffer& part : sample.parts) part.assign(kAttributeSizeMax, 0xa7);
  EXPECT_EQ(sample.key().size(), LeaseKey::kSizeMax);
  EXPECT_EQ(sample.value().size(), LeaseValue::kSizeMax);
  expect_read(sample.key(), sample.value(), sample);
}

// The budget: at most 120 octets of an ordinary lease on disk.
TEST(LeaseFormat, an_ordinary_record_is_small) {
  const LeaseSample sample = golden_address();
  EXPECT_EQ(sample.key().size() + sample.value().size(), 80u);
}

// What today's configuration or the shard alone can say is not on disk.
TEST(LeaseFormat, keeps_neither_places_nor_lists) {
  LeaseSample sample = golden_address();
  sample.binding.from_partner = true;
  sample.binding.promised_twice = true;
  sample.binding.pool = 3;
  sample.binding.link = 4;
  sample.binding.list_next = 5;
  sample.binding.list_previous = 6;
  sample.binding.list_kind = 1;
  sample.binding.attributes = 7;
  sample.binding.claimed = true;
  sample.binding.dirty_indexed = true;
  EXPECT_EQ(sample.value(), kAddressValue3);
  const auto read = read_lease_record(kAddressKey, kAddressValue3);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->binding.pool, kNoPool);
  EXPECT_EQ(read->binding.link, kNoPool);
  EXPECT_EQ(read->binding.list_next, kNoBinding);
  EXPECT_EQ(read->binding.attributes, 0u);
  EXPECT_FALSE(read->binding.claimed);
}

TEST(LeaseKeyOrder, is_by_type_address_length_iaid_and_duid) {
  std::mt19937 random(2);
  std::vector<LeaseSample> samples;
  for (int n = 0; n < 400; ++n) {
    LeaseSample sample = random_lease(random);
    // Few values of each field, so that ties are common.
    Binding& binding = sample.binding;
    for (std::uint8_t& octet : binding.address.octets) octet &= 0x80;
    for (std::size_t i = 1; i < 16; ++i) binding.address.octets[i] = 0;
    if (binding.ia_type == IaType::kPrefixDelegation) {
      binding.prefix_length = static_cast<std::uint8_t>(48 + random() % 2 * 8);
    }
    binding.iaid = Iaid{random() % 2 == 0 ? 0x00000100U : 0x01000000U};
    samples.push_back(sample);
  }
  std::ranges::sort(samples, {}, &LeaseSample::key);
  const auto fields = [](const LeaseSample& sample) {
    return std::tuple(sample.binding.ia_type, sample.binding.lease(), sample.binding.iaid,
                      sample.duid);
  };
  EXPECT_TRUE(std::ranges::is_sorted(samples, {}, fields));
}

TEST(LeaseKeyOrder, all_keys_of_a_lease_begin_with_it) {
  std::mt19937 random(3);
  for (int n = 0; n < 200; ++n) {
    const LeaseSample sample = random_lease(random);
    const auto prefix = lease_key_prefix(sample.binding.ia_type, sample.binding.lease());
    const RecordBuffer key = sample.key();
    EXPECT_TRUE(std::ranges::equal(prefix, std::span(key).first(prefix.size())));
    EXPECT_EQ(key.size(), prefix.size() + 4 + sample.duid.size());
  }
}

}  // namespace
}  // namespace tandem6
