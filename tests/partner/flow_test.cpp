// Flow: what waits to be written, what is not read, and this process standing still.
#include <thread>

#include "tests/partner/partner_fixture.h"

namespace tandem6 {
namespace {

using std::chrono::milliseconds;

TEST_F(PartnerTest, ContactOvertakesAFullQueue) {
  listen();
  make_primary();
  bring_up();
  constexpr std::uint32_t kCount = 400;  // 24 MB: far more than the kernel takes
  for (std::uint32_t i = 0; i < kCount; ++i) primary_.link->send(1, binding_reply(i, 60'000));
  run_until([this] { return !secondary_.received.empty(); });
  primary_.link->send(1, contact(kCount));
  run_until([this] { return secondary_.received.size() == kCount + 1; });
  std::size_t place = 0;
  std::uint32_t next = 0;
  for (std::size_t i = 0; i < secondary_.received.size(); ++i) {
    const FailoverMessage& message = secondary_.received[i].message;
    if (std::holds_alternative<Contact>(message.body)) {
      place = i;
    } else {
      ASSERT_EQ(message.transaction_id, next++) << "the others keep their order";
    }
  }
  EXPECT_LT(place, kCount - 50);
}

/// A live partner that does not read: the queue is bounded.
TEST_F(PartnerTest, AStalledReaderIsClosedWhenTheQueueIsFull) {
  limits_.queue_octets_max = 1 << 20;
  listen();
  std::uint32_t sent = 0;
  play_primary(
      [](RawPeer& peer) {
        peer.shrink_receive_buffer();
        peer.send(connect_message(kName));
        std::this_thread::sleep_for(milliseconds(50));
        EXPECT_TRUE(peer.waits_for_end());
      },
      [&] {
        if (secondary_.connects.empty() || !secondary_.closed.empty()) return;
        for (int i = 0; i < 100; ++i) secondary_.link->send(1, binding_reply(++sent, 60'000));
      });
  run_until([this] { return !secondary_.closed.empty(); });
  EXPECT_EQ(secondary_.last_why(), "the partner does not read what is sent");
  EXPECT_EQ(secondary_.count_of(PartnerEvent::kDeadline), 1U);
}

/// Closing waits for a stalled reader, but not for ever.
TEST_F(PartnerTest, CloseGivesUpOnAStalledReader) {
  limits_.close_time_max = milliseconds(200);
  listen();
  make_primary();
  bring_up();
  secondary_.link->pause_reading(1, true);
  for (std::uint32_t i = 0; i < 400; ++i) primary_.link->send(1, binding_reply(i, 60'000));
  primary_.link->close(1, "enough");
  run_until([this] { return !primary_.closed.empty(); });
  EXPECT_EQ(primary_.last_why(), "enough (the partner did not read all of what was sent before)");
}

/// A partner that never ends its side does not keep ours.
TEST_F(PartnerTest, CloseDoesNotWaitForAPartnerThatStays) {
  limits_.close_time_max = milliseconds(200);
  listen();
  play_primary(
      [this](RawPeer& peer) {
        peer.send(connect_message(kName));
        EXPECT_TRUE(peer.ends_without_a_word());
        for (int i = 0; i < 1000 && peer.send(contact(1)); ++i) {
          std::this_thread::sleep_for(milliseconds(5));
        }
      },
      [this] {
        if (!secondary_.connects.empty()) secondary_.link->close(1, "enough");
      });
  run_until([this] { return !secondary_.closed.empty(); });
  EXPECT_EQ(secondary_.last_why(), "enough");
  EXPECT_TRUE(secondary_.received.empty());
}

/// fo.window: nothing is read, nothing is lost, and CONTACT goes on.
TEST_F(PartnerTest, ReadingIsPaused) {
  listen();
  make_primary();
  bring_up();
  secondary_.link->pause_reading(1, true);
  for (std::uint32_t i = 0; i < 100; ++i) primary_.link->send(1, binding_reply(i, 60'000));
  secondary_.link->send(1, contact(500));
  run_until([this] { return !primary_.received.empty(); });
  run_for(milliseconds(50));
  EXPECT_TRUE(secondary_.received.empty());
  EXPECT_EQ(secondary_.count_of(PartnerEvent::kWindow), 1U);
  secondary_.link->pause_reading(1, false);
  EXPECT_TRUE(secondary_.received.empty()) << "never from inside of a call";
  run_until([this] { return secondary_.received.size() == 100; });
}

/// Paused from inside of a callback: not one message more, though many were read with it.
TEST_F(PartnerTest, APauseHoldsInTheMiddleOfARead) {
  listen();
  make_primary();
  bring_up();
  secondary_.on_received = [this](ConnectionId id) { secondary_.link->pause_reading(id, true); };
  for (std::uint32_t i = 0; i < 20; ++i) primary_.link->send(1, binding_reply(i));
  for (std::size_t count = 1; count <= 20; ++count) {
    run_until([&] { return secondary_.received.size() == count; });
    run_for(milliseconds(5));
    ASSERT_EQ(secondary_.received.size(), count);
    secondary_.link->pause_reading(1, false);
  }
}

/// what waited for us to read it is not the partner's clock going wrong.
TEST_F(PartnerTest, APauseIsNoSkew) {
  listen();
  make_primary();
  bring_up();
  secondary_.link->pause_reading(1, true);
  primary_.link->send(1, binding_reply(1));
  run_for(milliseconds(20));  // stamped, and under way
  now_ = WallTime{kGoldenNow.seconds + 100};
  secondary_.link->pause_reading(1, false);
  primary_.link->send(1, binding_reply(2));
  run_until([this] { return secondary_.received.size() == 2; });
  EXPECT_EQ(secondary_.received[0].message.sent_time, kGoldenNow);
  EXPECT_EQ(secondary_.received[0].read_at, kGoldenNow);
  EXPECT_EQ(secondary_.received[1].read_at, now_);

  // From then on a clock that goes wrong is one.
  now_.seconds += 1;
  primary_.link->send(1, binding_reply(3));
  run_until([this] { return secondary_.received.size() == 3; });
  primary_.clock_offset = -50;
  primary_.link->send(1, binding_reply(4));
  run_until([this] { return secondary_.received.size() == 4; });
  EXPECT_EQ(secondary_.received[3].message.sent_time.seconds, now_.seconds - 50);
  EXPECT_EQ(secondary_.received[3].read_at, now_);
}

/// The buffer does not grow by being paused again and again.
TEST_F(PartnerTest, WhatWasReadIsToldBeforeMoreIsRead) {
  listen();
  make_primary();
  bring_up();
  secondary_.on_received = [this](ConnectionId id) { secondary_.link->pause_reading(id, true); };
  for (std::uint32_t i = 0; i < 50'000; ++i) primary_.link->send(1, binding_reply(i, 100));
  for (std::size_t count = 1; count <= 30; ++count) {
    run_until([&] { return secondary_.received.size() == count; });
    secondary_.link->pause_reading(1, false);
  }
  EXPECT_LT(secondary_.link->counters().octets_received, 300'000U);
}

/// A deadline is for the partner's silence, not for ours.
TEST_F(PartnerTest, APauseIsNoSilence) {
  limits_.idle_time_max = milliseconds(200);
  listen();
  limits_.idle_time_max = std::chrono::minutes(5);
  make_primary();
  bring_up();
  secondary_.link->pause_reading(1, true);
  run_for(milliseconds(500));
  EXPECT_TRUE(secondary_.closed.empty());
  secondary_.link->pause_reading(1, false);
  run_until([this] { return !secondary_.closed.empty(); });
}

/// Closing from inside of a callback: nothing more of what was read is told.
TEST_F(PartnerTest, ACloseHoldsInTheMiddleOfARead) {
  listen();
  make_primary();
  bring_up();
  secondary_.on_received = [this](ConnectionId id) { secondary_.link->close(id, "enough"); };
  for (std::uint32_t i = 0; i < 20; ++i) primary_.link->send(1, binding_reply(i));
  run_until([this] { return !secondary_.closed.empty(); });
  EXPECT_EQ(secondary_.received.size(), 1U);
}

/// A process that stood still closes all before it reads what came meanwhile.
TEST_F(PartnerTest, StandingStillIsNoSkew) {
  limits_.tick = milliseconds(20);
  limits_.standstill_max = milliseconds(1000);
  listen();
  make_primary();
  bring_up();
  bool has_stood_still = false;
  play(
      [this, port = listener_->port()] {
        RawPeer peer(kHere, kHere, port);
        peer.send(connect_message(kName));
        while (secondary_.connect_count < 2) std::this_thread::yield();
        for (std::uint32_t i = 0; i < 10; ++i) peer.send(binding_reply(i));
        EXPECT_TRUE(peer.waits_for_end());
      },
      [&] {
        if (secondary_.connects.size() < 2 || std::exchange(has_stood_still, true)) return;
        std::this_thread::sleep_for(milliseconds(1400));
      });
  run_until([this] { return secondary_.closed.size() == 2 && !primary_.closed.empty(); });
  EXPECT_EQ(secondary_.last_why(), "this server stood still for 1 s");
  EXPECT_TRUE(secondary_.received.empty());
}

}  // namespace
}  // namespace tandem6
