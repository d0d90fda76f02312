// What one server writes the other reads as it was meant. F-012, F-015, F-018, F-046, F-180 to
// F-193, F-250 to F-259.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/failover/any_message.h"
#include "tests/failover/describe.h"
#include "tests/failover/frames.h"

namespace tandem6 {
namespace {

Octets framed(const FailoverMessage& message) {
  Octets frame;
  RC_ASSERT(write_message(message, kGoldenNow, frame));
  RC_ASSERT(frame.size() >= 10U);
  RC_ASSERT(static_cast<std::size_t>(frame[0] << 8 | frame[1]) == frame.size() - 2);
  return without_size(frame);
}
FailoverMessage read_back(const FailoverMessage& message) {
  const auto read = read_frame(framed(message));
  RC_ASSERT(read.has_value());
  return *read;
}

TEST(RoundTrip, EveryMessage) {
  EXPECT_TRUE(rc::check([] {
    const FailoverMessage message = any_message();
    RC_TAG(std::string(name_of(message.type())));
    RC_ASSERT(describe(read_back(message)) == describe(message));
  }));
}

TEST(RoundTrip, WritingIsReadingsInverseOnItsImage) {
  EXPECT_TRUE(rc::check([] {
    const Octets frame = framed(any_message());
    const auto read = read_frame(frame);
    RC_ASSERT(read.has_value());
    RC_ASSERT(framed(*read) == frame);
  }));
}

TEST(RoundTrip, RepliesToUpdates) {  // F-250, F-251, F-253
  EXPECT_TRUE(rc::check([] {
    auto update = std::get<BindingUpdate>(
        read_back({.transaction_id = 1, .sent_time = kGoldenNow, .body = any_update()}).body);
    for (auto& lease : update.leases) {
      lease.verdict.status = static_cast<StatusCode>(*rc::gen::element(0, 16, 17, 18, 19));
    }
    if (*rc::gen::inRange(0, 4) == 0) update.verdict.status = StatusCode::kConfigurationConflict;
    const BindingReply reply = reply_to(update);
    const auto back = std::get<BindingReply>(
        read_back({.transaction_id = 1, .sent_time = kGoldenNow, .body = reply}).body);
    RC_ASSERT(describe(back) == describe(reply));
    RC_ASSERT(back.leases.size() == update.leases.size());
    for (std::size_t i = 0; i < back.leases.size(); ++i) {
      const LeaseUpdate& sent = update.leases[i].update;
      RC_ASSERT(back.leases[i].ack.partner_lifetime_sent == sent.partner_lifetime);
      RC_ASSERT(back.leases[i].ack.state_expiration_time == sent.state_expiration_time);
      RC_ASSERT(back.leases[i].ack.status == sent.status);
      const bool accepted = update.verdict.status == StatusCode::kSuccess &&
                            update.leases[i].verdict.status == StatusCode::kSuccess;
      RC_ASSERT((back.leases[i].status.code == StatusCode::kSuccess) == accepted);
    }
  }));
}

}  // namespace
}  // namespace tandem6
