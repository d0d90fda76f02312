#include "control/daemon/identity.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/api/control_fixture.h"

namespace tandem6 {
namespace {

void write(const std::string& path, const std::string& content) { std::ofstream(path) << content; }

TEST(Identity, TheDuidIsMadeOnceAndKept) {  // S-169
  const TemporaryFolder folder;
  const std::string storage = folder.path("lib/tandem6");
  const auto made = load_or_make_duid(storage);
  ASSERT_TRUE(made.has_value()) << made.error();
  const auto bytes = made->bytes();
  ASSERT_EQ(bytes.size(), 18u);
  EXPECT_EQ(bytes[0], 0);
  EXPECT_EQ(bytes[1], 4);           // DUID-UUID, RFC 6355
  EXPECT_EQ(bytes[2 + 6] >> 4, 4);  // a random UUID, RFC 4122 section 4.4
  EXPECT_EQ(bytes[2 + 8] >> 6, 2);
  const auto again = load_or_make_duid(storage);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(*again, *made);
}

TEST(Identity, TwoServersAreTwo) {
  const TemporaryFolder folder;
  const auto first = load_or_make_duid(folder.path("a"));
  const auto second = load_or_make_duid(folder.path("b"));
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_FALSE(*first == *second);
}

TEST(Identity, AKeptDuidOfAnyTypeIsUsed) {  // S-170: type 1, whatever became of its interface
  const TemporaryFolder folder;
  write(folder.path("server-duid"), "00:01:00:01:2a:00:00:00:02:00:00:00:00:01\n");
  const auto duid = load_or_make_duid(folder.path(""));
  ASSERT_TRUE(duid.has_value()) << duid.error();
  EXPECT_EQ(duid->to_string(), "00:01:00:01:2a:00:00:00:02:00:00:00:00:01");
}

TEST(Identity, ABrokenDuidIsAnErrorAndNotANewServer) {
  const TemporaryFolder folder;
  for (const char* content : {"", "\n", "00", "hello", "00:03:00:01:02:00:00:00:00:01 x"}) {
    write(folder.path("server-duid"), content);
    const auto duid = load_or_make_duid(folder.path(""));
    ASSERT_FALSE(duid.has_value()) << content;
    EXPECT_NE(duid.error().find("server-duid"), std::string::npos);
  }
  write(folder.path("server-duid"), std::string(5000, '0'));
  EXPECT_FALSE(load_or_make_duid(folder.path("")).has_value());
}

TEST(Identity, TheKeyIsMadeOnceAndSecret) {
  const TemporaryFolder folder;
  const auto made = load_or_make_allocation_key(folder.path("lib"));
  ASSERT_TRUE(made.has_value()) << made.error();
  EXPECT_TRUE(
      std::any_of(made->begin(), made->end(), [](std::uint8_t octet) { return octet != 0; }));
  struct stat facts{};
  ASSERT_EQ(stat(folder.path("lib/allocation-key").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_EQ(load_or_make_allocation_key(folder.path("lib")), *made);
  write(folder.path("lib/allocation-key"), "short");
  EXPECT_FALSE(load_or_make_allocation_key(folder.path("lib")).has_value());
}

TEST(Identity, ALeftoverOfAWriteThatWasCutOffIsNoHindrance) {
  const TemporaryFolder folder;
  write(folder.path("server-duid.new"), "00:0");
  EXPECT_TRUE(load_or_make_duid(folder.path("")).has_value());
  EXPECT_FALSE(std::filesystem::exists(folder.path("server-duid.new")));
}

TEST(Identity, AFolderThatCannotBeMadeIsAnError) {
  const TemporaryFolder folder;
  write(folder.path("file"), "");
  const auto duid = load_or_make_duid(folder.path("file/below"));
  ASSERT_FALSE(duid.has_value());
  EXPECT_NE(duid.error().find("file"), std::string::npos);
}

TEST(Identity, OnlyWhatTheConfigurationLeavesOpenIsFilledIn) {
  const TemporaryFolder folder;
  Configuration configuration;
  configuration.storage.path = folder.path("lib");
  configuration.server_duid_is_auto = false;
  configuration.server.server_duid = Duid::parse("00:03:00:01:02:00:00:00:00:01").value();
  ASSERT_TRUE(complete_identity(configuration).has_value());
  EXPECT_EQ(configuration.server.server_duid.to_string(), "00:03:00:01:02:00:00:00:00:01");
  EXPECT_FALSE(std::filesystem::exists(folder.path("lib/server-duid")));
  EXPECT_EQ(load_or_make_allocation_key(folder.path("lib")), configuration.server.allocation_key);
}

}  // namespace
}  // namespace tandem6
