#include "control/failover/wire_time.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "control/failover/message_reader.h"
#include "control/failover/message_writer.h"
#include "dataplane/wire/print_partner.h"

namespace tandem6 {
namespace {

constexpr std::int64_t kTurn = std::int64_t{1} << 32;

TEST(WireTime, IsTheNearestToNow) {  // F-019, F-136, R-20
  const WallTime today{0x33000000};
  EXPECT_EQ(wall_time_near(0x33000005, today).seconds, 0x33000005);
  EXPECT_EQ(wall_time_near(0x32fffffb, today).seconds, 0x32fffffb);
  EXPECT_EQ(wall_time_near(0xb2ffffff, today).seconds, 0xb2ffffff);  // 2^31 - 1 ahead
  EXPECT_EQ(wall_time_near(0xb3000001, today).seconds, 0xb3000001 - kTurn);
  EXPECT_EQ(wire_time_of(wall_time_near(0xb3000001, today)), 0xb3000001U);
}

TEST(WireTime, GoesOnAcrossTheWrap) {  // F-136
  const WallTime before{kTurn - 10};
  const WallTime after{kTurn + 10};
  EXPECT_EQ(wall_time_near(20, before).seconds, kTurn + 20);
  EXPECT_EQ(wall_time_near(0xfffffff0, before).seconds, kTurn - 16);
  EXPECT_EQ(wall_time_near(0xfffffff0, after).seconds, kTurn - 16);
  EXPECT_EQ(wall_time_near(20, after).seconds, kTurn + 20);
  EXPECT_LT(wall_time_near(0xfffffff0, after), wall_time_near(20, after));
}

TEST(WireTime, SurvivesTheWireWithinHalfATurn) {  // F-136
  EXPECT_TRUE(rc::check([] {
    const auto now = *rc::gen::inRange<std::int64_t>(1, 4 * kTurn);
    const auto off = *rc::gen::inRange<std::int64_t>(-kTurn / 2, kTurn / 2);
    const WallTime time{now + off};
    RC_ASSERT(wall_time_near(wire_time_of(time), WallTime{now}) == time);
  }));
}

TEST(WireTime, ZeroIsNone) {
  EXPECT_TRUE(optional_time_near(0, WallTime{0x33000000}).is_none());
  EXPECT_TRUE(optional_time_near(0, WallTime{kTurn}).is_none());
  EXPECT_EQ(optional_time_near(1, WallTime{kTurn}).seconds, kTurn + 1);
  // A time of ours never becomes none on the way.
  EXPECT_EQ(told_time_of(WallTime{kTurn}, WallTime{kTurn - 5}), 1U);
}

TEST(WireTime, WhatIsTooFarOffStaysFutureOrPast) {
  for (const WallTime now : {WallTime{0x33000000}, WallTime{kTurn - 3}, WallTime{kTurn * 2}}) {
    const WallTime told = wall_time_near(told_time_of(kNever, now), now);
    EXPECT_GT(told.seconds, now.seconds + (std::int64_t{1} << 30));
    // Also for a partner whose clock and whose reading are hours off.
    const WallTime late{now.seconds - 40000};
    EXPECT_GT(wall_time_near(told_time_of(kNever, now), late), late);
    const WallTime past = wall_time_near(told_time_of(WallTime{now.seconds - kTurn}, now), now);
    EXPECT_LT(past, now);
  }
  EXPECT_EQ(told_time_of(WallTime{0x40000000}, WallTime{0x33000000}), 0x40000000U);
}

// F-136: a whole update written shortly before the wrap with times after it.
TEST(WireTime, UpdateAcrossTheWrap) {
  const WallTime now{kTurn - 10};
  LeaseUpdate lease;
  lease.duid = *Duid::parse("00:02:00:00:00:09:01");
  lease.lease = {Ipv6Address::parse("2001:db8::1").value(), 128};
  lease.start_time_of_state = WallTime{kTurn - 100};
  lease.client_time = WallTime{kTurn - 100};
  lease.state_expiration_time = WallTime{kTurn + 3600};
  lease.partner_lifetime = WallTime{kTurn + 7200};
  BindingUpdate update;
  update.leases.push_back({.update = lease, .verdict = {}});
  std::vector<std::uint8_t> frame;
  ASSERT_TRUE(write_message({.transaction_id = 1, .sent_time = now, .body = update}, now, frame));
  const WallTime later{kTurn + 2};
  const auto read = read_message(std::span(frame).subspan(2), later);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->sent_time, now);
  const auto& got = std::get<BindingUpdate>(read->body).leases.at(0);
  EXPECT_EQ(got.verdict.status, StatusCode::kSuccess);
  EXPECT_EQ(got.update.start_time_of_state, lease.start_time_of_state);
  EXPECT_EQ(got.update.client_time, lease.client_time);
  EXPECT_EQ(got.update.state_expiration_time, lease.state_expiration_time);
  EXPECT_EQ(got.update.partner_lifetime, lease.partner_lifetime);
}

TEST(WireTime, IsPrintedAsADate) {  // F-019: the epoch is 2000-01-01T00:00:00Z
  EXPECT_EQ(print_time(0), "0 (2000-01-01T00:00:00Z)");
  EXPECT_EQ(print_time(86400 * 366 + 3661), "31626061 (2001-01-01T01:01:01Z)");
  EXPECT_EQ(print_time(0xffffffff), "4294967295 (2136-02-07T06:28:15Z)");
}

}  // namespace
}  // namespace tandem6
