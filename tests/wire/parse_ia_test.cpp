// Identity associations and the leases inside them.
#include <gtest/gtest.h>

#include "dataplane/wire/parse.h"
#include "tests/wire/parsed.h"

namespace tandem6 {
namespace {

using Odd = std::vector<OddReason>;

constexpr IaType kNa = IaType::kNonTemporaryAddress;
constexpr IaType kPd = IaType::kPrefixDelegation;

TEST(ParseIa, ReadsLeasesByteByByte) {
  Octets datagram = {3, 0, 0, 1};
  put_octets(datagram, Octets{0, 3, 0, 40, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0});  // IA_NA
  put_octets(datagram, Octets{0, 5, 0, 24});                                      // IAADDR
  put_octets(datagram, address_of("2001:db8::1").octets);
  put_octets(datagram, Octets(8));
  put_octets(datagram, Octets{0, 25, 0, 41, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0});  // IA_PD
  put_octets(datagram, Octets{0, 26, 0, 25, 0, 0, 0, 0, 0, 0, 0, 0, 56});          // IAPREFIX
  put_octets(datagram, address_of("2001:db8:0:ff00::").octets);
  const Parsed parsed(datagram);
  ASSERT_EQ(parsed.drop, DropReason::kNone);
  ASSERT_EQ(parsed.message.ia_count, 2);
  const IaView& na = parsed.message.ias[0];
  EXPECT_EQ(na.type, kNa);
  EXPECT_EQ(na.iaid, Iaid{7});
  ASSERT_EQ(hints_of(na).size(), 1U);
  EXPECT_EQ(hints_of(na)[0].address, address_of("2001:db8::1"));
  EXPECT_EQ(hints_of(na)[0].prefix_length, 128);
  const IaView& pd = parsed.message.ias[1];
  EXPECT_EQ(pd.type, kPd);
  EXPECT_EQ(pd.iaid, Iaid{8});
  ASSERT_EQ(hints_of(pd).size(), 1U);
  EXPECT_EQ(hints_of(pd)[0].address, address_of("2001:db8:0:ff00::"));
  EXPECT_EQ(hints_of(pd)[0].prefix_length, 56);
}

TEST(ParseIa, NestedFaultsDropTheWholeMessage) {  // drop.opt_overrun, S-026
  const Octets overrun = {0, 13, 0, 9, 0, 0};
  const Octets stray = {0, 13, 0};
  for (const Octets& fault : {overrun, stray}) {
    EXPECT_EQ(Parsed(solicit().ia(kNa, Iaid{1}, fault)).drop, DropReason::kOptOverrun);
    EXPECT_EQ(Parsed(solicit().ia(kNa, Iaid{1}, encoded_address({}, 0, 0, fault))).drop,
              DropReason::kOptOverrun);
    EXPECT_EQ(Parsed(solicit().ia(kPd, Iaid{1}, encoded_prefix({}, 0, 0, fault))).drop,
              DropReason::kOptOverrun);
  }
  // An inner length may not reach past its container even where the datagram goes on.
  EXPECT_EQ(Parsed(solicit().ia(kNa, Iaid{1}, {0, 5, 0, 24}).option(999, Octets(100))).drop,
            DropReason::kOptOverrun);
}

TEST(ParseIa, LeaseUnderItsMinimumIsDropped) {  // drop.opt_len, S-027
  EXPECT_EQ(Parsed(solicit().ia(kNa, Iaid{1}, encoded_option(5, Octets(23)))).drop,
            DropReason::kOptLen);
  EXPECT_EQ(Parsed(solicit().ia(kPd, Iaid{1}, encoded_option(26, Octets(24)))).drop,
            DropReason::kOptLen);
  EXPECT_EQ(Parsed(solicit().ia(kNa, Iaid{1}, encoded_option(13, Octets(1)))).drop,
            DropReason::kOptLen);
}

TEST(ParseIa, PrefixLengthAbove128IsDropped) {  // drop.opt_len, S-031
  EXPECT_EQ(Parsed(solicit().ia(kPd, Iaid{1}, encoded_prefix({{}, 128}))).drop, DropReason::kNone);
  for (const int length : {129, 255}) {
    const Ipv6Prefix prefix{{}, static_cast<std::uint8_t>(length)};
    EXPECT_EQ(Parsed(solicit().ia(kPd, Iaid{1}, encoded_prefix(prefix))).drop, DropReason::kOptLen);
  }
}

TEST(ParseIa, HostBitsOfAPrefixAreMasked) {  // S-031
  const Ipv6Prefix prefix{address_of("2001:db8:1234:56ff:ffff::1"), 56};
  const Parsed parsed(solicit().ia_pd(Iaid{1}, {prefix, {{}, 0}, {address_of("::1"), 0}}));
  ASSERT_EQ(parsed.drop, DropReason::kNone);
  const auto hints = hints_of(parsed.message.ias[0]);
  ASSERT_EQ(hints.size(), 3U);
  EXPECT_EQ(hints[0].address, address_of("2001:db8:1234:5600::"));
  EXPECT_EQ(hints[0].prefix_length, 56);
  // A length of 0 is no hint, and it is no fault.
  EXPECT_TRUE(hints[1].address.is_unspecified());
  EXPECT_EQ(hints[1].prefix_length, 0);
  EXPECT_TRUE(hints[2].address.is_unspecified());
}

TEST(ParseIa, LeaseOfTheOtherKindIsIgnored) {  // odd.misplaced, S-030
  const Octets address = encoded_address(address_of("2001:db8::1"));
  const Octets prefix = encoded_prefix(prefix_of("2001:db8::/56"));
  const Parsed na(solicit().ia(kNa, Iaid{1}, prefix + address));
  EXPECT_EQ(na.drop, DropReason::kNone);
  EXPECT_EQ(na.odd(), Odd{OddReason::kMisplaced});
  ASSERT_EQ(hints_of(na.message.ias[0]).size(), 1U);
  EXPECT_EQ(hints_of(na.message.ias[0])[0].address, address_of("2001:db8::1"));
  const Parsed pd(solicit().ia(kPd, Iaid{1}, address + prefix));
  EXPECT_EQ(pd.odd(), Odd{OddReason::kMisplaced});
  ASSERT_EQ(hints_of(pd.message.ias[0]).size(), 1U);
  EXPECT_EQ(hints_of(pd.message.ias[0])[0].prefix_length, 56);
}

TEST(ParseIa, IaInsideIaIsIgnored) {  // odd.misplaced, S-030
  const Parsed parsed(solicit().ia(kNa, Iaid{1}, encoded_ia(kNa, Iaid{2}, {})));
  EXPECT_EQ(parsed.drop, DropReason::kNone);
  EXPECT_EQ(parsed.odd(), Odd{OddReason::kMisplaced});
  EXPECT_EQ(parsed.message.ia_count, 1);
  EXPECT_TRUE(hints_of(parsed.message.ias[0]).empty());
}

TEST(ParseIa, OfTwoWithOneTypeAndIaidTheFirstCounts) {  // odd.dup_ia
  const Parsed parsed(solicit()
                          .ia_na(Iaid{1}, {address_of("2001:db8::1")})
                          .ia_pd(Iaid{1})
                          .ia_na(Iaid{2})
                          .ia_na(Iaid{1}, {address_of("2001:db8::2")}));
  ASSERT_EQ(parsed.drop, DropReason::kNone);
  EXPECT_EQ(parsed.odd(), Odd{OddReason::kDupIa});
  ASSERT_EQ(parsed.message.ia_count, 3);
  EXPECT_EQ(hints_of(parsed.message.ias[0])[0].address, address_of("2001:db8::1"));
  EXPECT_EQ(parsed.message.ias[1].type, kPd);
  EXPECT_EQ(parsed.message.ias[2].iaid, Iaid{2});
}

TEST(ParseIa, FloodIsDropped) {  // drop.ia_flood
  PacketBuilder packet = solicit();
  for (std::uint32_t iaid = 0; iaid < 128; ++iaid) packet.ia_na(Iaid{iaid});
  EXPECT_EQ(Parsed(packet).drop, DropReason::kNone);
  EXPECT_EQ(Parsed(packet).message.ia_count, 128);
  EXPECT_EQ(Parsed(packet.ia_pd(Iaid{0})).drop, DropReason::kIaFlood);
}

TEST(ParseIa, SixteenLeasesAreHints) {  // odd.hint_cap
  const Parsed sixteen(solicit().ia_na(Iaid{1}, std::vector<Ipv6Address>(16)));
  EXPECT_EQ(sixteen.odd(), Odd{});
  EXPECT_EQ(hints_of(sixteen.message.ias[0]).size(), 16U);
  const Parsed more(solicit().ia_na(Iaid{1}, std::vector<Ipv6Address>(300)));
  EXPECT_EQ(more.drop, DropReason::kNone);
  EXPECT_EQ(more.odd(), Odd{OddReason::kHintCap});
  EXPECT_EQ(hints_of(more.message.ias[0]).size(), 16U);
}

TEST(ParseIa, PdExcludeIsReadInsideAPrefixOnly) {  // S-155
  const Octets exclude = encoded_option(OptionCode::kPdExclude, {64, 0x78});
  const Ipv6Prefix delegated = prefix_of("2001:db8:dead:bee0::/59");
  const Parsed parsed(solicit().ia(kPd, Iaid{1}, encoded_prefix(delegated, 0, 0, exclude)));
  EXPECT_EQ(parsed.odd(), Odd{});
  EXPECT_EQ(octets_of(hints_of(parsed.message.ias[0])[0].pd_exclude), (Octets{64, 0x78}));

  const Parsed beside(solicit().ia(kPd, Iaid{1}, encoded_prefix(delegated) + exclude));
  EXPECT_EQ(beside.odd(), Odd{OddReason::kMisplaced});
  EXPECT_TRUE(hints_of(beside.message.ias[0])[0].pd_exclude.empty());

  // At most one: the first counts.
  const Octets other = encoded_option(OptionCode::kPdExclude, {64, 0x70});
  const Parsed twice(solicit().ia(kPd, Iaid{1}, encoded_prefix(delegated, 0, 0, exclude + other)));
  EXPECT_EQ(twice.odd(), Odd{OddReason::kDupOpt});
  EXPECT_EQ(octets_of(hints_of(twice.message.ias[0])[0].pd_exclude), (Octets{64, 0x78}));

  for (const std::size_t size : {0U, 1U, 18U}) {
    const Octets bad = encoded_option(OptionCode::kPdExclude, Octets(size));
    EXPECT_EQ(Parsed(solicit().ia(kPd, Iaid{1}, encoded_prefix(delegated, 0, 0, bad))).drop,
              DropReason::kOptLen);
  }
}

// S-177, S-178: what a client writes there is neither judged nor kept.
TEST(ParseIa, TimesAndLifetimesOfAClientDoNotMatter) {
  Octets leases = encoded_address(address_of("2001:db8::1"), 9, 3);
  PacketBuilder packet = solicit();
  packet.raw(encoded_ia(kNa, Iaid{1}, leases, 0xffffffff, 1));
  const Parsed parsed(packet);
  EXPECT_EQ(parsed.drop, DropReason::kNone);
  EXPECT_EQ(parsed.odd(), Odd{});
  EXPECT_EQ(hints_of(parsed.message.ias[0]).size(), 1U);
}

}  // namespace
}  // namespace tandem6
