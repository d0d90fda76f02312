#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/config/option_names.h"
#include "dataplane/wire/option_table.h"
#include "tests/config/configuration_text.h"

namespace tandem6 {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

using Octets = std::vector<std::uint8_t>;

/// The octets of the only option of a link that has this line under `options`.
Octets octets_of(const std::string& line) {
  const auto options =
      good_link("    match: {port: access}\n    options:\n      " + line + "\n").options;
  EXPECT_EQ(options.size(), 1U);
  return options.empty() ? Octets() : options.front().octets;
}

TEST(OptionValues, Addresses) {
  Octets expected = {0, 23, 0, 32};
  for (const char* text : {"2001:db8::53", "2001:db8::54"}) {
    const Ipv6Address address = *Ipv6Address::parse(text);
    expected.insert(expected.end(), address.octets.begin(), address.octets.end());
  }
  EXPECT_EQ(octets_of("dns-servers: [\"2001:db8::53\", \"2001:db8::54\"]"), expected);
}

TEST(OptionValues, OneAddressNeedsNoList) {
  EXPECT_EQ(octets_of("dns-servers: \"2001:db8::53\""), octets_of("\"23\": [\"2001:db8::53\"]"));
}

// S-162: the second name repeats the end of the first, and is written out all the same.
TEST(OptionValues, DomainNamesAreNotCompressed) {
  const Octets once = {1, 'a', 3, 'n', 'e', 't', 0};
  Octets expected = {0, 24, 0, 14};
  expected.insert(expected.end(), once.begin(), once.end());
  expected.insert(expected.end(), once.begin(), once.end());
  EXPECT_EQ(octets_of("domain-search: [a.net, a.net.]"), expected);
}

TEST(OptionValues, OneDomain) {
  const auto expected = ElementsAre(0, 64, 0, 7, 1, 'a', 3, 'n', 'e', 't', 0);
  EXPECT_THAT(octets_of("\"64\": {name: a.net}"), expected);
  EXPECT_THAT(octets_of("aftr-name: a.net"), expected);
  EXPECT_THAT(octets_of("aftr-name: {hex: \"0161036e657400\"}"), expected);
}

TEST(OptionValues, DurationIsInSeconds) {
  EXPECT_THAT(octets_of("sol-max-rt: 60s"), ElementsAre(0, 82, 0, 4, 0, 0, 0, 60));
  EXPECT_THAT(octets_of("inf-max-rt: 24h"), ElementsAre(0, 83, 0, 4, 0, 1, 0x51, 0x80));
}

TEST(OptionValues, Text) {
  EXPECT_THAT(octets_of("tzdb-timezone: Zürich"),
              ElementsAre(0, 42, 0, 7, 'Z', 0xc3, 0xbc, 'r', 'i', 'c', 'h'));
}

TEST(OptionValues, TextThatIsNotUtf8) {
  // A lone continuation octet, an overlong slash, a surrogate, a sequence cut short, past U+10FFFF.
  for (const char* bad : {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xe2\x82",
                          "\xf4\x90\x80\x80", "\xff"}) {
    EXPECT_EQ(server_faults("  options: {captive-portal: \"" + std::string(bad) + "\"}\n"),
              "2:29: server.options.captive-portal is not UTF-8 text without NUL: the option holds "
              "text; write UTF-8 text");
  }
  for (const char* fine : {"\xc2\x80", "\xe2\x82\xac", "\xf0\x9f\x8c\x8d"}) {
    EXPECT_EQ(server_faults("  options: {captive-portal: \"" + std::string(fine) + "\"}\n"), "");
  }
}

TEST(OptionValues, UnknownCodeTakesHex) {
  EXPECT_THAT(octets_of("\"200\": {hex: \"0A1b\"}"), ElementsAre(0, 200, 0, 2, 0x0a, 0x1b));
  EXPECT_THAT(octets_of("\"200\": {hex: \"\"}"), ElementsAre(0, 200, 0, 0));
}

// S-164: one option of each enterprise, each with its own header.
TEST(OptionValues, SeveralVendorOptions) {
  EXPECT_THAT(octets_of("vendor-options: [{hex: \"00000001aa\"}, {hex: \"00000002\"}]"),
              ElementsAreArray({0, 17, 0, 5, 0, 0, 0, 1, 0xaa, 0, 17, 0, 4, 0, 0, 0, 2}));
}

TEST(OptionValues, LinkOverridesServerByCode) {
  const auto options = good(
                           "server:\n"
                           "  options: {\"200\": {hex: \"01\"}, \"202\": {hex: \"02\"}}\n"
                           "  send-always: [202]\n"
                           "links:\n"
                           "  - name: street\n"
                           "    match: {port: access}\n"
                           "    options: {\"201\": {hex: \"03\"}, \"200\": {hex: \"04\"}}\n"
                           "    send-always: [\"201\"]\n" +
                           kOnePort)
                           .server;
  ASSERT_EQ(options.options.size(), 2U);
  EXPECT_THAT(options.options[0].octets, ElementsAre(0, 200, 0, 1, 1));
  const auto& link = options.links.at(0).options;
  ASSERT_EQ(link.size(), 3U);
  EXPECT_EQ(link[0].code, 200);
  EXPECT_THAT(link[0].octets, ElementsAre(0, 200, 0, 1, 4));
  EXPECT_FALSE(link[0].always);
  EXPECT_EQ(link[1].code, 201);
  EXPECT_TRUE(link[1].always);
  EXPECT_EQ(link[2].code, 202);
  EXPECT_TRUE(link[2].always);
}

TEST(OptionValues, EveryRowIsSettableOrRefusedAsTheTableSays) {
  for (const OptionRow& row : option_table()) {
    Faults faults("f");
    const auto option = find_settable_option(row.name, {}, faults);
    const bool has_own_key = row.code == 32;  // server.information-refresh-time
    EXPECT_EQ(option.has_value(), row.configurable && !has_own_key) << row.name;
    EXPECT_EQ(faults.empty(), option.has_value()) << row.name;
    EXPECT_EQ(find_settable_option(std::to_string(row.code), {}, faults).has_value(),
              option.has_value())
        << row.code;
  }
}

}  // namespace
}  // namespace tandem6
