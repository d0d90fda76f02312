// Options and status codes of replies: RFC 8415 section 21, RFC 4704 (client FQDN), RFC 7083.
#include <gtest/gtest.h>

#include "dataplane/wire/domain_name.h"
#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();

EncodedOption option_row(std::uint16_t code, const Octets& value, bool always = false) {
  return {.code = code, .octets = encoded_option(code, value), .always = always};
}

ServerSettings with_options(std::vector<EncodedOption> options) {
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].options = std::move(options);
  return settings;
}

TEST(Options, go_out_only_if_requested_or_forced) {  // S-160, S-165
  ServerBench bench(
      with_options({option_row(17, {0, 0, 0, 9, 0, 1, 0, 0}), option_row(23, Octets(16, 1)),
                    option_row(31, Octets(16, 2), true)}));
  const Reply plain = bench.send(solicit(kClient).ia_na(Iaid{1}));
  EXPECT_EQ(plain.count(static_cast<OptionCode>(31)), 1u);
  EXPECT_EQ(plain.count(OptionCode::kDnsServers), 0u);
  EXPECT_EQ(plain.count(OptionCode::kVendorOptions), 0u);
  for (const MessageType type : {kRequest, kRenew}) {
    const Reply asked = bench.send(to_server(type, kClient).ia_na(Iaid{1}).oro({23, 17, 17, 23}));
    EXPECT_EQ(asked.count(OptionCode::kDnsServers), 1u);
    EXPECT_EQ(asked.count(OptionCode::kVendorOptions), 1u);
    EXPECT_EQ(asked.count(static_cast<OptionCode>(31)), 1u);
  }
}

TEST(Options, are_those_of_the_link) {
  ServerBench bench(ServerBench::two_links());
  EXPECT_EQ(bench
                .send(solicit(kClient).ia_na(Iaid{1}).oro({23}).bytes(),
                      ServerBench::direct_from(address_of("fe80::1"), 1))
                .count(OptionCode::kDnsServers),
            0u);
  EXPECT_EQ(bench.send(solicit(kClient).ia_na(Iaid{1}).oro({23})).count(OptionCode::kDnsServers),
            1u);
}

TEST(Options, sol_max_rt_is_sent_also_where_no_lease_is) {  // S-166, S-205
  ServerSettings settings =
      with_options({option_row(82, {0, 0, 0x0e, 0x10}), option_row(83, {0, 0, 0x0e, 0x10})});
  settings.links[0].address_pools.clear();
  ServerBench bench(settings);
  const Reply reply = bench.send(solicit(kClient).ia_na(Iaid{1}).oro({82, 83}));
  EXPECT_EQ(reply.na().status, StatusCode::kNoAddrsAvail);
  EXPECT_EQ(reply.option(OptionCode::kSolMaxRt), (Octets{0, 0, 0x0e, 0x10}));
  EXPECT_EQ(
      bench.send(PacketBuilder(kInformationRequest, 1).oro({83})).option(OptionCode::kInfMaxRt),
      (Octets{0, 0, 0x0e, 0x10}));
  EXPECT_EQ(bench.send(solicit(kClient).ia_na(Iaid{1})).count(OptionCode::kSolMaxRt), 0u);
}

TEST(Options, verdict_replies_carry_no_configuration) {  // S-173
  ServerBench bench(with_options({option_row(23, Octets(16, 1), true)}));
  for (const MessageType type : {kRelease, kDecline}) {
    const Reply reply = bench.send(to_server(type, kClient).ia_na(Iaid{1}).oro({23}));
    EXPECT_EQ(reply.count(OptionCode::kDnsServers), 0u);
    EXPECT_EQ(reply.status, StatusCode::kSuccess);
  }
}

TEST(Options, server_unicast_and_reconfigure_accept_are_never_sent) {  // S-046, S-064, S-168, S-200
  ServerBench bench;
  for (const Reply& reply :
       {bench.send(solicit(kClient).ia_na(Iaid{1}).reconfigure_accept().oro({11, 12, 20})),
        bench.send(
            to_server(kRequest, kClient).ia_na(Iaid{1}).reconfigure_accept().oro({11, 12, 20}))}) {
    // Reconfigure is not on here, so that nothing is promised and no key is sent.
    EXPECT_EQ(reply.count(OptionCode::kServerUnicast), 0u);
    EXPECT_EQ(reply.count(OptionCode::kReconfigureAccept), 0u);
    EXPECT_EQ(reply.count(OptionCode::kAuthentication), 0u);
  }
}

TEST(Options, user_and_vendor_class_are_no_hindrance_odd_class) {  // S-163
  ServerBench bench;
  EXPECT_TRUE(bench
                  .send(solicit(kClient)
                            .ia_na(Iaid{1})
                            .option(OptionCode::kUserClass, {0, 2, 'h', 'i'})
                            .option(OptionCode::kVendorClass, {0, 0, 0, 9, 0, 1, 'x'}))
                  .sent());
  EXPECT_EQ(bench.odd(OddReason::kClass), 0u);
  EXPECT_TRUE(
      bench.send(solicit(kClient).ia_na(Iaid{1}).option(OptionCode::kUserClass, {0, 9, 'h'}))
          .sent());
  EXPECT_EQ(bench.odd(OddReason::kClass), 1u);
}

TEST(StatusCodes, text_is_utf8_without_nul_and_counted) {  // S-171, S-172
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].address_pools.clear();
  ServerBench bench(settings);
  const Reply reply = bench.send(solicit(kClient).ia_na(Iaid{1}));
  ASSERT_EQ(reply.na().status, StatusCode::kNoAddrsAvail);
  const std::string text = "No address is available";
  const Octets expected = encoded_option(13, Octets{0, 2} + Octets(text.begin(), text.end()));
  EXPECT_NE(std::ranges::search(reply.octets, expected).begin(), reply.octets.end());
  EXPECT_EQ(bench.counters[0]->status_sent[2].read(), 1u);
  // What succeeds says nothing, but for the three messages that ask for a verdict.
  EXPECT_EQ(ServerBench().send(to_server(kRequest, kClient).ia_na(Iaid{1})).na().status,
            std::nullopt);
}

// --- Client FQDN.

const Octets kHost{4, 'h', 'o', 's', 't'};
const Octets kSuffix{7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'n', 'e', 't', 0};
constexpr std::uint8_t kS = 1, kO = 2, kN = 4;

ServerSettings with_suffix() {
  ServerSettings settings = ServerBench::default_settings();
  settings.domain_suffix = "example.net";
  return settings;
}

TEST(ClientFqdn, is_sent_only_if_sent_and_requested) {  // S-244
  ServerBench bench(with_suffix());
  const auto count = [&](PacketBuilder packet) {
    return bench.send(packet.ia_na(Iaid{1})).count(OptionCode::kClientFqdn);
  };
  EXPECT_EQ(count(solicit(kClient).client_fqdn(kS, kHost).oro({39})), 1u);
  EXPECT_EQ(count(to_server(kRequest, kClient).client_fqdn(kS, kHost).oro({39})), 1u);
  EXPECT_EQ(count(solicit(kClient).client_fqdn(kS, kHost)), 0u);
  EXPECT_EQ(count(solicit(kClient).oro({39})), 0u);
}

TEST(ClientFqdn, names_of_every_shape_come_back_complete) {  // S-247
  ServerBench bench(with_suffix());
  const auto answer = [&](const Octets& name) {
    return bench.send(solicit(kClient).ia_na(Iaid{1}).client_fqdn(kS, name).oro({39}))
        .option(OptionCode::kClientFqdn);
  };
  const Octets full{4, 'h', 'o', 's', 't', 3, 'o', 'r', 'g', 0};
  EXPECT_EQ(answer(kHost), Octets{kO | kN} + kHost + kSuffix);
  EXPECT_EQ(answer(full), Octets{kO | kN} + full);
  EXPECT_EQ(answer({}), Octets{kO | kN});
}

TEST(ClientFqdn, flags_say_that_no_update_is_made) {  // S-245, S-246
  ServerBench bench(with_suffix());
  const auto flags = [&](std::uint8_t sent) {
    return bench.send(solicit(kClient).ia_na(Iaid{1}).client_fqdn(sent, kHost).oro({39}))
        .option(OptionCode::kClientFqdn)
        .value_or(Octets{0xff})
        .at(0);
  };
  EXPECT_EQ(flags(0), kN);        // S is 0 on both sides: O is 0
  EXPECT_EQ(flags(kS), kO | kN);  // S was 1 and is 0: O is 1
  EXPECT_EQ(flags(kN), kN);
  EXPECT_EQ(flags(0xf8 | kS), kO | kN);  // reserved bits are read over and cleared
}

TEST(ClientFqdn, malformed_one_loses_the_option_and_not_the_exchange_odd_fqdn) {  // S-252
  ServerBench bench(with_suffix());
  const Octets names[] = {{0xc0, 0x0c}, {70, 'a'}, {4, 'h', 'o'}, {0}};
  for (const Octets& name : names) {
    const Reply reply =
        bench.send(to_server(kRequest, kClient).ia_na(Iaid{1}).client_fqdn(kS, name).oro({39}));
    EXPECT_EQ(reply.na().leases.size(), 1u);
    EXPECT_EQ(reply.count(OptionCode::kClientFqdn), 0u);
  }
  EXPECT_TRUE(
      bench.send(solicit(kClient).ia_na(Iaid{1}).client_fqdn(kS | kN, kHost).oro({39})).sent());
  EXPECT_EQ(bench.odd(OddReason::kFqdn), 5u);
}

TEST(ClientFqdn, is_kept_with_the_binding) {  // S-247
  ServerBench bench(with_suffix());
  const Reply reply =
      bench.send(to_server(kRequest, kClient).ia_na(Iaid{1}).client_fqdn(kS, kHost));
  const auto kept =
      bench.shard().attributes_of(bench.binding_of(reply.na().leases.at(0).lease)).client_fqdn;
  EXPECT_EQ(Octets(kept.begin(), kept.end()), Octets{kS} + kHost);
}

TEST(ClientFqdn, too_long_when_completed_is_left_out) {  // S-252
  ServerBench bench(with_suffix());
  Octets name;
  for (int n = 0; n < 4; ++n) name = name + Octets{61} + Octets(61, 'a');
  const Reply reply = bench.send(solicit(kClient).ia_na(Iaid{1}).client_fqdn(0, name).oro({39}));
  EXPECT_TRUE(reply.sent());
  EXPECT_EQ(reply.count(OptionCode::kClientFqdn), 0u);
}

}  // namespace
}  // namespace tandem6
