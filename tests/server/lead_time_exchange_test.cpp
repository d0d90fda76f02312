// The maximum client lead time in whole exchanges: the example of RFC 8156 section 4.4.1 and what
// follows from it. Acks are simulated by what they store.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/server/pair_rules.h"
#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();
constexpr std::uint32_t kThreeDays = 259'200;

ServerSettings three_days() {
  ServerSettings settings = ServerBench::pair_settings();
  settings.links[0].lifetimes = {.preferred = Lifetime{kThreeDays},
                                 .valid = Lifetime{kThreeDays},
                                 .t1 = std::nullopt,
                                 .t2 = std::nullopt};
  return settings;
}

/// What a client is told in an IA with one lease.
struct Told {
  std::uint32_t valid;
  std::uint32_t t1;
  friend bool operator==(const Told&, const Told&) = default;
};
void PrintTo(const Told& told, std::ostream* out) { *out << told.valid << ", T1 " << told.t1; }

/// A client with one address (or prefix), from time t on.
struct Example : ServerBench {
  explicit Example(IaType type = IaType::kNonTemporaryAddress,
                   const ServerSettings& its_settings = three_days(),
                   const ServingRules& rules = normal(Role::kPrimary))
      : ServerBench(its_settings), t(now), type_(type) {
    set_rules(rules);
  }

  Told exchange(MessageType message) {
    PacketBuilder packet = message == kSolicit ? solicit(kClient) : to_server(message, kClient);
    if (type_ == IaType::kNonTemporaryAddress) {
      packet.ia_na(Iaid{1});
    } else {
      packet.ia_pd(Iaid{1});
    }
    const Reply reply = send(packet);
    const ReplyIa& ia = reply.ia(type_);
    if (ia.leases.size() != 1) {
      ADD_FAILURE() << name_of(message) << ": " << ia.leases.size() << " leases";
      return {0, 0};
    }
    lease = ia.leases[0].lease;
    EXPECT_LE(ia.leases[0].preferred, ia.leases[0].valid);
    EXPECT_LE(ia.t1, ia.t2);
    EXPECT_LE(ia.t2, ia.leases[0].preferred);
    return {ia.leases[0].valid, ia.t1};
  }
  Told renew_at(std::int64_t seconds) {
    pass(static_cast<std::uint32_t>(t.seconds + seconds - now.seconds));
    EXPECT_EQ(now.seconds, t.seconds + seconds);
    return exchange(kRenew);
  }
  /// What the partner is told, counted from t.
  [[nodiscard]] std::int64_t partner_lifetime() const {
    return WallTime(binding_of(lease).partner_lifetime).seconds - t.seconds;
  }
  void acknowledge() { ServerBench::acknowledge(lease); }

  const WallTime t;
  Ipv6Prefix lease;

 private:
  IaType type_;
};

// F-155 to F-160, F-347: vectors 1 to 3.
TEST(LeadTime, example_of_the_rfc) {
  for (const IaType type : {IaType::kNonTemporaryAddress, IaType::kPrefixDelegation}) {
    Example example(type);
    EXPECT_EQ(example.exchange(kSolicit), (Told{3600, 1800}));  // the offer shows it already
    EXPECT_EQ(example.exchange(kRequest), (Told{3600, 1800}));
    EXPECT_EQ(example.partner_lifetime(), 261'000);
    example.acknowledge();
    EXPECT_EQ(example.renew_at(1800), (Told{259'200, 129'600}));
    EXPECT_EQ(example.partner_lifetime(), 390'600);
    example.acknowledge();
    EXPECT_EQ(example.renew_at(131'400), (Told{259'200, 129'600}));
    EXPECT_EQ(example.partner_lifetime(), 520'200);
  }
}

// F-163, F-357, F-383: with no acks coming lifetimes drift to MCLT.
TEST(LeadTime, drifts_to_mclt_without_contact) {
  Example example;
  (void)example.exchange(kRequest);
  example.acknowledge();
  (void)example.renew_at(1800);
  example.acknowledge();
  (void)example.renew_at(131'400);
  example.acknowledge();
  example.set_rules(interrupted(Role::kPrimary));
  EXPECT_EQ(example.renew_at(261'000), (Told{259'200, 129'600}));
  EXPECT_EQ(example.renew_at(390'600), (Told{133'200, 66'600}));
  EXPECT_EQ(example.renew_at(457'200), (Told{66'600, 33'300}));
  std::int64_t at = 457'200;
  Told told{66'600, 33'300};
  while (told.valid > 3600) {
    at += told.t1;
    const Told next = example.renew_at(at);
    const std::int64_t left = 520'200 - at;
    EXPECT_EQ(next.valid, std::max<std::int64_t>(left, 0) + 3600);
    EXPECT_LT(next.valid, told.valid);
    told = next;
  }
  EXPECT_EQ(example.renew_at(at + told.t1), (Told{3600, 1800}));
}

TEST(LeadTime, without_an_ack_stays_at_mclt) {  // F-161, F-164, R-18
  Example example;
  (void)example.exchange(kRequest);
  for (int n = 1; n < 6; ++n) EXPECT_EQ(example.renew_at(1800 * n), (Told{3600, 1800}));
  // Sent is not acked.
  example.binding_at(example.lease).update_sent = true;
  EXPECT_EQ(example.renew_at(1800 * 6), (Told{3600, 1800}));
  // What is told to the partner never decreases while one client has the lease.
  EXPECT_EQ(example.partner_lifetime(), 1800 * 6 + 261'000);
}

TEST(LeadTime, an_ack_of_the_past_leaves_mclt_from_now) {  // F-156
  Example example;
  (void)example.exchange(kRequest);
  example.binding_at(example.lease).acked_partner_lifetime = WallTime{example.t.seconds + 100};
  EXPECT_EQ(example.renew_at(1800), (Told{3600, 1800}));
}

// not the greatest one ever.
TEST(LeadTime, the_latest_ack_counts) {
  Example example;
  (void)example.exchange(kRequest);
  Binding& binding = example.binding_at(example.lease);
  binding.acked_partner_lifetime_max = WallTime{example.t.seconds + 261'000};
  binding.acked_partner_lifetime = WallTime{example.t.seconds + 10'000};
  EXPECT_EQ(example.renew_at(1800).valid, 10'000u - 1800 + 3600);
}

TEST(LeadTime, what_is_desired_below_mclt_is_given_whole) {  // F-162
  ServerSettings settings = three_days();
  settings.links[0].lifetimes.preferred = settings.links[0].lifetimes.valid = Lifetime{1800};
  Example example(IaType::kNonTemporaryAddress, settings);
  EXPECT_EQ(example.exchange(kRequest), (Told{1800, 900}));
  EXPECT_EQ(example.partner_lifetime(), 900 + 1800);
}

TEST(LeadTime, half_a_minute_is_the_least) {  // F-137, R-12
  ServerSettings settings = three_days();
  settings.links[0].lifetimes.preferred = settings.links[0].lifetimes.valid = Lifetime{10};
  Example example(IaType::kPrefixDelegation, settings);
  EXPECT_EQ(example.exchange(kSolicit).valid, 30u);
  EXPECT_EQ(example.exchange(kRequest).valid, 30u);
  EXPECT_EQ(WallTime(example.binding_of(example.lease).state_expiration_time),
            example.now + Lifetime{30});
}

TEST(LeadTime, infinity_is_never_given) {
  ServerSettings settings = three_days();
  settings.links[0].lifetimes = {.preferred = kInfiniteLifetime,
                                 .valid = kInfiniteLifetime,
                                 .t1 = std::nullopt,
                                 .t2 = std::nullopt};
  Example example(IaType::kNonTemporaryAddress, settings);
  EXPECT_EQ(example.exchange(kRequest), (Told{3600, 1800}));
  EXPECT_EQ(example.partner_lifetime(), 1800 + (1 << 30));
  example.acknowledge();
  EXPECT_EQ(example.renew_at(1800), (Told{1U << 30, 1U << 29}));
  EXPECT_EQ(example.partner_lifetime(), 1800 + (1LL << 29) + (1LL << 30));
  EXPECT_LT(example.partner_lifetime(), 1LL << 31);
  example.set_rules(partner_down(Role::kPrimary, example.now));
  EXPECT_EQ(example.renew_at(3600), (Told{1U << 30, 1U << 29}));
}

TEST(LeadTime, t1_of_zero_counts_as_half_for_the_partner) {
  ServerSettings settings = three_days();
  settings.links[0].lifetimes.t1 = settings.links[0].lifetimes.t2 = Lifetime{0};
  Example example(IaType::kNonTemporaryAddress, settings);
  EXPECT_EQ(example.exchange(kRequest), (Told{3600, 0}));
  EXPECT_EQ(example.partner_lifetime(), 1800 + kThreeDays);
}

TEST(LeadTime, configured_t1_is_told_to_client_and_partner_where_it_fits) {  // R-14, F-157
  ServerSettings settings = three_days();
  settings.links[0].lifetimes.t1 = Lifetime{100'000};
  settings.links[0].lifetimes.t2 = Lifetime{200'000};
  Example example(IaType::kNonTemporaryAddress, settings);
  EXPECT_EQ(example.exchange(kRequest), (Told{3600, 1800}));
  EXPECT_EQ(example.partner_lifetime(), 1800 + kThreeDays);
  example.acknowledge();
  EXPECT_EQ(example.renew_at(1800), (Told{259'200, 100'000}));
  EXPECT_EQ(example.partner_lifetime(), 1800 + 100'000 + kThreeDays);
}

// F-166, and R-19: once the partner is back (S clear) the bound holds again.
TEST(LeadTime, does_not_bound_in_partner_down_until_the_partner_is_back) {
  Example example(IaType::kNonTemporaryAddress, three_days(),
                  partner_down(Role::kPrimary, WallTime{700'000'000}));
  EXPECT_EQ(example.exchange(kSolicit), (Told{259'200, 129'600}));
  EXPECT_EQ(example.exchange(kRequest), (Told{259'200, 129'600}));
  ServingRules back = partner_down(Role::kPrimary, WallTime{700'000'000});
  back.is_bounded = true;
  example.set_rules(back);
  EXPECT_EQ(example.renew_at(1000), (Told{3600, 1800}));
}

TEST(LeadTime, a_lease_that_comes_back_unsent_is_bounded_by_what_was_acked) {  // F-152, F-155
  Example example;
  (void)example.exchange(kRequest);
  example.acknowledge();
  const Ipv6Prefix lease = example.lease;
  (void)example.send(to_server(kRelease, kClient).ia_na(Iaid{1}, {lease.address}));
  ASSERT_EQ(example.binding_of(lease).status, BindingStatus::kReleased);
  example.pass(1000);
  EXPECT_EQ(example.exchange(kRequest), (Told{259'200, 129'600}));
  EXPECT_EQ(example.lease, lease);
}

TEST(LeadTime, two_leases_of_one_reply_come_back_with_the_shorter_one) {  // R-14, S-063
  ServerSettings settings = three_days();
  Example example(IaType::kNonTemporaryAddress, settings);
  (void)example.exchange(kRequest);
  example.acknowledge();
  example.pass(1800);
  const Reply reply = example.send(to_server(kRequest, kClient).ia_na(Iaid{1}).ia_pd(Iaid{1}));
  EXPECT_EQ(reply.na().leases.at(0).valid, kThreeDays);
  EXPECT_EQ(reply.pd().leases.at(0).valid, 3600u);
  EXPECT_EQ(reply.na().t1, 1800u);
  EXPECT_EQ(reply.pd().t1, 1800u);
  // The partner is told of the T1 that the client was told.
  EXPECT_EQ(example.partner_lifetime(), std::max(261'000LL, 1800LL + 1800 + kThreeDays));
}

TEST(LeadTime, every_grant_is_to_be_told_to_the_partner) {  // F-165: the reply goes first
  Example example;
  (void)example.exchange(kRequest);
  const Binding& binding = example.binding_of(example.lease);
  EXPECT_TRUE(binding.needs_update);
  EXPECT_FALSE(binding.update_sent);
  ASSERT_EQ(example.changes.size(), 1u);
  EXPECT_TRUE(example.changes[0].binding.needs_update);
  example.binding_at(example.lease).update_sent = true;
  (void)example.renew_at(1800);
  EXPECT_FALSE(example.binding_of(example.lease).update_sent);
}

// F-155, F-357: whatever happens, in any order.
TEST(LeadTime, no_client_is_ever_told_more_than_mclt_past_what_was_acked) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    const auto draw = [&](std::uint32_t end) { return static_cast<std::uint32_t>(random() % end); };
    ServerSettings settings = three_days();
    settings.links[0].lifetimes.preferred = Lifetime{1 + draw(kThreeDays)};
    if (draw(2) == 0) settings.links[0].lifetimes.t1 = Lifetime{draw(kThreeDays)};
    if (draw(2) == 0) settings.links[0].lifetimes.t2 = Lifetime{draw(kThreeDays)};
    ServerBench bench(settings);
    ServingRules rules = interrupted(draw(2) == 0 ? Role::kPrimary : Role::kSecondary);
    rules.is_in_contact = draw(2) == 0;
    bench.set_rules(rules);
    for (int step = 0; step < 300; ++step) {
      const Duid client = ServerBench::client_duid(draw(4));
      constexpr MessageType kTypes[] = {kSolicit, kRequest, kRequest, kRenew, kRenew, kRelease};
      const MessageType type = kTypes[draw(6)];
      std::vector<Ipv6Address> listed;
      for (const Change& change : bench.changes) {
        if (change.duid == client) listed = {change.binding.address};
      }
      std::map<Ipv6Prefix, WallTime> acked;
      const Shard& shard = bench.shard();
      for (BindingIndex at = shard.first_from(0); at != kNoBinding; at = shard.first_from(at + 1)) {
        const Binding& binding = shard.at(at);
        if (binding.claimed) acked[binding.lease()] = binding.acked_partner_lifetime;
      }
      const Reply reply = bench.send(
          (type == kSolicit ? solicit(client) : to_server(type, client)).ia_na(Iaid{1}, listed));
      for (const ReplyIa& ia : reply.ias) {
        for (const ReplyLease& lease : ia.leases) {
          const auto known = acked.find(lease.lease);
          const WallTime ack = known == acked.end() ? kNoTime : known->second;
          EXPECT_LE(bench.now + Lifetime{lease.valid}, std::max(ack, bench.now) + kMclt);
          if (lease.valid != 0) {
            EXPECT_LE(ia.t2, lease.preferred);
          }
        }
      }
      for (BindingIndex at = shard.first_from(0); at != kNoBinding; at = shard.first_from(at + 1)) {
        if (shard.at(at).claimed && draw(4) == 0) bench.acknowledge(shard.at(at).lease());
      }
      bench.pass(draw(3) == 0 ? draw(100'000) : draw(3000));
    }
  }
}

}  // namespace
}  // namespace tandem6
