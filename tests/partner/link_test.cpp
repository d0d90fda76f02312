// Two links over the loopback, in clear: from open to closed (RFC 8156 sections 5.1 and 6.1).
#include <atomic>
#include <thread>

#include "control/failover/message_reader.h"
#include "tests/partner/partner_fixture.h"

namespace tandem6 {
namespace {

/// F-016, F-070, F-086, F-403: in clear only because the settings of both have no TLS.
TEST_F(PartnerTest, MessagesGoBothWays) {
  listen();
  make_primary();
  bring_up();
  EXPECT_EQ(std::get<Connect>(secondary_.connects[0].message.body).parameters.relationship_name,
            kName);
  EXPECT_EQ(secondary_.connects[0].message.transaction_id, 7U);

  secondary_.link->send(1, binding_reply(8));
  primary_.link->send(1, binding_reply(9));
  run_until([this] { return !primary_.received.empty() && !secondary_.received.empty(); });
  EXPECT_EQ(primary_.received[0].message.transaction_id, 8U);
  EXPECT_EQ(secondary_.received[0].message.transaction_id, 9U);
  EXPECT_EQ(primary_.link->counters().messages_sent, 2U);
  EXPECT_EQ(secondary_.link->counters().messages_received, 2U);
  EXPECT_EQ(primary_.link->counters().octets_sent, secondary_.link->counters().octets_received);
}

TEST_F(PartnerTest, DescribesItselfForPeople) {
  listen();
  make_primary();
  EXPECT_EQ(primary_.link->describe(), "no connection");
  bring_up();
  EXPECT_EQ(primary_.link->describe().find("in clear with ::1 for "), 0U)
      << primary_.link->describe();
  EXPECT_EQ(secondary_.link->describe().find("in clear with ::1 for "), 0U);
}

TEST_F(PartnerTest, WorksOverIpv4) {
  PartnerSettings ours = settings(Role::kSecondary);
  ours.local = ours.partner = "127.0.0.1";
  listen(ours);
  ours.endpoint.role = Role::kPrimary;
  make_primary(ours);
  bring_up();
}

/// The primary comes from settings.local, and the secondary knows it by that.
TEST_F(PartnerTest, ThePrimaryConnectsFromItsLocalAddress) {
  PartnerSettings ours = settings(Role::kSecondary);
  ours.local = "127.0.0.1";
  ours.partner = "127.0.0.2";
  listen(ours);
  ours.endpoint.role = Role::kPrimary;
  std::swap(ours.local, ours.partner);
  make_primary(ours);
  bring_up();
}

/// what the sender's clock says when the socket takes it, and the reader's when it is read.
TEST_F(PartnerTest, SentTimeIsThatOfTheWriting) {
  listen();
  make_primary();
  bring_up();
  primary_.link->send(1, binding_reply(1));  // queued now
  now_ = WallTime{kGoldenNow.seconds + 100};
  run_until([this] { return !secondary_.received.empty(); });
  EXPECT_EQ(secondary_.received[0].message.sent_time, now_);
  EXPECT_EQ(secondary_.received[0].read_at, now_);
}

TEST_F(PartnerTest, ClosesAfterWhatWasSentBefore) {
  listen();
  make_primary();
  bring_up();
  for (std::uint32_t i = 0; i < 500; ++i) secondary_.link->send(1, binding_reply(i, 10'000));
  secondary_.link->close(1, "enough");
  EXPECT_TRUE(secondary_.closed.empty()) << "never from inside of a call";
  secondary_.link->send(1, binding_reply(1000));  // too late
  run_until([this] { return !primary_.closed.empty() && !secondary_.closed.empty(); });
  EXPECT_EQ(primary_.received.size(), 500U);
  EXPECT_EQ(primary_.last_why(), "the partner has closed the connection");
  EXPECT_EQ(secondary_.last_why(), "enough");
  EXPECT_EQ(secondary_.closed.size(), 1U);
}

/// Unread octets of the partner's would make a reset of the close, and lose the last message.
TEST_F(PartnerTest, ALastWordArrivesThoughThePartnerIsTalking) {
  listen();
  make_primary();
  bring_up();
  for (std::uint32_t i = 0; i < 300; ++i) primary_.link->send(1, binding_reply(i, 60'000));
  secondary_.link->pause_reading(1, true);
  run_for(std::chrono::milliseconds(50));
  secondary_.link->send(1, {.transaction_id = 77, .sent_time = kNoTime, .body = Disconnect{}});
  secondary_.link->close(1, "enough");
  run_until([this] { return !primary_.closed.empty(); });
  ASSERT_FALSE(primary_.received.empty());
  EXPECT_EQ(primary_.received.back().message.transaction_id, 77U);
}

/// The same, seen from outside: a FIN, and no reset that could overtake it.
TEST_F(PartnerTest, ALastWordIsFollowedByNoReset) {
  listen();
  std::atomic<bool> is_paused = false;
  std::atomic<bool> has_talked = false;
  play_primary(
      [&](RawPeer& peer) {
        peer.send(connect_message(kName));
        while (!is_paused) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        peer.send(framed(binding_reply(1, 60'000)));  // stays unread
        has_talked = true;
        EXPECT_EQ(peer.receive_frame().at(0), static_cast<std::uint8_t>(MessageType::kDisconnect));
        EXPECT_TRUE(peer.ends_politely());
        EXPECT_TRUE(peer.send(contact(2))) << "a reset has come";
      },
      [&] {
        if (secondary_.connects.empty()) return;
        if (!is_paused) secondary_.link->pause_reading(1, true);
        is_paused = true;
        if (!has_talked) return;
        secondary_.link->send(1, {.transaction_id = 7, .sent_time = kNoTime, .body = Disconnect{}});
        secondary_.link->close(1, "enough");
      });
}

TEST_F(PartnerTest, AnOpenThatFailsIsClosed) {
  listen();
  PartnerSettings nobody = settings(Role::kPrimary);
  make_link(primary_, [&] {
    const RawListener gone(kHere);
    nobody.port = gone.port();
    return nobody;
  }());
  primary_.link->open(3);
  EXPECT_TRUE(primary_.closed.empty());
  run_until([this] { return !primary_.closed.empty(); });
  EXPECT_EQ(primary_.closed[0].first, 3U);
  EXPECT_EQ(primary_.last_why(), "the partner cannot be connected to: Connection refused");
  EXPECT_TRUE(primary_.connected.empty());
}

TEST_F(PartnerTest, ALocalAddressThatIsNotThereFailsTheOpen) {
  listen();
  PartnerSettings elsewhere = settings(Role::kPrimary);
  elsewhere.local = "2001:db8::1";
  make_primary(elsewhere);
  primary_.link->open(1);
  EXPECT_TRUE(primary_.closed.empty());
  run_until([this] { return !primary_.closed.empty(); });
  EXPECT_EQ(primary_.last_why().find("the local address 2001:db8::1: "), 0U) << primary_.last_why();
}

TEST_F(PartnerTest, AListenerWaitsForItsAddress) {
  const auto absent = PartnerListener::open(context_, "2001:db8::1", 0, limits_);
  EXPECT_TRUE(absent.has_value()) << absent.error();
  const auto no_interface = PartnerListener::open(context_, "fe80::1%nowhere0", 0, limits_);
  EXPECT_TRUE(no_interface.has_value()) << no_interface.error();
}

TEST_F(PartnerTest, AListenerSaysWhyItCannot) {
  listen();
  const auto taken = PartnerListener::open(context_, kHere, listener_->port(), limits_);
  ASSERT_FALSE(taken.has_value());
  EXPECT_NE(taken.error().find("Address already in use"), std::string::npos) << taken.error();
  const auto nonsense = PartnerListener::open(context_, "b.example", 0, limits_);
  ASSERT_FALSE(nonsense.has_value());
  EXPECT_EQ(nonsense.error(), "\"b.example\" is no numeric address");
  const auto no_scope = PartnerListener::open(context_, "fe80::1", 0, limits_);
  ASSERT_FALSE(no_scope.has_value());
  EXPECT_EQ(no_scope.error(), "fe80::1 is link-local and needs its interface: fe80::1%eth0");
}

TEST_F(PartnerTest, IdsOfTheSecondaryGrow) {
  listen();
  make_primary();
  bring_up();
  primary_.link->close(1, "again");
  run_until([this] { return !secondary_.closed.empty() && !primary_.closed.empty(); });
  primary_.link->open(2);
  run_until([this] { return primary_.connected.size() == 2; });
  primary_.link->send(2, connect_message(kName));
  run_until([this] { return secondary_.connects.size() == 2; });
  EXPECT_EQ(secondary_.connects[1].id, 2U);
  secondary_.link->send(1, binding_reply(1));  // ids that are gone
  secondary_.link->close(1, "gone");
  secondary_.link->pause_reading(9, true);
}

TEST_F(PartnerTest, AnOpenMayBeClosedBeforeItIsUp) {
  listen();
  make_primary();
  primary_.link->open(1);
  primary_.link->open(1);  // once is enough
  primary_.link->send(1, connect_message(kName));
  primary_.link->close(1, "changed my mind");
  run_until([this] { return !primary_.closed.empty(); });
  run_for(std::chrono::milliseconds(20));
  EXPECT_EQ(primary_.closed.size(), 1U);
  EXPECT_EQ(primary_.last_why(), "changed my mind");
  EXPECT_TRUE(primary_.connected.empty() && secondary_.connects.empty());
}

/// A link that goes while a connection of its partner is still the listener's.
TEST_F(PartnerTest, ALinkMayGoBeforeItsListener) {
  listen();
  play_primary(
      [](RawPeer& peer) {
        const Octets frame = framed(connect_message(kName));
        peer.send(Octets(frame.begin(), frame.begin() + 5));
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        peer.send(Octets(frame.begin() + 5, frame.end()));
        EXPECT_TRUE(peer.waits_for_end());
      },
      [this] {
        if (secondary_.link && secondary_.link->counters().octets_received > 0) {
          secondary_.link.reset();
        }
      });
  EXPECT_EQ(secondary_.link, nullptr);
  play_primary([](RawPeer& peer) { EXPECT_TRUE(peer.ends_without_a_word()); });
  EXPECT_EQ(listener_->counters().of(PartnerEvent::kUnlisted), 1U);
}

TEST_F(PartnerTest, AfterStopNothingIsHeard) {
  listen();
  make_primary();
  bring_up();
  secondary_.link->stop();
  run_until([this] { return !primary_.closed.empty(); });
  EXPECT_TRUE(secondary_.closed.empty());
  primary_.link->open(5);
  primary_.link.reset();
  listener_.reset();
  run_for(std::chrono::milliseconds(20));
  EXPECT_EQ(primary_.closed.size(), 1U);
}

/// F-109: by address and name. Two relationships with one partner at one listener.
TEST_F(PartnerTest, TheNamePicksTheRelationship) {
  listen();
  End other;
  PartnerSettings east = settings(Role::kSecondary);
  east.endpoint.relationship_name = "east";
  make_link(other, east);
  listener_->add(*other.link);
  play_primary(
      [](RawPeer& peer) {
        peer.send(connect_message("east"));
        EXPECT_EQ(peer.receive_frame()[0], static_cast<std::uint8_t>(MessageType::kConnectReply));
      },
      [&] {
        if (!other.connects.empty() && other.closed.empty()) {
          other.link->send(1, {.transaction_id = 7, .sent_time = kNoTime, .body = ConnectReply{}});
          other.link->close(1, "done");
        }
      });
  EXPECT_EQ(other.connects.size(), 1U);
  EXPECT_TRUE(secondary_.connects.empty());
}

/// R-41; a name that nobody has, and none where several fit: CONNECTREPLY with 17.
TEST_F(PartnerTest, Row11UnknownOrAmbiguousNameIsAnsweredWith17) {
  listen();
  End other;
  PartnerSettings east = settings(Role::kSecondary);
  east.endpoint.relationship_name = "east";
  make_link(other, east);
  listener_->add(*other.link);
  for (const char* name : {"north", ""}) {
    play_primary([&](RawPeer& peer) {
      peer.send(connect_message(name, 0x123456));
      const auto reply = read_message(peer.receive_frame(), kGoldenNow);
      ASSERT_TRUE(reply.has_value());
      EXPECT_EQ(reply->transaction_id, 0x123456U);
      const auto& body = std::get<ConnectReply>(reply->body);
      ASSERT_TRUE(body.refusal.has_value());
      EXPECT_EQ(body.refusal->code, StatusCode::kConfigurationConflict);
      EXPECT_TRUE(peer.waits_for_end());
    });
  }
  EXPECT_EQ(secondary_.count_of(PartnerEvent::kSequence), 2U);
  EXPECT_TRUE(secondary_.connects.empty() && other.connects.empty());
}

TEST_F(PartnerTest, WithoutANameTheOnlyRelationshipIsMeant) {
  listen();
  play_primary([](RawPeer& peer) { peer.send(connect_message("")); });
  run_until([this] { return !secondary_.connects.empty(); });
}

}  // namespace
}  // namespace tandem6
