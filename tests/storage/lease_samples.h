// Bindings with what belongs to them, for the tests of the record of a lease.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "storage/lease_format.h"
#include "tests/storage/record_octets.h"

namespace tandem6 {

struct LeaseSample {
  Binding binding;
  RecordBuffer duid;
  std::array<RecordBuffer, BindingAttributes::kCount> parts;

  [[nodiscard]] BindingAttributes attributes() const {
    BindingAttributes::Parts views;
    std::ranges::copy(parts, views.begin());
    return BindingAttributes::of(views);
  }
  [[nodiscard]] RecordBuffer key() const { return copy_of(LeaseKey(binding, duid).octets()); }
  [[nodiscard]] RecordBuffer value() const {
    return copy_of(LeaseValue(binding, attributes(), key()).octets());
  }
};

/// A binding that some server may have: any status, type, DUID, times and attributes.
inline LeaseSample random_lease(std::mt19937& random) {
  const auto draw = [&](std::uint32_t end) { return static_cast<std::uint32_t>(random() % end); };
  const auto octets = [&](std::size_t size) {
    RecordBuffer drawn(size);
    for (std::uint8_t& octet : drawn) octet = static_cast<std::uint8_t>(random());
    return drawn;
  };
  const auto time = [&] {
    const std::uint32_t choice = draw(6);
    return PackedTime::from_raw(choice == 0   ? 0
                                : choice == 1 ? 0xffffffff
                                              : static_cast<std::uint32_t>(random()));
  };
  LeaseSample sample;
  Binding& binding = sample.binding;
  const bool is_prefix = draw(2) != 0;
  binding.ia_type = is_prefix ? IaType::kPrefixDelegation : IaType::kNonTemporaryAddress;
  binding.prefix_length = is_prefix ? static_cast<std::uint8_t>(draw(129)) : 128;
  binding.address =
      Ipv6Prefix{Ipv6Address::from_bytes(octets(16)), binding.prefix_length}.masked().address;
  binding.iaid = Iaid{static_cast<std::uint32_t>(random())};
  binding.status = static_cast<BindingStatus>(1 + draw(8));
  binding.needs_update = draw(2) != 0;
  binding.update_sent = draw(2) != 0;
  binding.pd_excluded = draw(2) != 0;
  binding.from_partner = draw(2) != 0;
  binding.promised_twice = draw(2) != 0;
  binding.valid_lifetime = Lifetime{static_cast<std::uint32_t>(random())};
  binding.preferred_lifetime = draw(2) != 0
                                   ? binding.valid_lifetime
                                   : Lifetime{static_cast<std::uint32_t>(
                                         random() % (1ULL + binding.valid_lifetime.seconds))};
  for (PackedTime* each : {&binding.start_time_of_state, &binding.state_expiration_time,
                           &binding.client_last_transaction_time, &binding.partner_raw_clt_time,
                           &binding.expiration_time, &binding.partner_lifetime,
                           &binding.acked_partner_lifetime, &binding.acked_partner_lifetime_max}) {
    *each = time();
  }
  sample.duid = octets(Duid::kSizeMin + draw(Duid::kSizeMax - Duid::kSizeMin + 1));
  for (RecordBuffer& part : sample.parts) {
    part = octets(draw(2) == 0 ? 0 : draw(kAttributeSizeMax + 1));
  }
  return sample;
}

/// Everything that outlives a restart is the same.
inline void expect_same(const LeaseView& read, const LeaseSample& written) {
  const Binding& a = read.binding;
  const Binding& b = written.binding;
  EXPECT_EQ(a.lease(), b.lease());
  EXPECT_EQ(a.ia_type, b.ia_type);
  EXPECT_EQ(a.iaid, b.iaid);
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.needs_update, b.needs_update);
  EXPECT_EQ(a.update_sent, b.update_sent);
  EXPECT_EQ(a.pd_excluded, b.pd_excluded);
  EXPECT_EQ(a.from_partner, b.from_partner);
  EXPECT_EQ(a.promised_twice, b.promised_twice);
  EXPECT_EQ(a.preferred_lifetime, b.preferred_lifetime);
  EXPECT_EQ(a.valid_lifetime, b.valid_lifetime);
  EXPECT_EQ(a.start_time_of_state.raw(), b.start_time_of_state.raw());
  EXPECT_EQ(a.state_expiration_time.raw(), b.state_expiration_time.raw());
  EXPECT_EQ(a.client_last_transaction_time.raw(), b.client_last_transaction_time.raw());
  EXPECT_EQ(a.partner_raw_clt_time.raw(), b.partner_raw_clt_time.raw());
  EXPECT_EQ(a.expiration_time.raw(), b.expiration_time.raw());
  EXPECT_EQ(a.partner_lifetime.raw(), b.partner_lifetime.raw());
  EXPECT_EQ(a.acked_partner_lifetime.raw(), b.acked_partner_lifetime.raw());
  EXPECT_EQ(a.acked_partner_lifetime_max.raw(), b.acked_partner_lifetime_max.raw());
  EXPECT_EQ(copy_of(read.duid), written.duid);
  const BindingAttributes::Parts parts = read.attributes.parts();
  for (std::size_t i = 0; i < parts.size(); ++i) EXPECT_EQ(copy_of(parts[i]), written.parts[i]);
}

inline void expect_read(const RecordBuffer& key, const RecordBuffer& value,
                        const LeaseSample& written) {
  const auto read = read_lease_record(key, value);
  ASSERT_TRUE(read.has_value()) << text_of(read.error());
  expect_same(*read, written);
}

}  // namespace tandem6
