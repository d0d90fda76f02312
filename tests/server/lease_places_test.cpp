// Where a lease belongs by today's configuration.
#include "dataplane/server/lease_places.h"

#include <gtest/gtest.h>

#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

constexpr IaType kNa = IaType::kNonTemporaryAddress;
constexpr IaType kPd = IaType::kPrefixDelegation;

Reservation reserved(const char* address, const char* prefix) {
  Reservation reservation{.duid = ServerBench::client_duid(),
                          .iaid = std::nullopt,
                          .address = std::nullopt,
                          .prefix = std::nullopt};
  if (address != nullptr) reservation.address = address_of(address);
  if (prefix != nullptr) reservation.prefix = prefix_of(prefix);
  return reservation;
}

/// Two links of two pools of each kind, the lower ranges last, and a reservation inside and
/// outside.
std::vector<LinkSettings> links() {
  std::vector<LinkSettings> links = ServerBench::two_links().links;
  links[0].address_pools = {prefix_of("2001:db8:7:1::/64"), prefix_of("2001:db8:7::/120")};
  links[0].prefix_pools = {{prefix_of("2001:db8:8100::/40"), 56, std::nullopt},
                           {prefix_of("2001:db8:8000::/40"), 60, std::nullopt}};
  links[1].address_pools = {prefix_of("2001:db8:6::/64"), prefix_of("2001:db8:5::/64")};
  links[1].prefix_pools = {{prefix_of("2001:db8:9000::/40"), 56, std::nullopt},
                           {prefix_of("2001:db8:4000::/40"), 48, std::nullopt}};
  links[0].reservations = {reserved("2001:db8:7::5", "2001:db8:8100:4200::/56")};
  links[1].reservations = {reserved("2001:db8:6:1::5", "2001:db8:abcc::/47")};
  return links;
}

void expect_at(const std::vector<LinkSettings>& links, IaType type, const Ipv6Prefix& lease,
               LeasePlace expected) {
  const auto place = LeasePlaces(links).find(type, lease);
  ASSERT_TRUE(place.has_value()) << lease.to_string();
  EXPECT_EQ(place->link, expected.link) << lease.to_string();
  EXPECT_EQ(place->pool, expected.pool) << lease.to_string();
  EXPECT_EQ(place->delegated_length, expected.delegated_length) << lease.to_string();
}

TEST(LeasePlaces, finds_link_and_pool_of_an_address) {
  expect_at(links(), kNa, lease_of("2001:db8:7:1::"), {.link = 0, .pool = 0});
  expect_at(links(), kNa, lease_of("2001:db8:7:1:ffff:ffff:ffff:ffff"), {.link = 0, .pool = 0});
  expect_at(links(), kNa, lease_of("2001:db8:7::ff"), {.link = 0, .pool = 1});
  expect_at(links(), kNa, lease_of("2001:db8:6::1"), {.link = 1, .pool = 2});
  expect_at(links(), kNa, lease_of("2001:db8:5::1"), {.link = 1, .pool = 3});
}

TEST(LeasePlaces, finds_link_pool_and_length_of_a_prefix) {
  expect_at(links(), kPd, prefix_of("2001:db8:8100::/56"),
            {.link = 0, .pool = 0, .delegated_length = 56});
  expect_at(links(), kPd, prefix_of("2001:db8:80ff:fff0::/60"),
            {.link = 0, .pool = 1, .delegated_length = 60});
  expect_at(links(), kPd, prefix_of("2001:db8:9012:3400::/56"),
            {.link = 1, .pool = 2, .delegated_length = 56});
  expect_at(links(), kPd, prefix_of("2001:db8:4012::/48"),
            {.link = 1, .pool = 3, .delegated_length = 48});
  // Of another length than is delegated there today: the caller sees it.
  expect_at(links(), kPd, prefix_of("2001:db8:8100::/64"),
            {.link = 0, .pool = 0, .delegated_length = 56});
  expect_at(links(), kPd, prefix_of("2001:db8:8100::/40"),
            {.link = 0, .pool = 0, .delegated_length = 56});
}

//
TEST(LeasePlaces, finds_reservations_outside_of_every_pool_in_none) {
  expect_at(links(), kNa, lease_of("2001:db8:7::5"), {.link = 0, .pool = 1});
  expect_at(links(), kPd, prefix_of("2001:db8:8100:4200::/56"),
            {.link = 0, .pool = 0, .delegated_length = 56});
  expect_at(links(), kNa, lease_of("2001:db8:6:1::5"), {.link = 1, .pool = kNoPool});
  expect_at(links(), kPd, prefix_of("2001:db8:abcc::/47"),
            {.link = 1, .pool = kNoPool, .delegated_length = 47});
}

TEST(LeasePlaces, knows_what_lies_nowhere) {
  const std::vector<LinkSettings> settings = links();
  const LeasePlaces places(settings);
  EXPECT_FALSE(places.find(kNa, lease_of("2001:db8:7::100")));
  EXPECT_FALSE(places.find(kNa, lease_of("2001:db8:6:1::6")));
  EXPECT_FALSE(places.find(kNa, lease_of("::1")));
  EXPECT_FALSE(places.find(kNa, lease_of("ffff::1")));
  EXPECT_FALSE(places.find(kPd, prefix_of("2001:db8:8200::/56")));
  EXPECT_FALSE(places.find(kPd, prefix_of("2001:db8::/32")));
  EXPECT_FALSE(places.find(kPd, prefix_of("::/0")));
  // Each type has places of its own.
  EXPECT_FALSE(places.find(kPd, lease_of("2001:db8:7::5")));
  EXPECT_FALSE(places.find(kNa, lease_of("2001:db8:8100::1")));
  EXPECT_FALSE(LeasePlaces({}).find(kNa, lease_of("2001:db8:7::5")));
}

TEST(LeasePlaces, sees_every_overlap) {
  const std::vector<LinkSettings> settings = links();
  const LeasePlaces places(settings);
  for (const char* inside :
       {"2001:db8:7::/128", "2001:db8:7:1::/80", "2001:db8:8100:4200::/64", "2001:db8:abcd::/48"}) {
    EXPECT_TRUE(places.overlaps(prefix_of(inside))) << inside;
  }
  for (const char* around : {"2001:db8:7::/64", "2001:db8::/32", "::/0", "2001:db8:abc0::/44",
                             "2001:db8:8000::/39", "2001:db8:6:1::/64"}) {
    EXPECT_TRUE(places.overlaps(prefix_of(around))) << around;
  }
  for (const char* beside : {"2001:db8:7::100/128", "2001:db8:3000::/40", "2001:db8:abce::/47",
                             "ff00::/8", "2001:db8:6:1::4/128"}) {
    EXPECT_FALSE(places.overlaps(prefix_of(beside))) << beside;
  }
  EXPECT_FALSE(LeasePlaces({}).overlaps(prefix_of("::/0")));
}

}  // namespace
}  // namespace tandem6
