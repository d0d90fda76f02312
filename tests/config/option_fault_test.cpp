#include <gtest/gtest.h>

#include "tests/config/configuration_text.h"

namespace tandem6 {
namespace {

TEST(OptionFault, OwnedByTheProtocol) {
  EXPECT_EQ(server_faults("  options:\n"
                          "    client-id: {hex: \"000300\"}\n"
                          "    \"2\": {hex: \"000300\"}\n"
                          "    ia-na: {hex: \"00\"}\n"
                          "    ia-address: {hex: \"00\"}\n"
                          "    option-request: {hex: \"0017\"}\n"
                          "    elapsed-time: 1\n"
                          "    relay-message: {hex: \"00\"}\n"
                          "    authentication: {hex: \"00\"}\n"
                          "    status-code: {hex: \"0000\"}\n"
                          "    interface-id: {hex: \"00\"}\n"
                          "    reconfigure-message: 5\n"
                          "    reconfigure-accept: yes\n"
                          "    ia-pd: {hex: \"00\"}\n"
                          "    ia-prefix: {hex: \"00\"}\n"
                          "    client-fqdn: {hex: \"00\"}\n"
                          "    relay-supplied-options: {hex: \"00\"}\n"
                          "    \"135\": 547\n"),
            "3:5: client-id (1) cannot be configured: the protocol itself decides what stands in "
            "this option; remove it\n"
            "4:5: server-id (2) cannot be configured: the protocol itself decides what stands in "
            "this option; remove it\n"
            "5:5: ia-na (3) cannot be configured: the protocol itself decides what stands in this "
            "option; remove it\n"
            "6:5: ia-address (5) cannot be configured: the protocol itself decides what stands in "
            "this option; remove it\n"
            "7:5: option-request (6) cannot be configured: the protocol itself decides what stands "
            "in this option; remove it\n"
            "8:5: elapsed-time (8) cannot be configured: the protocol itself decides what stands "
            "in this option; remove it\n"
            "9:5: relay-message (9) cannot be configured: the protocol itself decides what stands "
            "in this option; remove it\n"
            "10:5: authentication (11) cannot be configured: the protocol itself decides what "
            "stands in this option; remove it\n"
            "11:5: status-code (13) cannot be configured: the protocol itself decides what stands "
            "in this option; remove it\n"
            "12:5: interface-id (18) cannot be configured: the protocol itself decides what stands "
            "in this option; remove it\n"
            "13:5: reconfigure-message (19) cannot be configured: the protocol itself decides what "
            "stands in this option; remove it\n"
            "14:5: reconfigure-accept (20) cannot be configured: the protocol itself decides what "
            "stands in this option; remove it\n"
            "15:5: ia-pd (25) cannot be configured: the protocol itself decides what stands in "
            "this option; remove it\n"
            "16:5: ia-prefix (26) cannot be configured: the protocol itself decides what stands in "
            "this option; remove it\n"
            "17:5: client-fqdn (39) cannot be configured: the protocol itself decides what stands "
            "in this option; remove it\n"
            "18:5: relay-supplied-options (66) cannot be configured: the protocol itself decides "
            "what stands in this option; remove it\n"
            "19:5: relay-source-port (135) cannot be configured: the protocol itself decides what "
            "stands in this option; remove it");
}

// S-168: not configurable, so never sent.
TEST(OptionFault, ServerUnicastIsObsolete) {
  EXPECT_EQ(server_faults("  options:\n"
                          "    server-unicast: \"2001:db8::1\"\n"
                          "    \"12\": \"2001:db8::1\"\n"),
            "3:5: server-unicast (12) cannot be configured: Server Unicast is obsolete and never "
            "sent (RFC 9915); remove it\n"
            "4:5: server-unicast (12) cannot be configured: Server Unicast is obsolete and never "
            "sent (RFC 9915); remove it");
}

TEST(OptionFault, WithAKeyOfTheirOwn) {
  EXPECT_EQ(server_faults("  options:\n"
                          "    preference: 1\n"
                          "    rapid-commit: yes\n"
                          "    information-refresh-time: 1h\n"
                          "    pd-exclude: {hex: \"00\"}\n"),
            "3:5: preference (7) cannot be configured: it is a setting of the server; set "
            "server.preference\n"
            "4:5: rapid-commit (14) cannot be configured: it is a setting of the link; set "
            "rapid-commit: yes\n"
            "5:5: information-refresh-time (32) cannot be configured: it is a setting of the "
            "server; set server.information-refresh-time\n"
            "6:5: pd-exclude (67) cannot be configured: it is a setting of the pool; set "
            "excluded-length in prefix-pools");
}

TEST(OptionFault, OfOtherMessages) {
  EXPECT_EQ(
      server_faults("  options:\n"
                    "    \"4\": {hex: \"00\"}\n"
                    "    \"44\": {hex: \"00\"}\n"
                    "    \"87\": {hex: \"00\"}\n"
                    "    \"130\": {hex: \"00\"}\n"),
      "3:5: ia-ta (4) cannot be configured: temporary addresses are obsolete (RFC 9915); remove "
      "it\n"
      "4:5: option 44 cannot be configured: the protocol itself decides what stands in this "
      "option; remove it\n"
      "5:5: option 87 cannot be configured: the protocol itself decides what stands in this "
      "option; remove it\n"
      "6:5: relationship-name (130) cannot be configured: the protocol itself decides what stands "
      "in this option; remove it");
}

TEST(OptionFault, CodeOutOfRange) {
  EXPECT_EQ(server_faults("  options:\n"
                          "    \"0\": {hex: \"00\"}\n"
                          "    \"256\": {hex: \"00\"}\n"),
            "3:5: option code \"0\" is out of range: no option of DHCPv6 that a client can ask for "
            "has this number; write a code from 1 to 255\n"
            "4:5: option code \"256\" is out of range: no option of DHCPv6 that a client can ask "
            "for has this number; write a code from 1 to 255");
}

TEST(OptionFault, UnknownName) {
  EXPECT_EQ(
      server_faults("  options:\n"
                    "    dns-server: \"2001:db8::53\"\n"
                    "    colour: red\n"),
      "3:5: unknown option \"dns-server\": no option has this name; did you mean \"dns-servers\"?\n"
      "4:5: unknown option \"colour\": no option has this name; write its number with {hex: "
      "\"…\"}, or a name of the manual");
}

TEST(OptionFault, TwiceByNameAndNumber) {
  EXPECT_EQ(server_faults("  options:\n"
                          "    dns-servers: [\"2001:db8::53\"]\n"
                          "    \"23\": [\"2001:db8::53\"]\n"),
            "4:5: dns-servers (23) stands twice: by name and by number it is one option; the first "
            "is in line 3; keep one of the two");
}

// S-167
TEST(OptionFault, MaximumRetransmissionTimes) {
  EXPECT_EQ(server_faults("  options:\n"
                          "    sol-max-rt: 59s\n"
                          "    inf-max-rt: 86401s\n"),
            "3:17: server.options.sol-max-rt is \"59s\": clients take 60 to 86400 seconds only "
            "(RFC 8415 sections 21.24, 21.25); write a duration from 60s to 24h\n"
            "4:17: server.options.inf-max-rt is \"86401s\": clients take 60 to 86400 seconds only "
            "(RFC 8415 sections 21.24, 21.25); write a duration from 60s to 24h");
}

// S-167, whichever way the value is written.
TEST(OptionFault, MaximumRetransmissionTimesInHex) {
  EXPECT_EQ(server_faults("  options:\n"
                          "    sol-max-rt: {hex: \"0000003b\"}\n"
                          "    inf-max-rt: {hex: \"00015181\"}\n"),
            "3:17: server.options.sol-max-rt is 59 seconds: clients take 60 to 86400 seconds only "
            "(RFC 8415 sections 21.24, 21.25); write a duration from 60s to 24h\n"
            "4:17: server.options.inf-max-rt is 86401 seconds: clients take 60 to 86400 seconds "
            "only (RFC 8415 sections 21.24, 21.25); write a duration from 60s to 24h");
}

TEST(OptionFault, Addresses) {
  EXPECT_EQ(server_faults("  options:\n"
                          "    dns-servers: [\"2001:db8::53\", \"ff02::1\", 9]\n"
                          "    sntp-servers: []\n"),
            "3:35: server.options.dns-servers is \"ff02::1\", a multicast, unspecified or loopback "
            "address: it is the address of one host; write a unicast IPv6 address in quotes, such "
            "as \"2001:db8::1\"\n"
            "3:46: server.options.dns-servers is \"9\": it is the address of one host; write a "
            "unicast IPv6 address in quotes, such as \"2001:db8::1\"\n"
            "4:19: the value of sntp-servers (31) has 0 octets: clients would discard it; write 16 "
            "to 65535 octets, a multiple of 16");
}

TEST(OptionFault, Domains) {
  EXPECT_EQ(
      server_faults("  options:\n"
                    "    domain-search: [\"a..b\", \"\", "
                    "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.net\"]\n"
                    "    aftr-name: [\"a.example\", \"b.example\"]\n"),
      "3:21: server.options.domain-search is \"a..b\": it is a domain name (RFC 1035): labels of 1 "
      "to 63 octets, 255 in all; write it with dots, such as \"example.net\"; others than ASCII as "
      "punycode\n"
      "3:29: server.options.domain-search is empty: it is a domain name (RFC 1035): labels of 1 to "
      "63 octets, 255 in all; write it with dots, such as \"example.net\"; others than ASCII as "
      "punycode\n"
      "3:33: server.options.domain-search is "
      "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…\": it is a domain name (RFC "
      "1035): labels of 1 to 63 octets, 255 in all; write it with dots, such as \"example.net\"; "
      "others than ASCII as punycode\n"
      "4:16: server.options.aftr-name is a list: it is a domain name (RFC 1035): labels of 1 to 63 "
      "octets, 255 in all; write it with dots, such as \"example.net\"; others than ASCII as "
      "punycode");
}

TEST(OptionFault, Text) {
  EXPECT_EQ(
      server_faults("  options:\n"
                    "    posix-timezone: \"a\\0b\"\n"
                    "    captive-portal: \"\"\n"),
      "3:21: server.options.posix-timezone is not UTF-8 text without NUL: the option holds text; "
      "write UTF-8 text\n"
      "4:21: server.options.captive-portal is empty: the option holds text; write UTF-8 text");
}

TEST(OptionFault, Hex) {
  EXPECT_EQ(server_faults("  options:\n"
                          "    \"200\": {hex: \"0\"}\n"
                          "    \"201\": text\n"
                          "    \"202\": {hex: xy}\n"
                          "    \"203\": {}\n"
                          "    \"204\": [1]\n"),
            "3:18: server.options.200.hex is \"0\": the octets of the value are given in "
            "hexadecimal; write {hex: \"0a1b2c\"}, an even number of digits\n"
            "4:12: server.options.201 is \"text\": the octets of the value are given in "
            "hexadecimal; write {hex: \"0a1b2c\"}, an even number of digits\n"
            "5:18: server.options.202.hex is \"xy\": the octets of the value are given in "
            "hexadecimal; write {hex: \"0a1b2c\"}, an even number of digits\n"
            "6:12: server.options.203 has no value: there is one value; write {hex: \"0a1b2c\"}, "
            "an even number of digits\n"
            "7:12: server.options.204 is a list: the octets of the value are given in hexadecimal; "
            "write {hex: \"0a1b2c\"}, an even number of digits");
}

TEST(OptionFault, LengthThatDoesNotFit) {
  EXPECT_EQ(server_faults("  options:\n"
                          "    ntp-servers: {hex: \"00\"}\n"
                          "    s46-priority: {hex: \"000000\"}\n"
                          "    dns-servers: {hex: \"00\"}\n"),
            "3:18: the value of ntp-servers (56) has 1 octets: clients would discard it; write 4 "
            "to 65535 octets\n"
            "4:19: the value of s46-priority (111) has 3 octets: clients would discard it; write 2 "
            "to 65535 octets, a multiple of 2\n"
            "5:18: the value of dns-servers (23) has 1 octets: clients would discard it; write 16 "
            "to 65535 octets, a multiple of 16");
}

TEST(OptionFault, MappingOfNoUse) {
  EXPECT_EQ(server_faults("  options:\n"
                          "    aftr-name: {nam: x}\n"
                          "    domain-search: {name: x, hex: \"00\"}\n"),
            "3:17: unknown key \"nam\" in server.options.aftr-name: a key that tandem6 does not "
            "know would have no effect; did you mean \"name\"?\n"
            "4:20: server.options.domain-search has both a name and hex: there is one value; write "
            "{name: …}");
}

// S-164
TEST(OptionFault, OneEnterpriseTwice) {
  EXPECT_EQ(server_faults("  options:\n"
                          "    vendor-options:\n"
                          "      - {hex: \"000000010001\"}\n"
                          "      - {hex: \"0000000100\"}\n"),
            "5:9: server.options.vendor-options has this enterprise number twice: a message has "
            "one vendor option for each (RFC 8415 section 21.17); put all sub-options of the "
            "enterprise into one");
}

TEST(OptionFault, SentAlwaysWithoutValue) {
  EXPECT_EQ(server_faults("  send-always: [dns-servers]\n"),
            "2:17: dns-servers (23) is to be sent always, but has no value: neither the options of "
            "the link nor those of the server set it; set it under options, or remove it here");
}

TEST(OptionFault, SentAlwaysTwice) {
  EXPECT_EQ(server_faults("  send-always: [dns-servers, \"23\"]\n"
                          "  options: {dns-servers: [\"2001:db8::53\"]}\n"),
            "2:30: dns-servers (23) stands twice in server.send-always: the first is in line 2; "
            "keep one of the two");
}

TEST(OptionFault, SentAlwaysOfALinkWithoutValue) {
  EXPECT_EQ(link_faults("    match: {port: access}\n"
                        "    send-always: [dns-servers]\n"),
            "4:19: dns-servers (23) is to be sent always, but has no value: neither the options of "
            "the link nor those of the server set it; set it under options, or remove it here");
}

TEST(OptionFault, TooMuchForAPacket) {
  EXPECT_EQ(
      link_faults(
          "    match: {port: access}\n"
          "    options: {\"200\": {hex: "
          "\"00000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000\"}, \"201\": "
          "{hex: "
          "\"00000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000\"}}\n"),
      "4:5: the options have 1048 octets together: a reply with them would not fit into one packet "
      "of 1280 octets; leave some out: 1024 octets at most");
}

}  // namespace
}  // namespace tandem6
