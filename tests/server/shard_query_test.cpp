// What control may ask of a shard.
#include "dataplane/server/shard_query.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid();

std::vector<ShardAnswer> answers(ServerBench& bench, const ShardQuery& query) {
  std::vector<ShardAnswer> all;
  answer_shard_query(query, bench.service->client_key(query.duid.bytes()), bench.shard(),
                     [&](const ShardAnswer& answer) { all.push_back(answer); });
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].id, query.id);
    EXPECT_EQ(all[i].last, i + 1 == all.size());
  }
  return all;
}

TEST(ShardQuery, finds_a_lease_with_all_that_is_kept_beside_it) {
  ServerBench bench;
  const Reply given =
      bench.send_relayed(to_server(kRequest, kClient)
                             .ia_na(Iaid{1})
                             .client_fqdn(1, {1, 'h'})
                             .relay(0, address_of("2001:db8:7::1"), address_of("fe80::1"))
                             .interface_id({'i', 'f'})
                             .remote_id(9, "r"));
  ShardQuery query;
  query.id = 17;
  query.kind = ShardQueryKind::kFindLease;
  query.lease = given.na().leases.at(0).lease;
  const auto found = answers(bench, query);
  ASSERT_EQ(found.size(), 2u);
  const LeaseRecord& record = found[0].record;
  EXPECT_EQ(record.binding.lease(), query.lease);
  EXPECT_EQ(record.duid, kClient);
  EXPECT_EQ(record.interface_id.size, 2);
  EXPECT_EQ(record.remote_id.size, 5);
  EXPECT_EQ(record.client_fqdn.size, 3);
  query.lease = lease_of("2001:db8:7::abcd");
  EXPECT_EQ(answers(bench, query).size(), 1u);
}

TEST(ShardQuery, finds_all_of_a_client_up_to_the_wanted_number) {
  ServerBench bench;
  (void)bench.send(to_server(kRequest, kClient).ia_na(Iaid{1}).ia_pd(Iaid{1}).ia_na(Iaid{2}));
  (void)bench.send(to_server(kRequest, ServerBench::client_duid(2)).ia_na(Iaid{1}));
  ShardQuery query;
  query.kind = ShardQueryKind::kFindClient;
  query.duid = kClient;
  EXPECT_EQ(answers(bench, query).size(), 4u);
  query.count_max = 2;
  EXPECT_EQ(answers(bench, query).size(), 3u);
  query.duid = ServerBench::client_duid(9);
  EXPECT_EQ(answers(bench, query).size(), 1u);
}

TEST(ShardQuery, lists_every_binding_once_in_pieces) {
  ServerBench bench;
  for (std::uint32_t n = 0; n < 25; ++n) {
    (void)bench.send(to_server(kRequest, ServerBench::client_duid(n)).ia_na(Iaid{1}));
  }
  ShardQuery query;
  query.count_max = 10;
  std::set<Ipv6Prefix> seen;
  std::vector<std::size_t> sizes;
  for (query.from = 0; query.from != kNoBinding && sizes.size() < 10;) {
    const auto piece = answers(bench, query);
    sizes.push_back(piece.size() - 1);
    for (std::size_t i = 0; i + 1 < piece.size(); ++i) {
      EXPECT_TRUE(seen.insert(piece[i].record.binding.lease()).second);
    }
    query.from = piece.back().next;
  }
  EXPECT_EQ(seen.size(), 25u);
  EXPECT_EQ(sizes, (std::vector<std::size_t>{10, 10, 5}));
}

}  // namespace
}  // namespace tandem6
