#include "control/daemon/identity.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "tests/api/control_fixture.h"

namespace tandem6 {
namespace {

std::unique_ptr<Store> open_store(const std::string& path) {
  auto store = Store::open({.path = path});
  EXPECT_TRUE(store.has_value()) << store.error();
  return store.has_value() ? std::move(*store) : nullptr;
}

void keep(Store& store, const char* name, const std::vector<std::uint8_t>& value) {
  WriteSet set(store);
  set.put_server(name, value);
  ASSERT_TRUE(store.write(set, Durability::kPower).has_value());
}

/// What a server with this folder takes itself for.
Configuration identity_of(const std::string& path) {
  Configuration configuration;
  configuration.storage.path = path;
  const auto store = open_store(path);
  const auto done = complete_identity(configuration, *store);
  EXPECT_TRUE(done.has_value()) << done.error();
  return configuration;
}

TEST(Identity, TheDuidIsMadeOnceAndKept) {  // S-169
  const TemporaryFolder folder;
  const std::string storage = folder.path("lib/tandem6");
  const Duid made = identity_of(storage).server.server_duid;
  const auto bytes = made.bytes();
  ASSERT_EQ(bytes.size(), 18u);
  EXPECT_EQ(bytes[0], 0);
  EXPECT_EQ(bytes[1], 4);           // DUID-UUID, RFC 6355
  EXPECT_EQ(bytes[2 + 6] >> 4, 4);  // a random UUID, RFC 4122 section 4.4
  EXPECT_EQ(bytes[2 + 8] >> 6, 2);
  EXPECT_EQ(identity_of(storage).server.server_duid, made);
}

TEST(Identity, TwoServersAreTwo) {
  const TemporaryFolder folder;
  const Configuration first = identity_of(folder.path("a"));
  const Configuration second = identity_of(folder.path("b"));
  EXPECT_FALSE(first.server.server_duid == second.server.server_duid);
  EXPECT_NE(first.server.allocation_key, second.server.allocation_key);
}

TEST(Identity, AKeptDuidOfAnyTypeIsUsed) {  // S-170: type 1, whatever became of its interface
  const TemporaryFolder folder;
  const Duid old = Duid::parse("00:01:00:01:2a:00:00:00:02:00:00:00:00:01").value();
  keep(*open_store(folder.path("lib")), "server-duid", {old.bytes().begin(), old.bytes().end()});
  EXPECT_EQ(identity_of(folder.path("lib")).server.server_duid, old);
}

TEST(Identity, ABrokenDuidIsAnErrorAndNotANewServer) {
  for (const std::size_t size : {0U, 2U, 131U}) {
    const TemporaryFolder folder;
    const auto store = open_store(folder.path("lib"));
    keep(*store, "server-duid", std::vector<std::uint8_t>(size));
    Configuration configuration;
    configuration.storage.path = folder.path("lib");
    const auto done = complete_identity(configuration, *store);
    ASSERT_FALSE(done.has_value()) << size;
    EXPECT_NE(done.error().find("DUID"), std::string::npos);
  }
}

TEST(Identity, TheKeyIsMadeOnceAndSecret) {
  const TemporaryFolder folder;
  const auto key = identity_of(folder.path("lib")).server.allocation_key;
  EXPECT_TRUE(std::ranges::any_of(key, [](std::uint8_t octet) { return octet != 0; }));
  struct stat facts{};
  ASSERT_EQ(stat(folder.path("lib").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700u);
  EXPECT_EQ(identity_of(folder.path("lib")).server.allocation_key, key);
  keep(*open_store(folder.path("lib")), "allocation-key", {1, 2, 3});
  Configuration configuration;
  EXPECT_FALSE(complete_identity(configuration, *open_store(folder.path("lib"))).has_value());
}

TEST(Identity, OnlyWhatTheConfigurationLeavesOpenIsFilledIn) {
  const TemporaryFolder folder;
  const auto store = open_store(folder.path("lib"));
  Configuration configuration;
  configuration.server_duid_is_auto = false;
  configuration.server.server_duid = Duid::parse("00:03:00:01:02:00:00:00:00:01").value();
  ASSERT_TRUE(complete_identity(configuration, *store).has_value());
  EXPECT_EQ(configuration.server.server_duid.to_string(), "00:03:00:01:02:00:00:00:00:01");
  EXPECT_FALSE(store->server_value("server-duid").value().has_value());
  EXPECT_TRUE(store->server_value("allocation-key").value().has_value());
}

}  // namespace
}  // namespace tandem6
