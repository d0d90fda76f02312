// What a BNDUPD must hold, and the verdict on one that does not (RFC 8156 sections 7.4 and 7.5).
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/failover/describe.h"
#include "tests/failover/frames.h"

namespace tandem6 {
namespace {

constexpr StatusCode kFine = StatusCode::kSuccess;
constexpr StatusCode kConflict = StatusCode::kConfigurationConflict;
constexpr StatusCode kMissing = StatusCode::kMissingBindingInformation;

BindingUpdate update_of(const Octets& frame) { return read_as<BindingUpdate>(frame); }

/// The verdict on the only lease, of a BNDUPD that is not refused as a whole.
StatusCode lease_verdict(const Octets& frame) {
  const BindingUpdate update = update_of(frame);
  EXPECT_EQ(update.verdict.status, kFine) << update.verdict.reason;
  EXPECT_EQ(update.leases.size(), 1U);
  return update.leases.empty() ? StatusCode::kUnspecFail : update.leases[0].verdict.status;
}
StatusCode whole_verdict(const Octets& frame) { return update_of(frame).verdict.status; }

TEST(UpdateReader, TakesWhatIsComplete) {  // F-187, F-188
  EXPECT_EQ(lease_verdict(bndupd_with(kLeaseOptions)), kFine);
}

// F-020, F-196, F-197, R-32: exactly one container; none of them is guessed at.
TEST(UpdateReader, RefusesWithoutExactlyOneContainer) {
  const Octets client = client_data(kClientOptions + ia_na(address_lease(kLeaseOptions)));
  const Octets bare = bare_prefix(kBaseTimeOption + number_option(114, 5, 1) + kStartOption);
  EXPECT_EQ(whole_verdict(bndupd(client)), kFine);
  EXPECT_EQ(whole_verdict(bndupd(bare)), kFine);
  for (const Octets& wrong :
       {Octets{}, client + client, client + bare, bare + client, bare + bare, kClientIdOption}) {
    EXPECT_EQ(whole_verdict(bndupd(wrong)), kMissing);
  }
  // The reply mirrors what stood first (F-251).
  EXPECT_FALSE(update_of(bndupd(client + bare)).leases.at(0).update.is_bare());
  EXPECT_TRUE(update_of(bndupd(bare + bare)).leases.at(0).update.is_bare());
  EXPECT_TRUE(update_of(bndupd({})).leases.empty());
}

TEST(UpdateReader, RefusesAWholeThatLacksWhatItNeeds) {  // F-181, F-182, F-185, F-197, R-32
  const Octets ia = ia_na(address_lease(kLeaseOptions));
  for (const Octets& wrong :
       {kBaseTimeOption + ia,                          // no client
        kClientIdOption + ia,                          // no base-time
        kClientIdOption + number_option(100, 0) + ia,  // 0 is none
        kClientOptions,                                // no IA
        kClientOptions + ia_na({}),                    // no lease
        kClientOptions + encoded_ia(IaType::kPrefixDelegation, Iaid{1}, address_lease({})),
        encoded_option(1, {0, 2}) + kBaseTimeOption + ia,       // not a DUID
        encoded_option(1, Octets(131)) + kBaseTimeOption + ia,  // nor this
        kClientIdOption + number_option(100, 7, 2) + ia,        // of another length
        kClientOptions + encoded_option(3, Octets(11)) + ia,    // an IA cut short
        kClientOptions + ia_na(encoded_option(5, Octets(23))) + ia}) {
    EXPECT_EQ(whole_verdict(bndupd(client_data(wrong))), kMissing);
  }
  EXPECT_TRUE(update_of(bndupd(client_data(kBaseTimeOption + ia))).leases.empty());
  EXPECT_EQ(whole_verdict(bndupd(encoded_option(26, Octets(24)))), kMissing);
}

// F-036, F-055, F-187, F-201, R-32, R-33: only the lease that lacks something is refused.
TEST(UpdateReader, RefusesOneLeaseThatLacksWhatItNeeds) {
  const auto with_status = [](std::uint8_t status, const Octets& more) {
    return bndupd_with(number_option(114, status, 1) + more);
  };
  EXPECT_EQ(lease_verdict(bndupd_with(kStartOption)), kMissing);  // no 114
  EXPECT_EQ(lease_verdict(with_status(2, {})), kMissing);         // no 133
  EXPECT_EQ(lease_verdict(with_status(2, number_option(133, 0))), kMissing);
  for (const std::uint8_t status : {0, 9, 255}) {
    EXPECT_EQ(lease_verdict(with_status(status, kStartOption)), kMissing) << int{status};
  }
  for (std::uint8_t status = 2; status <= 8; ++status) {  // PENDING-FREE too: it is judged as FREE
    EXPECT_EQ(lease_verdict(with_status(status, kStartOption)), kFine) << int{status};
  }
  const Octets active = kStatusOption + kStartOption;
  EXPECT_EQ(lease_verdict(bndupd_with(active)), kMissing);
  EXPECT_EQ(lease_verdict(bndupd_with(active + kExpirationOption)), kMissing);
  EXPECT_EQ(lease_verdict(bndupd_with(active + kPartnerLifetimeOption)), kMissing);
  // a 0 in 123 or 134 counts as missing, in 120 and 126 it says none.
  EXPECT_EQ(lease_verdict(bndupd_with(active + kExpirationOption + number_option(123, 0))),
            kMissing);
  EXPECT_EQ(lease_verdict(bndupd_with(active + number_option(134, 0) + kPartnerLifetimeOption)),
            kMissing);
  const BindingUpdate none =
      update_of(bndupd_with(kLeaseOptions + number_option(120, 0) + number_option(126, 0)));
  EXPECT_EQ(none.leases.at(0).verdict.status, kFine);
  EXPECT_TRUE(none.leases.at(0).update.expiration_time.is_none());
  EXPECT_TRUE(none.leases.at(0).update.partner_raw_clt_time.is_none());
  // An option of fixed form in another one.
  EXPECT_EQ(lease_verdict(bndupd_with(kLeaseOptions + number_option(120, 1, 3))), kMissing);
}

TEST(UpdateReader, JudgesEachLeaseOnItsOwn) {  // F-201
  const BindingUpdate update = update_of(bndupd(client_data(
      kClientOptions + ia_na(address_lease(kLeaseOptions) + address_lease(kStartOption)))));
  ASSERT_EQ(update.leases.size(), 2U);
  EXPECT_EQ(update.verdict.status, kFine);
  EXPECT_EQ(update.leases[0].verdict.status, kFine);
  EXPECT_EQ(update.leases[1].verdict.status, kMissing);
  EXPECT_TRUE(update.leases[0].has_status);
  EXPECT_FALSE(update.leases[1].has_status);
}

// the state's start in the IA serves leases that have none; R-35: so does 116 of the client.
TEST(UpdateReader, FallsBackToTheLevelAbove) {
  const Octets bare = number_option(114, 2, 1);
  const Octets info = encoded_option(116, number_option(119, 1, 2));
  const BindingUpdate update = update_of(bndupd(client_data(
      kClientOptions +
      ia_na(address_lease(bare) + address_lease(bare + kStartOption + encoded_option(116, {})) +
            number_option(133, 0x32000000)) +
      info)));
  ASSERT_EQ(update.leases.size(), 2U);
  EXPECT_EQ(update.leases[0].verdict.status, kFine);
  EXPECT_EQ(update.leases[0].update.start_time_of_state.seconds, 0x32000000);
  EXPECT_EQ(update.leases[1].update.start_time_of_state.seconds, 0x32fffff0);
  EXPECT_EQ(update.leases[0].update.dns_removal_info.size, 6);
}

TEST(UpdateReader, RefusesIaTaLeaseByLease) {  // R-05, F-185
  Octets ia_ta = {0, 0, 0, 9};
  ia_ta = encoded_option(4, ia_ta + address_lease(kLeaseOptions));
  const BindingUpdate update = update_of(
      bndupd(client_data(kClientOptions + ia_ta + ia_na(address_lease(kLeaseOptions), 9))));
  ASSERT_EQ(update.leases.size(), 2U);
  EXPECT_EQ(update.verdict.status, kFine);
  EXPECT_EQ(update.leases[0].verdict.status, kConflict);
  EXPECT_EQ(update.leases[1].verdict.status, kFine);
  EXPECT_EQ(update.leases[0].update.iaid.value, 9U);
  // The reply has it in an IA_TA again, apart from the IA_NA of the same IAID.
  const Octets reply = written(reply_to(update));
  EXPECT_FALSE(std::ranges::search(reply, Octets{0, 0, 0, 9, 0, 5}).empty());
  // Read back, it is no answer about an IA_NA.
  const auto back = read_as<BindingReply>(reply);
  ASSERT_EQ(back.leases.size(), 1U);
  EXPECT_EQ(back.leases[0].status.code, StatusCode::kSuccess);
}

TEST(UpdateReader, RefusesWhatIsNoPrefix) {
  Octets value(8);
  value.push_back(129);
  value.resize(25, 1);
  const auto verdict = [&](const Octets& prefix) {
    return lease_verdict(bndupd(
        client_data(kClientOptions + encoded_ia(IaType::kPrefixDelegation, Iaid{1},
                                                encoded_option(26, prefix + kLeaseOptions)))));
  };
  EXPECT_EQ(verdict(value), kConflict);  // length 129
  value[8] = 56;
  EXPECT_EQ(verdict(value), kConflict);  // bits past it
  std::fill(value.begin() + 16, value.end(), 0);
  EXPECT_EQ(verdict(value), kFine);
}

TEST(UpdateReader, EchoesWhatIsNoPrefixAsItCame) {  // F-252
  Octets value(8);
  value.push_back(200);
  value.resize(25, 0xab);
  const Octets frame =
      bndupd(client_data(kClientOptions + encoded_ia(IaType::kPrefixDelegation, Iaid{1},
                                                     encoded_option(26, value + kLeaseOptions))));
  const Octets reply = written(reply_to(update_of(frame)));
  EXPECT_FALSE(std::ranges::search(reply, value).empty());
}

TEST(UpdateReader, RefusesAnotherVpn) {  // F-183, F-198, F-252
  const Octets vpn = encoded_option(68, {0, 'v'});
  const Octets ia = ia_na(address_lease(kLeaseOptions));
  const BindingUpdate update = update_of(bndupd(client_data(kClientOptions + ia + vpn)));
  EXPECT_EQ(update.verdict.status, kConflict);
  EXPECT_EQ(update.vss, (Octets{0, 'v'}));
  EXPECT_EQ(update.leases.size(), 1U);
  const Octets bare = kBaseTimeOption + number_option(114, 5, 1) + kStartOption;
  const BindingUpdate block = update_of(bndupd(bare_prefix(bare + vpn)));
  EXPECT_EQ(block.verdict.status, kConflict);
  EXPECT_EQ(block.vss, (Octets{0, 'v'}));
  // Both replies hold it again.
  for (const BindingUpdate& refused : {update, block}) {
    const auto reply = read_as<BindingReply>(written(reply_to(refused)));
    EXPECT_EQ(reply.vss, refused.vss);
    EXPECT_EQ(reply.status.code, kConflict);
    EXPECT_EQ(reply.leases.at(0).status.code, kConflict);
  }
  // An empty one names nothing, and is not echoed.
  const BindingUpdate empty =
      update_of(bndupd(client_data(kClientOptions + ia + encoded_option(68, {}))));
  EXPECT_EQ(empty.verdict.status, kMissing);
  EXPECT_FALSE(read_as<BindingReply>(written(reply_to(empty))).vss.has_value());
  // Type 255 is the global VPN itself.
  EXPECT_EQ(whole_verdict(bndupd(client_data(kClientOptions + ia + encoded_option(68, {255})))),
            kFine);
}

TEST(UpdateReader, BarePrefix) {  // F-191, F-192, F-193
  const Octets free = number_option(114, 5, 1);
  const BindingUpdate update = update_of(bndupd(bare_prefix(
      kBaseTimeOption + free + kStartOption + kExpirationOption + kPartnerLifetimeOption)));
  ASSERT_EQ(update.leases.size(), 1U);
  EXPECT_EQ(update.leases[0].verdict.status, kFine);
  EXPECT_TRUE(update.leases[0].update.is_bare());
  EXPECT_EQ(update.leases[0].update.ia_type, IaType::kPrefixDelegation);
  EXPECT_EQ(update.leases[0].update.status, BindingStatus::kFree);
  EXPECT_EQ(update.leases[0].update.state_expiration_time.seconds, 0x33000100);
  EXPECT_EQ(lease_verdict(bndupd(bare_prefix(free + kStartOption))), kMissing);  // no 100
  EXPECT_EQ(lease_verdict(bndupd(bare_prefix(kBaseTimeOption + free))), kMissing);
  EXPECT_EQ(lease_verdict(bndupd(bare_prefix(kBaseTimeOption + kStartOption))), kMissing);
  // ACTIVE without a client says nothing.
  EXPECT_EQ(lease_verdict(bndupd(bare_prefix(kBaseTimeOption + kLeaseOptions))), kMissing);
}

TEST(UpdateReader, ClientTimeCountsFromTheBaseTime) {  // F-058, F-060, F-189, R-21
  const auto client_time = [](std::uint32_t elapsed) {
    return update_of(bndupd(client_data(
                         kClientIdOption + number_option(100, 0x32000000) +
                         ia_na(address_lease(kLeaseOptions + number_option(46, elapsed))))))
        .leases.at(0)
        .update.client_time.seconds;
  };
  EXPECT_EQ(client_time(0), 0x32000000);
  EXPECT_EQ(client_time(16), 0x32000000 - 16);
  EXPECT_EQ(client_time(0x32000000), 0);  // no time at all
  EXPECT_EQ(client_time(0xffffffff), 0);
  EXPECT_TRUE(update_of(bndupd_with(kLeaseOptions)).leases.at(0).update.client_time.is_none());
}

TEST(UpdateReader, SkipsWhatItDoesNotKnow) {  // F-010, F-035
  const Octets unknown = encoded_option(4711, {1, 2, 3}) + encoded_option(250, {});
  // Known, but not in these places, and of the wrong length besides.
  const Octets misplaced = encoded_option(132, {1, 2}) + encoded_option(23, {1});
  const Octets noise = unknown + misplaced;
  const Octets frame =
      bndupd(noise + client_data(noise + kClientOptions +
                                 ia_na(noise + address_lease(noise + kLeaseOptions)) + noise));
  EXPECT_EQ(describe(update_of(frame)), describe(update_of(bndupd_with(kLeaseOptions))));
}

TEST(UpdateReader, OfASingletonTheFirstCounts) {
  const BindingUpdate update =
      update_of(bndupd_with(kLeaseOptions + number_option(114, 8, 1) + number_option(133, 5)));
  EXPECT_EQ(update.leases.at(0).update.status, BindingStatus::kActive);
  EXPECT_EQ(update.leases.at(0).update.start_time_of_state.seconds, 0x32fffff0);
}

// What only informs is dropped when it is too long or malformed; the lease is not.
TEST(UpdateReader, AttributesNeverCostTheLease) {
  const Octets frame = bndupd(
      client_data(kClientOptions + encoded_option(47, Octets(15)) + encoded_option(129, Octets(3)) +
                  ia_na(address_lease(kLeaseOptions + encoded_option(39, {}) +
                                      encoded_option(116, Octets(256))))));
  EXPECT_EQ(describe(update_of(frame)), describe(update_of(bndupd_with(kLeaseOptions))));
  const Octets longest(255, 'f');
  const BindingUpdate kept = update_of(bndupd_with(kLeaseOptions + encoded_option(39, longest)));
  EXPECT_EQ(kept.leases.at(0).update.client_fqdn.size, 255);
}

TEST(UpdateReader, OverrunAtAnyDepthEndsTheConnection) {  // F-014
  const Octets cut = {0, 114, 0, 9, 1};
  for (const Octets& frame :
       {bndupd(cut), bndupd(client_data(kClientOptions + cut)),
        bndupd(client_data(kClientOptions + ia_na(cut))), bndupd_with(kLeaseOptions + cut),
        bndupd(bare_prefix(cut)), bndupd(client_data({0})),
        frame_of(MessageType::kBndReply, client_data(ia_na(address_lease(cut))))}) {
    const auto read = read_frame(frame);
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error(), ReadFault::kOptionOverrun);
    EXPECT_TRUE(ends_connection(read.error()));
  }
}

}  // namespace
}  // namespace tandem6
