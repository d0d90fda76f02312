// Lifetimes, T1 and T2: RFC 8415 sections 7.7, 14.2, 21.4 and 21.6.
#include <gtest/gtest.h>

#include "dataplane/server/reply_builder.h"
#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();

ServerSettings with_lifetimes(const LifetimeSettings& lifetimes) {
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].lifetimes = lifetimes;
  return settings;
}

LifetimeSettings times(std::uint32_t preferred, std::uint32_t valid,
                       std::optional<Lifetime> t1 = {}, std::optional<Lifetime> t2 = {}) {
  return {.preferred = Lifetime{preferred}, .valid = Lifetime{valid}, .t1 = t1, .t2 = t2};
}

TEST(Lifetimes, times_of_clients_are_ignored) {  // S-177, S-178
  ServerBench bench;
  PacketBuilder packet = to_server(kRequest, kClient);
  packet.raw(encoded_ia(IaType::kNonTemporaryAddress, Iaid{1},
                        encoded_address(address_of("2001:db8:7::1"), 0xffffffff, 60), 7, 3));
  const Reply reply = bench.send(packet);
  EXPECT_EQ(reply.na().leases.at(0).preferred, 3000u);
  EXPECT_EQ(reply.na().leases.at(0).valid, 6000u);
  EXPECT_EQ(reply.na().t1, 1500u);
  EXPECT_EQ(reply.na().t2, 2400u);
}

TEST(Lifetimes, infinite_leases_never_end) {  // S-179, S-183
  ServerBench bench(with_lifetimes(times(0xffffffff, 0xffffffff)));
  const Reply reply = bench.send(to_server(kRequest, kClient).ia_na(Iaid{1}));
  EXPECT_EQ(reply.na().leases.at(0).valid, 0xffffffffu);
  EXPECT_EQ(reply.na().t1, 0xffffffffu);
  EXPECT_EQ(reply.na().t2, 0xffffffffu);
  bench.now.seconds += 3'000'000'000;
  bench.pass(100);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 1u);
  // It can still be given back.
  (void)bench.send(
      to_server(kRelease, kClient).ia_na(Iaid{1}, {reply.na().leases[0].lease.address}));
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 0u);
}

TEST(Lifetimes, near_infinity_does_not_wrap) {  // S-179
  ServerBench bench(with_lifetimes(times(0xfffffffe, 0xfffffffe)));
  const Reply reply = bench.send(to_server(kRequest, kClient).ia_na(Iaid{1}));
  EXPECT_EQ(reply.na().leases.at(0).valid, 0xfffffffeu);
  EXPECT_EQ(reply.na().t1, 0x7fffffffu);
  bench.pass(1000);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 1u);
}

// Every reply of every test is read with this in mind too, see ServerBench.
TEST(Lifetimes, preferred_is_never_above_valid) {  // S-180
  ServerSettings settings = with_lifetimes(times(100, 100));
  settings.links[0].reservations.push_back({.duid = ServerBench::client_duid(2),
                                            .iaid = std::nullopt,
                                            .address = address_of("2001:db8:7::5"),
                                            .prefix = std::nullopt});
  ServerSettings before = settings;
  before.links[0].reservations.clear();
  ServerBench bench(before);
  const std::vector<Ipv6Address> wish{address_of("2001:db8:7::5")};
  EXPECT_EQ(bench.send(to_server(kRequest, kClient).ia_na(Iaid{1}, wish)).na().leases.size(), 1u);
  bench.reconfigure(settings);
  bench.pass(40);
  const Reply reply = bench.send(to_server(kRenew, kClient).ia_na(Iaid{1}, wish));
  EXPECT_EQ(reply.na().leases.at(0).valid, 60u);  // runs out: less than what others would get
  EXPECT_LE(reply.na().leases.at(0).preferred, 60u);
}

Decision extended(std::uint32_t preferred) {
  Decision decision;
  decision.preferred = Lifetime{preferred};
  decision.valid = Lifetime{preferred};
  return decision;
}
Decision running_out(std::uint32_t valid) {
  Decision decision;
  decision.extended = false;
  decision.valid = Lifetime{valid};
  return decision;
}

TEST(RenewalTimes, are_shares_of_the_shortest_preferred_lifetime) {  // S-182, S-063
  const Decision decisions[] = {extended(1000), extended(600), extended(900)};
  const RenewalTimes result = renewal_times(times(0, 0), decisions);
  EXPECT_EQ(result.t1, Lifetime{300});
  EXPECT_EQ(result.t2, Lifetime{480});
}

TEST(RenewalTimes, are_infinite_with_it) {  // S-183
  const Decision decisions[] = {extended(0xffffffff)};
  const RenewalTimes result = renewal_times(times(0, 0), decisions);
  EXPECT_TRUE(result.t1.is_infinite());
  EXPECT_TRUE(result.t2.is_infinite());
}

TEST(RenewalTimes, only_leases_that_are_extended_count) {  // S-182, S-084
  const Decision mixed[] = {extended(1000), running_out(10), Decision::withdrawn({})};
  EXPECT_EQ(renewal_times(times(0, 0), mixed).t1, Lifetime{500});
  const Decision ending[] = {running_out(70), running_out(50), Decision::withdrawn({})};
  EXPECT_EQ(renewal_times(times(0, 0), ending).t1, Lifetime{50});
  EXPECT_EQ(renewal_times(times(0, 0), ending).t2, Lifetime{50});
}

TEST(RenewalTimes, t1_is_never_above_t2) {  // S-181
  const Decision decisions[] = {extended(1000)};
  const RenewalTimes late_t1 = renewal_times(times(0, 0, Lifetime{900}), decisions);
  EXPECT_EQ(late_t1.t1, Lifetime{800});
  EXPECT_EQ(late_t1.t2, Lifetime{800});
  const RenewalTimes early_t2 = renewal_times(times(0, 0, {}, Lifetime{100}), decisions);
  EXPECT_EQ(early_t2.t1, Lifetime{100});
  // Zero leaves the time to the client (S-183).
  const RenewalTimes free_choice = renewal_times(times(0, 0, Lifetime{0}, Lifetime{0}), decisions);
  EXPECT_EQ(free_choice.t1, Lifetime{0});
  EXPECT_EQ(free_choice.t2, Lifetime{0});
}

TEST(RenewalTimes, configured_ones_are_sent) {
  ServerBench bench(with_lifetimes(times(3000, 6000, Lifetime{111}, Lifetime{222})));
  const Reply reply = bench.send(solicit(kClient).ia_na(Iaid{1}));
  EXPECT_EQ(reply.na().t1, 111u);
  EXPECT_EQ(reply.na().t2, 222u);
}

TEST(Lifetimes, lease_goes_to_another_client_only_after_its_end) {  // S-184, S-185
  ServerSettings settings = with_lifetimes(times(300, 600));
  settings.links[0].address_pools = {prefix_of("2001:db8:7::1/128")};
  ServerBench bench(settings);
  (void)bench.send(to_server(kRequest, kClient).ia_na(Iaid{1}));
  bench.pass(400);
  (void)bench.send(to_server(kRenew, kClient).ia_na(Iaid{1}));
  bench.pass(599);
  const auto other = to_server(kRequest, ServerBench::client_duid(2)).ia_na(Iaid{1});
  EXPECT_EQ(bench.send(other).na().status, StatusCode::kNoAddrsAvail);
  bench.pass(1);
  EXPECT_EQ(bench.send(other).na().leases.size(), 1u);
}

}  // namespace
}  // namespace tandem6
