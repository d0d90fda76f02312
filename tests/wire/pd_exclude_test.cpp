#include "dataplane/wire/pd_exclude.h"

#include <gtest/gtest.h>

#include "tests/wire/parsed.h"

namespace tandem6 {
namespace {

Octets encoded(std::string_view delegated, std::string_view excluded) {
  return octets_of(encode_pd_exclude(prefix_of(delegated), prefix_of(excluded)).value().bytes());
}

// S-157: the figure at the end of RFC 6603 section 4.2.
TEST(PdExclude, IsTheFigureOfTheRfc) {
  EXPECT_EQ(encoded("2001:db8:dead:bee0::/59", "2001:db8:dead:beef::/64"), (Octets{64, 0x78}));
  EXPECT_EQ(decode_pd_exclude(prefix_of("2001:db8:dead:bee0::/59"), Octets{64, 0x78}),
            prefix_of("2001:db8:dead:beef::/64"));
}

TEST(PdExclude, IsShiftedAndPaddedToOctets) {  // S-157
  EXPECT_EQ(encoded("2001:db8::/56", "2001:db8:0:ff::/64"), (Octets{64, 0xff}));
  EXPECT_EQ(encoded("2001:db8::/48", "2001:db8:0:1234::/64"), (Octets{64, 0x12, 0x34}));
  EXPECT_EQ(encoded("2001:db8::/47", "2001:db8:1:8000::/64"), (Octets{64, 0xc0, 0x00, 0x00}));
  EXPECT_EQ(encoded("2001:db8::/63", "2001:db8:0:1::/64"), (Octets{64, 0x80}));
  EXPECT_EQ(encoded("::/0", "ffff::/128").size(), 17U);
  EXPECT_EQ(encoded("::/127", "::1/128"), (Octets{128, 0x80}));
}

TEST(PdExclude, LengthIsBetweenDelegatedAnd128) {  // S-156
  const Ipv6Prefix delegated = prefix_of("2001:db8::/56");
  EXPECT_FALSE(encode_pd_exclude(delegated, delegated));
  EXPECT_FALSE(encode_pd_exclude(delegated, prefix_of("2001:db8::/55")));
  EXPECT_TRUE(encode_pd_exclude(delegated, prefix_of("2001:db8::/57")));
  EXPECT_TRUE(encode_pd_exclude(delegated, prefix_of("2001:db8::/128")));
  for (const std::uint8_t length : {0, 55, 56, 129, 255}) {
    for (std::size_t size = 2; size <= 17; ++size) {
      Octets value(size);
      value[0] = length;
      EXPECT_FALSE(decode_pd_exclude(delegated, value)) << int{length} << ' ' << size;
    }
  }
}

TEST(PdExclude, LiesInsideTheDelegatedPrefix) {  // S-155
  EXPECT_FALSE(encode_pd_exclude(prefix_of("2001:db8::/56"), prefix_of("2001:db8:1::/64")));
  const Ipv6Prefix host_bits{address_of("2001:db8::1"), 64};
  EXPECT_FALSE(encode_pd_exclude(prefix_of("2001:db8::/56"), host_bits));
}

TEST(PdExclude, ValueOfAnotherSizeIsNone) {
  const Ipv6Prefix delegated = prefix_of("2001:db8::/56");
  EXPECT_FALSE(decode_pd_exclude(delegated, {}));
  EXPECT_FALSE(decode_pd_exclude(delegated, Octets{64}));
  EXPECT_FALSE(decode_pd_exclude(delegated, Octets{64, 1, 2}));
  EXPECT_FALSE(decode_pd_exclude(delegated, Octets{65, 1}));
  // Padding that is not zero does not reach past the excluded length.
  EXPECT_EQ(decode_pd_exclude(delegated, Octets{60, 0x1f}), prefix_of("2001:db8:0:10::/60"));
}

}  // namespace
}  // namespace tandem6
