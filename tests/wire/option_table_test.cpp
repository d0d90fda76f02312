#include "dataplane/wire/option_table.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tandem6 {
namespace {

TEST(OptionTable, EveryRowIsFoundByItsCodeAndName) {
  std::set<std::string> names;
  std::set<std::uint16_t> codes;
  for (const OptionRow& row : option_table()) {
    EXPECT_EQ(find_option(row.code), &row);
    EXPECT_EQ(find_option_by_name(row.name), &row);
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(codes.insert(row.code).second) << row.code;
  }
  EXPECT_GT(codes.size(), 70U);
}

TEST(OptionTable, RowsAgreeWithThemselves) {
  for (const OptionRow& row : option_table()) {
    SCOPED_TRACE(row.name);
    EXPECT_LE(row.length_min, row.length_max);
    EXPECT_GE(row.length_unit, 1);
    EXPECT_EQ(row.length_min % row.length_unit, 0);
    EXPECT_NE(row.places, 0);
    // What an operator sets is what a server sends when a client asks for it.
    if (row.configurable) {
      EXPECT_TRUE(row.requestable);
      EXPECT_TRUE(may_stand_in(row, Place::kServerMessage));
    }
    // The configuration writes names in lower case with hyphens.
    EXPECT_EQ(std::string(row.name).find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"),
              std::string::npos);
  }
}

TEST(OptionTable, CodesWithoutARowAreUnknown) {
  for (const std::uint16_t code : {0, 10, 35, 255, 256, 257, 4711, 65535}) {
    EXPECT_EQ(find_option(code), nullptr) << code;
  }
  EXPECT_EQ(find_option_by_name("no-such-option"), nullptr);
  EXPECT_EQ(find_option_by_name(""), nullptr);
}

struct LengthRule {
  std::uint16_t code;
  std::size_t fits;
  std::size_t too_short;
  std::size_t too_long;
};

TEST(OptionTable, LengthsAreThoseOfTheRfcs) {  // S-027, S-028, S-029, S-155
  constexpr std::size_t kNone = 70000;         // no option is that long
  const LengthRule rules[] = {
      {1, 3, 2, 131},      {1, 130, 0, 131},  {2, 3, 2, 131},    {3, 12, 11, kNone},
      {5, 24, 23, kNone},  {6, 0, 1, 3},      {7, 1, 0, 2},      {8, 2, 1, 3},
      {11, 11, 10, kNone}, {12, 16, 15, 17},  {13, 2, 1, kNone}, {14, 0, kNone, 1},
      {16, 4, 3, kNone},   {17, 4, 3, kNone}, {19, 1, 0, 2},     {20, 0, kNone, 1},
      {22, 32, 8, 33},     {23, 16, 0, 17},   {24, 3, 2, kNone}, {25, 12, 11, kNone},
      {26, 25, 24, kNone}, {31, 48, 15, 47},  {32, 4, 3, 5},     {37, 5, 4, kNone},
      {38, 1, 0, kNone},   {39, 1, 0, kNone}, {64, 255, 2, 256}, {67, 17, 1, 18},
      {82, 4, 3, 5},       {83, 4, 0, 8},     {88, 0, 15, 17},   {135, 2, 1, 3},
  };
  for (const LengthRule& rule : rules) {
    const OptionRow& row = *find_option(rule.code);
    EXPECT_TRUE(length_fits(row, rule.fits)) << row.name;
    EXPECT_FALSE(length_fits(row, rule.too_short)) << row.name;
    EXPECT_FALSE(length_fits(row, rule.too_long)) << row.name;
  }
}

TEST(OptionTable, PlacesAreThoseOfTheRfcs) {  // S-030, S-155
  const auto places = [](OptionCode code) {
    return find_option(static_cast<std::uint16_t>(code))->places;
  };
  const auto bit = [](Place place) { return static_cast<std::uint16_t>(place); };
  // RFC 8156 puts these into the messages of partners too (F-020, F-185, F-186).
  const auto of_clients = [&](OptionCode code) {
    return places(code) & (bit(Place::kFailoverMessage) - 1);
  };
  const int messages = bit(Place::kClientMessage) | bit(Place::kServerMessage);
  EXPECT_EQ(places(OptionCode::kIaNa), messages | bit(Place::kClientData));
  EXPECT_EQ(places(OptionCode::kIaPd), messages | bit(Place::kClientData));
  EXPECT_EQ(places(OptionCode::kIaTa), messages | bit(Place::kClientData));
  EXPECT_EQ(of_clients(OptionCode::kIaAddr), bit(Place::kIa));
  EXPECT_EQ(of_clients(OptionCode::kIaPrefix), bit(Place::kIa));
  EXPECT_EQ(places(OptionCode::kPdExclude), bit(Place::kLease));
  for (const OptionCode code :
       {OptionCode::kRelayMessage, OptionCode::kInterfaceId, OptionCode::kRemoteId,
        OptionCode::kSubscriberId, OptionCode::kClientLinkLayerAddress,
        OptionCode::kRelaySuppliedOptions, OptionCode::kRelaySourcePort}) {
    EXPECT_EQ(places(code), bit(Place::kRelayMessage));
  }
}

struct PartnerRule {
  std::uint16_t code;
  std::size_t length;  // the shortest one
  bool is_fixed;
  unsigned places;
};

TEST(OptionTable, OptionsOfPartnersAreThoseOfTheRfcs) {  // F-036 to F-060
  constexpr auto kTop = static_cast<unsigned>(Place::kFailoverMessage);
  constexpr auto kClient = static_cast<unsigned>(Place::kClientData);
  constexpr auto kIa = static_cast<unsigned>(Place::kFailoverIa);
  constexpr auto kLease = static_cast<unsigned>(Place::kFailoverLease);
  constexpr auto kDns = static_cast<unsigned>(Place::kDnsRemovalInfo);
  const PartnerRule rules[] = {
      {45, 0, false, kTop},
      {46, 4, true, kLease},
      {47, 16, false, kClient},
      {100, 4, true, kClient | kLease},
      {114, 1, true, kLease},
      {115, 2, true, kTop},
      {116, 0, false, kClient | kLease},
      {117, 1, false, kDns},
      {118, 1, false, kDns},
      {119, 2, true, kDns},
      {120, 4, true, kLease},
      {121, 4, true, kTop},
      {122, 4, true, kTop},
      {123, 4, true, kLease},
      {124, 4, true, kLease},
      {125, 4, true, kTop},
      {126, 4, true, kLease},
      {127, 4, true, kTop},
      {128, 4, true, kTop},
      {129, 4, false, kClient},
      {130, 0, false, kTop},
      {131, 1, true, kTop},
      {132, 1, true, kTop},
      {133, 4, true, kTop | kIa | kLease},
      {134, 4, true, kLease},
  };
  for (const PartnerRule& rule : rules) {
    const OptionRow& row = *find_option(rule.code);
    SCOPED_TRACE(row.name);
    EXPECT_TRUE(length_fits(row, rule.length));
    EXPECT_EQ(row.length_min, rule.length);
    EXPECT_EQ(length_fits(row, rule.length + 1), !rule.is_fixed);
    EXPECT_EQ(row.places, rule.places);
    EXPECT_FALSE(is_of_clients(row));
    EXPECT_FALSE(row.requestable);
    EXPECT_FALSE(row.configurable);
    EXPECT_EQ(row.singleton, rule.code != 45);
  }
  std::size_t count = 0;
  for (const OptionRow& row : option_table()) count += is_of_clients(row) ? 0 : 1;
  EXPECT_EQ(count, std::size(rules));
}

TEST(OptionTable, NamesOfTheOperatorSurfaceAreThere) {
  EXPECT_EQ(find_option_by_name("dns-servers")->code, 23);
  EXPECT_EQ(find_option_by_name("domain-search")->code, 24);
  EXPECT_EQ(find_option_by_name("sol-max-rt")->code, 82);
  EXPECT_EQ(find_option_by_name("sol-max-rt")->format, ValueFormat::kDuration);
  EXPECT_FALSE(find_option_by_name("server-unicast")->configurable);
  EXPECT_FALSE(find_option_by_name("client-id")->configurable);
}

}  // namespace
}  // namespace tandem6
