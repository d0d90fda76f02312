// What is refused as a record of a lease, and by which name (S-259).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/storage/lease_samples.h"

namespace tandem6 {
namespace {

LeaseSample sample(IaType type = IaType::kNonTemporaryAddress) {
  LeaseSample sample;
  sample.duid = from_hex("0003000102990000000a");
  Binding& binding = sample.binding;
  binding.ia_type = type;
  const bool is_prefix = type == IaType::kPrefixDelegation;
  binding.address =
      Ipv6Address::parse(is_prefix ? "2001:db8:8000:4200::" : "2001:db8:7::beef").value();
  binding.prefix_length = is_prefix ? 56 : 128;
  binding.iaid = Iaid{1};
  binding.status = BindingStatus::kActive;
  binding.preferred_lifetime = Lifetime{3000};
  binding.valid_lifetime = Lifetime{6000};
  binding.state_expiration_time = WallTime{800'006'000};
  return sample;
}

/// The fault of these octets, by number; 0: they are a record.
int fault_of(const RecordBuffer& key, const RecordBuffer& value) {
  const auto read = read_lease_record(key, value);
  return read ? 0 : static_cast<int>(read.error());
}

constexpr int kSize = static_cast<int>(RecordFault::kSize);
constexpr int kChecksum = static_cast<int>(RecordFault::kChecksum);
constexpr int kVersion = static_cast<int>(RecordFault::kVersion);
constexpr int kValue = static_cast<int>(RecordFault::kValue);

/// Of the sample with one octet of its value changed and the checksum right.
int fault_with_octet(std::size_t at, std::uint8_t octet) {
  RecordBuffer content = unsealed(sample().value());
  content[at] = octet;
  return fault_of(sample().key(), sealed(sample().key(), content));
}

/// Of the sample with these octets for parts and the checksum right.
int fault_with_parts(const char* parts) {
  RecordBuffer content = unsealed(sample().value());
  const RecordBuffer more = from_hex(parts);
  content.insert(content.end(), more.begin(), more.end());
  return fault_of(sample().key(), sealed(sample().key(), content));
}

/// Of the sample's value under another key, with the checksum right.
int fault_with_key(const RecordBuffer& key, IaType type = IaType::kNonTemporaryAddress) {
  return fault_of(key, sealed(key, unsealed(sample(type).value())));
}

TEST(LeaseFormatFault, every_damage_is_seen) {
  for (const IaType type : {IaType::kNonTemporaryAddress, IaType::kPrefixDelegation}) {
    LeaseSample record = sample(type);
    record.parts = {from_hex("010102"), {}, from_hex("6568"), {}, from_hex("00ff")};
    for_each_damage(record.key(), record.value(),
                    [](const RecordBuffer& key, const RecordBuffer& value) {
                      EXPECT_EQ(fault_of(key, value), value.size() < 48 ? kSize : kChecksum);
                    });
  }
}

TEST(LeaseFormatFault, no_value_passes_under_the_key_of_another) {
  LeaseSample other = sample();
  other.binding.iaid = Iaid{2};
  EXPECT_EQ(fault_of(other.key(), sample().value()), kChecksum);
}

TEST(LeaseFormatFault, a_later_version_is_called_so) {
  EXPECT_EQ(fault_with_octet(0, kLeaseFormatVersion + 1), kVersion);
  EXPECT_EQ(fault_with_octet(0, 0), kVersion);
  EXPECT_EQ(fault_with_octet(0, 255), kVersion);
}

TEST(LeaseFormatFault, a_later_version_may_have_other_fields) {
  const RecordBuffer content(60, kLeaseFormatVersion + 1);
  EXPECT_EQ(fault_of(sample().key(), sealed(sample().key(), content)), kVersion);
}

TEST(LeaseFormatFault, a_field_says_what_no_server_would_have_written) {
  EXPECT_EQ(fault_with_octet(1, 0), kValue);  // status
  EXPECT_EQ(fault_with_octet(1, 9), kValue);
  EXPECT_EQ(fault_with_octet(1, 8), 0);
  for (const std::uint8_t flag : std::to_array<std::uint8_t>({0x20, 0x40, 0x80})) {
    EXPECT_EQ(fault_with_octet(2, flag), kValue);
  }
  EXPECT_EQ(fault_with_octet(2, 31), 0);
  EXPECT_EQ(fault_with_octet(3, 1), kValue);     // unused
  EXPECT_EQ(fault_with_octet(7, 0x80), kValue);  // preferred lifetime > valid lifetime
}

// Of what a later version brought, an earlier one knows nothing still.
TEST(LeaseFormatFault, earlier_versions_have_fewer_flags) {
  const auto fault_of_version = [](std::uint8_t version, std::uint8_t flags) {
    RecordBuffer content = unsealed(sample().value());
    content[0] = version;
    content[2] = flags;
    return fault_of(sample().key(), sealed(sample().key(), content));
  };
  EXPECT_EQ(fault_of_version(1, 7), 0);
  EXPECT_EQ(fault_of_version(2, 15), 0);
  EXPECT_EQ(fault_of_version(1, 0x08), kValue);
  for (const std::uint8_t flag : std::to_array<std::uint8_t>({0x10, 0x20, 0x40, 0x80})) {
    EXPECT_EQ(fault_of_version(1, flag), kValue);
    EXPECT_EQ(fault_of_version(2, flag), kValue);
  }
}

TEST(LeaseFormatFault, a_key_names_no_lease) {
  const RecordBuffer address_key = sample().key();
  const RecordBuffer prefix_key = sample(IaType::kPrefixDelegation).key();
  ASSERT_EQ(fault_with_key(address_key), 0);
  ASSERT_EQ(fault_with_key(prefix_key, IaType::kPrefixDelegation), 0);
  const auto with_octet = [](RecordBuffer key, std::size_t at, std::uint8_t octet) {
    key[at] = octet;
    return key;
  };
  for (const std::uint8_t type : std::to_array<std::uint8_t>({0, 3, 255})) {
    EXPECT_EQ(fault_with_key(with_octet(address_key, 0, type)), kValue);
  }
  EXPECT_EQ(fault_with_key(with_octet(address_key, 17, 127)), kValue);
  EXPECT_EQ(fault_with_key(with_octet(prefix_key, 17, 129)), kValue);
  EXPECT_EQ(fault_with_key(with_octet(prefix_key, 17, 255)), kValue);
  EXPECT_EQ(fault_with_key(with_octet(prefix_key, 16, 1)), kValue);  // bits past the length
  EXPECT_EQ(fault_with_key(with_octet(prefix_key, 17, 48)), kValue);
}

TEST(LeaseFormatFault, a_key_has_no_duid_that_could_be) {
  const RecordBuffer whole = sample().key();
  const auto first = [&](std::size_t size) { return copy_of(std::span(whole).first(size)); };
  for (const std::size_t size : {0U, 1U, 2U, 3U, 130U, 131U, 500U}) {
    RecordBuffer key(LeaseKey::kLeaseSize + 4 + size, 0x11);
    std::ranges::copy(first(LeaseKey::kLeaseSize + 4), key.begin());
    EXPECT_EQ(fault_with_key(key), Duid::size_fits(size) ? 0 : kValue) << size;
  }
  for (std::size_t size = 0; size < LeaseKey::kLeaseSize + 4; ++size) {
    EXPECT_EQ(fault_with_key(first(size)), kValue) << size;
  }
}

TEST(LeaseFormatFault, parts_rise_by_tag_and_are_whole) {
  EXPECT_EQ(fault_with_parts(""), 0);
  EXPECT_EQ(fault_with_parts("01 01 aa  05 02 bbbb"), 0);
  EXPECT_EQ(fault_with_parts("05 02 bbbb  01 01 aa"), kSize);  // out of order
  EXPECT_EQ(fault_with_parts("02 01 aa  02 01 aa"), kSize);    // repeated
  EXPECT_EQ(fault_with_parts("00 01 aa"), kSize);              // unknown
  EXPECT_EQ(fault_with_parts("06 01 aa"), kSize);
  EXPECT_EQ(fault_with_parts("ff 01 aa"), kSize);
  EXPECT_EQ(fault_with_parts("03 00"), kSize);     // says nothing
  EXPECT_EQ(fault_with_parts("03 02 aa"), kSize);  // cut short
  EXPECT_EQ(fault_with_parts("03 ff aa"), kSize);
  EXPECT_EQ(fault_with_parts("03"), kSize);
  EXPECT_EQ(fault_with_parts("01 01 aa 00"), kSize);  // octets after them
}

TEST(LeaseFormatFault, a_value_is_never_shorter_than_its_fixed_fields) {
  for (std::size_t size = 0; size < LeaseValue::kFixedSize; ++size) {
    RecordBuffer content(size, 0);
    if (size != 0) content[0] = kLeaseFormatVersion;
    EXPECT_EQ(fault_of(sample().key(), sealed(sample().key(), content)), kSize) << size;
  }
}

TEST(LeaseFormatFault, each_has_a_text_of_its_own) {
  for (int a = 1; a <= 5; ++a) {
    for (int b = 0; b < a; ++b) {
      EXPECT_STRNE(text_of(static_cast<RecordFault>(a)), text_of(static_cast<RecordFault>(b)));
    }
  }
}

TEST(LeaseFormatFault, no_octets_bring_the_reader_down) {
  std::mt19937 random(1);
  const auto octets = [&](std::size_t size) {
    RecordBuffer drawn(size);
    for (std::uint8_t& octet : drawn) octet = static_cast<std::uint8_t>(random());
    return drawn;
  };
  for (int n = 0; n < 20000; ++n) {
    const RecordBuffer key = octets(random() % 200);
    const RecordBuffer value = octets(random() % 300);
    EXPECT_NE(fault_of(key, value), 0);
  }
}

// Beyond the checksum: changed octets under a right one are refused, or are a record that would be
// written just so, under the newest version. Nothing has two spellings.
TEST(LeaseFormatFault, what_is_taken_is_written_the_same_again) {
  std::mt19937 random(2);
  int taken = 0;
  for (int n = 0; n < 50000; ++n) {
    const LeaseSample written = random_lease(random);
    RecordBuffer key = written.key();
    RecordBuffer content = unsealed(written.value());
    for (auto changes = 1 + random() % 3; changes != 0; --changes) {
      RecordBuffer& changed = random() % 3 == 0 ? key : content;
      changed[random() % std::min<std::size_t>(changed.size(), 64)] ^=
          static_cast<std::uint8_t>(1U << random() % 8);
    }
    if (random() % 8 == 0) content.resize(random() % (content.size() + 1));
    const RecordBuffer value = sealed(key, content);  // what is read borrows from it
    const auto read = read_lease_record(key, value);
    if (!read) continue;
    ++taken;
    content[0] = kLeaseFormatVersion;
    const LeaseKey key_again(read->binding, read->duid);
    const LeaseValue value_again(read->binding, read->attributes, key);
    ASSERT_EQ(copy_of(key_again.octets()), key);
    ASSERT_EQ(copy_of(value_again.octets()), sealed(key, content));
  }
  EXPECT_GT(taken, 1000);  // else it showed nothing
}

}  // namespace
}  // namespace tandem6
