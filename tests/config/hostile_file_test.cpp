// Whatever a file holds, reading it ends with a configuration or with faults that have a place and
// all their parts; it never throws and never crashes.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "tests/config/configuration_text.h"

namespace tandem6 {
namespace {

void expect_an_answer(const std::string& text) {
  const auto result = parse_configuration(text, "f");
  if (result) return;
  ASSERT_FALSE(result.error().empty());
  for (const ConfigurationError& error : result.error()) {
    EXPECT_GE(error.line, 1) << error.to_string();
    EXPECT_GE(error.column, 1) << error.to_string();
    EXPECT_FALSE(error.what.empty() || error.why.empty() || error.right.empty());
    EXPECT_EQ(error.to_string().find('\n'), std::string::npos);
  }
}

const std::string kSeed =
    "server: {duid: \"00:03:00:01\", log: {level: info}, options: {dns-servers: \"2001:db8::5\"}}\n"
    "dataplane:\n"
    "  eal: [\"-m\", \"512\"]\n"
    "  ports: [{name: access, device: net_null0, addresses: [\"fe80::1\"], vlans: [7]}]\n"
    "failover:\n"
    "  - {name: w, role: primary, local: \"fe80::1%eth0\", partner: \"fe80::2%eth0\",\n"
    "     mclt: 1h, auto-partner-down: 2h, secondary-share: 50%, start-alone: no,\n"
    "     tls: {certificate: c, key: k, ca: a, partner-name: b}}\n"
    "links:\n"
    "  - name: a\n"
    "    relationship: w\n"
    "    match: [{port: access}, {link-address: \"2001:db8:7::/64\", interface-id: 0x00ff}]\n"
    "    address-pools: [\"2001:db8:7::/64\"]\n"
    "    prefix-pools: [{prefix: \"2001:db8:8000::/40\", delegated-length: 56}]\n"
    "    lifetimes: {preferred: 12h, valid: 24h, t1: 1h}\n"
    "    options: {\"200\": {hex: \"00\"}, vendor-options: [{hex: \"00000001\"}]}\n"
    "    reservations: [{duid: \"000301\", iaid: 7, address: \"2001:db8:7::9\"}]\n";

TEST(HostileFile, SeedIsGood) { EXPECT_EQ(faults_of(kSeed), ""); }

TEST(HostileFile, OctetsChangedAtRandom) {
  constexpr char kTelling[] = "{}[]:,-#&*!|>'\"%@`~? \n\t\0\xff/0a";
  std::mt19937_64 random(8156);
  for (int round = 0; round < 3000; ++round) {
    std::string text = kSeed;
    for (std::size_t change = 0; change <= random() % 4; ++change) {
      const std::size_t at = random() % text.size();
      const char octet = kTelling[random() % (sizeof kTelling - 1)];
      switch (random() % 3) {
        case 0:
          text[at] = octet;
          break;
        case 1:
          text.insert(at, 1, octet);
          break;
        default:
          text.erase(at, 1 + random() % 8);
      }
    }
    expect_an_answer(text);
  }
}

/// Every value becomes, in turn, nothing, a list, a mapping, a number.
TEST(HostileFile, ValuesOfAnotherKind) {
  for (const char* other : {"", "[x]", "{x: y}", "[[[]]]", "-1", "~", "*unknown"}) {
    for (std::size_t at = kSeed.find(": "); at != std::string::npos;
         at = kSeed.find(": ", at + 1)) {
      const std::size_t end = kSeed.find_first_of(",}]\n", at);
      expect_an_answer(kSeed.substr(0, at + 2) + other + kSeed.substr(end));
    }
  }
}

TEST(HostileFile, CutAtEveryOctet) {
  for (std::size_t size = 0; size < kSeed.size(); ++size) expect_an_answer(kSeed.substr(0, size));
}

TEST(HostileFile, NestedTooDeep) {
  expect_an_answer(std::string(100000, '['));
  expect_an_answer("links: " + std::string(400, '[') + std::string(400, ']'));
}

TEST(HostileFile, NoText) {
  expect_an_answer(std::string("\0\0\0", 3));
  expect_an_answer("\xef\xbb\xbf" + kSeed);
  expect_an_answer(std::string(4096, '\xff'));
  EXPECT_EQ(faults_of("\xef\xbb\xbf" + kSeed), "");
}

TEST(HostileFile, LinesThatEndInCarriageReturns) {
  std::string text;
  for (const char character : kSeed) text += character == '\n' ? "\r\n" : std::string(1, character);
  EXPECT_EQ(faults_of(text), "");
}

// Bindings name links by 16 bits, of which one value is "none".
TEST(HostileFile, MoreLinksThanABindingCanName) {
  std::string text = kOnePort + "links: [";
  for (int i = 0; i < 65536; ++i) {
    const std::string number = std::to_string(i);
    text += "{name: a" + number + ", match: {interface-id: a" + number + "}},\n";
  }
  EXPECT_EQ(faults_of(text + "]\n"),
            "2:1: 65536 links are too many: a lease remembers its link and pool by a number of 16 "
            "bits; split them over several servers, 65535 each");
}

}  // namespace
}  // namespace tandem6
