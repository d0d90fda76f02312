#include <gtest/gtest.h>

#include "tests/config/configuration_text.h"

namespace tandem6 {
namespace {

/// The faults of these ends of the connection, in line 2 of the file.
std::string address_faults(const std::string& local, const std::string& partner) {
  return failover_faults("  - {name: west, role: primary, insecure: yes, local: \"" + local +
                         "\", partner: \"" + partner + "\"}\n");
}

TEST(FailoverFault, no_list) {
  EXPECT_EQ(faults_of("failover: {name: west}\n" + kOnePort + kOneLink),
            "1:11: failover is a mapping: it is the list of the relationships with partners; write "
            "a list of {name: …, role: …, local: …, partner: …, tls: {…}}, or remove the section "
            "to run alone");
}

TEST(FailoverFault, no_mapping) {
  EXPECT_EQ(failover_faults("  - west\n"),
            "2:5: failover is \"west\": it is made of keys with values; write \"key: value\" lines "
            "below it, or {key: value}");
}

TEST(FailoverFault, nothing_required_is_there) {
  EXPECT_EQ(failover_faults("  - {name: west}\n"
                            "  - {}\n"),
            "2:5: failover.role is missing: one partner is the primary, the other the secondary; "
            "write primary or secondary\n"
            "2:5: failover.local is missing: it is this server's end of the connection; add one, "
            "such as \"2001:db8:0:1::1\"\n"
            "2:5: failover.partner is missing: it is the partner's end of the connection; add one, "
            "such as \"2001:db8:0:1::2\"\n"
            "2:5: failover has neither tls nor insecure: anybody on the way could change leases, "
            "so TLS is left out on request only; add tls: {certificate: …, key: …, ca: …, "
            "partner-name: …}, or insecure: yes\n"
            "3:5: failover.name is missing: both partners and the links call the relationship by "
            "it; add one, such as west\n"
            "3:5: failover.role is missing: one partner is the primary, the other the secondary; "
            "write primary or secondary\n"
            "3:5: failover.local is missing: it is this server's end of the connection; add one, "
            "such as \"2001:db8:0:1::1\"\n"
            "3:5: failover.partner is missing: it is the partner's end of the connection; add one, "
            "such as \"2001:db8:0:1::2\"\n"
            "3:5: failover has neither tls nor insecure: anybody on the way could change leases, "
            "so TLS is left out on request only; add tls: {certificate: …, key: …, ca: …, "
            "partner-name: …}, or insecure: yes");
}

TEST(FailoverFault, unknown_key) {
  EXPECT_EQ(west_faults("mcl: 1h"),
            "3:1: unknown key \"mcl\" in failover: a key that tandem6 does not know would have no "
            "effect; did you mean \"mclt\"?");
}

TEST(FailoverFault, name_with_spaces) {
  EXPECT_EQ(faults_of("failover: [{name: far west, role: primary, local: \"2001:db8::1\", partner: "
                      "\"2001:db8::2\", insecure: yes}]\n" +
                      kOnePort + kOneLink),
            "1:19: failover.name is \"far west\": commands, tables and metrics show this name; "
            "write 1 to 63 letters, digits, '-', '_' or '.', no spaces");
}

TEST(FailoverFault, same_name_twice) {  // F-107
  EXPECT_EQ(
      failover_faults("  - {" + kWest +
                      "}\n"
                      "  - {name: west, role: secondary, local: \"2001:db8::1\", partner: "
                      "\"2001:db8::3\", insecure: yes}\n"),
      "3:12: two relationships are called \"west\": partners and links could not tell them apart "
      "(RFC 8156 section 6.2); the first is in line 2; give each relationship its own name");
}

TEST(FailoverFault, role) {
  EXPECT_EQ(failover_faults("  - {name: west, role: master, local: \"2001:db8::1\", partner: "
                            "\"2001:db8::2\", insecure: yes}\n"),
            "2:24: failover.role is \"master\": one partner is the primary, the other the "
            "secondary; write primary or secondary");
}

TEST(FailoverFault, addresses_that_are_not_numeric) {
  EXPECT_EQ(
      address_faults("a.example", "192.0.2.256"),
      "2:55: failover.local is \"a.example\": the partners find each other without a name service; "
      "write a numeric address in quotes, such as \"2001:db8:0:1::1\" or \"192.0.2.1\"\n"
      "2:77: failover.partner is \"192.0.2.256\": the partners find each other without a name "
      "service; write a numeric address in quotes, such as \"2001:db8:0:1::1\" or \"192.0.2.1\"");
  EXPECT_EQ(
      address_faults("", "2001:db8::2/64"),
      "2:55: failover.local is empty: the partners find each other without a name service; write a "
      "numeric address in quotes, such as \"2001:db8:0:1::1\" or \"192.0.2.1\"\n"
      "2:68: failover.partner is \"2001:db8::2/64\": the partners find each other without a name "
      "service; write a numeric address in quotes, such as \"2001:db8:0:1::1\" or \"192.0.2.1\"");
  EXPECT_EQ(failover_faults("  - {name: west, role: primary, local: [\"2001:db8::1\"], partner: "
                            "\"[2001:db8::2]:647\", insecure: yes}\n"),
            "2:40: failover.local is a list: the partners find each other without a name service; "
            "write a numeric address in quotes, such as \"2001:db8:0:1::1\" or \"192.0.2.1\"\n"
            "2:66: failover.partner is \"[2001:db8::2]:647\": the partners find each other without "
            "a name service; write a numeric address in quotes, such as \"2001:db8:0:1::1\" or "
            "\"192.0.2.1\"");
}

TEST(FailoverFault, addresses_of_no_host) {
  EXPECT_EQ(address_faults("::", "ff02::1"),
            "2:55: failover.local is \"::\", a multicast, broadcast or unspecified address: each "
            "end of the connection is one host; write a numeric address in quotes, such as "
            "\"2001:db8:0:1::1\" or \"192.0.2.1\"\n"
            "2:70: failover.partner is \"ff02::1\", a multicast, broadcast or unspecified address: "
            "each end of the connection is one host; write a numeric address in quotes, such as "
            "\"2001:db8:0:1::1\" or \"192.0.2.1\"");
  EXPECT_EQ(address_faults("0.0.0.0", "239.1.2.3"),
            "2:55: failover.local is \"0.0.0.0\", a multicast, broadcast or unspecified address: "
            "each end of the connection is one host; write a numeric address in quotes, such as "
            "\"2001:db8:0:1::1\" or \"192.0.2.1\"\n"
            "2:75: failover.partner is \"239.1.2.3\", a multicast, broadcast or unspecified "
            "address: each end of the connection is one host; write a numeric address in quotes, "
            "such as \"2001:db8:0:1::1\" or \"192.0.2.1\"");
  EXPECT_EQ(address_faults("192.0.2.1", "255.255.255.255"),
            "2:77: failover.partner is \"255.255.255.255\", a multicast, broadcast or unspecified "
            "address: each end of the connection is one host; write a numeric address in quotes, "
            "such as \"2001:db8:0:1::1\" or \"192.0.2.1\"");
}

TEST(FailoverFault, ipv4_in_the_form_of_ipv6) {
  EXPECT_EQ(address_faults("192.0.2.1", "::ffff:192.0.2.2"),
            "2:77: failover.partner is \"::ffff:192.0.2.2\", an IPv4 address in the form of IPv6: "
            "an address has one form only here; write \"192.0.2.2\"");
}

TEST(FailoverFault, interfaces_of_addresses) {
  EXPECT_EQ(address_faults("fe80::1", "fe80::2%eth0"),
            "2:55: failover.local is \"fe80::1\", link-local without an interface: the address "
            "alone does not say on which link it is; write this server's interface behind it, such "
            "as \"fe80::1%eth0\"");
  EXPECT_EQ(address_faults("fe80::1%eth0", "fe80::2%eth1"),
            "2:80: failover.partner is \"fe80::2%eth1\", but failover.local is \"fe80::1%eth0\": "
            "two link-local addresses reach each other on one link only; write the same interface "
            "behind both");
  EXPECT_EQ(address_faults("2001:db8::1%eth0", "2001:db8::2"),
            "2:55: failover.local is \"2001:db8::1%eth0\", not link-local but with an interface: "
            "the routes say where the address is; write \"2001:db8::1\"");
  EXPECT_EQ(
      address_faults("fe80::1%", "fe80::2%an-interface-too-long"),
      "2:55: failover.local is \"fe80::1%\": the partners find each other without a name service; "
      "write a numeric address in quotes, such as \"2001:db8:0:1::1\" or \"192.0.2.1\"\n"
      "2:76: failover.partner is \"fe80::2%an-interface-too-long\": the partners find each other "
      "without a name service; write a numeric address in quotes, such as \"2001:db8:0:1::1\" or "
      "\"192.0.2.1\"");
  EXPECT_EQ(
      address_faults("192.0.2.1%eth0", "192.0.2.2"),
      "2:55: failover.local is \"192.0.2.1%eth0\": the partners find each other without a name "
      "service; write a numeric address in quotes, such as \"2001:db8:0:1::1\" or \"192.0.2.1\"");
}

TEST(FailoverFault, addresses_that_do_not_fit) {
  EXPECT_EQ(address_faults("2001:db8::1", "192.0.2.2"),
            "2:79: failover.partner is \"192.0.2.2\", but failover.local is \"2001:db8::1\": a "
            "connection is of IPv6 or of IPv4; write two addresses of one family");
  EXPECT_EQ(address_faults("2001:db8::1", "2001:DB8:0::1"),
            "2:79: failover.partner is \"2001:DB8:0::1\", but failover.local is \"2001:db8::1\": "
            "the partner is another server; write the address of that server");
}

TEST(FailoverFault, port) {
  EXPECT_EQ(west_faults("port: 0"),
            "3:7: failover.port is \"0\": it is the TCP port of the secondary; write a number from "
            "1 to 65535, or remove the key for 647");
  EXPECT_EQ(west_faults("port: 65536"),
            "3:7: failover.port is \"65536\": it is the TCP port of the secondary; write a number "
            "from 1 to 65535, or remove the key for 647");
}

TEST(FailoverFault, mclt) {
  EXPECT_EQ(west_faults("mclt: 29s"),
            "3:7: failover.mclt is \"29s\": a first lease lasts that long, and the pools of a lost "
            "partner wait for it; write a duration from 30s to 12427d, such as 1h");
  EXPECT_EQ(west_faults("mclt: 12428d"),
            "3:7: failover.mclt is \"12428d\": a first lease lasts that long, and the pools of a "
            "lost partner wait for it; write a duration from 30s to 12427d, such as 1h");
  EXPECT_EQ(west_faults("mclt: 1 hour"),
            "3:7: failover.mclt is \"1 hour\": a duration is a whole number with its unit, under "
            "136 years; write 90s, 15m, 12h, 7d or infinite");
}

TEST(FailoverFault, keepalive) {
  EXPECT_EQ(west_faults("keepalive: 3s"),
            "3:12: failover.keepalive is \"3s\": a partner that is silent for so long is gone, and "
            "it speaks four times in it; write a duration from 4s to 1d, such as 60s");
  EXPECT_EQ(west_faults("keepalive: infinite"),
            "3:12: failover.keepalive is \"infinite\": a partner that is silent for so long is "
            "gone, and it speaks four times in it; write a duration from 4s to 1d, such as 60s");
}

TEST(FailoverFault, startup_and_retry) {
  EXPECT_EQ(west_faults("startup: 0s, connect-retry: 0s"),
            "3:10: failover.startup is \"0s\": the server waits so long for its partner before it "
            "serves clients; write a duration from 1s to 1d, such as 10s\n"
            "3:29: failover.connect-retry is \"0s\": the primary waits so long before it tries to "
            "connect again; write a duration from 1s to 1d, such as 5s");
  EXPECT_EQ(west_faults("startup: 2d, connect-retry: 2d"),
            "3:10: failover.startup is \"2d\": the server waits so long for its partner before it "
            "serves clients; write a duration from 1s to 1d, such as 10s\n"
            "3:29: failover.connect-retry is \"2d\": the primary waits so long before it tries to "
            "connect again; write a duration from 1s to 1d, such as 5s");
}

TEST(FailoverFault, max_unacked_bndupd) {
  EXPECT_EQ(west_faults("max-unacked-bndupd: 0"),
            "3:21: failover.max-unacked-bndupd is \"0\": the partner sends so many updates before "
            "this server has acknowledged one; write a number from 1 to 65536, such as 4096");
  EXPECT_EQ(
      west_faults("max-unacked-bndupd: 65537"),
      "3:21: failover.max-unacked-bndupd is \"65537\": the partner sends so many updates before "
      "this server has acknowledged one; write a number from 1 to 65536, such as 4096");
}

TEST(FailoverFault, auto_partner_down) {
  EXPECT_EQ(
      west_faults("mclt: 2h, auto-partner-down: 1h"),
      "3:30: failover.auto-partner-down is \"1h\", but mclt is 2h: the partner may give leases for "
      "so long without this server's knowledge; write off, or a duration from 2h on");
  EXPECT_EQ(
      west_faults("auto-partner-down: 59m"),
      "3:20: failover.auto-partner-down is \"59m\", but mclt defaults to 1h: the partner may give "
      "leases for so long without this server's knowledge; write off, or a duration from 1h on");
  EXPECT_EQ(west_faults("auto-partner-down: infinite"),
            "3:20: failover.auto-partner-down is \"infinite\": after so long without contact the "
            "partner counts as down, though it may be alive; write off, or a duration from 1h on");
  EXPECT_EQ(west_faults("auto-partner-down: never"),
            "3:20: failover.auto-partner-down is \"never\": after so long without contact the "
            "partner counts as down, though it may be alive; write off, or a duration from 1h on");
}

// One wrong value, one fault.
TEST(FailoverFault, auto_partner_down_behind_a_wrong_mclt) {
  EXPECT_EQ(west_faults("mclt: 10s, auto-partner-down: 5m"),
            "3:7: failover.mclt is \"10s\": a first lease lasts that long, and the pools of a lost "
            "partner wait for it; write a duration from 30s to 12427d, such as 1h");
  EXPECT_EQ(west_faults("mclt: 10s, auto-partner-down: 20s"),
            "3:7: failover.mclt is \"10s\": a first lease lasts that long, and the pools of a lost "
            "partner wait for it; write a duration from 30s to 12427d, such as 1h\n"
            "3:31: failover.auto-partner-down is \"20s\": the partner may give leases for so long "
            "without this server's knowledge; write off, or a duration from 30s on");
}

TEST(FailoverFault, start_alone) {
  EXPECT_EQ(west_faults("start-alone: sometimes"),
            "3:14: failover.start-alone is \"sometimes\": it is a switch; write yes or no");
}

TEST(FailoverFault, secondary_share) {
  EXPECT_EQ(west_faults("secondary-share: 50"),
            "3:18: failover.secondary-share is \"50\": it is the secondary's share of the free "
            "delegable prefixes; write 0% to 100%, with the sign, such as 50%");
  EXPECT_EQ(west_faults("secondary-share: 101%"),
            "3:18: failover.secondary-share is \"101%\": it is the secondary's share of the free "
            "delegable prefixes; write 0% to 100%, with the sign, such as 50%");
  EXPECT_EQ(west_faults("secondary-share: -1%"),
            "3:18: failover.secondary-share is \"-1%\": it is the secondary's share of the free "
            "delegable prefixes; write 0% to 100%, with the sign, such as 50%");
  EXPECT_EQ(west_faults("secondary-share: \"%\""),
            "3:18: failover.secondary-share is \"%\": it is the secondary's share of the free "
            "delegable prefixes; write 0% to 100%, with the sign, such as 50%");
}

TEST(FailoverFault, neither_tls_nor_insecure) {  // F-076
  const std::string ends =
      "  - {name: west, role: primary, local: \"2001:db8::1\", partner: \"2001:db8::2\"";
  EXPECT_EQ(failover_faults(ends + "}\n"),
            "2:5: failover has neither tls nor insecure: anybody on the way could change leases, "
            "so TLS is left out on request only; add tls: {certificate: …, key: …, ca: …, "
            "partner-name: …}, or insecure: yes");
  EXPECT_EQ(failover_faults(ends + ", insecure: no}\n"),
            "2:5: failover has neither tls nor insecure: anybody on the way could change leases, "
            "so TLS is left out on request only; add tls: {certificate: …, key: …, ca: …, "
            "partner-name: …}, or insecure: yes");
  EXPECT_EQ(failover_faults(ends + ", tls: }\n"),
            "2:5: failover has neither tls nor insecure: anybody on the way could change leases, "
            "so TLS is left out on request only; add tls: {certificate: …, key: …, ca: …, "
            "partner-name: …}, or insecure: yes");
  EXPECT_EQ(failover_faults(ends + ", insecure: perhaps}\n"),
            "2:89: failover.insecure is \"perhaps\": it is a switch; write yes or no");
}

TEST(FailoverFault, tls_and_insecure) {  // F-076
  EXPECT_EQ(west_faults("tls: {certificate: c.pem, key: k.pem, ca: ca.pem, partner-name: b}"),
            "2:79: failover has tls, but insecure is set too: the connection is protected or it is "
            "not; keep one of the two");
}

TEST(FailoverFault, tls_without_its_parts) {
  const std::string ends =
      "  - {name: west, role: primary, local: \"2001:db8::1\", partner: \"2001:db8::2\",\n";
  EXPECT_EQ(failover_faults(ends + "tls: {}}\n"),
            "3:1: failover.tls.certificate is missing: this server shows it to its partner; write "
            "the path of a PEM file with the certificate\n"
            "3:1: failover.tls.key is missing: it proves that the certificate is this server's; "
            "write the path of a PEM file with the private key\n"
            "3:1: failover.tls.ca is missing: the partner's certificate must be signed by it; "
            "write the path of a PEM file with the certificates trusted\n"
            "3:1: failover.tls.partner-name is missing: the partner's certificate must be for it; "
            "write the name in that certificate, such as b.example");
  EXPECT_EQ(failover_faults(ends +
                            "tls: {certificate: \"\", key: \"\", ca: \"\", partner-name: \"\"}}\n"),
            "3:20: failover.tls.certificate is empty: this server shows it to its partner; write "
            "the path of a PEM file with the certificate\n"
            "3:29: failover.tls.key is empty: it proves that the certificate is this server's; "
            "write the path of a PEM file with the private key\n"
            "3:37: failover.tls.ca is empty: the partner's certificate must be signed by it; write "
            "the path of a PEM file with the certificates trusted\n"
            "3:55: failover.tls.partner-name is empty: the partner's certificate must be for it; "
            "write the name in that certificate, such as b.example");
  EXPECT_EQ(failover_faults(ends + "tls: yes}\n"),
            "3:6: failover.tls is \"yes\": it is made of keys with values; write \"key: value\" "
            "lines below it, or {key: value}");
  EXPECT_EQ(
      failover_faults(ends + "tls: {certificate: c, key: k, ca: a, partner-name: b, cipher: x}}\n"),
      "3:55: unknown key \"cipher\" in failover.tls: a key that tandem6 does not know would have "
      "no effect; known here: certificate, key, ca, partner-name");
}

TEST(FailoverFault, more_relationships_than_a_server_keeps) {
  std::string lines;
  std::string links = "links:\n";
  for (int i = 1; i <= 17; ++i) {
    const std::string number = std::to_string(i);
    lines += "  - {name: r" + number +
             ", role: primary, local: \"192.0.2.100\", partner: \"192.0.2." + number +
             "\", insecure: yes}\n";
    links += "  - {name: l" + number + ", match: {interface-id: i" + number + "}, relationship: r" +
             number + "}\n";
  }
  EXPECT_EQ(faults_of("failover:\n" + lines + kOnePort + links),
            "18:5: 17 relationships are too many: a server keeps 16 at most; leave out the others");
}

}  // namespace
}  // namespace tandem6
