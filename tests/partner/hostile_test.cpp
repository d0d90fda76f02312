// What a partner, or somebody at its address, must not be able to do: the rows of the table of bad
// input for TCP 647 that are seen before the endpoint. Each test names its row by its counter.
#include <openssl/ssl.h>

#include <random>
#include <thread>

#include "control/partner/start_tls.h"
#include "tests/partner/partner_fixture.h"

namespace tandem6 {
namespace {

using std::chrono::milliseconds;

constexpr auto kShort = milliseconds(150);

/// F-408: none of it uses up the server.
class HostileTest : public PartnerTest {
 protected:
  /// Sends it as the first thing and expects the end without an answer.
  void expect_end_after(const Octets& octets) {
    play_primary([&](RawPeer& peer) {
      peer.send(octets);
      EXPECT_TRUE(peer.ends_without_a_word());
    });
  }
  /// The same behind a CONNECT that was taken.
  void expect_end_after_connect(const Octets& octets) {
    const std::size_t closed_before = secondary_.closed.size();
    play_primary([&](RawPeer& peer) {
      peer.send(framed(connect_message(kName)) + octets);
      EXPECT_TRUE(peer.ends_without_a_word());
    });
    run_until([&] { return secondary_.closed.size() > closed_before; });
  }
  [[nodiscard]] std::uint64_t count(PartnerEvent event) const { return secondary_.count_of(event); }
};

Octets octets_of(const std::string& text) { return {text.begin(), text.end()}; }
Octets header(MessageType type) {
  return {static_cast<std::uint8_t>(type), 0, 0, 1, 0x33, 0, 0, 0};
}

/// fo.unlisted (F-088): no octet is read or sent.
TEST_F(HostileTest, UnlistedAddressIsClosedAtOnce) {
  PartnerSettings ours = settings(Role::kSecondary);
  ours.local = "127.0.0.1";
  ours.partner = "127.0.0.2";
  listen(ours);
  std::string unlisted;
  listener_->on_unlisted([&](std::string from) { unlisted = std::move(from); });
  play([port = listener_->port()] {
    RawPeer peer("127.0.0.3", "127.0.0.1", port);
    peer.send(connect_message(kName));
    EXPECT_TRUE(peer.ends_without_a_word());
  });
  EXPECT_EQ(listener_->counters().of(PartnerEvent::kUnlisted), 1U);
  EXPECT_EQ(listener_->counters().of(PartnerEvent::kAccept), 1U);
  EXPECT_EQ(secondary_.link->counters().octets_received, 0U);
  EXPECT_EQ(unlisted, "127.0.0.3");
}

/// fo.conn_cap (F-406): one live and one starting; the live one stays.
TEST_F(HostileTest, ThirdConnectionIsClosedAndTheLiveOneStays) {
  listen();
  make_primary();
  bring_up();
  play([this, port = listener_->port()] {
    RawPeer starting(kHere, kHere, port);
    RawPeer third(kHere, kHere, port);
    EXPECT_TRUE(third.ends_without_a_word());
    starting.send(connect_message(kName));
    for (int i = 0; i < 2000 && secondary_.connect_count < 2; ++i) {
      std::this_thread::sleep_for(milliseconds(5));
    }
  });
  EXPECT_EQ(secondary_.connects.size(), 2U);
  EXPECT_EQ(count(PartnerEvent::kConnCap), 1U);
  primary_.link->send(1, binding_reply(1));
  run_until([this] { return !secondary_.received.empty(); });
  EXPECT_EQ(secondary_.received[0].id, 1U);
}

/// fo.conn_cap: a partner that connects anew each time, while the endpoint closes nothing.
TEST_F(HostileTest, LiveConnectionsDoNotPileUp) {
  listen();
  play([this, port = listener_->port()] {
    std::vector<std::unique_ptr<RawPeer>> peers;
    for (unsigned i = 1; i <= 3; ++i) {
      peers.push_back(std::make_unique<RawPeer>(kHere, kHere, port));
      peers.back()->send(connect_message(kName));
      while (i < 3 && secondary_.connect_count < i) std::this_thread::yield();
    }
    EXPECT_TRUE(peers.back()->ends_without_a_word());
  });
  EXPECT_EQ(secondary_.connects.size(), 2U);
  EXPECT_EQ(count(PartnerEvent::kConnCap), 1U);
  ASSERT_FALSE(secondary_.refused.empty());
  EXPECT_EQ(secondary_.refused.back(), "a connection more than the relationship needs");
}

/// fo.deadline: silence before the first message.
TEST_F(HostileTest, SilenceEndsAConnection) {
  limits_.first_message_time_max = kShort;
  listen();
  expect_end_after({});
  EXPECT_EQ(count(PartnerEvent::kDeadline), 1U);
}

/// fo.deadline: octets that trickle in do not extend it.
TEST_F(HostileTest, SlowLorisEndsAtTheSameDeadline) {
  limits_.first_message_time_max = kShort;
  listen();
  play_primary([](RawPeer& peer) {
    const Octets message = framed(connect_message(kName, 7));
    std::size_t sent = 0;
    while (sent + 1 < message.size() && peer.send(Octets{message[sent]})) {
      ++sent;
      std::this_thread::sleep_for(milliseconds(20));
    }
    EXPECT_LT(sent + 1, message.size());
  });
  EXPECT_EQ(count(PartnerEvent::kDeadline), 1U);
  EXPECT_TRUE(secondary_.connects.empty());
}

/// fo.deadline (F-131): a live connection without a whole message, though with octets.
TEST_F(HostileTest, ALiveConnectionWithoutAWholeMessageEnds) {
  limits_.idle_time_max = kShort;
  listen();
  play_primary([](RawPeer& peer) {
    peer.send(framed(connect_message(kName)) + Octets{0xff, 0xff, 25});
    for (int i = 0; i < 1000 && peer.send(Octets{0}); ++i) {
      std::this_thread::sleep_for(milliseconds(10));
    }
    EXPECT_TRUE(peer.waits_for_end());
  });
  run_until([this] { return !secondary_.closed.empty(); });
  EXPECT_EQ(secondary_.last_why(), "no whole message came for too long");
  EXPECT_EQ(count(PartnerEvent::kDeadline), 1U);
}

/// fo.frame (F-014): shorter than its header, empty, options past its end; nothing is applied.
TEST_F(HostileTest, BrokenFramesEndAConnection) {
  listen();
  expect_end_after_connect({0, 7, 25, 0, 0, 1, 0, 0, 0});
  expect_end_after_connect({0, 0});
  expect_end_after_connect(framed(header(MessageType::kBndReply) + Octets{0, 13, 0, 9, 0, 1}));
  EXPECT_EQ(count(PartnerEvent::kFrame), 3U);
  EXPECT_TRUE(secondary_.received.empty());
  // As the first message as well.
  expect_end_after({0, 7, 31, 0, 0, 1, 0, 0, 0});
  expect_end_after({0, 0});
  EXPECT_EQ(count(PartnerEvent::kFrame), 5U);
}

/// fo.deadline: the frame is as long as can be, and does not come.
TEST_F(HostileTest, AnAnnouncedLengthThatDoesNotComeEndsAtTheDeadline) {
  limits_.first_message_time_max = kShort;
  listen();
  expect_end_after(Octets{0xff, 0xff, 31, 0, 0, 1});
  EXPECT_EQ(count(PartnerEvent::kDeadline), 1U);
}

/// fo.garbage: at the type octet, long before the frame is whole.
TEST_F(HostileTest, GarbageIsClosedAtItsTypeOctet) {
  listen();
  expect_end_after(octets_of("GET / HTTP/1.1\r\n"));
  expect_end_after({0x16, 0x03, 0x01, 0x02, 0x00});  // a TLS record: a frame of 5635 octets
  expect_end_after({0xff, 0xff, 1});
  expect_end_after({0xff, 0xff, 0});
  EXPECT_EQ(count(PartnerEvent::kGarbage), 4U);
}

/// fo.sequence: anything of failover before the CONNECT.
TEST_F(HostileTest, AMessageBeforeTheConnectEnds) {
  listen();
  expect_end_after({0xff, 0xff, static_cast<std::uint8_t>(MessageType::kState)});
  expect_end_after(framed(header(MessageType::kContact)));
  EXPECT_EQ(count(PartnerEvent::kSequence), 2U);
}

/// fo.sequence: client types, a second CONNECT, the wrong role.
TEST_F(HostileTest, MessagesThatMayNotComeEndALiveConnection) {
  listen();
  expect_end_after_connect({0, 99, static_cast<std::uint8_t>(MessageType::kSolicit)});
  expect_end_after_connect(framed(Octets{static_cast<std::uint8_t>(MessageType::kReply), 0, 0, 1}));
  expect_end_after_connect(framed(connect_message(kName)));
  expect_end_after_connect({0, 99, static_cast<std::uint8_t>(MessageType::kConnectReply)});
  EXPECT_EQ(count(PartnerEvent::kSequence), 4U);
  EXPECT_EQ(secondary_.connects.size(), 4U);
}

/// fo.sequence: the primary opens connections and takes no CONNECT (F-082).
TEST_F(HostileTest, AConnectToThePrimaryEnds) {
  const RawListener listener(kHere);
  PartnerSettings ours = settings(Role::kPrimary);
  ours.port = listener.port();
  make_link(primary_, ours);
  primary_.link->open(1);
  play([&] {
    RawPeer peer(listener.accept());
    peer.send(connect_message(kName));
    EXPECT_TRUE(peer.waits_for_end());
  });
  run_until([this] { return !primary_.closed.empty(); });
  EXPECT_EQ(primary_.last_why(), "a CONNECT to the primary");
  EXPECT_EQ(primary_.count_of(PartnerEvent::kSequence), 1U);
}

/// fo.unknown (F-010, F-035): types of tomorrow and values of forms that they cannot have. An
/// authentication option (11) is not looked at (F-407).
TEST_F(HostileTest, WhatIsUnknownIsSkipped) {
  listen();
  play_primary(
      [](RawPeer& peer) {
        peer.send(framed(connect_message(kName)) + framed(Octets{36, 0, 0, 1, 1, 2, 3}) +
                  framed(Octets{0, 0, 0, 1}) + framed(Octets{255, 0, 0, 1}) +
                  framed(header(MessageType::kState) + encoded_option(132, {1, 2})) +
                  framed(header(MessageType::kContact) + encoded_option(11, {3, 1, 0})) +
                  framed(binding_reply(5)));
        EXPECT_TRUE(peer.waits_for_end());
      },
      [this] {
        if (secondary_.received.size() == 2) secondary_.link->close(1, "done");
      });
  EXPECT_EQ(count(PartnerEvent::kUnknown), 4U);
  EXPECT_EQ(secondary_.received.at(1).message.transaction_id, 5U);
  EXPECT_EQ(secondary_.link->counters().messages_received, 7U);
}

/// fo.tls (F-077): STARTTLS in insecure mode is refused with 15, its options are not looked at
/// (F-069).
TEST_F(HostileTest, StartTlsInInsecureModeIsRefused) {
  listen();
  play_primary([](RawPeer& peer) {
    peer.send(framed(Octets{23, 1, 2, 3, 0, 13, 0xff, 0xff, 7}));
    const Octets reply = peer.receive_frame();
    ASSERT_GE(reply.size(), 10U);
    EXPECT_EQ(Octets(reply.begin(), reply.begin() + 4), (Octets{7, 1, 2, 3}));
    EXPECT_EQ(Octets(reply.begin() + 8, reply.begin() + 10), (Octets{0, 15}));
    EXPECT_TRUE(peer.ends_without_a_word());
  });
  EXPECT_EQ(count(PartnerEvent::kTls), 1U);
}

/// fo.tls: STARTTLS when the connection is up.
TEST_F(HostileTest, StartTlsTooLateEnds) {
  listen();
  expect_end_after_connect(start_tls_frame(1));
  EXPECT_EQ(count(PartnerEvent::kTls), 1U);
}

/// fo.reconnect: the part of a frame is thrown away.
TEST_F(HostileTest, AResetInMidFrameIsTheEndOfIt) {
  listen();
  play_primary([this](RawPeer& peer) {
    peer.send(framed(connect_message(kName)) + Octets{0, 99, 25, 1, 2});
    while (secondary_.connect_count == 0) std::this_thread::sleep_for(milliseconds(1));
    peer.reset();
  });
  run_until([this] { return !secondary_.closed.empty(); });
  EXPECT_NE(secondary_.last_why().find("in the middle of a message"), std::string::npos)
      << secondary_.last_why();
  EXPECT_EQ(count(PartnerEvent::kReconnect), 1U);
  EXPECT_TRUE(secondary_.received.empty());
}

TEST_F(HostileTest, AnEndInMidFrameIsTheEndOfIt) {
  listen();
  play_primary([](RawPeer& peer) {
    peer.send(framed(connect_message(kName)) + framed(binding_reply(1)) + Octets{0, 99, 25, 1});
    peer.end_writing();
    EXPECT_TRUE(peer.ends_without_a_word());
  });
  run_until([this] { return !secondary_.closed.empty(); });
  EXPECT_EQ(secondary_.last_why(),
            "the partner has closed the connection, in the middle of a message");
  EXPECT_EQ(secondary_.received.size(), 1U);
}

/// F-013: any cut of the stream.
TEST_F(HostileTest, FramesComeOctetByOctet) {
  listen();
  play_primary([this](RawPeer& peer) {
    for (const std::uint8_t octet : framed(connect_message(kName)) + framed(binding_reply(4))) {
      peer.send(Octets{octet});
      std::this_thread::sleep_for(milliseconds(1));
    }
    for (int i = 0; i < 2000 && secondary_.received_count == 0; ++i) {
      std::this_thread::sleep_for(milliseconds(5));
    }
  });
  EXPECT_EQ(secondary_.received.size(), 1U);
}

/// Good messages with octets changed, dropped and repeated, in any cut, before and behind the
/// CONNECT: each connection comes to its end, and the next one is served.
TEST_F(HostileTest, NoStreamOfOctetsIsTooMuch) {
  listen();
  const auto damaged = [](std::mt19937& random) {
    Octets stream = framed(connect_message(kName));
    const std::size_t first = random() % 4 == 0 ? 0 : stream.size();  // mostly behind it
    for (std::uint32_t i = 0; i < 5; ++i) {
      stream = stream + framed(binding_reply(i, random() % 300)) + framed(contact(i)) +
               framed(header(MessageType::kState) + encoded_option(132, {1}));
    }
    for (unsigned i = random() % 6; i > 0; --i) {
      const std::size_t at = first + random() % (stream.size() - first);
      if (random() % 3 != 0) {
        stream[at] = static_cast<std::uint8_t>(random());
      } else {
        stream.erase(stream.begin() + static_cast<std::ptrdiff_t>(at));
      }
    }
    return stream;
  };
  play([&, port = listener_->port()] {
    for (unsigned seed = 0; seed < 300; ++seed) {
      std::mt19937 random(seed);
      RawPeer peer(kHere, kHere, port);
      const Octets stream = damaged(random);
      const std::size_t cut = random() % stream.size();
      const auto middle = stream.begin() + static_cast<std::ptrdiff_t>(cut);
      peer.send(Octets(stream.begin(), middle));
      peer.send(Octets(middle, stream.end()));
      peer.end_writing();
      EXPECT_TRUE(peer.waits_for_end()) << seed;
    }
  });
  EXPECT_GT(secondary_.received.size(), 100U);
  play_primary([](RawPeer& peer) { peer.send(connect_message(kName)); });
}

/// The longest frame that there is, many times.
TEST_F(HostileTest, FramesOf65535Octets) {
  constexpr std::size_t kTextSize = 65535 - 8 - 4 - 2;
  const Disconnect longest{
      StatusReport{.code = StatusCode::kUnspecFail, .text = std::string(kTextSize, 'x')}};
  const FailoverMessage message{.transaction_id = 1, .sent_time = kNoTime, .body = longest};
  ASSERT_EQ(framed(message).size(), 65537U);
  listen();
  make_primary();
  bring_up();
  for (int i = 0; i < 50; ++i) {
    primary_.link->send(1, FailoverMessage(message));
    secondary_.link->send(1, FailoverMessage(message));
  }
  run_until([this] { return primary_.received.size() == 50 && secondary_.received.size() == 50; });
  EXPECT_EQ(std::get<Disconnect>(primary_.received[49].message.body).status->text.size(),
            kTextSize);
  EXPECT_EQ(primary_.link->counters().octets_received, 50U * 65537U);
}

}  // namespace
}  // namespace tandem6
