#include <gtest/gtest.h>

#include "tests/config/configuration_text.h"

namespace tandem6 {
namespace {

// a reserved lease has one client.
TEST(ReservationFault, SameAddressTwice) {
  EXPECT_EQ(
      link_faults("    match: {port: access}\n"
                  "    address-pools: [\"2001:db8:7::/112\"]\n"
                  "    prefix-pools: [{prefix: \"2001:db8:8000::/40\", delegated-length: 56}]\n"
                  "    reservations:\n"
                  "      - {duid: \"000301\", address: \"2001:db8:7::100\"}\n"
                  "      - {duid: \"000302\", address: \"2001:db8:7::100\"}\n"),
      "8:35: reserved address 2001:db8:7::100 is reserved twice: a lease has one client; the first "
      "is in line 7; remove one of the two reservations");
}

TEST(ReservationFault, SamePrefixTwice) {
  EXPECT_EQ(
      link_faults("    match: {port: access}\n"
                  "    address-pools: [\"2001:db8:7::/112\"]\n"
                  "    prefix-pools: [{prefix: \"2001:db8:8000::/40\", delegated-length: 56}]\n"
                  "    reservations:\n"
                  "      - {duid: \"000301\", prefix: \"2001:db8:8000:100::/56\"}\n"
                  "      - {duid: \"000302\", prefix: \"2001:db8:8000:100::/56\"}\n"),
      "8:34: reserved prefix 2001:db8:8000:100::/56 is reserved twice: a lease has one client; the "
      "first is in line 7; remove one of the two reservations");
}

TEST(ReservationFault, SamePrefixTwiceOutsideOfPools) {
  EXPECT_EQ(
      link_faults("    match: {port: access}\n"
                  "    address-pools: [\"2001:db8:7::/112\"]\n"
                  "    prefix-pools: [{prefix: \"2001:db8:8000::/40\", delegated-length: 56}]\n"
                  "    reservations:\n"
                  "      - {duid: \"000301\", prefix: \"2001:db9::/48\"}\n"
                  "      - {duid: \"000302\", prefix: \"2001:db9:0:100::/56\"}\n"),
      "8:34: reserved prefix 2001:db9:0:100::/56 of link \"street\" overlaps reserved prefix "
      "2001:db9::/48 of link \"street\" in line 7: two clients could be given one lease; reserve a "
      "lease of the link's own ranges");
}

TEST(ReservationFault, SameClientTwice) {
  EXPECT_EQ(
      link_faults("    match: {port: access}\n"
                  "    address-pools: [\"2001:db8:7::/112\"]\n"
                  "    prefix-pools: [{prefix: \"2001:db8:8000::/40\", delegated-length: 56}]\n"
                  "    reservations:\n"
                  "      - {duid: \"000301\", address: \"2001:db8:7::100\"}\n"
                  "      - {duid: \"00:03:01\", prefix: \"2001:db8:8000:100::/56\"}\n"
                  "      - {duid: \"000304\", iaid: 5, address: \"2001:db8:7::102\"}\n"
                  "      - {duid: \"000304\", iaid: 0x5, address: \"2001:db8:7::103\"}\n"),
      "8:16: this client and IAID have two reservations: only one could be given; the first is in "
      "line 7; write address and prefix into one, or give each an iaid\n"
      "10:16: this client and IAID have two reservations: only one could be given; the first is in "
      "line 9; write address and prefix into one, or give each an iaid");
}

TEST(ReservationFault, OutsideOfTheLink) {
  EXPECT_EQ(
      link_faults("    match: {port: access}\n"
                  "    address-pools: [\"2001:db8:7::/112\"]\n"
                  "    prefix-pools: [{prefix: \"2001:db8:8000::/40\", delegated-length: 56}]\n"
                  "    reservations:\n"
                  "      - {duid: \"000301\", address: \"2001:db8:8::1\"}\n"),
      "7:35: links.reservations.address is \"2001:db8:8::1\", outside of the link: the client "
      "could not use it there; write an address inside of an address pool or a link-address of the "
      "link");
}

TEST(ReservationFault, OutsideOfTheLinkAddress) {
  EXPECT_EQ(link_faults("    match: {link-address: \"2001:db8:7::/64\"}\n"
                        "    reservations:\n"
                        "      - {duid: \"000301\", address: \"2001:db8:8::1\"}\n"),
            "5:35: links.reservations.address is \"2001:db8:8::1\", outside of the link: the "
            "client could not use it there; write an address inside of an address pool or a "
            "link-address of the link");
}

TEST(ReservationFault, ReservedInterfaceIdentifier) {
  EXPECT_EQ(
      link_faults("    match: {port: access}\n"
                  "    address-pools: [\"2001:db8:7::/112\"]\n"
                  "    prefix-pools: [{prefix: \"2001:db8:8000::/40\", delegated-length: 56}]\n"
                  "    reservations:\n"
                  "      - {duid: \"000301\", address: \"2001:db8:7::\"}\n"),
      "7:35: links.reservations.address is \"2001:db8:7::\", with a reserved interface identifier: "
      "RFC 5453 keeps these for anycast, the router's ::0 among them; write an address that ends "
      "otherwise");
}

TEST(ReservationFault, AddressesOfNoHost) {
  EXPECT_EQ(
      link_faults("    match: {port: access}\n"
                  "    address-pools: [\"2001:db8:7::/112\"]\n"
                  "    prefix-pools: [{prefix: \"2001:db8:8000::/40\", delegated-length: 56}]\n"
                  "    reservations:\n"
                  "      - {duid: \"000301\", address: \"fe80::7\"}\n"
                  "      - {duid: \"000302\", address: \"ff02::7\"}\n"
                  "      - {duid: \"000303\", address: x}\n"),
      "7:35: fe80::7/128 holds link-local addresses (fe80::/10): no client can be given one of "
      "them; write a global or unique local prefix\n"
      "8:35: links.reservations.address is \"ff02::7\", a multicast, unspecified or loopback "
      "address: it is the address of one host; write a unicast IPv6 address in quotes, such as "
      "\"2001:db8::1\"\n"
      "9:35: links.reservations.address is \"x\": it is the address of one host; write a unicast "
      "IPv6 address in quotes, such as \"2001:db8::1\"");
}

TEST(ReservationFault, PrefixWithHostBits) {
  EXPECT_EQ(
      link_faults("    match: {port: access}\n"
                  "    address-pools: [\"2001:db8:7::/112\"]\n"
                  "    prefix-pools: [{prefix: \"2001:db8:8000::/40\", delegated-length: 56}]\n"
                  "    reservations:\n"
                  "      - {duid: \"000301\", prefix: \"2001:db8:8000:200::1/56\"}\n"),
      "7:34: links.reservations.prefix is \"2001:db8:8000:200::1/56\": the address has bits set "
      "past the length; write \"2001:db8:8000:200::/56\"");
}

TEST(ReservationFault, PrefixOfAnotherLengthThanThePool) {
  EXPECT_EQ(
      link_faults("    match: {port: access}\n"
                  "    address-pools: [\"2001:db8:7::/112\"]\n"
                  "    prefix-pools: [{prefix: \"2001:db8:8000::/40\", delegated-length: 56}]\n"
                  "    reservations:\n"
                  "      - {duid: \"000301\", prefix: \"2001:db8:8000:200::/60\"}\n"),
      "7:34: reserved prefix 2001:db8:8000:200::/60 lies in prefix pool 2001:db8:8000::/40, which "
      "delegates /56: a reservation inside a pool is one of the pool's prefixes; write a /56, or a "
      "prefix outside of all pools");
}

TEST(ReservationFault, PrefixOfNobody) {
  EXPECT_EQ(
      link_faults("    match: {port: access}\n"
                  "    address-pools: [\"2001:db8:7::/112\"]\n"
                  "    prefix-pools: [{prefix: \"2001:db8:8000::/40\", delegated-length: 56}]\n"
                  "    reservations:\n"
                  "      - {duid: \"000301\", prefix: \"::/0\"}\n"),
      "7:34: ::/0 holds multicast addresses (ff00::/8): no client can be given one of them; write "
      "a global or unique local prefix");
}

TEST(ReservationFault, NothingReserved) {
  EXPECT_EQ(
      link_faults("    match: {port: access}\n"
                  "    address-pools: [\"2001:db8:7::/112\"]\n"
                  "    prefix-pools: [{prefix: \"2001:db8:8000::/40\", delegated-length: 56}]\n"
                  "    reservations:\n"
                  "      - {duid: \"000301\"}\n"),
      "7:9: the reservation has neither address nor prefix: nothing would be kept for the client; "
      "add one of them, or both");
}

TEST(ReservationFault, NoClient) {
  EXPECT_EQ(
      link_faults("    match: {port: access}\n"
                  "    address-pools: [\"2001:db8:7::/112\"]\n"
                  "    prefix-pools: [{prefix: \"2001:db8:8000::/40\", delegated-length: 56}]\n"
                  "    reservations:\n"
                  "      - {address: \"2001:db8:7::104\"}\n"
                  "      - {duid: xyz, address: \"2001:db8:7::105\"}\n"
                  "      - {duid: \"000301\", iaid: 4294967296, address: \"2001:db8:7::106\"}\n"),
      "7:9: links.reservations.duid is missing: a lease is kept for one client; add the client's "
      "DUID\n"
      "8:16: links.reservations.duid is \"xyz\": a DUID has 3 to 130 octets (RFC 8415 section "
      "11.1); write them in hexadecimal, such as \"00:03:00:01:02:00:00:00:00:01\"\n"
      "9:32: links.reservations.iaid is \"4294967296\": an IAID has four octets; write a number, "
      "such as 7 or 0x0a000001");
}

TEST(ReservationFault, NoList) {
  EXPECT_EQ(link_faults("    match: {port: access}\n"
                        "    reservations: {duid: \"000301\"}\n"),
            "4:19: links.reservations is a mapping: it is a list of reservations; write [{duid: "
            "\"00:03:…\", address: \"2001:db8:7::100\"}]");
}

}  // namespace
}  // namespace tandem6
