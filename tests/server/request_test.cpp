// REQUEST: RFC 8415 section 18.3.2.
#include <gtest/gtest.h>

#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();

PacketBuilder request() { return to_server(kRequest, kClient); }

TEST(Request, gets_leases_that_the_binding_then_holds) {  // S-058, S-070
  ServerBench bench;
  const Reply reply = bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  ASSERT_TRUE(reply.sent()) << name_of(reply.drop);
  EXPECT_EQ(reply.type, kReply);
  EXPECT_EQ(reply.transaction_id, 0x222222u);
  ASSERT_EQ(reply.na().leases.size(), 1u);
  ASSERT_EQ(reply.pd().leases.size(), 1u);
  EXPECT_EQ(reply.na().leases[0].valid, 6000u);
  EXPECT_EQ(reply.na().leases[0].preferred, 3000u);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 2u);
  // The reply waits for the last change that it told of (S-068 as far as the server sees it).
  ASSERT_EQ(bench.changes.size(), 2u);
  EXPECT_EQ(reply.change_number, bench.changes.back().number);
  EXPECT_EQ(bench.changes[0].binding.lease(), reply.na().leases[0].lease);
}

// S-065, S-066, S-067, S-254: replayed, it costs work and changes only times.
TEST(Request, again_gets_the_same_lease_and_no_second_one) {
  ServerBench bench;
  const Reply first = bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  bench.pass(100);
  const Reply second = bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  EXPECT_EQ(first.na().leases[0].lease, second.na().leases[0].lease);
  EXPECT_EQ(first.pd().leases[0].lease, second.pd().leases[0].lease);
  EXPECT_EQ(second.na().leases[0].valid, 6000u);
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 2u);
  EXPECT_EQ(WallTime(bench.binding_of(second.na().leases[0].lease).state_expiration_time),
            bench.now + Lifetime{6000});
}

TEST(Request, with_a_used_transaction_id_is_answered_anew) {  // S-066, S-067
  ServerBench bench;
  const Reply first = bench.send(to_server(kRequest, kClient, 7).ia_na(Iaid{1}));
  const Reply other =
      bench.send(to_server(kRequest, ServerBench::client_duid(2), 7).ia_na(Iaid{1}));
  const Reply more = bench.send(to_server(kRequest, kClient, 7).ia_na(Iaid{1}).ia_na(Iaid{2}));
  EXPECT_NE(first.na().leases[0].lease, other.na().leases[0].lease);
  EXPECT_EQ(more.ias.size(), 2u);
  EXPECT_EQ(more.na().leases[0].lease, first.na().leases[0].lease);
}

TEST(Request, foreign_address_makes_the_ia_not_on_link) {  // S-059
  ServerBench bench;
  const Reply reply =
      bench.send(request()
                     .ia_na(Iaid{1}, {address_of("2001:db8:7::5"), address_of("2001:db8:99::1")})
                     .ia_pd(Iaid{2}));
  EXPECT_EQ(reply.na().status, StatusCode::kNotOnLink);
  EXPECT_TRUE(reply.na().leases.empty());
  EXPECT_EQ(reply.pd(2).leases.size(), 1u);
  EXPECT_EQ(bench.odd(OddReason::kHintBad), 1u);
}

TEST(Request, hints_of_all_odd_kinds_are_not_on_link) {  // S-059
  ServerBench bench;
  for (const char* hint : {"ff02::1", "::1", "fe80::1"}) {
    EXPECT_EQ(bench.send(request().ia_na(Iaid{1}, {address_of(hint)})).na().status,
              StatusCode::kNotOnLink);
  }
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 0u);
}

TEST(Request, nothing_to_give_is_said_inside_the_ia) {  // S-060, S-145
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].address_pools = {prefix_of("2001:db8:7::1/128")};
  settings.links[0].prefix_pools.clear();
  ServerBench bench(settings);
  EXPECT_EQ(bench.send(request().ia_na(Iaid{1})).na().leases.size(), 1u);
  const Reply late =
      bench.send(to_server(kRequest, ServerBench::client_duid(2)).ia_na(Iaid{1}).ia_pd(Iaid{1}));
  EXPECT_EQ(late.na().status, StatusCode::kNoAddrsAvail);
  EXPECT_TRUE(late.na().leases.empty());
  EXPECT_EQ(late.pd().status, StatusCode::kNoPrefixAvail);
  EXPECT_EQ(late.status, std::nullopt);
  EXPECT_EQ(late.change_number, 0u);
}

TEST(Request, lists_only_what_it_gives) {  // S-061, S-062
  ServerBench bench;
  const Ipv6Address wish = address_of("2001:db8:7::1234");
  (void)bench.send(to_server(kRequest, ServerBench::client_duid(2)).ia_na(Iaid{1}, {wish}));
  const Reply reply = bench.send(request().ia_na(Iaid{1}, {wish, address_of("2001:db8:7::5678")}));
  ASSERT_EQ(reply.na().leases.size(), 1u);
  EXPECT_EQ(reply.na().leases[0].lease, lease_of("2001:db8:7::5678"));
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 2u);
}

TEST(Request, has_one_t1_and_t2_for_all_its_ias) {  // S-063
  ServerBench bench;
  const Reply reply = bench.send(request().ia_na(Iaid{1}).ia_na(Iaid{2}).ia_pd(Iaid{3}));
  for (const ReplyIa& ia : reply.ias) {
    EXPECT_EQ(ia.t1, 1500u);
    EXPECT_EQ(ia.t2, 2400u);
  }
  EXPECT_EQ(reply.ias.size(), 3u);
}

TEST(Request, ia_type_is_part_of_the_key) {  // S-069
  ServerBench bench;
  const Reply reply = bench.send(request().ia_na(Iaid{0}).ia_pd(Iaid{0}));
  EXPECT_EQ(reply.na(0).leases.size(), 1u);
  EXPECT_EQ(reply.pd(0).leases.size(), 1u);
  (void)bench.send(to_server(kRelease, kClient).ia_pd(Iaid{0}, {reply.pd(0).leases[0].lease}));
  EXPECT_EQ(bench.binding_of(reply.na(0).leases[0].lease).status, BindingStatus::kActive);
  EXPECT_EQ(bench.binding_of(reply.pd(0).leases[0].lease).status, BindingStatus::kFree);
}

TEST(Request, one_lease_wanted_by_two_ias_goes_to_one) {  // S-071
  ServerBench bench;
  const Ipv6Address wish = address_of("2001:db8:7::1234");
  const Ipv6Prefix prefix = prefix_of("2001:db8:8000:100::/56");
  const Reply reply = bench.send(request()
                                     .ia_na(Iaid{1}, {wish})
                                     .ia_na(Iaid{2}, {wish})
                                     .ia_pd(Iaid{1}, {prefix})
                                     .ia_pd(Iaid{2}, {prefix}));
  EXPECT_EQ(reply.na(1).leases.at(0).lease.address, wish);
  EXPECT_NE(reply.na(2).leases.at(0).lease.address, wish);
  EXPECT_EQ(reply.pd(1).leases.at(0).lease, prefix);
  EXPECT_NE(reply.pd(2).leases.at(0).lease, prefix);
}

TEST(Request, client_that_moved_gets_a_lease_of_its_new_link) {  // S-073
  ServerBench bench(ServerBench::two_links());
  const Envelope there = ServerBench::direct_from(address_of("fe80::c1"), 1);
  const Reply here = bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  const Reply moved = bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}).bytes(), there);
  EXPECT_TRUE(prefix_of("2001:db8:9::/64").contains(moved.na().leases.at(0).lease));
  EXPECT_TRUE(prefix_of("2001:db8:9000::/40").contains(moved.pd().leases.at(0).lease));
  EXPECT_EQ(moved.na().leases.size(), 1u);
  EXPECT_EQ(bench.send(request().ia_na(Iaid{1}, {here.na().leases[0].lease.address}).bytes(), there)
                .na()
                .status,
            StatusCode::kNotOnLink);
  // Back again it finds what it had.
  const Reply back = bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{1}));
  EXPECT_EQ(back.na().leases[0].lease, here.na().leases[0].lease);
  EXPECT_EQ(back.pd().leases[0].lease, here.pd().leases[0].lease);
}

TEST(Request, past_the_cap_gets_a_status_ans_lease_cap) {  // S-203
  ServerBench bench;
  PacketBuilder packet = request();
  for (std::uint32_t iaid = 0; iaid < 12; ++iaid) packet.ia_na(Iaid{iaid});
  const Reply reply = bench.send(packet);
  for (std::uint32_t iaid = 0; iaid < 8; ++iaid) EXPECT_EQ(reply.na(iaid).leases.size(), 1u);
  for (std::uint32_t iaid = 8; iaid < 12; ++iaid) {
    EXPECT_EQ(reply.na(iaid).status, StatusCode::kNoAddrsAvail);
  }
  EXPECT_EQ(bench.live_bindings(BindingStatus::kActive), 8u);
  EXPECT_EQ(bench.counters[0]->lease_cap.read(), 4u);
  // The cap counts what it holds from before; a further IA in a message of its own is past it too.
  EXPECT_EQ(bench.send(request().ia_pd(Iaid{1})).pd().status, StatusCode::kNoPrefixAvail);
}

TEST(Request, reply_that_does_not_fit_changes_nothing_drop_ans_size) {  // S-008
  ServerBench bench;
  const Reply mine = bench.send(request().ia_pd(Iaid{5}));
  (void)bench.send(to_server(kRelease, kClient).ia_pd(Iaid{5}, {mine.pd(5).leases[0].lease}));
  const std::string before = bench.digest();
  bench.changes.clear();
  bench.buffer_size = 60;
  const Reply reply = bench.send(request().ia_na(Iaid{1}).ia_pd(Iaid{5}));
  EXPECT_EQ(reply.drop, DropReason::kAnsSize);
  EXPECT_TRUE(bench.changes.empty());
  EXPECT_EQ(bench.digest(), before);
}

TEST(Request, is_dropped_while_storage_is_behind_drop_storage) {
  ServerBench bench;
  Shard& shard = bench.shard();
  const Reply mine = bench.send(request().ia_na(Iaid{1}));
  const BindingIndex index = shard.find_lease(mine.na().leases[0].lease.address, 128);
  while (shard.change_room() >= 64) shard.emit(index);
  // `send` empties the ring afterwards, so the first message shows it.
  EXPECT_EQ(bench.send(request().ia_na(Iaid{1})).drop, DropReason::kStorage);
  while (shard.change_room() >= 64) shard.emit(index);
  EXPECT_TRUE(bench.send(solicit(kClient).ia_na(Iaid{1})).sent());
}

TEST(Request, octets_past_the_answer_are_left_alone_and_all_of_it_is_written) {  // S-258
  ServerBench bench;
  const auto packet = request().ia_na(Iaid{1}).ia_pd(Iaid{1}).oro({23}).bytes();
  ParsedMessage message;
  ASSERT_EQ(parse(packet, message, *bench.counters[0]), DropReason::kNone);
  Octets answers[2] = {Octets(1232, 0x00), Octets(1232, 0xff)};
  std::uint32_t size = 0;
  for (Octets& buffer : answers) {
    const Octets untouched = buffer;
    const Outcome outcome =
        bench.responders[0]->respond(ServerBench::direct_envelope(), message, bench.now, buffer);
    size = outcome.size;
    EXPECT_TRUE(std::equal(buffer.begin() + size, buffer.end(), untouched.begin() + size));
  }
  EXPECT_TRUE(std::equal(answers[0].begin(), answers[0].begin() + size, answers[1].begin()));
}

}  // namespace
}  // namespace tandem6
