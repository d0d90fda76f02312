// What is sent is exact (RFC 8156 sections 7.4 and 5.5), whatever the records hold.
#include <gtest/gtest.h>

#include <algorithm>

#include "dataplane/wire/print.h"
#include "tests/failover/describe.h"
#include "tests/failover/frames.h"

namespace tandem6 {
namespace {

LeaseUpdate sample() {
  return read_as<BindingUpdate>(bndupd_with(kLeaseOptions)).leases.at(0).update;
}

BindingUpdate update_of(const std::vector<LeaseUpdate>& leases) {
  BindingUpdate update;
  for (const LeaseUpdate& lease : leases) update.leases.push_back({.update = lease, .verdict = {}});
  return update;
}
std::string printed(const LeaseUpdate& lease) {
  return print_datagram(written(update_of({lease})));
}

bool has(const std::string& text, int code) {
  return text.find(" (" + std::to_string(code) + "), ") != std::string::npos;
}

TEST(UpdateWriter, TimesOfATimeoutOnlyWithATimeout) {  // F-042, F-045, F-056, F-188, R-17
  LeaseUpdate lease = sample();
  lease.expiration_time = WallTime{0x33000000};
  for (const int code : {120, 123, 134}) EXPECT_TRUE(has(printed(lease), code)) << code;
  lease.status = BindingStatus::kExpired;
  for (const int code : {120, 123, 134}) EXPECT_TRUE(has(printed(lease), code)) << code;
  lease.state_expiration_time = kNoTime;
  for (const int code : {120, 123, 134}) EXPECT_FALSE(has(printed(lease), code)) << code;
  LeaseUpdate bare;
  bare.ia_type = IaType::kPrefixDelegation;
  bare.lease = Ipv6Prefix::parse("2001:db8::/40").value();
  bare.status = BindingStatus::kReset;
  bare.start_time_of_state = kGoldenNow;
  bare.partner_lifetime = bare.expiration_time = WallTime{0x33000000};
  for (const int code : {120, 123, 134}) EXPECT_FALSE(has(printed(bare), code)) << code;
  bare.state_expiration_time = WallTime{0x33000000};
  for (const int code : {120, 123, 134}) EXPECT_TRUE(has(printed(bare), code)) << code;
  for (const int code : {46, 126}) EXPECT_FALSE(has(printed(bare), code)) << code;
}

TEST(UpdateWriter, WhatIsNoneIsLeftOut) {  // F-059, F-183, F-184, F-189, R-17
  const std::string text = printed(sample());
  for (const int code : {39, 46, 47, 68, 116, 120, 124, 126, 129}) {
    EXPECT_FALSE(has(text, code)) << code;
  }
  for (const int code : {1, 100, 3, 5, 114, 133, 134, 123}) EXPECT_TRUE(has(text, code)) << code;
}

TEST(UpdateWriter, CltTimeIsNeverNegative) {  // F-058, R-21
  LeaseUpdate lease = sample();
  lease.client_time = WallTime{kGoldenNow.seconds + 100};
  const auto read = read_as<BindingUpdate>(written(update_of({lease})));
  EXPECT_EQ(read.leases.at(0).update.client_time, kGoldenNow);
}

TEST(UpdateWriter, AnEndlessLeaseStaysInTheFuture) {
  LeaseUpdate lease = sample();
  lease.state_expiration_time = lease.partner_lifetime = kNever;
  const auto read = read_as<BindingUpdate>(written(update_of({lease})));
  EXPECT_EQ(read.leases.at(0).verdict.status, StatusCode::kSuccess);
  EXPECT_GT(read.leases.at(0).update.partner_lifetime, WallTime{kGoldenNow.seconds + (1 << 30)});
}

TEST(UpdateWriter, LeasesOfOneIaStandTogether) {  // F-180, F-185, R-37, R-55
  std::vector<LeaseUpdate> leases(5, sample());
  leases[0].iaid = leases[2].iaid = leases[4].iaid = Iaid{1};
  leases[1].iaid = leases[3].iaid = Iaid{2};
  // The IAIDs of IA_NA and IA_PD are two number spaces.
  leases[4].ia_type = IaType::kPrefixDelegation;
  leases[4].lease = Ipv6Prefix::parse("2001:db8::/56").value();
  for (std::uint8_t i = 0; i < 4; ++i) leases[i].lease.address.octets[15] = i;
  const auto read = read_as<BindingUpdate>(written(update_of(leases)));
  ASSERT_EQ(read.leases.size(), 5U);
  const std::array<std::size_t, 5> order = {0, 2, 1, 3, 4};
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(read.leases[i].update.lease, leases[order[i]].lease) << i;
    EXPECT_EQ(read.leases[i].update.iaid, leases[order[i]].iaid) << i;
  }
  const std::string text = print_datagram(written(update_of(leases)));
  EXPECT_EQ(std::ranges::count(text, '\n'), 1 + 3 + 3 + 5 * 5);  // 3 IAs, 5 leases of 4 options
}

TEST(UpdateWriter, OfTheClientSpeaksTheLeaseHeardLast) {  // F-184
  std::vector<LeaseUpdate> leases(2, sample());
  leases[0].client_time = WallTime{0x32000000};
  leases[0].interface_id.assign(Octets{'o', 'l', 'd'});
  leases[1].client_time = WallTime{0x32000001};
  leases[1].interface_id.assign(Octets{'n', 'e', 'w'});
  const auto read = read_as<BindingUpdate>(written(update_of(leases)));
  for (const auto& lease : read.leases) {
    EXPECT_EQ(print_text(lease.update.interface_id.bytes()), "\"new\"");
  }
}

TEST(MessageWriter, WhatDoesNotFitIsNotWritten) {  // F-012, R-37
  Octets out = {1, 2, 3};
  const auto write = [&](std::size_t text_size) {
    return write_message(
        {.transaction_id = 1,
         .sent_time = kGoldenNow,
         .body = Disconnect{.status = StatusReport{.code = StatusCode::kUnspecFail,
                                                   .text = std::string(text_size, 'x')}}},
        kGoldenNow, out);
  };
  EXPECT_FALSE(write(65535 - 8 - 6 + 1));
  EXPECT_FALSE(write(200000));
  EXPECT_EQ(out, (Octets{1, 2, 3}));
  EXPECT_TRUE(write(65535 - 8 - 6));
  EXPECT_EQ(out.size(), 3U + 2 + 65535);
  const auto read = read_frame({out.begin() + 5, out.end()});
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(std::get<Disconnect>(read->body).status->text.size(), 65521U);
}

TEST(MessageWriter, TransactionIdAndSentTime) {  // F-018, F-019, F-033
  for (const std::uint32_t id : {0U, 1U, 0xabcdefU, 0xffffffU}) {
    const auto read = read_frame(
        written({.transaction_id = id, .sent_time = WallTime{0x12345678}, .body = Contact{}}));
    EXPECT_EQ(read->transaction_id, id);
    EXPECT_EQ(read->sent_time.seconds, 0x12345678);
  }
}

// The most leases that a frame has room for come through the reader and back.
TEST(MessageWriter, FullFrame) {
  LeaseUpdate lease = sample();
  BindingUpdate update;
  for (std::uint16_t i = 0; i < 1100; ++i) {
    lease.lease.address.octets[14] = static_cast<std::uint8_t>(i >> 8);
    lease.lease.address.octets[15] = static_cast<std::uint8_t>(i);
    update.leases.push_back({.update = lease, .verdict = {}});
  }
  const Octets frame = written(update);
  EXPECT_GT(frame.size(), 60000U);
  const auto read = read_as<BindingUpdate>(frame);
  EXPECT_EQ(describe(read), describe(update));
  EXPECT_EQ(read_as<BindingReply>(written(reply_to(read))).leases.size(), 1100U);
}

}  // namespace
}  // namespace tandem6
