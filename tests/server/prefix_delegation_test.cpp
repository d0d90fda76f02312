// Prefix delegation: RFC 8168 (length hints) and RFC 6603 (excluded prefixes).
#include <gtest/gtest.h>

#include "dataplane/wire/pd_exclude.h"
#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();
const Duid kOther = ServerBench::client_duid(2);

Ipv6Prefix length_only(std::uint8_t length) { return {{}, length}; }

/// Pools of /48, /56 and /60.
ServerSettings three_lengths() {
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].prefix_pools = {{prefix_of("2001:db8:a000::/44"), 48, std::nullopt},
                                    {prefix_of("2001:db8:b000::/48"), 56, std::nullopt},
                                    {prefix_of("2001:db8:c000::/52"), 60, std::nullopt}};
  return settings;
}

std::uint8_t offered_length(ServerBench& bench, std::vector<Ipv6Prefix> hints,
                            const Duid& client = kClient) {
  return bench.send(solicit(client).ia_pd(Iaid{1}, hints)).pd().leases.at(0).lease.length;
}

TEST(PrefixHint, length_is_met_exactly_or_by_the_nearest_shorter_one) {  // S-146, S-149, S-150
  ServerBench bench(three_lengths());
  EXPECT_EQ(offered_length(bench, {length_only(48)}), 48);
  EXPECT_EQ(offered_length(bench, {length_only(56)}), 56);
  EXPECT_EQ(offered_length(bench, {length_only(60)}), 60);
  EXPECT_EQ(offered_length(bench, {length_only(64)}), 60);
  EXPECT_EQ(offered_length(bench, {length_only(59)}), 56);
  EXPECT_EQ(offered_length(bench, {length_only(52)}), 48);
  // Nothing shorter is there: the nearest longer one serves the client better than none.
  EXPECT_EQ(offered_length(bench, {length_only(40)}), 48);
  // `::` of length 0 is no hint: the smallest is given.
  EXPECT_EQ(offered_length(bench, {length_only(0)}), 60);
  EXPECT_EQ(offered_length(bench, {}), 60);
}

TEST(PrefixHint, length_wins_over_what_the_client_had) {  // S-149
  ServerBench bench(three_lengths());
  const Ipv6Prefix had = bench.send(to_server(kRequest, kClient).ia_pd(Iaid{1}, {length_only(56)}))
                             .pd()
                             .leases.at(0)
                             .lease;
  (void)bench.send(to_server(kRelease, kClient).ia_pd(Iaid{1}, {had}));
  EXPECT_EQ(offered_length(bench, {length_only(60)}), 60);
  EXPECT_EQ(bench.send(solicit(kClient).ia_pd(Iaid{1}, {length_only(56)})).pd().leases.at(0).lease,
            had);
  EXPECT_EQ(bench.send(solicit(kClient).ia_pd(Iaid{1})).pd().leases.at(0).lease, had);
}

// S-048: the REQUEST names what the ADVERTISE showed, and gets it though the IA has another.
TEST(PrefixHint, what_was_offered_by_length_is_then_given) {
  ServerBench bench(three_lengths());
  (void)bench.send(to_server(kRequest, kClient).ia_pd(Iaid{1}, {length_only(56)}));
  const Ipv6Prefix offered =
      bench.send(solicit(kClient).ia_pd(Iaid{1}, {length_only(60)})).pd().leases.at(0).lease;
  ASSERT_EQ(offered.length, 60);
  (void)bench.send(to_server(kRequest, kClient).ia_pd(Iaid{1}, {length_only(60)}));
  const Reply given = bench.send(to_server(kRequest, kClient).ia_pd(Iaid{1}, {offered}));
  EXPECT_EQ(given.pd().leases.at(0).lease, offered);
}

TEST(PrefixHint, specific_prefix_is_tried_then_its_length) {  // S-151
  ServerBench bench(three_lengths());
  const Ipv6Prefix wish = prefix_of("2001:db8:b000:4200::/56");
  EXPECT_EQ(bench.send(solicit(kClient).ia_pd(Iaid{1}, {wish})).pd().leases.at(0).lease, wish);
  (void)bench.send(to_server(kRequest, kOther).ia_pd(Iaid{1}, {wish}));
  const Ipv6Prefix instead =
      bench.send(solicit(kClient).ia_pd(Iaid{1}, {wish})).pd().leases.at(0).lease;
  EXPECT_NE(instead, wish);
  EXPECT_EQ(instead.length, 56);
  EXPECT_EQ(offered_length(bench, {prefix_of("2001:db8:9999::/48")}), 48);
}

TEST(PrefixHint, bits_past_the_length_are_masked) {  // S-147
  ServerBench bench(three_lengths());
  const Ipv6Prefix untidy{address_of("2001:db8:b000:42ff::1"), 56};
  EXPECT_EQ(bench.send(solicit(kClient).ia_pd(Iaid{1}, {untidy})).pd().leases.at(0).lease,
            prefix_of("2001:db8:b000:4200::/56"));
}

TEST(PrefixPools, are_given_to_the_last_prefix_and_never_twice) {  // S-147, S-145
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].prefix_pools = {{prefix_of("2001:db8:8000::/52"), 56, std::nullopt}};
  ServerBench bench(settings);
  std::vector<Ipv6Prefix> given;
  for (std::uint32_t n = 0; n < 16; ++n) {
    const Reply reply = bench.send(to_server(kRequest, ServerBench::client_duid(n)).ia_pd(Iaid{1}));
    ASSERT_EQ(reply.pd().leases.size(), 1u) << n;
    for (const Ipv6Prefix& other : given) {
      EXPECT_FALSE(other.overlaps(reply.pd().leases[0].lease));
    }
    given.push_back(reply.pd().leases[0].lease);
  }
  EXPECT_EQ(
      bench.send(to_server(kRequest, ServerBench::client_duid(99)).ia_pd(Iaid{1})).pd().status,
      StatusCode::kNoPrefixAvail);
}

// --- PD Exclude.

ServerSettings with_exclusion() {
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].prefix_pools = {{prefix_of("2001:db8:8000::/40"), 56, std::uint8_t{64}}};
  return settings;
}

TEST(PdExclude, is_sent_only_if_requested_and_inside_the_prefix) {  // S-154, S-155
  ServerBench bench(with_exclusion());
  EXPECT_TRUE(bench.send(solicit(kClient).ia_pd(Iaid{1})).pd().leases.at(0).options.empty());
  const Reply reply = bench.send(to_server(kRequest, kClient).ia_pd(Iaid{1}).oro({67}));
  const ReplyLease& lease = reply.pd().leases.at(0);
  ASSERT_EQ(lease.options.size(), 1u);
  EXPECT_EQ(lease.options[0].code, 67);
  const auto excluded = decode_pd_exclude(lease.lease, lease.options[0].value);
  ASSERT_TRUE(excluded.has_value());
  EXPECT_EQ(excluded->length, 64);
  EXPECT_TRUE(lease.lease.contains(*excluded));
  EXPECT_EQ(reply.count(OptionCode::kPdExclude), 0u);
  ServerBench without;
  EXPECT_TRUE(
      without.send(solicit(kClient).ia_pd(Iaid{1}).oro({67})).pd().leases.at(0).options.empty());
}

PacketBuilder release_with(const Ipv6Prefix& lease, const Octets& exclusion) {
  PacketBuilder packet = to_server(kRelease, kClient);
  packet.ia(IaType::kPrefixDelegation, Iaid{1},
            encoded_prefix(lease, 0, 0, encoded_option(67, exclusion)));
  return packet;
}

TEST(PdExclude, release_with_another_excluded_prefix_is_no_binding) {  // S-158, S-159
  ServerBench bench(with_exclusion());
  const Reply given = bench.send(to_server(kRequest, kClient).ia_pd(Iaid{1}).oro({67}));
  const ReplyLease lease = given.pd().leases.at(0);
  const std::string before = bench.digest();
  EXPECT_EQ(bench.send(release_with(lease.lease, {64, 0x55})).pd().status, StatusCode::kNoBinding);
  EXPECT_EQ(bench.digest(), before);
  EXPECT_TRUE(bench.send(release_with(lease.lease, lease.options.at(0).value)).ias.empty());
  EXPECT_EQ(bench.binding_of(lease.lease).status, BindingStatus::kFree);
  EXPECT_EQ(bench.pools->prefix_pool(0).used(), 0u);
}

TEST(PdExclude, release_with_one_that_was_never_told_frees_nothing_of_the_ia) {  // S-158
  ServerBench bench(with_exclusion());
  const ReplyLease lease =
      bench.send(to_server(kRequest, kClient).ia_pd(Iaid{1})).pd().leases.at(0);
  const std::string before = bench.digest();
  EXPECT_EQ(bench.send(release_with(lease.lease, {64, 0})).pd().status, StatusCode::kNoBinding);
  EXPECT_EQ(bench.digest(), before);
}

}  // namespace
}  // namespace tandem6
