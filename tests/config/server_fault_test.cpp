#include <gtest/gtest.h>

#include "tests/config/configuration_text.h"

namespace tandem6 {
namespace {

TEST(ServerFault, PreferenceOutOfRange) {
  EXPECT_EQ(server_faults("  preference: 256\n"),
            "2:15: server.preference is \"256\": it is one octet (RFC 8415 section 21.8); write a "
            "number from 0 to 255");
}

TEST(ServerFault, PreferenceNegative) {
  EXPECT_EQ(server_faults("  preference: -1\n"),
            "2:15: server.preference is \"-1\": it is one octet (RFC 8415 section 21.8); write a "
            "number from 0 to 255");
}

TEST(ServerFault, PreferenceWithALeadingZero) {
  EXPECT_EQ(server_faults("  preference: 010\n"),
            "2:15: server.preference is \"010\": it is one octet (RFC 8415 section 21.8); write a "
            "number from 0 to 255");
}

TEST(ServerFault, DuidTooShort) {
  EXPECT_EQ(server_faults("  duid: \"00:03\"\n"),
            "2:9: server.duid is \"00:03\": a DUID has 3 to 130 octets (RFC 8415 section 11.1); "
            "write them in hexadecimal, such as \"00:03:00:01:02:00:00:00:00:01\"");
}

// The key is a secret: no fault repeats it.
TEST(ServerFault, AllocationKeyTooShort) {
  EXPECT_EQ(server_faults("  allocation-key: 0011\n"),
            "2:19: server.allocation-key is not 32 hexadecimal digits: the key is 128 bits, the "
            "same on servers that shall give the same leases; write auto, or 32 hexadecimal digits "
            "(openssl rand -hex 16)");
}

TEST(ServerFault, ControlSocketNotAbsolute) {
  EXPECT_EQ(
      server_faults("  control-socket: run/t6.sock\n"),
      "2:19: server.control-socket is \"run/t6.sock\": it is the path of a UNIX socket, which has "
      "room for 107 octets; write a short absolute path, such as /run/tandem6/control.sock");
}

TEST(ServerFault, ControlSocketTooLong) {
  EXPECT_EQ(server_faults("  control-socket: "
                          "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"),
            "2:19: server.control-socket is "
            "\"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…\": it is the path of "
            "a UNIX socket, which has room for 107 octets; write a short absolute path, such as "
            "/run/tandem6/control.sock");
}

TEST(ServerFault, MetricsWithoutPort) {
  EXPECT_EQ(server_faults("  metrics: localhost\n"),
            "2:12: server.metrics is \"localhost\": metrics are served at an address and a TCP "
            "port; write \"[::1]:9547\" or \"127.0.0.1:9547\", or remove the key");
}

TEST(ServerFault, MetricsWithPortZero) {
  EXPECT_EQ(server_faults("  metrics: \"[::1]:0\"\n"),
            "2:12: server.metrics is \"[::1]:0\": metrics are served at an address and a TCP port; "
            "write \"[::1]:9547\" or \"127.0.0.1:9547\", or remove the key");
}

TEST(ServerFault, LogWords) {
  EXPECT_EQ(server_faults("  log: {level: loud, format: xml}\n"),
            "2:16: server.log.level is \"loud\": it is the least severity that is logged; write "
            "trace, debug, info, warning, error, critical or off\n"
            "2:30: server.log.format is \"xml\": logs are for people or for programs; write text "
            "or json");
}

TEST(ServerFault, Relays) {
  EXPECT_EQ(
      server_faults("  relays: [\"ff02::1\", \"2001:db8::1\", \"2001:db8::1\", 5]\n"),
      "2:12: server.relays is \"ff02::1\", a multicast, unspecified or loopback address: it is the "
      "address of one host; write a unicast IPv6 address in quotes, such as \"2001:db8::1\"\n"
      "2:38: relay 2001:db8::1 stands twice: once is enough; keep one of the two\n"
      "2:53: server.relays is \"5\": it is the address of one host; write a unicast IPv6 address "
      "in quotes, such as \"2001:db8::1\"");
}

TEST(ServerFault, RelaysNoList) {
  EXPECT_EQ(server_faults("  relays: \"2001:db8::1\"\n"),
            "2:11: server.relays is \"2001:db8::1\": it is a list of the relays that are served, "
            "and no others; write [\"2001:db8::1\", …], or remove the key to serve all");
}

TEST(ServerFault, RelaySuppliedOptions) {
  EXPECT_EQ(
      server_faults("  relay-supplied-options: [dns-servers, 23, client-id, erp-domian, 0]\n"),
      "2:41: dns-servers (23) stands twice in server.relay-supplied-options: the first is in line "
      "2; keep one of the two\n"
      "2:45: client-id (1) cannot be configured: the protocol itself decides what stands in this "
      "option; remove it\n"
      "2:56: unknown option \"erp-domian\": no option has this name; did you mean \"erp-domain\"?\n"
      "2:68: option code \"0\" is out of range: no option of DHCPv6 that a client can ask for has "
      "this number; write a code from 1 to 255");
}

// S-114
TEST(ServerFault, InformationRefreshTimeUnder600) {
  EXPECT_EQ(server_faults("  information-refresh-time: 599s\n"),
            "2:29: server.information-refresh-time is \"599s\": clients take 600 seconds or more "
            "only (RFC 8415 section 21.23); write 10m or more");
}

TEST(ServerFault, DurationWithoutUnit) {
  EXPECT_EQ(server_faults("  decline-hold: 10\n"),
            "2:17: server.decline-hold is \"10\": a duration is a whole number with its unit, "
            "under 136 years; write 90s, 15m, 12h, 7d or infinite");
}

TEST(ServerFault, LeaseLimitZero) {
  EXPECT_EQ(server_faults("  lease-limit-per-client: 0\n"),
            "2:27: server.lease-limit-per-client is \"0\": one message has room for 128 identity "
            "associations; write a number from 1 to 128");
}

TEST(ServerFault, DeclineHoldZero) {
  EXPECT_EQ(server_faults("  decline-hold: 0s\n"),
            "2:17: server.decline-hold is \"0s\": another host uses a declined address (RFC 8415 "
            "section 18.3.8); write for how long it is kept from all clients, such as 24h");
}

TEST(ServerFault, DomainSuffix) {
  EXPECT_EQ(server_faults("  domain-suffix: \"a..b\"\n"),
            "2:18: server.domain-suffix is \"a..b\": it completes partial names of clients (RFC "
            "4704 section 4.2); write a domain name, such as \"example.net\"");
}

TEST(ServerFault, StorageNotAbsoluteAndUnknownDurability) {
  EXPECT_EQ(
      faults_of(
          "dataplane: {ports: [{name: access, device: net_null0, addresses: [\"fe80::1\"]}]}\n"
          "links: [{name: street, match: {port: access}}]\n"
          "storage: {path: var, durability: disk}\n"),
      "3:17: storage.path is \"var\": leases are kept in this folder, wherever the daemon was "
      "started; write an absolute path, such as /var/lib/tandem6\n"
      "3:34: storage.durability is \"disk\": it says what an answered lease survives; write power, "
      "process or none");
}

}  // namespace
}  // namespace tandem6
