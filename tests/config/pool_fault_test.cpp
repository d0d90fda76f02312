#include <gtest/gtest.h>

#include "tests/config/configuration_text.h"

namespace tandem6 {
namespace {

TEST(PoolFault, OutsideOfTheLink) {
  EXPECT_EQ(
      link_faults(
          "    match: [{link-address: \"2001:db8:7::/64\"}, {link-address: \"fe80::/10\"}]\n"
          "    address-pools: [\"2001:db8:7::/64\", \"2001:db8:8::/64\", \"2001:db8::/32\"]\n"),
      "4:40: address pool 2001:db8:8::/64 lies outside of the link's prefix 2001:db8:7::/64: its "
      "addresses could not be used on the link that the relay's link-address names; write a pool "
      "inside of a link-address of match, or add its prefix there\n"
      "4:59: address pool 2001:db8::/32 lies outside of the link's prefix 2001:db8:7::/64: its "
      "addresses could not be used on the link that the relay's link-address names; write a pool "
      "inside of a link-address of match, or add its prefix there");
}

TEST(PoolFault, AddressesOfNoHost) {
  EXPECT_EQ(link_faults("    match: {port: access}\n"
                        "    address-pools: [\"ff02::/64\", \"fe80::/64\", \"::/126\"]\n"),
            "4:21: ff02::/64 holds multicast addresses (ff00::/8): no client can be given one of "
            "them; write a global or unique local prefix\n"
            "4:34: fe80::/64 holds link-local addresses (fe80::/10): no client can be given one of "
            "them; write a global or unique local prefix\n"
            "4:47: ::/126 holds the unspecified or the loopback address: no client can be given "
            "one of them; write a global or unique local prefix");
}

TEST(PoolFault, NoPrefix) {
  EXPECT_EQ(link_faults("    match: {port: access}\n"
                        "    address-pools: [\"2001:db8:7::1\", \"2001:db8:7::/130\", "
                        "\"2001:db8:7::1/64\", [x]]\n"),
            "4:21: links.address-pools is \"2001:db8:7::1\": it is an IPv6 prefix; write address "
            "and length in quotes, such as \"2001:db8:7::/64\"\n"
            "4:38: links.address-pools is \"2001:db8:7::/130\": it is an IPv6 prefix; write "
            "address and length in quotes, such as \"2001:db8:7::/64\"\n"
            "4:58: links.address-pools is \"2001:db8:7::1/64\": the address has bits set past the "
            "length; write \"2001:db8:7::/64\"\n"
            "4:78: links.address-pools is a list: it is an IPv6 prefix; write address and length "
            "in quotes, such as \"2001:db8:7::/64\"");
}

TEST(PoolFault, NoList) {
  EXPECT_EQ(link_faults("    match: {port: access}\n"
                        "    address-pools: \"2001:db8:7::/64\"\n"
                        "    prefix-pools: {prefix: \"2001:db8:8000::/36\"}\n"),
            "4:20: links.address-pools is \"2001:db8:7::/64\": it is a list of prefixes; write "
            "[\"2001:db8:7::/64\"]\n"
            "5:19: links.prefix-pools is a mapping: it is a list of pools; write [{prefix: "
            "\"2001:db8:8000::/36\", delegated-length: 56}]");
}

TEST(PoolFault, ReservedInterfaceIdentifiersOnly) {
  EXPECT_EQ(
      link_faults(
          "    match: {port: access}\n"
          "    address-pools: [\"2001:db8:7::/128\", \"2001:db8:8:0:fdff:ffff:ffff:ff80/121\"]\n"),
      "4:21: address pool 2001:db8:7::/128 has reserved interface identifiers only: RFC 5453 keeps "
      "them for anycast, so no client can be given one; write a larger pool, or another\n"
      "4:41: address pool 2001:db8:8:0:fdff:ffff:ffff:ff80/121 has reserved interface identifiers "
      "only: RFC 5453 keeps them for anycast, so no client can be given one; write a larger pool, "
      "or another");
}

TEST(PoolFault, DelegatedLength) {
  EXPECT_EQ(link_faults("    match: {port: access}\n"
                        "    prefix-pools:\n"
                        "      - {prefix: \"2001:db8:8000::/36\", delegated-length: 32}\n"
                        "      - {prefix: \"2001:db8:9000::/36\", delegated-length: 61}\n"
                        "      - {prefix: \"2001:db8:a000::/60\"}\n"
                        "      - {prefix: \"2001:dba::/32\", delegated-length: x}\n"),
            "5:58: delegated-length is 32 in pool 2001:db8:8000::/36: a delegated prefix is a part "
            "of its pool; write a length from 36 on\n"
            "6:58: delegated-length is 61 in pool 2001:db8:9000::/36: a pool has 16777216 (2^24) "
            "prefixes at most; write a length of at most 60, or split the pool\n"
            "7:9: delegated-length defaults to 56 in pool 2001:db8:a000::/60: a delegated prefix "
            "is a part of its pool; write a length from 60 on\n"
            "8:53: links.prefix-pools.delegated-length is \"x\": it is the length of a prefix; "
            "write a number such as 56");
}

TEST(PoolFault, NoPrefixInPrefixPools) {
  EXPECT_EQ(link_faults("    match: {port: access}\n"
                        "    prefix-pools:\n"
                        "      - {delegated-length: 56}\n"
                        "      - \"2001:db8::/40\"\n"
                        "      - {prefix: \"ff00::/40\"}\n"),
            "5:9: links.prefix-pools.prefix is missing: delegated prefixes are taken from it; add "
            "one, such as 2001:db8:8000::/36\n"
            "6:9: links.prefix-pools is \"2001:db8::/40\": it is made of keys with values; write "
            "\"key: value\" lines below it, or {key: value}\n"
            "7:18: ff00::/40 holds multicast addresses (ff00::/8): no client can be given one of "
            "them; write a global or unique local prefix");
}

// S-156
TEST(PoolFault, ExcludedLength) {
  EXPECT_EQ(
      link_faults(
          "    match: {port: access}\n"
          "    prefix-pools:\n"
          "      - {prefix: \"2001:dbb::/40\", delegated-length: 56, excluded-length: 56}\n"
          "      - {prefix: \"2001:dbc::/40\", delegated-length: 56, excluded-length: 129}\n"
          "      - {prefix: \"2001:dbd::/120\", delegated-length: 128, excluded-length: 128}\n"),
      "5:74: links.prefix-pools.excluded-length is \"56\": the excluded prefix is a part of the "
      "delegated one (RFC 6603 section 4.2); write a number from 57 to 128\n"
      "6:74: links.prefix-pools.excluded-length is \"129\": the excluded prefix is a part of the "
      "delegated one (RFC 6603 section 4.2); write a number from 57 to 128\n"
      "7:76: links.prefix-pools.excluded-length is \"128\": nothing can be excluded from a /128; "
      "remove it");
}

}  // namespace
}  // namespace tandem6
