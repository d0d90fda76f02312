// The digest of the shared configuration: RFC 8156 section 4.1, F-104.
#include "control/failover/configuration_fingerprint.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace tandem6 {
namespace {

using Lines = std::vector<std::string>;
using Octets = std::vector<std::uint8_t>;

std::vector<SharedPart> links(std::initializer_list<std::pair<const char*, const char*>> parts) {
  std::vector<SharedPart> shared;
  for (const auto& [name, content] : parts) shared.push_back({name, content});
  return shared;
}

std::vector<SharedPart> many(std::size_t count, const std::string& content) {
  std::vector<SharedPart> parts;
  for (std::size_t i = 0; i < count; ++i) parts.push_back({"link " + std::to_string(i), content});
  return parts;
}

TEST(ConfigurationFingerprint, Equal) {
  const Octets one = fingerprint_of(links({{"link a", "1"}, {"link b", "2"}}));
  const Octets other = fingerprint_of(links({{"link b", "2"}, {"link a", "1"}}));
  EXPECT_EQ(one, other) << "the order of configuration is of no account";
  EXPECT_EQ(differences(one, other), Lines{});
  const Octets none = fingerprint_of({});
  EXPECT_FALSE(none.empty());
  EXPECT_EQ(differences(none, none), Lines{});
}

TEST(ConfigurationFingerprint, WhatDiffers) {
  const Octets ours = fingerprint_of(links({{"link a", "1"}, {"link b", "2"}, {"link c", "3"}}));
  const Octets theirs = fingerprint_of(links({{"link a", "1"}, {"link b", "x"}, {"link d", "3"}}));
  EXPECT_EQ(differences(ours, theirs),
            (Lines{"link b differs", "link c is here only", "link d is there only"}));
  EXPECT_EQ(differences(theirs, ours),
            (Lines{"link b differs", "link d is here only", "link c is there only"}));
}

// Equal contents under other names are other parts.
TEST(ConfigurationFingerprint, Renamed) {
  EXPECT_EQ(differences(fingerprint_of(links({{"link a", "1"}})),
                        fingerprint_of(links({{"link b", "1"}}))),
            (Lines{"link a is here only", "link b is there only"}));
}

// The content of one part does not make up for another's.
TEST(ConfigurationFingerprint, ContentsExchanged) {
  const Octets ours = fingerprint_of(links({{"link a", "1"}, {"link b", "2"}}));
  const Octets theirs = fingerprint_of(links({{"link a", "2"}, {"link b", "1"}}));
  EXPECT_EQ(differences(ours, theirs), (Lines{"link a differs", "link b differs"}));
}

// A frame has room for 64 KiB: past 32,000 octets only the whole is told.
TEST(ConfigurationFingerprint, TooManyParts) {
  const Octets ours = fingerprint_of(many(4000, "1"));
  EXPECT_LT(ours.size(), 100U);
  EXPECT_EQ(differences(ours, fingerprint_of(many(4000, "1"))), Lines{});
  EXPECT_EQ(differences(ours, fingerprint_of(many(4000, "2"))), Lines{"links or pools differ"});
  EXPECT_EQ(differences(ours, fingerprint_of(many(10, "1"))), Lines{"links or pools differ"});
  EXPECT_EQ(differences(fingerprint_of(many(10, "1")), ours), Lines{"links or pools differ"});
  EXPECT_LT(fingerprint_of(many(1000, "1")).size(), 32'100U);
}

TEST(ConfigurationFingerprint, ManyDifferences) {
  const Lines lines = differences(fingerprint_of(many(100, "1")), fingerprint_of(many(100, "2")));
  ASSERT_EQ(lines.size(), 21U);
  EXPECT_EQ(lines.back(), "and 80 more");
}

// --- Any octets from the partner.

void put(Octets& octets, std::uint64_t digest, const std::string& name) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    octets.push_back(static_cast<std::uint8_t>(digest >> shift));
  }
  octets.push_back(static_cast<std::uint8_t>(name.size() >> 8));
  octets.push_back(static_cast<std::uint8_t>(name.size()));
  octets.insert(octets.end(), name.begin(), name.end());
}

TEST(ConfigurationFingerprint, AnotherServersOption) {
  const Octets ours = fingerprint_of(links({{"link a", "1"}}));
  EXPECT_EQ(differences(ours, {}), Lines{});
  EXPECT_EQ(differences(ours, Octets{1, 2, 3}), Lines{});
  EXPECT_EQ(differences(ours, Octets(500, 0xff)), Lines{});
  EXPECT_EQ(differences({}, ours), Lines{});
  Octets without_end;
  put(without_end, 1, "link a");
  EXPECT_EQ(differences(ours, without_end), Lines{});
  for (std::size_t size = 0; size < ours.size(); ++size) {
    EXPECT_EQ(differences(ours, Octets(ours.begin(), ours.begin() + static_cast<long>(size))),
              Lines{})
        << size;
  }
}

// A name goes to a terminal.
TEST(ConfigurationFingerprint, HostileNames) {
  const Octets ours = fingerprint_of(links({{"link a", "1"}}));
  Octets theirs;
  put(theirs, 1, "\x1b[2Jbell\a\xff\n");
  put(theirs, 2, std::string(5000, 'x'));
  put(theirs, 3, std::string("nul\0nul", 7));
  put(theirs, 4, "");
  const Lines lines = differences(ours, theirs);
  ASSERT_EQ(lines.size(), 4U);
  for (const std::string& line : lines) {
    EXPECT_LT(line.size(), 200U);
    EXPECT_TRUE(std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; })) << line;
  }
}

// The same name twice, and two ends.
TEST(ConfigurationFingerprint, Repetitions) {
  const Octets ours = fingerprint_of(links({{"link a", "1"}}));
  Octets theirs;
  for (int i = 0; i < 3; ++i) put(theirs, 1, "link a");
  for (int i = 0; i < 3; ++i) put(theirs, 4, "");
  EXPECT_EQ(differences(ours, theirs), Lines{"link a differs"});
}

RC_GTEST_PROP(ConfigurationFingerprintProperty, TakesAnyOctets, ()) {
  const Octets ours = fingerprint_of(links({{"link a", "1"}, {"link b", "2"}}));
  Octets theirs = ours;
  for (int i = 0; i < 3; ++i) {
    theirs[*rc::gen::inRange<std::size_t>(0, theirs.size())] = *rc::gen::arbitrary<std::uint8_t>();
  }
  theirs.resize(*rc::gen::inRange<std::size_t>(0, theirs.size() + 20));
  RC_ASSERT(differences(ours, theirs).size() <= 21U);
  RC_ASSERT(differences(ours, *rc::gen::arbitrary<Octets>()).size() <= 21U);
}

}  // namespace
}  // namespace tandem6
