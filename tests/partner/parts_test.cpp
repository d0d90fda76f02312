// The parts without a socket: types, STARTTLS, the queue, the clocks.
#include "control/failover/frame_reader.h"
#include "control/failover/message_reader.h"
#include "control/partner/read_clock.h"
#include "control/partner/send_queue.h"
#include "control/partner/standstill.h"
#include "control/partner/start_tls.h"
#include "control/partner/type_rules.h"
#include "tests/partner/partner_fixture.h"

namespace tandem6 {
namespace {

/// fo.garbage, fo.sequence, fo.tls: every type octet before the CONNECT.
TEST(TypeRules, OnlyOneTypeMayComeFirst) {
  for (int octet = 0; octet < 256; ++octet) {
    const auto type = static_cast<MessageType>(octet);
    const auto in_tls = fault_of_type(Stage::kConnectInTls, Role::kSecondary, type);
    const auto start = fault_of_type(Stage::kStartTls, Role::kSecondary, type);
    EXPECT_EQ(in_tls.has_value(), type != MessageType::kConnect) << octet;
    EXPECT_EQ(start.has_value(), type != MessageType::kStartTls) << octet;
    if (is_failover(type) && type != MessageType::kConnect) {
      EXPECT_EQ(in_tls->event, PartnerEvent::kSequence) << octet;
    } else if (in_tls && type != MessageType::kStartTls) {
      EXPECT_EQ(in_tls->event, PartnerEvent::kGarbage) << octet;
    }
  }
}

TEST(TypeRules, ClientsMessagesMayNotComeAndUnknownOnesMay) {
  for (const Role role : {Role::kPrimary, Role::kSecondary}) {
    for (int octet = 0; octet < 256; ++octet) {
      const auto fault = fault_of_type(Stage::kRunning, role, static_cast<MessageType>(octet));
      const bool is_clients = octet > 0 && octet < 23;
      const bool is_wrong = octet == 31 || (octet == 32 && role == Role::kSecondary);
      EXPECT_EQ(fault.has_value(), is_clients || octet == 23 || is_wrong) << octet;
    }
  }
}

TEST(StartTls, GoesThereAndBack) {
  const std::vector<std::uint8_t> frame = start_tls_frame(0x123456);
  EXPECT_EQ(frame, (Octets{0, 4, 23, 0x12, 0x34, 0x56}));
  EXPECT_EQ(read_start_tls(std::span(frame).subspan(2)), 0x123456U);
  EXPECT_EQ(read_start_tls(std::span(frame).subspan(3)), std::nullopt);
  const Octets reply = start_tls_reply_frame(0x123456, std::nullopt);
  EXPECT_EQ(reply, (Octets{0, 4, 7, 0x12, 0x34, 0x56}));
}

/// Every part of a reply, and every octet of it changed, is read without harm.
TEST(StartTls, AnyReplyIsRead) {
  const Octets whole = start_tls_reply_frame(
      1, StatusReport{.code = StatusCode::kTlsConnectionRefused, .text = "no"});
  for (std::size_t size = 0; size + 2 <= whole.size(); ++size) {
    const Octets part(whole.begin() + 2, whole.begin() + 2 + static_cast<long>(size));
    EXPECT_EQ(read_start_tls_reply(part).has_value(), size == 4) << size;
    for (std::size_t i = 0; i < part.size(); ++i) {
      Octets changed = part;
      changed[i] ^= 0xff;
      (void)read_start_tls_reply(changed);
    }
  }
  EXPECT_TRUE(read_start_tls_reply(Octets{7, 0, 0, 1, 0, 99, 0, 1, 5}).has_value());
  EXPECT_FALSE(read_start_tls_reply(Octets{7, 0, 0, 1, 0, 13, 0, 1, 5}).has_value());
}

TEST(FrameReaderType, IsKnownBeforeTheFrameIsWhole) {
  FrameReader reader;
  EXPECT_EQ(reader.next_type(), std::nullopt);
  reader.append(Octets{0, 4});
  EXPECT_EQ(reader.next_type(), std::nullopt);
  reader.append(Octets{35});
  EXPECT_EQ(reader.next_type(), 35);
  reader.append(Octets{0, 0, 1, 0, 0, 0, 4, 31});
  ASSERT_TRUE(reader.next().has_value());
  EXPECT_EQ(reader.next_type(), std::nullopt) << "of an empty frame, not of the one behind it";
  ASSERT_TRUE(reader.next().has_value());
  EXPECT_EQ(reader.next_type(), 31);
}

std::vector<std::uint32_t> ids_of(const Octets& frames) {
  FrameReader reader;
  reader.append(frames);
  std::vector<std::uint32_t> ids;
  while (const auto frame = reader.next()) {
    const auto message = read_message(*frame, kGoldenNow);
    if (message) ids.push_back(message->transaction_id);
  }
  return ids;
}

TEST(SendQueueOrder, ContactGoesAheadOfBindingsOnly) {
  SendQueue queue(1 << 20);
  const auto push = [&](std::uint32_t id, FailoverMessage::Body body) {
    EXPECT_TRUE(queue.push({.transaction_id = id, .sent_time = kNoTime, .body = std::move(body)}));
  };
  push(1, ConnectReply{});
  push(2, State{.state = EndpointState::kNormal,
                .flags = {},
                .start_time_of_state = kGoldenNow,
                .partner_down_time = kNoTime});
  push(3, BindingReply{});
  push(4, UpdateDone{});
  push(5, Contact{});
  push(6, Contact{});  // one says as much as two
  Octets frames;
  EXPECT_EQ(queue.encode(kGoldenNow, frames).value(), 5U);
  EXPECT_EQ(ids_of(frames), (std::vector<std::uint32_t>{1, 2, 6, 3, 4}));
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.octets(), 0U);
}

TEST(SendQueueOrder, AChunkIsBounded) {
  SendQueue queue(std::size_t{64} << 20);
  for (std::uint32_t i = 0; i < 100; ++i) EXPECT_TRUE(queue.push(binding_reply(i, 10'000)));
  std::size_t count = 0;
  while (!queue.empty()) {
    Octets chunk;
    count += queue.encode(kGoldenNow, chunk).value();
    EXPECT_LT(chunk.size(), SendQueue::kChunkSize + 65537);
  }
  EXPECT_EQ(count, 100U);
}

TEST(SendQueueOrder, IsBounded) {
  SendQueue queue(100'000);
  std::uint32_t count = 0;
  while (count < 1000 && queue.push(binding_reply(count, 10'000))) ++count;
  EXPECT_GE(count, 8U);
  EXPECT_LE(count, 10U);
  EXPECT_TRUE(queue.push(contact(1))) << "always fits";
}

TEST(SendQueueOrder, SaysWhatFitsNoFrame) {
  SendQueue queue(std::size_t{64} << 20);
  const Disconnect endless{
      StatusReport{.code = StatusCode::kUnspecFail, .text = std::string(70'000, 'x')}};
  EXPECT_TRUE(queue.push({.transaction_id = 1, .sent_time = kNoTime, .body = endless}));
  Octets frames;
  EXPECT_EQ(queue.encode(kGoldenNow, frames).error(), MessageType::kDisconnect);
}

TEST(ReadClockPause, TakesTheWaitOut) {
  ReadClock clock;
  const auto at = [](std::int64_t seconds) { return WallTime{1000 + seconds}; };
  EXPECT_EQ(clock.read_at(at(0), at(9)), at(9));
  clock.paused(at(10));
  clock.resumed(at(40));
  EXPECT_EQ(clock.read_at(at(9), at(40)), at(10)) << "was under way when the pause began";
  EXPECT_EQ(clock.read_at(at(25), at(40)), at(25));
  EXPECT_EQ(clock.read_at(at(-90), at(40)), at(10)) << "its clock is wrong all the same";
  EXPECT_EQ(clock.read_at(at(41), at(41)), at(41));
  EXPECT_EQ(clock.read_at(at(25), at(42)), at(42)) << "the pause is over";
  clock.paused(at(50));
  clock.resumed(at(60));
  clock.paused(at(61));
  clock.resumed(at(70));
  EXPECT_EQ(clock.read_at(at(52), at(71)), at(52)) << "two in a row are one";
}

std::chrono::nanoseconds fake_time{0};
std::chrono::nanoseconds read_fake_time() noexcept { return fake_time; }

TEST(StandstillGap, IsToldOnce) {
  using std::chrono::seconds;
  fake_time = seconds(100);
  Standstill standstill(seconds(3), read_fake_time);
  fake_time = seconds(103);
  EXPECT_FALSE(standstill.check().has_value());
  standstill.tick();
  fake_time = seconds(110);
  EXPECT_EQ(standstill.check(), seconds(7));
  EXPECT_FALSE(standstill.check().has_value());
  EXPECT_GT(time_since_boot().count(), 0);
}

TEST(PartnerCounterNames, AreThoseOfTheDocuments) {
  EXPECT_STREQ(name_of(PartnerEvent::kAccept), "fo.accept");
  EXPECT_STREQ(name_of(PartnerEvent::kReconnect), "fo.reconnect");
}

}  // namespace
}  // namespace tandem6
