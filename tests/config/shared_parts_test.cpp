// F-104: a mismatch of the two configurations is reported and names what differs.
#include "control/config/shared_parts.h"

#include <gtest/gtest.h>

namespace tandem6 {
namespace {

ServerSettings settings() {
  ServerSettings server;
  LinkSettings link;
  link.name = "olt-7";
  link.relationship = 0;
  link.address_pools.push_back(*Ipv6Prefix::parse("2001:db8:7::/64"));
  link.prefix_pools.push_back({*Ipv6Prefix::parse("2001:db8:8000::/36"), 56, std::nullopt});
  server.links.push_back(link);
  link.name = "alone";
  link.relationship = kNoRelationship;
  server.links.push_back(link);
  return server;
}

std::vector<std::string> differences_to(const ServerSettings& other) {
  return differences(fingerprint_of(shared_parts(settings(), 0)),
                     fingerprint_of(shared_parts(other, 0)));
}

TEST(SharedParts, the_same_configuration_has_no_differences) {  // F-104
  EXPECT_TRUE(differences_to(settings()).empty());
}

TEST(SharedParts, what_each_server_has_of_its_own_does_not_count) {
  ServerSettings other = settings();
  other.preference = 7;
  other.links[0].matches.push_back({.link_address = std::nullopt,
                                    .port = "access",
                                    .interface_id = std::nullopt,
                                    .relay = std::nullopt});
  other.links[1].lifetimes.valid = Lifetime{60};  // in no relationship
  EXPECT_TRUE(differences_to(other).empty());
}

TEST(SharedParts, names_the_link_and_the_pool) {  // F-104
  ServerSettings other = settings();
  other.links[0].prefix_pools[0].delegated_length = 60;
  EXPECT_EQ(differences_to(other),
            std::vector<std::string>{"prefix pool 2001:db8:8000::/36 of link olt-7 differs"});
  other = settings();
  other.links[0].lifetimes.valid = Lifetime{60};
  EXPECT_EQ(differences_to(other), std::vector<std::string>{"lifetimes of link olt-7 differs"});
  other = settings();
  other.links[0].address_pools.push_back(*Ipv6Prefix::parse("2001:db8:8::/64"));
  EXPECT_EQ(differences_to(other),
            std::vector<std::string>{"address pool 2001:db8:8::/64 of link olt-7 is there only"});
  other = settings();
  other.links[0].reservations.push_back({.duid = *Duid::parse("00:03:00:01:02"),
                                         .iaid = std::nullopt,
                                         .address = Ipv6Address::parse("2001:db8:7::5"),
                                         .prefix = std::nullopt});
  EXPECT_EQ(differences_to(other), std::vector<std::string>{"reservations of link olt-7 differs"});
}

TEST(SharedParts, each_thing_that_clients_notice_counts) {
  const auto changed = [](auto&& change) {
    ServerSettings other = settings();
    change(other.links[0]);
    return differences_to(other).size();
  };
  EXPECT_EQ(changed([](LinkSettings& link) { link.rapid_commit = !link.rapid_commit; }), 1U);
  EXPECT_EQ(changed([](LinkSettings& link) { link.create_on_renew = !link.create_on_renew; }), 1U);
  EXPECT_EQ(changed([](LinkSettings& link) { link.lifetimes.t1 = Lifetime{5}; }), 1U);
  EXPECT_EQ(changed([](LinkSettings& link) {
              link.options.push_back({.code = 23, .octets = {0, 23, 0, 0}, .always = false});
            }),
            1U);
  EXPECT_EQ(changed([](LinkSettings& link) {
              link.matches.push_back({.link_address = std::nullopt,
                                      .port = std::nullopt,
                                      .interface_id = std::vector<std::uint8_t>{1},
                                      .relay = std::nullopt});
            }),
            1U);
}

}  // namespace
}  // namespace tandem6
