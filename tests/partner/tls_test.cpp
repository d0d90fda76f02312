// STARTTLS and TLS between partners (RFC 7653 sections 8.2 and 9.1, RFC 9325). The rows of the
// table of bad input that count as fo.tls are named so.
#include <openssl/ssl.h>

#include <filesystem>
#include <thread>

#include "control/partner/start_tls.h"
#include "tests/partner/certificates.h"
#include "tests/partner/partner_fixture.h"

namespace tandem6 {
namespace {

class TlsTest : public PartnerTest {
 protected:
  TlsTest() {
    ca_.issue("a", {.subject_alt_name = "DNS:a.example"});
    ca_.issue("b", {.subject_alt_name = "DNS:b.example,IP:::1"});
  }

  /// The primary is a.example, the secondary b.example.
  [[nodiscard]] PartnerSettings secure(Role role) const {
    PartnerSettings secured = settings(role);
    secured.tls =
        role == Role::kPrimary ? ca_.settings("a", "b.example") : ca_.settings("b", "a.example");
    return secured;
  }
  void make_pair() { make_pair(secure(Role::kPrimary), secure(Role::kSecondary)); }
  void make_pair(const PartnerSettings& primary, const PartnerSettings& secondary) {
    listen(secondary);
    make_primary(primary);
  }
  /// The primary's open comes to nothing; under TLS 1.3 it may hear of it only after `connected`.
  void expect_failure() {
    primary_.link->open(1);
    run_until([this] { return !primary_.closed.empty(); });
    EXPECT_TRUE(secondary_.connects.empty());
    EXPECT_EQ(primary_.count_of(PartnerEvent::kTls), 1U) << primary_.last_why();
    run_until([this] { return secondary_.count_of(PartnerEvent::kTls) > 0; });
  }
  /// A link of the primary that talks to a raw secondary.
  void open_to(const RawListener& listener) {
    PartnerSettings ours = secure(Role::kPrimary);
    ours.port = listener.port();
    make_link(primary_, ours);
    primary_.link->open(1);
  }
  void expect_closed_because(const std::string& why) {
    run_until([this] { return !primary_.closed.empty(); });
    EXPECT_EQ(primary_.last_why(), why);
    EXPECT_TRUE(primary_.connected.empty());
    EXPECT_EQ(primary_.count_of(PartnerEvent::kTls), 1U);
  }

  const CertificateFolder folder_;
  const Authority ca_{folder_, "ca"};
};

/// F-009, F-017, F-071, F-073 to F-075, F-078.
TEST_F(TlsTest, MessagesGoBothWaysInTls) {
  make_pair();
  bring_up();
  for (std::uint32_t i = 0; i < 100; ++i) {
    secondary_.link->send(1, binding_reply(i, 60'000));
    primary_.link->send(1, binding_reply(i, 60'000));
  }
  run_until(
      [this] { return primary_.received.size() == 100 && secondary_.received.size() == 100; });
  for (std::uint32_t i = 0; i < 100; ++i) {
    ASSERT_EQ(primary_.received[i].message.transaction_id, i);
    ASSERT_EQ(secondary_.received[i].message.transaction_id, i);
  }
  EXPECT_EQ(primary_.link->describe().find("TLSv1.3 with ::1 for "), 0U);
  EXPECT_NE(primary_.link->describe().find("b.example"), std::string::npos);
  EXPECT_GT(primary_.link->counters().octets_sent, 100U * 60'000U);
}

TEST_F(TlsTest, TheLastWordArrivesInTls) {
  make_pair();
  bring_up();
  secondary_.link->send(1, binding_reply(8));
  secondary_.link->close(1, "enough");
  run_until([this] { return !primary_.closed.empty() && !secondary_.closed.empty(); });
  EXPECT_EQ(primary_.received.size(), 1U);
  EXPECT_EQ(primary_.last_why(), "the partner has closed the connection");
}

/// A certificate may be for an address; which one says what is numeric.
TEST_F(TlsTest, ThePartnersNameMayBeAnAddress) {
  PartnerSettings primary = secure(Role::kPrimary);
  primary.tls->partner_name = "::1";
  make_pair(primary, secure(Role::kSecondary));
  bring_up();
}

/// F-404: 1.2 with ECDHE and AEAD is spoken, nothing older.
TEST_F(TlsTest, Version12IsSpokenAndNothingOlder) {
  listen(secure(Role::kSecondary));
  const TlsSettings ours = ca_.settings("a", "");
  play_primary([&](RawPeer& peer) {
    ASSERT_TRUE(peer.start_tls(ours, TLS1_2_VERSION));
    EXPECT_STREQ(SSL_get_version(peer.session()), "TLSv1.2");
    EXPECT_EQ(std::string(SSL_get_cipher(peer.session())).find("ECDHE-ECDSA-"), 0U);
    peer.send(connect_message(kName));
    while (secondary_.connect_count == 0) std::this_thread::yield();
  });
  play_primary([&](RawPeer& peer) { EXPECT_FALSE(peer.start_tls(ours, TLS1_1_VERSION)); });
  run_until([this] { return secondary_.count_of(PartnerEvent::kTls) == 1; });
}

TEST_F(TlsTest, ThePrimarySpeaksVersion12AndNothingOlder) {
  const TlsSettings theirs = ca_.settings("b", "");
  for (const int version : {TLS1_2_VERSION, TLS1_1_VERSION}) {
    const RawListener listener(kHere);
    open_to(listener);
    bool is_up = false;
    play([&] {
      RawPeer peer(listener.accept());
      is_up = peer.serve_tls(theirs, version);
    });
    EXPECT_EQ(is_up, version == TLS1_2_VERSION);
    if (is_up) run_until([this] { return !primary_.connected.empty(); });
    primary_.link.reset();
  }
}

/// fo.tls: renegotiation.
TEST_F(TlsTest, RenegotiationIsRefused) {
  listen(secure(Role::kSecondary));
  play_primary([&](RawPeer& peer) {
    ASSERT_TRUE(peer.start_tls(ca_.settings("a", ""), TLS1_2_VERSION));
    peer.send(connect_message(kName));
    SSL_renegotiate(peer.session());
    EXPECT_NE(SSL_do_handshake(peer.session()), 1);
  });
  run_until([this] { return !secondary_.connects.empty(); });
}

/// fo.tls, F-074: the secondary's certificate.
TEST_F(TlsTest, ThePrimaryRefusesAnotherCa) {
  const Authority other(folder_, "other");
  PartnerSettings primary = secure(Role::kPrimary);
  primary.tls->ca = folder_.path("other.pem");
  make_pair(primary, secure(Role::kSecondary));
  expect_failure();
  EXPECT_EQ(primary_.last_why(), "the partner's certificate is not signed by our CA");
  EXPECT_TRUE(primary_.connected.empty());
}

TEST_F(TlsTest, ThePrimaryRefusesAnExpiredCertificate) {
  ca_.issue("b", {.subject_alt_name = "DNS:b.example", .begins = -7200, .ends = -3600});
  make_pair();
  expect_failure();
  EXPECT_EQ(primary_.last_why().find("the partner's certificate expired on 20"), 0U)
      << primary_.last_why();
}

TEST_F(TlsTest, ThePrimaryRefusesACertificateOfTomorrow) {
  ca_.issue("b", {.subject_alt_name = "DNS:b.example", .begins = 1800, .ends = 3600});
  make_pair();
  expect_failure();
  EXPECT_EQ(primary_.last_why().find("the partner's certificate is not valid before 20"), 0U)
      << primary_.last_why();
}

TEST_F(TlsTest, ThePrimaryRefusesAWrongName) {
  PartnerSettings primary = secure(Role::kPrimary);
  primary.tls->partner_name = "c.example";
  make_pair(primary, secure(Role::kSecondary));
  expect_failure();
  EXPECT_EQ(primary_.last_why(),
            "the partner's certificate is for b.example, ::1, not for c.example");
}

TEST_F(TlsTest, ThePrimaryRefusesAWrongAddress) {
  PartnerSettings primary = secure(Role::kPrimary);
  primary.tls->partner_name = "2001:db8::2";
  make_pair(primary, secure(Role::kSecondary));
  expect_failure();
  EXPECT_EQ(primary_.last_why(),
            "the partner's certificate is for b.example, ::1, not for 2001:db8::2");
}

TEST_F(TlsTest, ASubjectIsNoName) {
  ca_.issue("b", {.subject_alt_name = ""});
  PartnerSettings primary = secure(Role::kPrimary);
  primary.tls->partner_name = "b";  // its common name
  make_pair(primary, secure(Role::kSecondary));
  expect_failure();
  EXPECT_EQ(primary_.last_why(),
            "the partner's certificate is for /CN=b without a DNS name or an address, not for b");
}

/// fo.tls, F-080, F-081, F-405: the primary's certificate. Under 1.3 the primary hears of it late.
TEST_F(TlsTest, TheSecondaryRefusesAnotherCa) {
  const Authority other(folder_, "other");
  PartnerSettings secondary = secure(Role::kSecondary);
  secondary.tls->ca = folder_.path("other.pem");
  make_pair(secure(Role::kPrimary), secondary);
  expect_failure();
  EXPECT_EQ(primary_.last_why(), "the partner ends TLS: tlsv1 alert unknown ca");
}

TEST_F(TlsTest, TheSecondaryRefusesAWrongName) {
  PartnerSettings secondary = secure(Role::kSecondary);
  secondary.tls->partner_name = "c.example";
  make_pair(secure(Role::kPrimary), secondary);
  expect_failure();
  EXPECT_EQ(primary_.last_why().find("the partner ends TLS: "), 0U) << primary_.last_why();
}

TEST_F(TlsTest, TheSecondaryRefusesAnExpiredCertificate) {
  ca_.issue("a", {.subject_alt_name = "DNS:a.example", .begins = -7200, .ends = -3600});
  make_pair();
  expect_failure();
  EXPECT_NE(primary_.last_why().find("certificate expired"), std::string::npos)
      << primary_.last_why();
}

TEST_F(TlsTest, TheSecondaryRefusesWhoShowsNoCertificate) {
  listen(secure(Role::kSecondary));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsSettings none = ca_.settings("a", "");
    none.certificate.clear();
    play_primary([&](RawPeer& peer) {
      peer.start_tls(none, version);
      peer.send(connect_message(kName));
      EXPECT_TRUE(peer.waits_for_end());
    });
  }
  run_until([this] { return secondary_.refused.size() == 2; });
  ASSERT_FALSE(secondary_.refused.empty());
  EXPECT_EQ(secondary_.refused.back(), "the partner shows no certificate");
  EXPECT_EQ(secondary_.count_of(PartnerEvent::kTls), 2U);
  EXPECT_TRUE(secondary_.connects.empty());
}

// --- STARTTLS.

/// fo.tls, F-079: a CONNECT in clear, closed at its type octet.
TEST_F(TlsTest, PlainConnectInSecureModeEnds) {
  listen(secure(Role::kSecondary));
  play_primary([](RawPeer& peer) {
    peer.send(Octets{0, 200, 31});
    EXPECT_TRUE(peer.ends_without_a_word());
  });
  EXPECT_EQ(secondary_.count_of(PartnerEvent::kTls), 1U);
}

/// fo.garbage and fo.sequence in secure mode.
TEST_F(TlsTest, WhatIsNotStartTlsEnds) {
  listen(secure(Role::kSecondary));
  for (const Octets& octets :
       {Octets{0x16, 0x03, 0x01, 0x02, 0x00}, Octets{'G', 'E', 'T', ' '}, Octets{0, 9, 34}}) {
    play_primary([&](RawPeer& peer) {
      peer.send(octets);
      EXPECT_TRUE(peer.ends_without_a_word());
    });
  }
  EXPECT_EQ(secondary_.count_of(PartnerEvent::kGarbage), 2U);
  EXPECT_EQ(secondary_.count_of(PartnerEvent::kSequence), 1U);
}

/// fo.tls: what follows STARTTLS in clear must not count as said in TLS.
TEST_F(TlsTest, NothingMayFollowStartTls) {
  listen(secure(Role::kSecondary));
  play_primary([](RawPeer& peer) {
    peer.send(start_tls_frame(1) + start_tls_frame(2));
    EXPECT_TRUE(peer.waits_for_end());
  });
  play_primary([](RawPeer& peer) {
    peer.send(start_tls_frame(1) + framed(connect_message(kName)));
    EXPECT_TRUE(peer.waits_for_end());
  });
  run_until([this] { return secondary_.count_of(PartnerEvent::kTls) == 2; });
  EXPECT_TRUE(secondary_.connects.empty());
}

/// fo.tls: STARTTLS twice, the second time in TLS.
TEST_F(TlsTest, StartTlsInsideOfTlsEnds) {
  listen(secure(Role::kSecondary));
  play_primary([&](RawPeer& peer) {
    ASSERT_TRUE(peer.start_tls(ca_.settings("a", ""), TLS1_3_VERSION));
    peer.send(start_tls_frame(2));
    EXPECT_TRUE(peer.waits_for_end());
  });
  EXPECT_EQ(secondary_.count_of(PartnerEvent::kTls), 1U);
}

/// F-069: options are not looked at.
TEST_F(TlsTest, StartTlsWithOptionsIsStartTls) {
  listen(secure(Role::kSecondary));
  play_primary([&](RawPeer& peer) {
    peer.send(framed(Octets{23, 1, 2, 3, 0, 13, 0xff}));
    EXPECT_EQ(peer.receive_frame(), (Octets{7, 1, 2, 3}));
    ASSERT_TRUE(peer.shake_hands(ca_.settings("a", ""), TLS1_3_VERSION, false));
  });
}

/// fo.tls: garbage in the handshake.
TEST_F(TlsTest, GarbageInTheHandshakeEnds) {
  listen(secure(Role::kSecondary));
  for (const char* garbage : {"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x03\x00\x0bxxxxxxxxxxx"}) {
    play_primary([&](RawPeer& peer) {
      peer.send(start_tls_frame(1));
      EXPECT_EQ(peer.receive_frame().size(), 4U);
      peer.send(Octets(garbage, garbage + 16));
      EXPECT_TRUE(peer.waits_for_end());
    });
  }
  EXPECT_EQ(secondary_.count_of(PartnerEvent::kTls), 2U);
}

/// fo.deadline: in each step of TLS.
TEST_F(TlsTest, SilenceBeforeAndInTheHandshakeEnds) {
  limits_.start_time_max = std::chrono::milliseconds(150);
  listen(secure(Role::kSecondary));
  play_primary([](RawPeer& peer) { EXPECT_TRUE(peer.ends_without_a_word()); });
  play_primary([](RawPeer& peer) {
    peer.send(start_tls_frame(1));
    EXPECT_TRUE(peer.waits_for_end());
  });
  EXPECT_EQ(secondary_.count_of(PartnerEvent::kDeadline), 2U);
}

/// F-072: no answer, a close or a refusal is the end; nothing else was said in clear.
TEST_F(TlsTest, ThePrimaryNeverFallsBack) {
  limits_.start_time_max = std::chrono::milliseconds(300);
  const RawListener listener(kHere);
  const auto play_secondary = [&](const Octets& answer, bool is_end) {
    primary_.closed.clear();
    open_to(listener);
    play([&] {
      RawPeer peer(listener.accept());
      EXPECT_EQ(peer.receive_frame(), (Octets{23, 0, 0, 1}));
      peer.send(answer);
      if (is_end) peer.end_writing();
      EXPECT_TRUE(peer.ends_without_a_word());
    });
    run_until([this] { return !primary_.closed.empty(); });
    EXPECT_TRUE(primary_.connected.empty());
    return primary_.last_why();
  };
  EXPECT_EQ(play_secondary({}, false), "STARTTLS was not answered in time");
  EXPECT_EQ(play_secondary({}, true),
            "the partner closes on STARTTLS; it may be configured without TLS");
  EXPECT_EQ(
      play_secondary(
          start_tls_reply_frame(1, StatusReport{StatusCode::kTlsConnectionRefused, "no"}), false),
      "the partner refuses TLS: TLSConnectionRefused, no");
  EXPECT_EQ(play_secondary(framed(connect_message(kName)), false),
            "STARTTLS is answered by something that is no REPLY");
  EXPECT_EQ(play_secondary(framed(Octets{7, 0, 0, 1, 0, 13, 0, 9}), false),
            "the REPLY to STARTTLS is cut off");
  EXPECT_EQ(
      play_secondary(start_tls_reply_frame(1, std::nullopt) + framed(binding_reply(1)), false),
      "something follows the REPLY to STARTTLS in clear");
}

/// a status of Success means go ahead as well.
TEST_F(TlsTest, AReplyWithSuccessMeansGoAhead) {
  const RawListener listener(kHere);
  open_to(listener);
  play([&] {
    RawPeer peer(listener.accept());
    EXPECT_EQ(peer.receive_frame(), (Octets{23, 0, 0, 1}));
    peer.send(start_tls_reply_frame(1, StatusReport{}));
    EXPECT_TRUE(peer.shake_hands(ca_.settings("b", ""), TLS1_3_VERSION, true));
  });
  run_until([this] { return !primary_.connected.empty(); });
}

/// No relationship with TLS is reached by a connection in clear, though both have one partner.
TEST_F(TlsTest, ARelationshipWithTlsIsNotReachedInClear) {
  listen();
  End other;
  PartnerSettings east = secure(Role::kSecondary);
  east.endpoint.relationship_name = "east";
  make_link(other, east);
  listener_->add(*other.link);
  play_primary([](RawPeer& peer) {
    peer.send(connect_message("east"));
    EXPECT_EQ(peer.receive_frame().at(0), 32);
    EXPECT_TRUE(peer.waits_for_end());
  });
  EXPECT_TRUE(other.connects.empty());
  EXPECT_EQ(secondary_.count_of(PartnerEvent::kSequence), 1U);
}

// --- Certificates in files.

TEST_F(TlsTest, ReloadTakesNewCertificatesForNewConnections) {
  make_pair();
  bring_up();
  ca_.issue("b", {.subject_alt_name = "DNS:other.example"});
  ASSERT_TRUE(secondary_.link->reload_tls().has_value());
  secondary_.link->send(1, binding_reply(1));  // the old connection goes on
  run_until([this] { return !primary_.received.empty(); });
  primary_.link->open(2);
  run_until([this] { return !primary_.closed.empty(); });
  EXPECT_EQ(primary_.closed[0].first, 2U);
  EXPECT_EQ(primary_.last_why(),
            "the partner's certificate is for other.example, not for b.example");
}

TEST_F(TlsTest, AFaultOfAReloadKeepsTheOldOnes) {
  make_pair();
  ca_.issue("c", {.subject_alt_name = "DNS:c.example"});
  std::filesystem::copy_file(folder_.path("c.key"), folder_.path("a.key"),
                             std::filesystem::copy_options::overwrite_existing);
  const auto reloaded = primary_.link->reload_tls();
  ASSERT_FALSE(reloaded.has_value());
  EXPECT_EQ(reloaded.error(), "the key " + folder_.path("a.key") + ": key values mismatch");
  bring_up();
}

/// Nobody is there to be asked for a passphrase.
TEST_F(TlsTest, AnEncryptedKeyIsAFault) {
  make_pair();
  ca_.encrypt_key("a");
  const auto reloaded = primary_.link->reload_tls();
  ASSERT_FALSE(reloaded.has_value());
  EXPECT_EQ(reloaded.error().find("the key " + folder_.path("a.key") + ": "), 0U)
      << reloaded.error();
}

TEST_F(TlsTest, APartnerNameThatIsNoneIsAFault) {
  PartnerSettings primary = secure(Role::kPrimary);
  primary.tls->partner_name = "";
  make_pair(primary, secure(Role::kSecondary));
  EXPECT_EQ(primary_.link->describe(),
            "no connection: partner-name \"\" is neither a name nor an address");
}

TEST_F(TlsTest, WithoutUsableFilesNothingIsOpened) {
  std::filesystem::remove(folder_.path("a.pem"));
  std::filesystem::remove(folder_.path("ca.pem"));
  make_pair();
  primary_.link->open(1);
  EXPECT_TRUE(primary_.closed.empty());
  run_until([this] { return !primary_.closed.empty(); });
  EXPECT_EQ(primary_.last_why(),
            "the CA " + folder_.path("ca.pem") + ": No such file or directory");
  EXPECT_EQ(primary_.link->describe().find("no connection: the CA "), 0U);
  play_primary([](RawPeer& peer) { EXPECT_TRUE(peer.ends_without_a_word()); });
  EXPECT_EQ(secondary_.count_of(PartnerEvent::kTls), 1U);
}

}  // namespace
}  // namespace tandem6
