#include "control/config/lease_ranges.h"
#include <gtest/gtest.h>
#include <random>
#include <vector>

#include "tests/config/configuration_text.h"

namespace tandem6 {
namespace {

LeaseRange range_of(const Ipv6Prefix& prefix, int line) {
  return {prefix, LeaseRange::Kind::kAddressPool, 128, static_cast<std::size_t>(line), {line, 1}};
}

/// The dumb twin: compares all pairs.
bool any_two_overlap(const std::vector<LeaseRange>& ranges) {
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    for (std::size_t j = i + 1; j < ranges.size(); ++j) {
      if (ranges[i].range.overlaps(ranges[j].range)) return true;
    }
  }
  return false;
}

TEST(Overlap, FoundWheneverComparingAllPairsFindsIt) {
  std::mt19937_64 random(20260801);
  int overlap_count = 0;
  for (int round = 0; round < 2000; ++round) {
    std::vector<LeaseRange> ranges;
    const std::size_t count = 1 + random() % 6;
    std::vector<std::string> names(count, "a");
    for (std::size_t i = 0; i < count; ++i) {
      const auto length = static_cast<std::uint8_t>(1 + random() % 5);
      ranges.push_back(range_of(Ipv6Prefix{Ipv6Address::from_halves(random(), 0), length}.masked(),
                                static_cast<int>(i)));
    }
    Faults faults("f");
    check_overlaps(ranges, names, faults);
    const bool expected = any_two_overlap(ranges);
    EXPECT_EQ(!faults.empty(), expected);
    overlap_count += expected ? 1 : 0;
  }
  EXPECT_GT(overlap_count, 200);
  EXPECT_LT(overlap_count, 1800);
}

TEST(Overlap, NeighboursAndOwnReservationsAreFine) {
  EXPECT_EQ(links_faults("  - name: a\n"
                         "    match: {interface-id: a}\n"
                         "    address-pools: [\"2001:db8:7::/64\", \"2001:db8:7:1::/64\"]\n"
                         "    prefix-pools: [{prefix: \"2001:db8:100::/40\"}, "
                         "{prefix: \"2001:db8:200::/40\"}]\n"
                         "    reservations:\n"
                         "      - {duid: \"000301\", address: \"2001:db8:7::1\"}\n"
                         "      - {duid: \"000302\", address: \"2001:db8:7::2\"}\n"
                         "      - {duid: \"000303\", prefix: \"2001:db8:100::/56\"}\n"
                         "      - {duid: \"000304\", prefix: \"2001:db8:300::/44\"}\n"
                         "  - name: b\n"
                         "    match: {interface-id: b}\n"
                         "    reservations:\n"
                         "      - {duid: \"000301\", address: \"2001:db8:9::1\"}\n"
                         "      - {duid: \"000302\", prefix: \"2001:db8:a::/48\"}\n"),
            "");
}

TEST(Overlap, AddressPoolsOfOneLink) {
  EXPECT_EQ(
      links_faults("  - name: a\n"
                   "    match: {interface-id: a}\n"
                   "    address-pools: [\"2001:db8:7::/64\", \"2001:db8:7::/120\"]\n"),
      "4:40: address pool 2001:db8:7::/120 of link \"a\" overlaps address pool 2001:db8:7::/64 of "
      "link \"a\" in line 4: two clients could be given one lease; make the ranges disjoint");
}

// The larger one stands later: the fault is there, and names the other place.
TEST(Overlap, AddressPoolsOfTwoLinks) {
  EXPECT_EQ(
      links_faults(
          "  - {name: a, match: {interface-id: a}, address-pools: [\"2001:db8:7::/120\"]}\n"
          "  - {name: b, match: {interface-id: b}, address-pools: [\"2001:db8:7::/64\"]}\n"),
      "3:57: address pool 2001:db8:7::/64 of link \"b\" overlaps address pool 2001:db8:7::/120 of "
      "link \"a\" in line 2: two clients could be given one lease; make the ranges disjoint");
}

TEST(Overlap, TheSameAddressPool) {
  EXPECT_EQ(
      links_faults(
          "  - {name: a, match: {interface-id: a}, address-pools: [\"2001:db8:7::/64\"]}\n"
          "  - {name: b, match: {interface-id: b}, address-pools: [\"2001:db8:7::/64\"]}\n"),
      "3:57: address pool 2001:db8:7::/64 of link \"b\" overlaps address pool 2001:db8:7::/64 of "
      "link \"a\" in line 2: two clients could be given one lease; make the ranges disjoint");
}

TEST(Overlap, PrefixPools) {
  EXPECT_EQ(
      links_faults(
          "  - {name: a, match: {interface-id: a}, prefix-pools: [{prefix: \"2001:db8::/40\"}]}\n"
          "  - {name: b, match: {interface-id: b}, prefix-pools: [{prefix: "
          "\"2001:db8:80::/44\"}]}\n"),
      "3:65: prefix pool 2001:db8:80::/44 of link \"b\" overlaps prefix pool 2001:db8::/40 of link "
      "\"a\" in line 2: two clients could be given one lease; make the ranges disjoint");
}

TEST(Overlap, PrefixPoolWithAFaultOfItsOwn) {
  EXPECT_EQ(
      links_faults("  - {name: a, match: {interface-id: a}, prefix-pools: [{prefix: "
                   "\"2001:db8::/40\", delegated-length: 39}]}\n"
                   "  - {name: b, match: {interface-id: b}, prefix-pools: [{prefix: "
                   "\"2001:db8:80::/44\"}]}\n"),
      "2:100: delegated-length is 39 in pool 2001:db8::/40: a delegated prefix is a part of its "
      "pool; write a length from 40 on\n"
      "3:65: prefix pool 2001:db8:80::/44 of link \"b\" overlaps prefix pool 2001:db8::/40 of link "
      "\"a\" in line 2: two clients could be given one lease; make the ranges disjoint");
}

TEST(Overlap, AddressPoolAndPrefixPool) {
  EXPECT_EQ(
      links_faults("  - name: a\n"
                   "    match: {interface-id: a}\n"
                   "    address-pools: [\"2001:db8:7::/64\"]\n"
                   "    prefix-pools: [{prefix: \"2001:db8::/40\", delegated-length: 56}]\n"),
      "5:29: prefix pool 2001:db8::/40 of link \"a\" overlaps address pool 2001:db8:7::/64 of link "
      "\"a\" in line 4: two clients could be given one lease; make the ranges disjoint");
}

TEST(Overlap, ReservedAddressInAPoolOfAnotherLink) {
  EXPECT_EQ(
      links_faults("  - {name: a, match: {interface-id: a}, address-pools: [\"2001:db8:7::/64\"]}\n"
                   "  - {name: b, match: {interface-id: b}, reservations: [{duid: \"000301\", "
                   "address: \"2001:db8:7::8\"}]}\n"),
      "3:82: reserved address 2001:db8:7::8 of link \"b\" overlaps address pool 2001:db8:7::/64 of "
      "link \"a\" in line 2: two clients could be given one lease; reserve a lease of the link's "
      "own ranges");
}

TEST(Overlap, ReservedAddressInAPrefixPool) {
  EXPECT_EQ(links_faults("  - name: a\n"
                         "    match: {interface-id: a}\n"
                         "    prefix-pools: [{prefix: \"2001:db8::/40\"}]\n"
                         "    reservations: [{duid: \"000301\", address: \"2001:db8:7::8\"}]\n"),
            "5:46: reserved address 2001:db8:7::8 of link \"a\" overlaps prefix pool 2001:db8::/40 "
            "of link \"a\" in line 4: two clients could be given one lease; reserve a lease of the "
            "link's own ranges");
}

TEST(Overlap, ReservedPrefixInAPoolOfAnotherLink) {
  EXPECT_EQ(
      links_faults(
          "  - {name: a, match: {interface-id: a}, prefix-pools: [{prefix: \"2001:db8::/40\"}]}\n"
          "  - {name: b, match: {interface-id: b}, reservations: [{duid: \"000301\", prefix: "
          "\"2001:db8:7::/56\"}]}\n"),
      "3:81: reserved prefix 2001:db8:7::/56 of link \"b\" overlaps prefix pool 2001:db8::/40 of "
      "link \"a\" in line 2: two clients could be given one lease; reserve a lease of the link's "
      "own ranges");
}

TEST(Overlap, ReservedPrefixAroundAPool) {
  EXPECT_EQ(
      links_faults("  - {name: a, match: {interface-id: a}, address-pools: [\"2001:db8:7::/64\"]}\n"
                   "  - {name: b, match: {interface-id: b}, reservations: [{duid: \"000301\", "
                   "prefix: \"2001:db8:7::/48\"}]}\n"),
      "3:81: reserved prefix 2001:db8:7::/48 of link \"b\" overlaps address pool 2001:db8:7::/64 "
      "of link \"a\" in line 2: two clients could be given one lease; reserve a lease of the "
      "link's own ranges");
}

TEST(Overlap, SeveralAtOnce) {
  EXPECT_EQ(
      links_faults("  - {name: a, match: {interface-id: a}, address-pools: [\"2001:db8:7::/64\", "
                   "\"2001:db8:9::/64\"]}\n"
                   "  - {name: b, match: {interface-id: b}, address-pools: [\"2001:db8:7::/72\", "
                   "\"2001:db8:8::/64\"]}\n"
                   "  - {name: c, match: {interface-id: c}, address-pools: [\"2001:db8:9::/80\", "
                   "\"2001:db8:8::/65\"]}\n"),
      "3:57: address pool 2001:db8:7::/72 of link \"b\" overlaps address pool 2001:db8:7::/64 of "
      "link \"a\" in line 2: two clients could be given one lease; make the ranges disjoint\n"
      "4:57: address pool 2001:db8:9::/80 of link \"c\" overlaps address pool 2001:db8:9::/64 of "
      "link \"a\" in line 2: two clients could be given one lease; make the ranges disjoint\n"
      "4:76: address pool 2001:db8:8::/65 of link \"c\" overlaps address pool 2001:db8:8::/64 of "
      "link \"b\" in line 3: two clients could be given one lease; make the ranges disjoint");
}

}  // namespace
}  // namespace tandem6
