#include "dataplane/wire/domain_name.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/wire/parsed.h"

namespace tandem6 {
namespace {

const Octets kExampleNet = {7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'n', 'e', 't', 0};

Octets labels(std::size_t count, std::size_t size) {
  Octets out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(static_cast<std::uint8_t>(size));
    put_octets(out, Octets(size, 'a'));
  }
  return out;
}

TEST(DomainName, IsWrittenInLabelsWithoutCompression) {  // S-162
  EXPECT_EQ(octets_of(DomainName::parse("example.net").value().wire()), kExampleNet);
  EXPECT_EQ(octets_of(DomainName::parse("example.net.").value().wire()), kExampleNet);
  EXPECT_EQ(DomainName(kExampleNet).to_string(), "example.net");
  // A repeated tail is written out again.
  EXPECT_EQ(octets_of(DomainName::parse("net.net").value().wire()),
            (Octets{3, 'n', 'e', 't', 3, 'n', 'e', 't', 0}));
}

TEST(DomainName, EscapesWhatIsNoPlainCharacter) {
  const Octets odd = {5, 'a', '.', '\\', 0, 0xff, 1, 'b', 0};
  EXPECT_EQ(DomainName(odd).to_string(), "a\\.\\\\\\000\\255.b");
  EXPECT_EQ(octets_of(DomainName::parse("a\\.\\\\\\000\\255.b").value().wire()), odd);
}

TEST(DomainName, TextThatIsNoneIsRefused) {
  for (const std::string& text :
       {std::string(), std::string("."), std::string("a..b"), std::string(".a"), std::string("a.."),
        std::string("a b"), std::string("a\tb"), std::string("b\xc3\xbc.de"), std::string("a\\"),
        std::string("a\\25"), std::string("a\\256"), std::string("a\\2x5"),
        std::string(64, 'a') + ".net", std::string("a\0b", 3)}) {
    EXPECT_FALSE(DomainName::parse(text)) << text;
  }
}

TEST(DomainName, LimitsAre63And255) {
  EXPECT_TRUE(DomainName::parse(std::string(63, 'a')));
  // 3 * 64 + 62 + 1 = 255 octets.
  const std::string label = std::string(63, 'a') + '.';
  const std::string longest = label + label + label + std::string(61, 'b');
  ASSERT_TRUE(DomainName::parse(longest));
  EXPECT_EQ(DomainName::parse(longest)->wire().size(), 255U);
  EXPECT_EQ(DomainName::parse(longest)->to_string(), longest);
  EXPECT_FALSE(DomainName::parse(longest + 'b'));
  EXPECT_FALSE(DomainName::parse(label + label + label + label + 'a'));
}

TEST(NameShapes, AreTold) {
  EXPECT_EQ(shape_of_name({}), NameShape::kEmpty);
  EXPECT_EQ(shape_of_name(Octets{1, 'a'}), NameShape::kPartial);
  EXPECT_EQ(shape_of_name(Octets{1, 'a', 1, 'b'}), NameShape::kPartial);
  EXPECT_EQ(shape_of_name(kExampleNet), NameShape::kFull);
  EXPECT_EQ(shape_of_name(labels(3, 63) + labels(1, 61) + Octets{0}), NameShape::kFull);
  EXPECT_EQ(shape_of_name(labels(3, 63) + labels(1, 61)), NameShape::kPartial);
  for (const Octets& malformed :
       {Octets{0}, Octets{0, 0}, Octets{1}, Octets{2, 'a'}, Octets{1, 'a', 0, 0},
        Octets{0xc0, 0x0c}, Octets{0x40, 'a'}, labels(1, 64), labels(3, 63) + labels(1, 62),
        labels(3, 63) + labels(1, 62) + Octets{0}, labels(4, 63)}) {
    EXPECT_EQ(shape_of_name(malformed), NameShape::kMalformed);
  }
}

TEST(NameLists, AreTakenNameByName) {
  const Octets list = kExampleNet + Octets{1, 'a', 0};
  const auto first = first_full_name(list);
  EXPECT_EQ(octets_of(first), kExampleNet);
  EXPECT_EQ(octets_of(first_full_name(std::span(list).subspan(first.size()))), (Octets{1, 'a', 0}));
  EXPECT_TRUE(first_full_name({}).empty());
  EXPECT_TRUE(first_full_name(Octets{1, 'a'}).empty());
  EXPECT_TRUE(first_full_name(Octets{0}).empty());
  EXPECT_EQ(name_to_text(Octets{1, 'a'}), "a");
  EXPECT_EQ(name_to_text(Octets{0xc0, 0}), "(malformed)");
}

}  // namespace
}  // namespace tandem6
