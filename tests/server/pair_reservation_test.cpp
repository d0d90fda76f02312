// Leases kept for one client each on a server of a pair: ruling R-04. In no pool, so of no half in
// particular: either server may give one, but without contact not the first time in the other half.
#include <gtest/gtest.h>

#include "dataplane/lease/partner_rules.h"
#include "dataplane/server/claims.h"
#include "tests/server/pair_rules.h"
#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid(1);
const Duid kOther = ServerBench::client_duid(2);
constexpr Role kRoles[] = {Role::kPrimary, Role::kSecondary};

/// Reserved for kClient: an address of either half, in IAs 1 (odd) and 2 (even), and a prefix.
ServerSettings with_reservations(const Ipv6Prefix& prefix) {
  ServerSettings settings = ServerBench::pair_settings();
  settings.links[0].reservations = {
      {.duid = kClient,
       .iaid = Iaid{1},
       .address = address_of("2001:db8:7::f1"),
       .prefix = std::nullopt},
      {.duid = kClient,
       .iaid = Iaid{2},
       .address = address_of("2001:db8:7::f2"),
       .prefix = std::nullopt},
      {.duid = kClient, .iaid = Iaid{3}, .address = std::nullopt, .prefix = prefix}};
  return settings;
}
const Ipv6Prefix kOutside = prefix_of("2001:db8:abcd::/48");
const Ipv6Prefix kInside = prefix_of("2001:db8:8000:4200::/56");

/// IA 1 and 2 ask for addresses, 3 for a prefix.
PacketBuilder request(const Duid& client = kClient) {
  return to_server(kRequest, client).ia_na(Iaid{1}).ia_na(Iaid{2}).ia_pd(Iaid{3});
}
Ipv6Prefix address_in(const Reply& reply, std::uint32_t iaid) {
  const ReplyIa& ia = reply.na(iaid);
  return ia.leases.empty() ? Ipv6Prefix{} : ia.leases[0].lease;
}
Ipv6Prefix prefix_in(const Reply& reply) {
  const ReplyIa& ia = reply.pd(3);
  return ia.leases.empty() ? Ipv6Prefix{} : ia.leases[0].lease;
}
const Ipv6Prefix kOdd = lease_of("2001:db8:7::f1");
const Ipv6Prefix kEven = lease_of("2001:db8:7::f2");

TEST(PairReservation, in_contact_either_server_gives_it) {
  for (const Ipv6Prefix& prefix : {kOutside, kInside}) {
    for (const Role role : kRoles) {
      ServerBench bench(with_reservations(prefix));
      bench.set_rules(normal(role));
      const Reply given = bench.send(request());
      EXPECT_EQ(address_in(given, 1), kOdd);
      EXPECT_EQ(address_in(given, 2), kEven);
      EXPECT_EQ(prefix_in(given), prefix);
      EXPECT_EQ(given.na(1).leases.at(0).valid, kMclt.seconds);  // under the MCLT rules
    }
  }
}

TEST(PairReservation, without_contact_the_first_grant_in_the_other_half_waits) {
  for (const Ipv6Prefix& prefix : {kOutside, kInside}) {
    for (const Role role : kRoles) {
      const bool is_primary = role == Role::kPrimary;
      ServerBench bench(with_reservations(prefix));
      bench.set_rules(interrupted(role));
      const Reply given = bench.send(request());
      EXPECT_EQ(address_in(given, 1) == kOdd, is_primary);
      EXPECT_EQ(address_in(given, 2) == kEven, !is_primary);
      EXPECT_EQ(prefix_in(given) == prefix, is_primary);
      // Meanwhile the client has an address all the same, of the own half.
      EXPECT_EQ(half_of(address_in(given, is_primary ? 2 : 1).address), own_half(role));
      EXPECT_EQ(bench.pools->claims().holder((is_primary ? kEven : kOdd).address), kNoShard);
    }
  }
}

// F-306: whoever allocates in the partner's half waits (MUST) until MCLT after the entry.
TEST(PairReservation, partner_down_opens_the_other_half_for_its_client_after_mclt) {
  for (const Role role : kRoles) {
    ServerBench bench(with_reservations(kOutside));
    bench.set_rules(partner_down(role, bench.now));
    const auto offered = [&] { return bench.send(solicit(kClient).ia_na(Iaid{1}).ia_na(Iaid{2})); };
    const auto both = [&] {
      const Reply reply = offered();
      return address_in(reply, 1) == kOdd && address_in(reply, 2) == kEven;
    };
    bench.now.seconds += kMclt.seconds - 1;
    EXPECT_FALSE(both());
    bench.now.seconds += 1;
    EXPECT_TRUE(both());
    const Reply given = bench.send(request());
    EXPECT_EQ(address_in(given, 1), kOdd);
    EXPECT_EQ(address_in(given, 2), kEven);
    EXPECT_EQ(prefix_in(given), kOutside);
  }
}

TEST(PairReservation, is_extended_without_contact_by_either_server) {
  for (const Role role : kRoles) {
    ServerBench bench(with_reservations(kOutside));
    bench.set_rules(normal(role));
    (void)bench.send(request());
    bench.pass(100);
    bench.set_rules(interrupted(partner_of(role)));
    for (const MessageType type : {kRequest, kRenew}) {
      const Reply reply =
          bench.send(to_server(type, kClient).ia_na(Iaid{1}).ia_na(Iaid{2}).ia_pd(Iaid{3}));
      EXPECT_EQ(address_in(reply, 1), kOdd);
      EXPECT_EQ(address_in(reply, 2), kEven);
      EXPECT_EQ(prefix_in(reply), kOutside);
    }
  }
}

TEST(PairReservation, others_never_get_it) {
  for (const Role role : kRoles) {
    ServerBench bench(with_reservations(kInside));
    bench.pools->prefix_pool(0).set_half(kInside, 0, own_half(role));
    for (const ServingRules& rules : {normal(role), partner_down(role, WallTime{700'000'000})}) {
      bench.set_rules(rules);
      const Reply given = bench.send(to_server(kRequest, kOther)
                                         .ia_na(Iaid{1}, {kOdd.address})
                                         .ia_na(Iaid{2}, {kEven.address})
                                         .ia_pd(Iaid{3}, {kInside}));
      EXPECT_NE(address_in(given, 1), kOdd);
      EXPECT_NE(address_in(given, 2), kEven);
      EXPECT_NE(prefix_in(given), kInside);
    }
  }
}

// A new one over a lease that another client holds takes effect once that is free and acked.
TEST(PairReservation, over_a_lease_of_another_waits_for_the_ack_of_its_end) {
  ServerBench bench(ServerBench::pair_settings());
  bench.set_rules(normal(Role::kPrimary));
  (void)bench.send(to_server(kRequest, kOther).ia_na(Iaid{1}, {kOdd.address}));
  ASSERT_EQ(bench.binding_of(kOdd).status, BindingStatus::kActive);
  bench.reconfigure(with_reservations(kOutside));
  EXPECT_NE(address_in(bench.send(request()), 1), kOdd);
  bench.pass(kMclt.seconds);
  EXPECT_EQ(bench.binding_of(kOdd).status, BindingStatus::kExpired);
  EXPECT_NE(address_in(bench.send(request(ServerBench::client_duid(1))), 1), kOdd);
  // As the ack does it.
  Binding& binding = bench.binding_at(kOdd);
  become_free(binding, Half::kFree, bench.now);
  release_claim(*bench.service, binding, bench.shard().id());
  EXPECT_EQ(address_in(bench.send(request(kOther).ia_na(Iaid{7}, {kOdd.address})), 7) == kOdd,
            false);
  bench.pass(kMclt.seconds);  // the one that it had instead
  EXPECT_EQ(address_in(bench.send(request()), 1), kOdd);
}

// R-11 holds for it as for any lease: once the partner was sent word of its end it waits.
TEST(PairReservation, that_has_ended_comes_back_while_the_partner_has_not_been_told) {
  for (const bool sent : {false, true}) {
    ServerBench bench(with_reservations(kOutside));
    bench.set_rules(normal(Role::kPrimary));
    (void)bench.send(request());
    (void)bench.send(to_server(kRelease, kClient).ia_na(Iaid{2}, {kEven.address}));
    ASSERT_EQ(bench.binding_of(kEven).status, BindingStatus::kReleased);
    bench.binding_at(kEven).update_sent = sent;
    EXPECT_EQ(address_in(bench.send(request()), 2) == kEven, !sent);
  }
}

}  // namespace
}  // namespace tandem6
