#include <gtest/gtest.h>

#include "tests/config/configuration_text.h"

namespace tandem6 {
namespace {

TEST(LinkFault, NoLinks) {
  EXPECT_EQ(
      faults_of(
          "dataplane: {ports: [{name: access, device: net_null0, addresses: [\"fe80::1\"]}]}\n"),
      "1:1: links is missing: clients get leases by the link they are on; add at least one: {name: "
      "…, match: {port: …}, address-pools: [\"2001:db8:7::/64\"]}");
}

TEST(LinkFault, EmptyLinks) {
  EXPECT_EQ(links_faults("  []\n"),
            "2:3: links has no link: clients get leases by the link they are on; add at least one: "
            "{name: …, match: {port: …}, address-pools: [\"2001:db8:7::/64\"]}");
}

TEST(LinkFault, NoName) {
  EXPECT_EQ(links_faults("  - match: {port: access}\n"),
            "2:5: links.name is missing: commands and tables refer to the link by it; add one, "
            "such as olt-7");
}

TEST(LinkFault, NameWithSpaces) {
  EXPECT_EQ(links_faults("  - {name: olt 7, match: {port: access}}\n"),
            "2:12: links.name is \"olt 7\": commands, tables and metrics show this name; write 1 "
            "to 63 letters, digits, '-', '_' or '.', no spaces");
}

TEST(LinkFault, SameNameTwice) {
  EXPECT_EQ(links_faults("  - {name: a, match: {interface-id: x}}\n"
                         "  - {name: a, match: {interface-id: y}}\n"),
            "3:12: two links are called \"a\": commands could not tell them apart; the first is in "
            "line 2; give each link its own name");
}

TEST(LinkFault, NoMapping) {
  EXPECT_EQ(links_faults("  - just-a-name\n"),
            "2:5: links is \"just-a-name\": it is made of keys with values; write \"key: value\" "
            "lines below it, or {key: value}");
}

TEST(LinkFault, NobodyCanReachIt) {
  EXPECT_EQ(links_faults("  - {name: a}\n"
                         "  - {name: b, match: {}}\n"
                         "  - {name: c, match: []}\n"
                         "  - {name: d, match: }\n"
                         "  - {name: e, match: text}\n"),
            "2:5: links.match is missing: no message would ever belong to the link; write "
            "{link-address: \"2001:db8:7::/64\"}, {port: …}, {interface-id: …} or {relay: …}\n"
            "3:22: links.match has no condition: no message would ever belong to the link; write "
            "{link-address: \"2001:db8:7::/64\"}, {port: …}, {interface-id: …} or {relay: …}\n"
            "4:22: links.match has no condition: no message would ever belong to the link; write "
            "{link-address: \"2001:db8:7::/64\"}, {port: …}, {interface-id: …} or {relay: …}\n"
            "5:15: links.match has no condition: no message would ever belong to the link; write "
            "{link-address: \"2001:db8:7::/64\"}, {port: …}, {interface-id: …} or {relay: …}\n"
            "6:22: links.match is \"text\": it is made of keys with values; write \"key: value\" "
            "lines below it, or {key: value}");
}

TEST(LinkFault, SameMatchTwice) {
  EXPECT_EQ(
      links_faults("  - {name: a, match: {interface-id: x}}\n"
                   "  - {name: b, match: {interface-id: 0x78}}\n"
                   "  - {name: c, match: [{port: access, relay: \"2001:db8::1\"}, {relay: "
                   "\"2001:db8::1\", port: access}]}\n"),
      "3:22: the match of link \"b\" is also that of link \"a\" in line 2: a message could not be "
      "told to belong to one of them; add a condition, or put the pools into one link\n"
      "4:61: the match of link \"c\" is also that of link \"c\" in line 4: a message could not be "
      "told to belong to one of them; add a condition, or put the pools into one link");
}

TEST(LinkFault, UnknownMatch) {
  EXPECT_EQ(link_faults("    match: {prt: access}\n"),
            "3:13: unknown key \"prt\" in links.match: a key that tandem6 does not know would have "
            "no effect; did you mean \"port\"?");
}

TEST(LinkFault, PortThatDoesNotExist) {
  EXPECT_EQ(links_faults("  - {name: a, match: {port: acess}}\n"
                         "  - {name: b, match: {port: north}}\n"),
            "2:29: no port is called \"acess\": the link would never see a message; did you mean "
            "\"access\"?\n"
            "3:29: no port is called \"north\": the link would never see a message; write the name "
            "of a port under dataplane.ports, such as \"access\"");
}

TEST(LinkFault, LinkAddressThatIsNoPrefix) {
  EXPECT_EQ(
      links_faults("  - {name: a, match: {link-address: \"2001:db8::1\"}}\n"
                   "  - {name: b, match: {link-address: \"2001:db8::1/64\"}}\n"
                   "  - {name: c, match: {link-address: \"ff05::/16\"}}\n"),
      "2:37: links.match.link-address is \"2001:db8::1\": it is an IPv6 prefix; write address and "
      "length in quotes, such as \"2001:db8:7::/64\"\n"
      "3:37: links.match.link-address is \"2001:db8::1/64\": the address has bits set past the "
      "length; write \"2001:db8::/64\"\n"
      "4:37: links.match.link-address is \"ff05::/16\", multicast: a relay's link-address belongs "
      "to one interface (RFC 8415 section 19.1.1); write the unicast prefix of the link");
}

TEST(LinkFault, RelayThatIsNoHost) {
  EXPECT_EQ(
      link_faults("    match: {relay: \"ff05::2\"}\n"),
      "3:20: links.match.relay is \"ff05::2\", a multicast, unspecified or loopback address: it is "
      "the address of one host; write a unicast IPv6 address in quotes, such as \"2001:db8::1\"");
}

TEST(LinkFault, InterfaceId) {
  EXPECT_EQ(links_faults("  - {name: a, match: {interface-id: 0xabc}}\n"
                         "  - {name: b, match: {interface-id: \"\"}}\n"),
            "2:37: links.match.interface-id is \"0xabc\": it is the Interface-Id that the relay "
            "sends; write its text, or its octets as 0x and pairs of hexadecimal digits\n"
            "3:37: links.match.interface-id is empty: it is the Interface-Id that the relay sends; "
            "write its text, or its octets as 0x and pairs of hexadecimal digits");
}

TEST(LinkFault, Switches) {
  EXPECT_EQ(link_faults("    match: {port: access}\n"
                        "    rapid-commit: maybe\n"
                        "    create-on-renew: 1\n"
                        "    client-only: [yes]\n"),
            "4:19: links.rapid-commit is \"maybe\": it is a switch; write yes or no\n"
            "5:22: links.create-on-renew is \"1\": it is a switch; write yes or no\n"
            "6:18: links.client-only is a list: it is a switch; write yes or no");
}

TEST(LinkFault, ClientOnlyWithoutPort) {
  EXPECT_EQ(link_faults("    match: {link-address: \"2001:db8::/64\"}\n"
                        "    client-only: yes\n"),
            "4:18: client-only is set, but no match of the link has a port: it drops what relays "
            "send to the link's port; add {port: …}, or remove it");
}

}  // namespace
}  // namespace tandem6
