// Who may give which lease: independent and proportional allocation, RFC 8156 sections 4.2 and
// 8.4.1; rulings.
#include "dataplane/server/halves.h"

#include <gtest/gtest.h>

#include "dataplane/lease/lease_rules.h"
#include "dataplane/server/validate.h"
#include "tests/server/pair_rules.h"
#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

constexpr Role kRoles[] = {Role::kPrimary, Role::kSecondary};
const Duid kClient = ServerBench::client_duid();

Duid client(std::uint32_t number) { return ServerBench::client_duid(number); }
PacketBuilder request(const Duid& duid = kClient) { return to_server(kRequest, duid); }
PacketBuilder rebind(const Duid& duid = kClient) {
  return PacketBuilder(kRebind, 5).client_id(duid);
}

/// Sixteen addresses, of which 15 may be leased: 8 odd ones, 7 even ones.
ServerSettings small_pool() {
  ServerSettings settings = ServerBench::pair_settings();
  settings.links[0].address_pools = {prefix_of("2001:db8:7::/124")};
  return settings;
}

/// Two pools of 16 prefixes each.
ServerSettings small_prefix_pools(std::uint8_t second_length = 56) {
  ServerSettings settings = ServerBench::pair_settings();
  settings.links[0].prefix_pools = {{prefix_of("2001:db8:8000::/52"), 56, std::nullopt}};
  const auto second = static_cast<std::uint8_t>(second_length - 4);
  settings.links[0].prefix_pools.push_back(
      {Ipv6Prefix{address_of("2001:db8:8800::"), second}, second_length, std::nullopt});
  return settings;
}

struct PairBench : ServerBench {
  PairBench(const ServingRules& rules, const ServerSettings& its_settings)
      : ServerBench(its_settings) {
    set_rules(rules);
  }
  explicit PairBench(const ServingRules& rules) : PairBench(rules, ServerBench::pair_settings()) {}

  std::optional<Ipv6Prefix> address_for(const Duid& duid, std::vector<Ipv6Address> hints = {}) {
    const Reply reply = send(request(duid).ia_na(Iaid{1}, hints));
    if (reply.na().leases.empty()) {
      EXPECT_EQ(reply.na().status, StatusCode::kNoAddrsAvail);
      return std::nullopt;
    }
    return reply.na().leases[0].lease;
  }
  std::optional<Ipv6Prefix> prefix_for(const Duid& duid, std::vector<Ipv6Prefix> hints = {}) {
    const Reply reply = send(request(duid).ia_pd(Iaid{1}, hints));
    if (reply.pd().leases.empty()) {
      EXPECT_EQ(reply.pd().status, StatusCode::kNoPrefixAvail);
      return std::nullopt;
    }
    return reply.pd().leases[0].lease;
  }
  /// Hands 2^count_log2 prefixes from this one on to the secondary.
  void hand_over(const char* first, unsigned count_log2, PoolIndex pool = 0) {
    pools->prefix_pool(pool).set_half(prefix_of(first), count_log2, Half::kFreeBackup);
  }
};

/// All answering states that may allocate.
std::vector<ServingRules> states(Role role) {
  return {normal(role), interrupted(role), partner_down(role, WallTime{700'000'000})};
}

// --- Addresses.

// F-138, F-139, F-140, F-269, F-270, F-356, F-382
TEST(Halves, addresses_come_from_the_own_half_alone) {
  ServerSettings dense = ServerBench::pair_settings();
  dense.links[0].address_pools = {prefix_of("2001:db8:7::/112")};
  for (const Role role : kRoles) {
    for (const ServingRules& rules : states(role)) {
      for (const ServerSettings& settings : {ServerBench::pair_settings(), dense}) {
        PairBench bench(rules, settings);
        for (std::uint32_t n = 0; n < 100; ++n) {
          const auto given = bench.address_for(client(n));
          ASSERT_TRUE(given);
          EXPECT_EQ(half_of(given->address), own_half(role)) << given->to_string();
        }
      }
    }
  }
}

TEST(Halves, an_advertise_shows_the_own_half_too) {  // F-139, F-140
  for (const Role role : kRoles) {
    PairBench bench(interrupted(role));
    for (std::uint32_t n = 0; n < 50; ++n) {
      const Reply offered = bench.send(solicit(client(n)).ia_na(Iaid{1}));
      ASSERT_EQ(offered.na().leases.size(), 1u);
      EXPECT_EQ(half_of(offered.na().leases[0].lease.address), own_half(role));
      EXPECT_EQ(bench.address_for(client(n)), offered.na().leases[0].lease);
    }
  }
}

TEST(Halves, a_wish_for_the_other_half_is_not_granted) {
  for (const Role role : kRoles) {
    const Ipv6Address wish =
        address_of(role == Role::kPrimary ? "2001:db8:7::10" : "2001:db8:7::11");
    for (const ServingRules& rules : states(role)) {
      PairBench bench(rules);
      const auto given = bench.address_for(kClient, {wish});
      ASSERT_TRUE(given);
      EXPECT_EQ(half_of(given->address), own_half(role));
      EXPECT_EQ(bench.pools->claims().holder(wish), kNoShard);
    }
    // One of the own half is.
    PairBench bench(interrupted(role));
    const Ipv6Address own =
        address_of(role == Role::kPrimary ? "2001:db8:7::11" : "2001:db8:7::10");
    EXPECT_EQ(bench.address_for(kClient, {own}), (Ipv6Prefix{own, 128}));
  }
}

// F-144, F-306, R-01: in no state, however long the partner is down.
TEST(Halves, addresses_never_cross_over) {
  for (const Role role : kRoles) {
    for (const ServingRules& rules : states(role)) {
      PairBench bench(rules, small_pool());
      std::size_t count = 0;
      for (std::uint32_t n = 0; n < 40; ++n) {
        const auto given = bench.address_for(client(n));
        if (!given) continue;
        EXPECT_EQ(half_of(given->address), own_half(role));
        ++count;
      }
      EXPECT_EQ(count, role == Role::kPrimary ? 8u : 7u);
    }
  }
}

TEST(Halves, a_range_without_an_address_of_the_half_gives_nothing) {
  for (const char* range : {"2001:db8:7::1/128", "2001:db8:7::2/128"}) {
    ServerSettings settings = ServerBench::pair_settings();
    settings.links[0].address_pools = {prefix_of(range)};
    for (const Role role : kRoles) {
      PairBench bench(interrupted(role), settings);
      const bool is_own = half_of(prefix_of(range).address) == own_half(role);
      EXPECT_EQ(bench.address_for(kClient).has_value(), is_own) << range;
    }
  }
}

/// What a server gave in one role, on record in a server of the other role, as after an update.
struct Recorded : PairBench {
  explicit Recorded(Role role) : PairBench(interrupted(partner_of(role))) {
    address = *address_for(kClient);
    EXPECT_EQ(half_of(address.address), other_half(role));
    pass(10);
    set_rules(interrupted(role));
  }
  Ipv6Prefix address;
};

// F-004, F-142, F-304, F-357, F-383, R-02
TEST(Halves, a_running_lease_of_the_other_half_is_offered_confirmed_and_extended) {
  for (const Role role : kRoles) {
    for (const ServingRules& rules : states(role)) {
      for (const MessageType type : {kSolicit, kRequest, kRenew, kRebind}) {
        Recorded bench(role);
        bench.set_rules(rules);
        if (!may_answer(rules, type)) continue;
        PacketBuilder packet = type == kSolicit  ? solicit(kClient)
                               : type == kRebind ? rebind()
                                                 : to_server(type, kClient);
        const Reply reply = bench.send(packet.ia_na(Iaid{1}, {bench.address.address}));
        ASSERT_EQ(reply.na().leases.size(), 1u) << name_of(type);
        EXPECT_EQ(reply.na().leases[0].lease, bench.address) << name_of(type);
        EXPECT_GE(reply.na().leases[0].valid, kMclt.seconds);
      }
    }
  }
}

// of an address with no record the true holder may be known to the partner only.
TEST(Halves, without_a_record_the_other_half_is_refused_and_the_own_one_given) {
  ServerSettings settings = ServerBench::pair_settings();
  settings.links[0].rapid_commit = true;  // a REBIND may create
  const Ipv6Address claimed = address_of("2001:db8:7::20");
  PairBench bench(interrupted(Role::kPrimary), settings);
  const Reply reply = bench.send(rebind().ia_na(Iaid{1}, {claimed}));
  ASSERT_EQ(reply.na().leases.size(), 1u);  // and nothing is said of the one it may well have
  EXPECT_EQ(half_of(reply.na().leases[0].lease.address), Half::kFree);
  EXPECT_EQ(reply.na().leases[0].valid, kMclt.seconds);
  // Where a REBIND creates nothing there is silence.
  EXPECT_EQ(PairBench(interrupted(Role::kPrimary)).send(rebind().ia_na(Iaid{1}, {claimed})).drop,
            DropReason::kNotForUs);
}

TEST(Halves, a_confirm_asks_about_the_link_and_not_about_halves) {  // F-142
  PairBench bench(interrupted(Role::kPrimary));
  const Reply reply = bench.send(
      PacketBuilder(kConfirm, 3).client_id(kClient).ia_na(Iaid{1}, {address_of("2001:db8:7::20")}));
  EXPECT_EQ(reply.status, StatusCode::kSuccess);
}

// F-143, R-02: an ended one is not given again, even to its own client; nor by way of a wish.
TEST(Halves, an_ended_lease_of_the_other_half_is_not_revived) {
  for (const Role role : kRoles) {
    for (const bool released : {true, false}) {
      Recorded bench(role);
      if (released) {
        (void)bench.send(to_server(kRelease, kClient).ia_na(Iaid{1}, {bench.address.address}));
      } else {
        bench.pass(kMclt.seconds);
      }
      EXPECT_EQ(bench.binding_of(bench.address).status,
                released ? BindingStatus::kReleased : BindingStatus::kExpired);
      for (const ServingRules& rules : states(role)) {
        bench.set_rules(rules);
        const auto given = bench.address_for(kClient, {bench.address.address});
        ASSERT_TRUE(given);
        EXPECT_EQ(half_of(given->address), own_half(role));
      }
    }
  }
}

// between the second of its end and the timer that notes it.
TEST(Halves, a_lease_past_its_end_counts_as_ended_before_its_timer_fires) {
  for (const Role role : kRoles) {
    Recorded bench(role);
    bench.now.seconds += kMclt.seconds;
    EXPECT_EQ(bench.binding_of(bench.address).status, BindingStatus::kActive);
    EXPECT_NE(bench.address_for(kClient, {bench.address.address}), bench.address);
  }
}

// F-141
TEST(Halves, an_address_that_is_free_again_is_of_the_server_that_its_low_bit_names) {
  for (const Role role : kRoles) {
    Recorded bench(role);
    bench.set_rules(ServingRules::alone());  // frees at once, whoever gave it
    (void)bench.send(to_server(kRelease, kClient).ia_na(Iaid{1}, {bench.address.address}));
    EXPECT_EQ(bench.binding_of(bench.address).status, free_status(other_half(role)));
    bench.set_rules(interrupted(role));
    EXPECT_NE(bench.address_for(kClient, {bench.address.address}), bench.address);
    bench.set_rules(interrupted(partner_of(role)));
    EXPECT_EQ(bench.address_for(client(2), {bench.address.address}), bench.address);
  }
}

// --- Prefixes.

// F-145, F-147, F-148
TEST(Halves, prefixes_begin_as_the_primarys_and_blocks_are_handed_over) {
  PairBench primary(interrupted(Role::kPrimary), small_prefix_pools());
  PairBench secondary(interrupted(Role::kSecondary), small_prefix_pools());
  EXPECT_TRUE(primary.prefix_for(kClient));
  EXPECT_FALSE(secondary.prefix_for(kClient));
  const Ipv6Prefix block = prefix_of("2001:db8:8000:800::/54");
  for (PairBench* bench : {&primary, &secondary}) bench->hand_over("2001:db8:8000:800::/56", 2);
  std::size_t count = 0;
  for (std::uint32_t n = 10; n < 60; ++n) {
    if (const auto given = primary.prefix_for(client(n))) {
      EXPECT_FALSE(block.contains(*given)) << given->to_string();
    }
    if (const auto given = secondary.prefix_for(client(n))) {
      EXPECT_TRUE(block.contains(*given)) << given->to_string();
      ++count;
    }
  }
  EXPECT_EQ(count, 4u);
  EXPECT_EQ(primary.pools->prefix_pool(0).used() + primary.pools->prefix_pool(1).used(), 28u);
}

TEST(Halves, a_wish_for_a_prefix_of_the_other_half_is_not_granted) {  // F-147
  PairBench bench(interrupted(Role::kPrimary), small_prefix_pools());
  bench.hand_over("2001:db8:8000:800::/56", 2);
  const Ipv6Prefix wish = prefix_of("2001:db8:8000:900::/56");
  const auto given = bench.prefix_for(kClient, {wish});
  ASSERT_TRUE(given);
  EXPECT_NE(given, wish);
  EXPECT_EQ(bench.pools->prefix_pool(0).holder(wish), kNoShard);
}

// F-146, R-03: it comes back as the primary's, whoever gave it.
TEST(Halves, a_delegated_prefix_is_of_neither_half) {
  PairBench bench(interrupted(Role::kSecondary), small_prefix_pools());
  bench.hand_over("2001:db8:8000:800::/56", 2);
  const auto given = bench.prefix_for(kClient);
  ASSERT_TRUE(given);
  EXPECT_EQ(bench.pools->prefix_pool(0).half(*given), Half::kFree);
  // The secondary extends it all the same, and once ended it does not give it again.
  EXPECT_EQ(bench.send(to_server(kRenew, kClient).ia_pd(Iaid{1})).pd().leases.at(0).lease, *given);
  (void)bench.send(to_server(kRelease, kClient).ia_pd(Iaid{1}, {*given}));
  const auto next = bench.prefix_for(kClient, {*given});
  ASSERT_TRUE(next);
  EXPECT_NE(next, given);
}

/// The primary with 4 prefixes in each pool, the rest is the secondary's.
struct Depleted : PairBench {
  explicit Depleted(const ServingRules& rules, std::uint8_t second_length = 56)
      : PairBench(rules, small_prefix_pools(second_length)) {
    hand_over("2001:db8:8000:400::/56", 2);
    hand_over("2001:db8:8000:800::/56", 3);
    const Ipv6Prefix first{address_of("2001:db8:8800::"), second_length};
    pools->prefix_pool(1).set_half(first, 4, Half::kFreeBackup);
    pools->prefix_pool(1).set_half(first, 2, Half::kFree);
  }
};

// F-305, F-149, 8.4.1: MUST use up the own half first, over all pools.
TEST(Halves, in_partner_down_the_other_half_of_the_prefixes_opens_late_and_last) {
  const WallTime since{800'000'000};
  Depleted bench(partner_down(Role::kPrimary, since));
  for (std::uint32_t n = 0; n < 4; ++n) ASSERT_TRUE(bench.prefix_for(client(n)));
  // At MCLT the half opens, but there is some left of the own one, whatever the client wishes.
  bench.now = WallTime{since.seconds + kMclt.seconds};
  const std::vector<Ipv6Prefix> wish{prefix_of("2001:db8:8000:900::/56")};
  for (std::uint32_t n = 4; n < 8; ++n) {
    const auto given = bench.prefix_for(client(n), wish);
    ASSERT_TRUE(given);
    EXPECT_EQ(Ipv6Prefix(given->address, 54).masked().address.low(), 0u);
    EXPECT_TRUE(prefix_of("2001:db8:8000::/54").contains(*given) ||
                prefix_of("2001:db8:8800::/54").contains(*given))
        << given->to_string();
  }
  EXPECT_EQ(bench.prefix_for(client(8), wish), wish[0]);
  for (std::uint32_t n = 9; n < 32; ++n) ASSERT_TRUE(bench.prefix_for(client(n))) << n;
  EXPECT_FALSE(bench.prefix_for(client(32)));
}

TEST(Halves, the_other_half_opens_not_a_second_before_its_time) {  // F-149, F-305
  const WallTime since{800'000'000};
  ServingRules rules = partner_down(Role::kPrimary, since);
  rules.mclt_max = Lifetime{7200};  // the greater one counts
  Depleted bench(rules);
  for (std::uint32_t n = 0; n < 8; ++n) ASSERT_TRUE(bench.prefix_for(client(n)));
  bench.now = WallTime{since.seconds + 7199};
  EXPECT_FALSE(bench.prefix_for(client(8)));
  EXPECT_TRUE(bench.send(solicit(client(8)).ia_pd(Iaid{1})).pd().leases.empty());
  bench.now = WallTime{since.seconds + 7200};
  EXPECT_EQ(bench.send(solicit(client(8)).ia_pd(Iaid{1})).pd().leases.size(), 1u);
  EXPECT_TRUE(bench.prefix_for(client(8)));
}

TEST(Halves, outside_of_partner_down_the_other_half_stays_shut) {  // F-147, F-356, F-382
  for (const ServingRules& rules : {normal(Role::kPrimary), interrupted(Role::kPrimary)}) {
    Depleted bench(rules);
    bench.now.seconds += 100'000'000;
    for (std::uint32_t n = 0; n < 8; ++n) ASSERT_TRUE(bench.prefix_for(client(n)));
    EXPECT_FALSE(bench.prefix_for(client(8)));
  }
}

TEST(Halves, own_prefixes_of_another_length_do_not_shut_the_other_half) {
  Depleted bench(partner_down(Role::kPrimary, WallTime{700'000'000}), 60);
  const std::vector<Ipv6Prefix> wish{Ipv6Prefix{{}, 56}};
  for (std::uint32_t n = 0; n < 5; ++n) {
    const auto given = bench.prefix_for(client(n), wish);
    ASSERT_TRUE(given);
    EXPECT_EQ(given->length, 56);
    EXPECT_EQ(prefix_of("2001:db8:8000::/54").contains(*given), n < 4) << given->to_string();
  }
}

TEST(Halves, the_secondary_in_partner_down_uses_its_own_prefixes_first) {  // F-305
  const WallTime since{700'000'000};
  PairBench bench(partner_down(Role::kSecondary, since), small_prefix_pools());
  bench.hand_over("2001:db8:8000:800::/56", 2);
  for (std::uint32_t n = 0; n < 4; ++n) {
    EXPECT_TRUE(prefix_of("2001:db8:8000:800::/54").contains(bench.prefix_for(client(n)).value()));
  }
  EXPECT_FALSE(prefix_of("2001:db8:8000:800::/54").contains(bench.prefix_for(client(4)).value()));
}

// a block may go to the partner between the look at a prefix and its claim
// (pair_race_test.cpp lets it).
TEST(Halves, rules_of_a_single_lease) {
  PairBench bench(normal(Role::kPrimary), small_prefix_pools());
  const Octets datagram = request().ia_pd(Iaid{1}).bytes();
  ParsedMessage message;
  ASSERT_EQ(parse(datagram, message, *bench.counters[0]), DropReason::kNone);
  Plan plan;
  const Envelope envelope = ServerBench::direct_envelope();
  Exchange exchange(*bench.service, bench.shard(), *bench.counters[0], envelope, message, bench.now,
                    plan);
  exchange.link = &bench.service->link(0);
  exchange.rules = normal(Role::kPrimary);
  exchange.find_bindings();
  const IaView& ia = message.identity_associations()[0];
  const Candidate candidate{ia.type, prefix_of("2001:db8:8000:800::/56"), 0};
  EXPECT_TRUE(may_give(exchange, ia, candidate));
  EXPECT_TRUE(is_still_ours(exchange, ia, candidate));
  bench.hand_over("2001:db8:8000:800::/56", 0);
  EXPECT_FALSE(may_give(exchange, ia, candidate));
  EXPECT_FALSE(is_still_ours(exchange, ia, candidate));
  exchange.rules = partner_down(Role::kPrimary, WallTime{700'000'000});
  EXPECT_TRUE(is_still_ours(exchange, ia, candidate));
  exchange.rules = ServingRules::alone();
  EXPECT_TRUE(is_still_ours(exchange, ia, candidate));

  // F-337: RECOVER-DONE gives nothing, new or again.
  exchange.rules = recover_done(Role::kPrimary);
  const Candidate own{ia.type, prefix_of("2001:db8:8000:100::/56"), 0};
  EXPECT_FALSE(may_give(exchange, ia, own));
  Binding ended;
  ended.ia_type = ia.type;
  ended.status = BindingStatus::kExpired;
  EXPECT_FALSE(may_have_again(exchange, ia, ended));
  exchange.rules = normal(Role::kPrimary);
  EXPECT_TRUE(may_give(exchange, ia, own));
  EXPECT_TRUE(may_have_again(exchange, ia, ended));
}

TEST(Halves, alone_both_are_given) {
  ServerSettings settings = small_pool();
  settings.links[0].relationship = kNoRelationship;
  PairBench bench(silent(Role::kPrimary), settings);
  std::size_t count = 0;
  for (std::uint32_t n = 0; n < 40; ++n) count += bench.address_for(client(n)).has_value();
  EXPECT_EQ(count, 15u);
}

}  // namespace
}  // namespace tandem6
