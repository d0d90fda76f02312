// Addresses, prefixes, DUIDs: values and their text forms. The names of counters and codes.
#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>

#include "dataplane/wire/status_code.h"
#include "tests/wire/parsed.h"

namespace tandem6 {
namespace {

TEST(Ipv6AddressText, IsThatOfRfc5952) {
  for (const char* text : {"::", "::1", "2001:db8::1", "2001:db8:0:1:1:1:1:1", "2001:db8::1:0:0:1",
                           "fe80::ab:cdef", "ff02::1:2"}) {
    EXPECT_EQ(address_of(text).to_string(), text);
  }
  EXPECT_EQ(address_of("2001:0DB8:0:0:0:0:0:0001").to_string(), "2001:db8::1");
}

TEST(Ipv6AddressText, WhatIsNoneIsRefused) {
  for (const std::string& text :
       {std::string(), std::string(":"), std::string("1::2::3"), std::string("2001:db8::g"),
        std::string("2001:db8::1/64"), std::string(" ::1"), std::string("1:2:3:4:5:6:7"),
        std::string("::1\0x", 5), std::string(1000, ':')}) {
    EXPECT_FALSE(Ipv6Address::parse(text)) << text;
  }
}

TEST(Ipv6AddressKinds, AreTold) {
  EXPECT_TRUE(address_of("::").is_unspecified());
  EXPECT_TRUE(address_of("::1").is_loopback());
  EXPECT_FALSE(address_of("1::1").is_loopback());
  EXPECT_TRUE(address_of("ff05::1:3").is_multicast());
  EXPECT_TRUE(address_of("fe80::1").is_link_local());
  EXPECT_TRUE(address_of("febf::1").is_link_local());
  EXPECT_FALSE(address_of("fec0::1").is_link_local());
  EXPECT_EQ(address_of("1:2:3:4:5:6:7:8").high(), 0x0001000200030004ULL);
  EXPECT_EQ(address_of("1:2:3:4:5:6:7:8").low(), 0x0005000600070008ULL);
}

TEST(Ipv6PrefixText, ReadsWholePrefixesOnly) {
  for (const char* text : {"::/0", "2001:db8::/32", "2001:db8:8000::/33", "::1/128"}) {
    EXPECT_EQ(prefix_of(text).to_string(), text);
  }
  for (const char* text :
       {"2001:db8::", "2001:db8::/", "2001:db8::/129", "2001:db8::/1x", "2001:db8::1/64",
        "2001:db8::/064", "2001:db8::/-1", "/64", "2001:db8:8000::/32", "2001:db8::/4294967328"}) {
    EXPECT_FALSE(Ipv6Prefix::parse(text)) << text;
  }
}

TEST(Ipv6PrefixSets, ContainAndOverlap) {
  const Ipv6Prefix wide = prefix_of("2001:db8::/32");
  const Ipv6Prefix narrow = prefix_of("2001:db8:1::/48");
  EXPECT_TRUE(wide.contains(narrow) && wide.contains(wide));
  EXPECT_FALSE(narrow.contains(wide));
  EXPECT_TRUE(wide.overlaps(narrow) && narrow.overlaps(wide));
  EXPECT_FALSE(narrow.overlaps(prefix_of("2001:db8:2::/48")));
  EXPECT_TRUE(prefix_of("::/0").contains(address_of("ffff::")));
}

TEST(DuidText, IsHexWithColons) {
  const Duid duid(test_duid());
  EXPECT_EQ(duid.to_string(), "00:03:00:01:02:00:00:00:00:aa");
  EXPECT_EQ(Duid::parse("00:03:00:01:02:00:00:00:00:AA"), duid);
  EXPECT_EQ(Duid::parse("000300010200000000aa"), duid);
  for (const char* text : {"", "00:03", "00:03:0", "00:03:00:", ":00:03:00", "00:0300:01",
                           "0003:00", "00:03:0g", "0003000", "00 03 00"}) {
    EXPECT_FALSE(Duid::parse(text)) << text;
  }
}

TEST(DuidText, HoldsTheWholeRangeOfSizes) {  // S-029
  for (const std::size_t size : {3U, 130U}) {
    const Duid duid(Octets(size, 0xa5));
    EXPECT_EQ(Duid::parse(duid.to_string()), duid);
  }
  EXPECT_FALSE(Duid::parse(std::string(131 * 2, '0')));
  EXPECT_FALSE(Duid::parse(std::string(2 * 2, '0')));
}

TEST(DuidValue, IsComparedOverItsFullLength) {  // S-037
  const Octets octets(130, 7);
  const Duid whole(octets);
  for (std::size_t size = 3; size < 130; ++size) {
    EXPECT_FALSE(Duid(std::span(octets).first(size)) == whole) << size;
  }
  for (std::size_t at = 0; at < 130; ++at) {
    Octets other = octets;
    other[at] = 8;
    EXPECT_FALSE(Duid(other) == whole) << at;
  }
  EXPECT_EQ(Duid(octets), whole);
  EXPECT_TRUE(Duid().empty());
}

TEST(DuidValue, OfIllegalSizeIsOurBug) {
  const Octets octets(131);
  EXPECT_DEATH(Duid{std::span(octets)}, "size_fits");
}

template <typename Reason>
void expect_distinct_names() {
  std::set<std::string> names;
  for (unsigned at = 0; at < static_cast<unsigned>(Reason::kCount); ++at) {
    const std::string name = name_of(static_cast<Reason>(at));
    EXPECT_TRUE(names.insert(name).second) << name;
    for (const char letter : name) EXPECT_TRUE(std::islower(letter) || letter == '_') << name;
  }
}

TEST(CounterNames, AreThoseOfBadInput) {
  expect_distinct_names<DropReason>();
  expect_distinct_names<OddReason>();
  EXPECT_STREQ(name_of(DropReason::kNone), "none");
  EXPECT_STREQ(name_of(DropReason::kOptBudget), "opt_budget");
  EXPECT_STREQ(name_of(DropReason::kIaFlood), "ia_flood");
  EXPECT_STREQ(name_of(DropReason::kBadSource), "bad_source");
  EXPECT_STREQ(name_of(DropReason::kStorage), "storage");
  EXPECT_STREQ(name_of(DropReason::kQueueFull), "queue_full");
  EXPECT_STREQ(name_of(DropReason::kUnresponsive), "unresponsive");
  EXPECT_STREQ(name_of(OddReason::kHopCount), "hop_count");
  EXPECT_STREQ(name_of(OddReason::kRelayOpt), "relay_opt");
  EXPECT_STREQ(name_of(OddReason::kClass), "class");
}

TEST(Names, OfTypesAndStatusCodes) {
  EXPECT_STREQ(name_of(MessageType::kSolicit), "SOLICIT");
  EXPECT_STREQ(name_of(MessageType::kInformationRequest), "INFORMATION-REQUEST");
  EXPECT_STREQ(name_of(static_cast<MessageType>(200)), "UNKNOWN");
  EXPECT_STREQ(name_of(StatusCode::kNoPrefixAvail), "NoPrefixAvail");
  EXPECT_STREQ(name_of(static_cast<StatusCode>(999)), "Unknown");
}

TEST(Names, OfFailover) {  // F-020 to F-031, F-061 to F-068
  const char* const types[] = {"BNDUPD",       "BNDREPLY",   "POOLREQ", "POOLRESP",
                               "UPDREQ",       "UPDREQALL",  "UPDDONE", "CONNECT",
                               "CONNECTREPLY", "DISCONNECT", "STATE",   "CONTACT"};
  for (unsigned i = 0; i < std::size(types); ++i) {
    EXPECT_STREQ(name_of(static_cast<MessageType>(24 + i)), types[i]);
    EXPECT_TRUE(is_failover(static_cast<MessageType>(24 + i)));
  }
  EXPECT_FALSE(is_failover(MessageType::kStartTls));
  EXPECT_FALSE(is_failover(static_cast<MessageType>(36)));
  // RFC 7653 section 10 and RFC 8156 section 11.
  const char* const codes[] = {"DataMissing",
                               "CatchUpComplete",
                               "NotSupported",
                               "TLSConnectionRefused",
                               "AddressInUse",
                               "ConfigurationConflict",
                               "MissingBindingInformation",
                               "OutdatedBindingInformation",
                               "ServerShuttingDown",
                               "DNSUpdateNotSupported",
                               "ExcessiveTimeSkew"};
  for (unsigned i = 0; i < std::size(codes); ++i) {
    EXPECT_STREQ(name_of(static_cast<StatusCode>(12 + i)), codes[i]);
  }
}

}  // namespace
}  // namespace tandem6
