// Which messages are answered in which state of a pair: RFC 8156 section 8.1 and the "Operation in
// ... State" sections; rulings R-48 and R-59.
#include <gtest/gtest.h>

#include <set>

#include "dataplane/server/validate.h"
#include "tests/server/pair_rules.h"
#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();
constexpr MessageType kTypes[] = {kSolicit, kRequest, kConfirm, kRenew,
                                  kRebind,  kRelease, kDecline, kInformationRequest};

using Types = std::set<MessageType>;
const Types kAll(std::begin(kTypes), std::end(kTypes));
const Types kWithOwnDuid{kRequest, kRenew, kRelease, kDecline};

PacketBuilder message(MessageType type) {
  switch (type) {
    case kSolicit:
    case kConfirm:
    case kRebind:
      return PacketBuilder(type, 7).client_id(kClient);
    case kInformationRequest:
      return PacketBuilder(type, 7);
    default:
      return to_server(type, kClient);
  }
}

/// A server whose client has an address and a prefix of before.
struct Served {
  explicit Served(const ServingRules& rules) {
    bench.set_rules(normal(Role::kPrimary));
    const Reply given = bench.send(to_server(kRequest, kClient).ia_na(Iaid{1}).ia_pd(Iaid{1}));
    address = given.na().leases.at(0).lease;
    prefix = given.pd().leases.at(0).lease;
    bench.pass(10);
    bench.set_rules(rules);
  }
  Reply send(MessageType type) {
    PacketBuilder packet = message(type);
    if (type != kInformationRequest) packet.ia_na(Iaid{1}, {address.address});
    return bench.send(packet);
  }
  ServerBench bench{ServerBench::pair_settings()};
  Ipv6Prefix address;
  Ipv6Prefix prefix;
};

/// Each type on a server of its own: what is answered is what was expected, and the rest has no
/// effect but a count.
void expect_answers(const ServingRules& rules, const Types& answered) {
  for (const MessageType type : kTypes) {
    Served server(rules);
    const std::string before = server.bench.digest();
    const std::size_t changes_before = server.bench.changes.size();
    const Reply reply = server.send(type);
    EXPECT_EQ(may_answer(rules, type), answered.contains(type)) << name_of(type);
    EXPECT_EQ(reply.sent(), answered.contains(type)) << name_of(type);
    if (reply.sent()) continue;
    EXPECT_EQ(reply.drop, DropReason::kUnresponsive) << name_of(type);
    EXPECT_EQ(server.bench.dropped(DropReason::kUnresponsive), 1u);
    EXPECT_EQ(server.bench.digest(), before) << name_of(type);
    EXPECT_EQ(server.bench.changes.size(), changes_before) << name_of(type);
  }
}

// F-110, F-288 (STARTUP), F-320 (RECOVER), F-331 (RECOVER-WAIT), F-372 (POTENTIAL-CONFLICT)
TEST(Responsiveness, unresponsive_answers_nothing) {
  for (const Role role : {Role::kPrimary, Role::kSecondary}) expect_answers(silent(role), {});
}

TEST(Responsiveness, nothing_is_answered_before_the_endpoint_has_spoken) {  // F-288
  ServerBench bench(ServerBench::pair_settings());
  for (const MessageType type : kTypes) {
    PacketBuilder packet = message(type);
    if (type != kInformationRequest) packet.ia_na(Iaid{1});
    EXPECT_EQ(bench.send(packet).drop, DropReason::kUnresponsive) << name_of(type);
  }
}

// F-345 (primary in NORMAL), F-355 (COMMUNICATIONS-INTERRUPTED), F-381 (RESOLUTION-INTERRUPTED),
// F-303 (PARTNER-DOWN), F-386 (CONFLICT-DONE)
TEST(Responsiveness, responsive_answers_every_valid_message) {
  expect_answers(normal(Role::kPrimary), kAll);
  expect_answers(conflict_done(), kAll);
  for (const Role role : {Role::kPrimary, Role::kSecondary}) {
    expect_answers(interrupted(role), kAll);
    expect_answers(partner_down(role, WallTime{799'000'000}), kAll);
  }
}

// F-110, F-346, R-59
TEST(Responsiveness, renew_responsive_answers_what_carries_its_own_duid) {
  expect_answers(normal(Role::kSecondary), kWithOwnDuid);
}

// a server identifier in one of the types that need none makes no difference.
TEST(Responsiveness, renew_responsive_ignores_information_requests_with_its_duid_too) {
  Served server(normal(Role::kSecondary));
  const PacketBuilder packet = PacketBuilder(kInformationRequest, 1)
                                   .client_id(kClient)
                                   .server_id(ServerBench::server_duid());
  EXPECT_EQ(server.bench.send(packet).drop, DropReason::kUnresponsive);
}

TEST(Responsiveness, what_names_another_server_is_dropped_as_ever) {  // F-110
  Served server(normal(Role::kSecondary));
  const PacketBuilder packet = PacketBuilder(kRenew, 1)
                                   .client_id(kClient)
                                   .server_id(ServerBench::client_duid(99))
                                   .ia_na(Iaid{1}, {server.address.address});
  EXPECT_EQ(server.bench.send(packet).drop, DropReason::kOtherServer);
}

TEST(Responsiveness, rapid_commit_makes_no_difference) {
  ServerSettings settings = ServerBench::pair_settings();
  settings.links[0].rapid_commit = true;
  ServerBench bench(settings);
  bench.set_rules(normal(Role::kSecondary));
  EXPECT_EQ(bench.send(solicit(kClient).ia_na(Iaid{1}).rapid_commit()).drop,
            DropReason::kUnresponsive);
}

// F-346, R-59
TEST(Responsiveness, renew_responsive_allocates_on_request_from_its_own_half) {
  ServerBench bench(ServerBench::pair_settings());
  bench.set_rules(normal(Role::kSecondary));
  const Reply reply = bench.send(to_server(kRequest, kClient).ia_na(Iaid{1}).ia_pd(Iaid{1}));
  ASSERT_EQ(reply.na().leases.size(), 1u);
  EXPECT_EQ(half_of(reply.na().leases[0].lease.address), Half::kFreeBackup);
  EXPECT_EQ(reply.pd().status, StatusCode::kNoPrefixAvail);  // nothing was handed to it
}

TEST(Responsiveness, is_that_of_the_link_that_the_client_is_on) {
  ServerSettings settings = ServerBench::two_links();
  settings.links[0].relationship = 0;
  settings.links[1].relationship = 1;
  ServerBench bench(settings);
  bench.set_rules(silent(Role::kPrimary));
  bench.relationships.write(1, normal(Role::kPrimary));
  const Octets packet = solicit(kClient).ia_na(Iaid{1}).bytes();
  const auto on = [](std::uint16_t port) {
    return ServerBench::direct_from(address_of("fe80::c1"), port);
  };
  EXPECT_EQ(bench.send(packet, on(0)).drop, DropReason::kUnresponsive);
  EXPECT_TRUE(bench.send(packet, on(1)).sent());

  settings.links[1].relationship = kNoRelationship;
  ServerBench mixed(settings);
  EXPECT_EQ(mixed.send(packet, on(0)).drop, DropReason::kUnresponsive);
  EXPECT_TRUE(mixed.send(packet, on(1)).sent());  // alone on that link
}

TEST(Responsiveness, follows_the_endpoint_from_the_next_message_on) {
  ServerBench bench(ServerBench::pair_settings());
  const auto ask = [&] { return bench.send(solicit(kClient).ia_na(Iaid{1})).sent(); };
  EXPECT_FALSE(ask());
  bench.set_rules(interrupted(Role::kSecondary));
  EXPECT_TRUE(ask());
  bench.set_rules(normal(Role::kSecondary));
  EXPECT_FALSE(ask());
}

TEST(Responsiveness, comes_before_the_state_of_the_storage) {
  Served server(silent(Role::kPrimary));
  Envelope envelope = ServerBench::direct_envelope();
  envelope.changes_allowed = false;
  EXPECT_EQ(server.bench.send(message(kRenew).ia_na(Iaid{1}).bytes(), envelope).drop,
            DropReason::kUnresponsive);
}

// --- RECOVER-DONE (8.7.1, R-48).

TEST(RecoverDone, answers_renew_alone) {  // F-336
  for (const Role role : {Role::kPrimary, Role::kSecondary}) {
    expect_answers(recover_done(role), {kRenew});
  }
}

TEST(RecoverDone, extends_what_is_on_record_within_mclt) {  // F-336, F-155
  Served server(recover_done(Role::kSecondary));            // whoever gave it: the address is odd
  const Reply reply = server.send(kRenew);
  ASSERT_EQ(reply.na().leases.size(), 1u);
  EXPECT_EQ(reply.na().leases[0].lease, server.address);
  EXPECT_EQ(reply.na().leases[0].valid, kMclt.seconds);
}

TEST(RecoverDone, says_nothing_of_what_is_not_on_record) {  // F-336, F-337
  Served server(recover_done(Role::kPrimary));
  const std::string before = server.bench.digest();
  const PacketBuilder unknown =
      to_server(kRenew, ServerBench::client_duid(2)).ia_na(Iaid{1}, {server.address.address});
  EXPECT_EQ(server.bench.send(unknown).drop, DropReason::kUnresponsive);
  EXPECT_EQ(server.bench.digest(), before);
  // Beside an IA on record one that is not gets no lease.
  const Reply both = server.bench.send(to_server(kRenew, kClient)
                                           .ia_na(Iaid{1}, {server.address.address})
                                           .ia_na(Iaid{9}, {address_of("2001:db8:7::9")}));
  EXPECT_EQ(both.na(1).leases.size(), 1u);
  EXPECT_TRUE(both.na(9).leases.empty());
  EXPECT_EQ(both.na(9).status, StatusCode::kNoBinding);
}

// What it does not speak of may be the client's by the partner's word.
TEST(RecoverDone, withdraws_nothing) {  // F-336, R-48
  Served server(recover_done(Role::kPrimary));
  const std::vector<Ipv6Address> listed{server.address.address, address_of("2001:db8:7::9")};
  const Reply reply = server.bench.send(to_server(kRenew, kClient).ia_na(Iaid{1}, listed));
  ASSERT_EQ(reply.na().leases.size(), 1u);
  EXPECT_EQ(reply.na().leases[0].lease, server.address);
}

TEST(RecoverDone, changes_only_leases_that_the_renew_names) {  // F-337
  Served server(recover_done(Role::kPrimary));
  const Reply reply = server.bench.send(
      to_server(kRenew, kClient).ia_na(Iaid{1}, {server.address.address}).ia_pd(Iaid{1}));
  EXPECT_EQ(reply.na().leases.size(), 1u);
  EXPECT_TRUE(reply.pd().leases.empty());
  EXPECT_EQ(WallTime(server.bench.binding_of(server.address).client_last_transaction_time),
            server.bench.now);
  EXPECT_LT(WallTime(server.bench.binding_of(server.prefix).client_last_transaction_time),
            server.bench.now);
}

TEST(RecoverDone, revives_nothing_that_has_ended) {  // F-337
  Served server(normal(Role::kPrimary));
  server.bench.pass(kMclt.seconds);
  EXPECT_EQ(server.bench.binding_of(server.address).status, BindingStatus::kExpired);
  server.bench.set_rules(recover_done(Role::kPrimary));
  EXPECT_EQ(server.send(kRenew).drop, DropReason::kUnresponsive);
  EXPECT_EQ(server.bench.binding_of(server.address).status, BindingStatus::kExpired);
}

}  // namespace
}  // namespace tandem6
