// Good files with a partner: what comes of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/failover/configuration_fingerprint.h"
#include "tests/config/configuration_text.h"

namespace tandem6 {
namespace {

using ::testing::ElementsAre;

const std::string kTwoLinks =
    "links:\n"
    "  - name: olt-7\n"
    "    relationship: west\n"
    "    match: {interface-id: olt-7}\n"
    "    address-pools: [\"2001:db8:7::/64\"]\n"
    "    prefix-pools: [{prefix: \"2001:db8:8000::/36\", delegated-length: 56}]\n"
    "  - {name: olt-8, relationship: south, match: {interface-id: olt-8}}\n"
    "  - {name: lab, match: {interface-id: lab}}\n";

const std::string kAllKeys =
    "failover:\n"
    "  - name: south\n"
    "    role: secondary\n"
    "    local: \"192.0.2.1\"\n"
    "    partner: \"192.0.2.2\"\n"
    "    port: 6470\n"
    "    mclt: 30s\n"
    "    keepalive: 4s\n"
    "    max-unacked-bndupd: 1\n"
    "    startup: 1s\n"
    "    connect-retry: 2s\n"
    "    auto-partner-down: 30s\n"
    "    start-alone: yes\n"
    "    secondary-share: 100%\n"
    "    tls: {certificate: c.pem, key: k.pem, ca: ca.pem, partner-name: b.example}\n"
    "  - name: west\n"
    "    role: primary\n"
    "    local: \"2001:DB8:0:1:0::1\"\n"
    "    partner: \"2001:db8:0:1::2\"\n"
    "    insecure: yes\n";

std::vector<PartnerSettings> partners(const std::string& text) { return good(text).failover; }

/// The file of one partner of the relationship west: lines, some of them its own.
std::string file_of_west(const std::string& own_lines, const std::string& links) {
  return own_lines + "storage: {path: /var/lib/tandem6}\n" + links;
}

TEST(FailoverFile, all_keys) {
  const auto both = partners(kAllKeys + kOnePort + kTwoLinks);
  ASSERT_EQ(both.size(), 2U);
  const PartnerSettings& south = both[0];
  EXPECT_EQ(south.endpoint.relationship_name, "south");
  EXPECT_EQ(south.endpoint.role, Role::kSecondary);
  EXPECT_EQ(south.local, "192.0.2.1");
  EXPECT_EQ(south.partner, "192.0.2.2");
  EXPECT_EQ(south.port, 6470);
  EXPECT_EQ(south.endpoint.mclt, Lifetime{30});
  EXPECT_EQ(south.endpoint.keepalive, Lifetime{4});
  EXPECT_EQ(south.endpoint.max_unacked_bndupd, 1U);
  EXPECT_EQ(south.endpoint.startup, Lifetime{1});
  EXPECT_EQ(south.endpoint.connect_retry, Lifetime{2});
  EXPECT_EQ(south.endpoint.auto_partner_down, Lifetime{30});
  EXPECT_TRUE(south.endpoint.start_alone);
  EXPECT_EQ(south.endpoint.secondary_share_percent, 100U);
  ASSERT_TRUE(south.tls);
  EXPECT_EQ(south.tls->certificate, "c.pem");
  EXPECT_EQ(south.tls->key, "k.pem");
  EXPECT_EQ(south.tls->ca, "ca.pem");
  EXPECT_EQ(south.tls->partner_name, "b.example");
}

TEST(FailoverFile, what_is_left_out) {
  const auto both = partners(kAllKeys + kOnePort + kTwoLinks);
  ASSERT_EQ(both.size(), 2U);
  const PartnerSettings& west = both[1];
  EXPECT_EQ(west.endpoint.relationship_name, "west");
  EXPECT_EQ(west.endpoint.role, Role::kPrimary);
  EXPECT_EQ(west.local, "2001:db8:0:1::1");  // one spelling, whatever the file has
  EXPECT_EQ(west.port, 647);
  EXPECT_EQ(west.endpoint.mclt, Lifetime{3600});
  EXPECT_EQ(west.endpoint.keepalive, Lifetime{60});
  EXPECT_EQ(west.endpoint.max_unacked_bndupd, 4096U);
  EXPECT_EQ(west.endpoint.startup, Lifetime{10});
  EXPECT_EQ(west.endpoint.connect_retry, Lifetime{5});
  EXPECT_EQ(west.endpoint.auto_partner_down, std::nullopt);
  EXPECT_FALSE(west.endpoint.start_alone);
  EXPECT_EQ(west.endpoint.secondary_share_percent, 50U);
  EXPECT_FALSE(west.tls);
}

TEST(FailoverFile, the_example_of_the_manual) {
  const auto west = partners(
      "failover:\n"
      "  - name: west\n"
      "    role: primary                # or secondary\n"
      "    local: \"2001:db8:0:1::1\"\n"
      "    partner: \"2001:db8:0:1::2\"\n"
      "    port: 647\n"
      "    mclt: 1h\n"
      "    keepalive: 60s\n"
      "    max-unacked-bndupd: 4096\n"
      "    startup: 10s\n"
      "    connect-retry: 5s\n"
      "    auto-partner-down: off       # or a duration, not under MCLT\n"
      "    start-alone: no              # PARTNER-DOWN after `startup` where no partner was met\n"
      "    secondary-share: 50%         # of the delegable prefixes\n"
      "    tls: {certificate: c.pem, key: k.pem, ca: ca.pem, partner-name: b.example}\n"
      "links: [{name: olt-7, relationship: west, match: {port: access}}]\n" +
      kOnePort);
  ASSERT_EQ(west.size(), 1U);
  EXPECT_EQ(west[0].endpoint.auto_partner_down, std::nullopt);
  EXPECT_TRUE(west[0].tls);
  EXPECT_TRUE(west[0].endpoint.is_only_one);
}

TEST(FailoverFile, limits) {
  const auto pair = [](const std::string& keys) {
    return partners("failover: [{" + kWest + ", " + keys + "}]\n" + kOnePort +
                    "links: [{name: a, match: {port: access}, relationship: west}]\n")
        .at(0);
  };
  EXPECT_EQ(pair("mclt: 12427d").endpoint.mclt, Lifetime{12427 * 86400});
  EXPECT_EQ(pair("max-unacked-bndupd: 65536").endpoint.max_unacked_bndupd, 65536U);
  EXPECT_EQ(pair("port: 1").port, 1);
  EXPECT_EQ(pair("port: 65535").port, 65535);
  EXPECT_EQ(pair("secondary-share: 0%").endpoint.secondary_share_percent, 0U);
  EXPECT_EQ(pair("keepalive: 1d").endpoint.keepalive, Lifetime{86400});
  EXPECT_EQ(pair("auto-partner-down: 1h").endpoint.auto_partner_down, Lifetime{3600});
  EXPECT_FALSE(pair("tls: ").tls);  // nothing in it counts as absent
}

TEST(FailoverFile, addresses_in_one_spelling) {
  const auto local_of = [](const std::string& local, const std::string& partner) {
    const auto read = partners("failover: [{name: west, role: primary, insecure: yes, local: \"" +
                               local + "\", partner: \"" + partner + "\"}]\n" + kOnePort +
                               "links: [{name: a, match: {port: access}, relationship: west}]\n");
    return read.at(0).local + ' ' + read.at(0).partner;
  };
  EXPECT_EQ(local_of("fe80::1%eth0", "FE80:0::2%eth0"), "fe80::1%eth0 fe80::2%eth0");
  EXPECT_EQ(local_of("2001:db8::1", "fe80::2%br-lan.7"), "2001:db8::1 fe80::2%br-lan.7");
  EXPECT_EQ(local_of("127.0.0.1", "127.0.0.2"), "127.0.0.1 127.0.0.2");
  EXPECT_EQ(local_of("::1", "2001:db8::2"), "::1 2001:db8::2");
}

// F-011: a link without a relationship is served as if there were none in the file.
TEST(FailoverFile, links_name_their_relationship) {
  const auto links = good(kAllKeys + kOnePort + kTwoLinks).server.links;
  ASSERT_EQ(links.size(), 3U);
  EXPECT_EQ(links[0].relationship, 1);
  EXPECT_EQ(links[1].relationship, 0);
  EXPECT_EQ(links[2].relationship, kNoRelationship);
}

TEST(FailoverFile, nothing_in_it_counts_as_absent) {
  EXPECT_TRUE(partners("failover:\n" + kOnePort + kOneLink).empty());
  EXPECT_TRUE(partners("failover: []\n" + kOnePort + kOneLink).empty());
}

// F-106: one relationship for a pair of servers is usual; then CONNECT need not name it.
TEST(FailoverFile, whether_a_pair_has_one_relationship_only) {
  const auto flags = [](const std::string& second) {
    std::vector<bool> only;
    for (const PartnerSettings& each :
         partners("failover:\n  - {" + kWest + "}\n  - {name: south, insecure: yes, " + second +
                  "}\n" + kOnePort + kTwoLinks)) {
      only.push_back(each.endpoint.is_only_one);
    }
    return only;
  };
  EXPECT_THAT(flags("role: secondary, local: \"2001:db8::1\", partner: \"2001:db8::3\""),
              ElementsAre(true, true));
  EXPECT_THAT(flags("role: secondary, local: \"2001:db8::1\", partner: \"2001:DB8:0::2\""),
              ElementsAre(false, false));
  EXPECT_THAT(flags("role: primary, local: \"2001:db8::1\", partner: \"2001:db8::2\""),
              ElementsAre(false, false));
  EXPECT_THAT(flags("role: primary, local: \"2001:db8::1\", partner: \"2001:db8::2\", port: 648"),
              ElementsAre(true, true));
}

const std::string kPrimaryLines =
    "server: {duid: \"00:03:00:01:02:00:00:00:00:01\"}\n"
    "dataplane: {ports: [{name: access, device: net_null0, addresses: [\"fe80::1\"]}]}\n"
    "failover:\n"
    "  - {name: west, role: primary, local: \"2001:db8::1\", partner: \"2001:db8::2\", insecure: "
    "yes}\n";
const std::string kSecondaryLines =
    "server: {duid: \"00:03:00:01:02:00:00:00:00:02\", preference: 7}\n"
    "dataplane: {workers: 2, ports: [{name: north, device: net_null0, addresses: [\"fe80::2\"]}]}\n"
    "failover:\n"
    "  - {name: east, role: primary, local: \"2001:db8::2\", partner: \"2001:db8::3\", insecure: "
    "yes}\n"
    "  - {name: west, role: secondary, local: \"2001:db8::2\", partner: \"2001:db8::1\", insecure: "
    "yes}\n";
const std::string kSharedLinks =
    "links:\n"
    "  - name: olt-7\n"
    "    relationship: west\n"
    "    match: {link-address: \"2001:db8:7::/64\"}\n"
    "    address-pools: [\"2001:db8:7::/64\"]\n"
    "    prefix-pools: [{prefix: \"2001:db8:8000::/36\"}]\n";
const std::string kOtherLink =
    "  - {name: olt-9, relationship: east, match: {interface-id: olt-9}}\n";

std::vector<std::uint8_t> fingerprint(const std::string& text, std::size_t index) {
  return partners(text).at(index).endpoint.fingerprint;
}

// F-104: of the same links both partners make the same fingerprint, whatever else differs.
TEST(FailoverFile, partners_have_the_same_fingerprint) {
  const auto primary = fingerprint(file_of_west(kPrimaryLines, kSharedLinks), 0);
  const auto secondary = fingerprint(file_of_west(kSecondaryLines, kSharedLinks + kOtherLink), 1);
  EXPECT_FALSE(primary.empty());
  EXPECT_EQ(primary, secondary);
}

// F-104: what differs is named.
TEST(FailoverFile, another_pool_makes_another_fingerprint) {
  const auto primary = fingerprint(file_of_west(kPrimaryLines, kSharedLinks), 0);
  std::string links = kSharedLinks + kOtherLink;
  links.replace(links.find("8000::/36"), 9, "9000::/36");
  const auto secondary = fingerprint(file_of_west(kSecondaryLines, links), 1);
  EXPECT_THAT(differences(primary, secondary),
              ElementsAre("prefix pool 2001:db8:8000::/36 of link olt-7 is here only",
                          "prefix pool 2001:db8:9000::/36 of link olt-7 is there only"));
}

// Links inherit the options of the server, which are shared then.
TEST(FailoverFile, options_of_the_server_are_those_of_the_links) {
  const auto with_option = [](const std::string& address) {
    return fingerprint("server: {options: {dns-servers: \"" + address + "\"}}\nfailover: [{" +
                           kWest + "}]\n" + kOnePort + kSharedLinks,
                       0);
  };
  EXPECT_THAT(differences(with_option("2001:db8::53"), with_option("2001:db8::54")),
              ElementsAre("options of link olt-7 differs"));
}

}  // namespace
}  // namespace tandem6
