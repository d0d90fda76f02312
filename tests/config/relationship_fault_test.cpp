// Links and relationships that do not fit each other.
#include <gtest/gtest.h>

#include "tests/config/configuration_text.h"

namespace tandem6 {
namespace {

/// The faults of links with these lines, whose first is line 3 of the file.
std::string faults_of_links(const std::string& lines) {
  return faults_of("failover: [{" + kWest + "}]\nlinks:\n" + lines + kOnePort);
}

TEST(RelationshipFault, unknown) {
  EXPECT_EQ(faults_of_links("  - {name: a, match: {interface-id: a}, relationship: wst}\n"
                            "  - {name: b, match: {interface-id: b}, relationship: south}\n"),
            "3:55: no relationship is called \"wst\": the link would have no partner; did you mean "
            "\"west\"?\n"
            "4:55: no relationship is called \"south\": the link would have no partner; write the "
            "name of a relationship under failover, such as \"west\"");
}

TEST(RelationshipFault, none_is_known) {
  EXPECT_EQ(links_faults("  - {name: a, match: {port: access}, relationship: west}\n"),
            "2:52: no relationship is called \"west\": the link would have no partner; add it "
            "under failover, or remove the key to serve the link alone");
}

// The fault is the name that is missing, not the link that uses it.
TEST(RelationshipFault, a_name_that_could_not_be_read) {
  EXPECT_EQ(faults_of("failover: [{role: primary, local: \"2001:db8::1\", partner: "
                      "\"2001:db8::2\", insecure: yes}]\n"
                      "links: [{name: a, match: {port: access}, relationship: west}]\n" +
                      kOnePort),
            "1:12: failover.name is missing: both partners and the links call the relationship by "
            "it; add one, such as west");
}

// F-001, F-002, F-011: a link, and with it its pools, has one partner at most.
TEST(RelationshipFault, two_partners_of_one_link) {
  EXPECT_EQ(faults_of_links(
                "  - {name: a, match: {interface-id: a}, relationship: [west, south]}\n"
                "  - {name: b, match: {interface-id: b}, relationship: west, relationship: west}\n"
                "  - {name: c, match: {interface-id: c}, relationship: }\n"),
            "3:55: links.relationship is a list: commands, tables and metrics show this name; "
            "write 1 to 63 letters, digits, '-', '_' or '.', no spaces\n"
            "4:61: key \"relationship\" stands twice in links: only one of them could have an "
            "effect; the first is in line 4; keep one of the two\n"
            "5:41: links.relationship has no value: commands, tables and metrics show this name; "
            "write 1 to 63 letters, digits, '-', '_' or '.', no spaces");
}

// F-002, F-105: no pool of one relationship overlaps one of another, or of a link without any.
TEST(RelationshipFault, one_pool_in_two_relationships) {
  EXPECT_EQ(
      faults_of("failover:\n"
                "  - {" +
                kWest +
                "}\n"
                "  - {name: south, role: secondary, local: \"2001:db8::1\", partner: "
                "\"2001:db8::3\", insecure: yes}\n"
                "links:\n"
                "  - {name: a, match: {interface-id: a}, relationship: west, address-pools: "
                "[\"2001:db8:7::/64\"], prefix-pools: [{prefix: \"2001:db8:8000::/36\"}]}\n"
                "  - {name: b, match: {interface-id: b}, relationship: south, address-pools: "
                "[\"2001:db8:7::/64\"]}\n"
                "  - {name: c, match: {interface-id: c}, prefix-pools: [{prefix: "
                "\"2001:db8:8100::/40\"}]}\n" +
                kOnePort),
      "6:78: address pool 2001:db8:7::/64 of link \"b\" overlaps address pool 2001:db8:7::/64 of "
      "link \"a\" in line 5: two clients could be given one lease; make the ranges disjoint\n"
      "7:65: prefix pool 2001:db8:8100::/40 of link \"c\" overlaps prefix pool 2001:db8:8000::/36 "
      "of link \"a\" in line 5: two clients could be given one lease; make the ranges disjoint");
}

TEST(RelationshipFault, no_link_uses_it) {
  EXPECT_EQ(faults_of_links("  - {name: a, match: {port: access}}\n"),
            "1:19: no link has the relationship \"west\": the partners would have nothing to "
            "share; write relationship: west into a link, or remove it from failover");
}

// F-137, R-12
TEST(RelationshipFault, lifetimes_under_30_seconds) {
  EXPECT_EQ(
      faults_of_links("  - {name: a, match: {interface-id: a}, relationship: west, "
                      "lifetimes: {valid: 29s}}\n"
                      "  - {name: b, match: {interface-id: b}, relationship: west, "
                      "lifetimes: {preferred: 14s}}\n"
                      "  - {name: c, match: {interface-id: c}, relationship: west, "
                      "lifetimes: {valid: 30s}}\n"
                      "  - {name: d, match: {interface-id: d}, lifetimes: {valid: 29s}}\n"),
      "3:72: links.lifetimes makes leases of 29s: no lease of a link with a partner is under 30s "
      "(RFC 8156 section 1); write a valid lifetime of 30s or more, or remove relationship\n"
      "4:72: links.lifetimes makes leases of 28s: no lease of a link with a partner is under 30s "
      "(RFC 8156 section 1); write a valid lifetime of 30s or more, or remove relationship");
}

}  // namespace
}  // namespace tandem6
