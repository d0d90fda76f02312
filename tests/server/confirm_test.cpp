// CONFIRM: RFC 8415 section 18.3.3.
#include <gtest/gtest.h>

#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

const Duid kClient = ServerBench::client_duid();

PacketBuilder confirm() { return PacketBuilder(MessageType::kConfirm, 0x77).client_id(kClient); }

TEST(Confirm, addresses_of_the_link_get_an_explicit_success) {  // S-074, S-077, S-079, S-173
  ServerBench bench;
  const Reply reply = bench.send(confirm()
                                     .ia_na(Iaid{1}, {address_of("2001:db8:7::1")})
                                     .ia_na(Iaid{2}, {address_of("2001:db8:7::2")}));
  EXPECT_EQ(reply.type, MessageType::kReply);
  EXPECT_EQ(reply.transaction_id, 0x77u);
  EXPECT_EQ(reply.status, StatusCode::kSuccess);
  EXPECT_TRUE(reply.option(OptionCode::kServerId).has_value());
  EXPECT_EQ(reply.option(OptionCode::kClientId),
            Octets(kClient.bytes().begin(), kClient.bytes().end()));
}

TEST(Confirm, one_foreign_address_makes_it_not_on_link) {  // S-074
  ServerBench bench;
  const Reply reply =
      bench.send(confirm()
                     .ia_na(Iaid{1}, {address_of("2001:db8:7::1")})
                     .ia_na(Iaid{2}, {address_of("2001:db8:7::2"), address_of("2001:db8:9::2")}));
  EXPECT_EQ(reply.status, StatusCode::kNotOnLink);
}

TEST(Confirm, of_a_link_without_known_prefixes_is_silent_drop_no_link) {  // S-075
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].matches.resize(1);  // the port only
  settings.links[0].address_pools.clear();
  ServerBench bench(settings);
  EXPECT_EQ(bench.send(confirm().ia_na(Iaid{1}, {address_of("2001:db8:7::1")})).drop,
            DropReason::kNoLink);
  EXPECT_EQ(bench
                .send(confirm().ia_na(Iaid{1}, {address_of("2001:db8:7::1")}).bytes(),
                      ServerBench::direct_from(address_of("fe80::c1"), 1))
                .drop,
            DropReason::kNoLink);
  EXPECT_EQ(bench.dropped(DropReason::kNoLink), 2u);
}

TEST(Confirm, without_an_address_is_silent_drop_no_link) {  // S-076
  ServerBench bench;
  EXPECT_EQ(bench.send(confirm()).drop, DropReason::kNoLink);
  EXPECT_EQ(bench.send(confirm().ia_na(Iaid{1})).drop, DropReason::kNoLink);
  EXPECT_EQ(bench.send(confirm().ia_pd(Iaid{1}, {prefix_of("2001:db8:8000::/56")})).drop,
            DropReason::kNoLink);
}

TEST(Confirm, reply_has_no_ia_and_prefixes_take_no_part) {  // S-080
  ServerBench bench;
  const std::string before = bench.digest();
  const Reply reply = bench.send(confirm()
                                     .ia_na(Iaid{1}, {address_of("2001:db8:7::1")})
                                     .ia_pd(Iaid{1}, {prefix_of("2001:db8:9999::/56")})
                                     .oro({23}));
  EXPECT_EQ(reply.status, StatusCode::kSuccess);
  EXPECT_TRUE(reply.ias.empty());
  EXPECT_EQ(reply.count(OptionCode::kDnsServers), 0u);
  EXPECT_EQ(bench.digest(), before);
  EXPECT_EQ(reply.change_number, 0u);
}

TEST(Confirm, times_of_the_client_are_ignored) {  // S-078
  ServerBench bench;
  const Octets lease = encoded_address(address_of("2001:db8:7::1"), 9, 5);  // preferred above valid
  PacketBuilder packet = confirm();
  packet.raw(encoded_ia(IaType::kNonTemporaryAddress, Iaid{1}, lease, 99, 5));
  EXPECT_EQ(bench.send(packet).status, StatusCode::kSuccess);
}

}  // namespace
}  // namespace tandem6
