// Every method of the control socket: what it says, and what it refuses.
#include "control/api/command.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <set>

#include "tests/api/control_fixture.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

constexpr std::int64_t kInvalidParameters = -32602;
constexpr std::int64_t kRefused = 1;

std::string text_of(const json::value& value) { return std::string(value.as_string()); }

std::vector<std::string> leases_in(const json::object& page) {
  std::vector<std::string> leases;
  for (const json::value& row : page.at("leases").as_array())
    leases.push_back(text_of(row.at("lease")));
  return leases;
}

class CommandTest : public ControlSocketTest {
 protected:
  void SetUp() override {
    view_.shards[0] = {lease_of(1, prefix_of("2001:db8:7::1/128")),
                       lease_of(1, prefix_of("2001:db8:8000:100::/56"))};
    view_.shards[1] = {lease_of(2, prefix_of("2001:db8:7::2/128"))};
    view_.shards[1][0].binding.status = BindingStatus::kReleased;
    view_.shards[1][0].binding.link = 1;
  }
  /// So many leases in each shard.
  void fill(std::size_t count) {
    for (auto& shard : view_.shards) {
      shard.assign(count, lease_of(1, prefix_of("2001:db8:7::1/128")));
    }
  }
};

TEST_F(CommandTest, TheTableHasAHelpLineForEachAndFindsEach) {
  std::set<std::string_view> names;
  for (const Command& command : commands()) {
    EXPECT_FALSE(command.help.empty()) << command.name;
    EXPECT_EQ(find_command(command.name), &command);
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
  }
  EXPECT_EQ(find_command("no.such"), nullptr);
}

TEST_F(CommandTest, NoCommandTakesAParameterThatItDoesNotKnow) {
  open();
  for (const Command& command : commands()) {
    EXPECT_EQ(error_of(std::string(command.name), {{"nonsense", 1}}), kInvalidParameters)
        << command.name;
  }
  EXPECT_FALSE(view_.is_shut_down);
}

TEST_F(CommandTest, Status) {
  view_.alarm_texts = {"pool 2001:db8:7::/112 of link olt-7 is nearly full: 97 % used"};
  open();
  const json::object status = result_of("status");
  EXPECT_EQ(status.at("since").as_string(), "2023-11-14T22:13:20Z");
  EXPECT_EQ(status.at("uptime_seconds").as_int64(), 7384);
  EXPECT_EQ(status.at("workers").as_int64(), 2);
  EXPECT_EQ(status.at("ports").as_array().at(0).at("mac").as_string(), "02:00:00:00:00:01");
  EXPECT_EQ(status.at("received").as_array().at(0).at("per_second").as_double(), 0.25);
  EXPECT_EQ(status.at("storage").at("durability").as_string(), "power");
  EXPECT_TRUE(status.at("storage").at("serving").as_bool());
  EXPECT_EQ(status.at("storage").at("last_write_seconds").as_double(), 0.00021);
  EXPECT_EQ(status.at("pools").as_array().size(), 2u);
  EXPECT_EQ(status.at("alarms").as_array().size(), 1u);
}

TEST_F(CommandTest, StorageStatus) {
  view_.storage_view.serving = false;
  view_.storage_view.trouble = "the disk is full";
  open();
  const json::object storage = result_of("storage.status");
  EXPECT_FALSE(storage.at("serving").as_bool());
  EXPECT_EQ(storage.at("trouble").as_string(), "the disk is full");
  EXPECT_EQ(storage.at("changes").at("total").as_int64(), 1000);
  EXPECT_EQ(storage.at("writes").at("changes_per_write").as_double(), 2.5);
  EXPECT_EQ(storage.at("writes").at("octets_per_change").as_double(), 125);
  EXPECT_EQ(storage.at("write_seconds").at("p99").as_double(), 0.0031);
  EXPECT_TRUE(storage.at("write_seconds").at("under_way").is_null());
  EXPECT_EQ(storage.at("loaded").at("leases").as_int64(), 700);
  EXPECT_TRUE(storage.at("work").is_null());
}

TEST_F(CommandTest, StorageCheckpoint) {
  open();
  const json::object made = result_of("storage.checkpoint", {{"folder", "/backup/today"}});
  EXPECT_EQ(made.at("folder").as_string(), "/backup/today");
  EXPECT_EQ(made.at("octets").as_int64(), 1234567);
  EXPECT_EQ(error_of("storage.checkpoint"), kInvalidParameters);
  EXPECT_EQ(error_of("storage.checkpoint", {{"folder", "today"}}), kInvalidParameters);
  view_.disk_trouble = "is there already";
  EXPECT_EQ(error_of("storage.checkpoint", {{"folder", "/backup/today"}}), kRefused);
}

TEST_F(CommandTest, StorageVerify) {
  open();
  EXPECT_TRUE(result_of("storage.verify").at("sound").as_bool());
  view_.verified.fault_counts[static_cast<std::size_t>(VerifyFault::kHeldTwice)] = 2;
  view_.verified.texts[static_cast<std::size_t>(VerifyFault::kHeldTwice)] = {"::1 is held twice"};
  const json::object result = result_of("storage.verify", {{"folder", "/backup/today"}});
  EXPECT_FALSE(result.at("sound").as_bool());
  EXPECT_EQ(result.at("folder").as_string(), "/backup/today");
  ASSERT_EQ(result.at("faults").as_array().size(), 1u);
  const json::value& fault = result.at("faults").as_array()[0];
  EXPECT_EQ(fault.at("fault").as_string(), "held_twice");
  EXPECT_EQ(fault.at("count").as_int64(), 2);
  EXPECT_EQ(fault.at("first").as_array().size(), 1u);
  EXPECT_EQ(error_of("storage.verify", {{"folder", "today"}}), kInvalidParameters);
}

TEST_F(CommandTest, StatsAreSummedAndOfEachWorker) {
  open();
  const json::object stats = result_of("stats");
  const json::value& solicits = stats.at("counters").at("received.solicit");
  EXPECT_EQ(solicits.at("sum").as_int64(), 7);
  EXPECT_EQ(json::serialize(solicits.at("per_worker")), "[3,4]");
}

TEST_F(CommandTest, PoolShow) {
  open();
  const json::object answer = result_of("pool.show");
  const json::array& pools = answer.at("pools").as_array();
  ASSERT_EQ(pools.size(), 2u);
  EXPECT_EQ(pools[0].at("kind").as_string(), "address");
  EXPECT_EQ(pools[0].at("free").as_int64(), 65533);
  EXPECT_EQ(pools[0].at("half_free").as_int64(), 32768);
  EXPECT_EQ(pools[0].at("seconds_to_empty").as_double(), 131066.0);
  EXPECT_EQ(pools[1].at("delegated_length").as_int64(), 56);
  EXPECT_TRUE(pools[1].at("half_free").is_null());
  EXPECT_TRUE(pools[1].at("seconds_to_empty").is_null());
}

TEST_F(CommandTest, PoolShowOfOneLink) {
  open();
  EXPECT_EQ(result_of("pool.show", {{"link", "olt-8"}}).at("pools").as_array().size(), 1u);
  EXPECT_EQ(error_of("pool.show", {{"link", "olt-9"}}), kRefused);
  EXPECT_EQ(error_of("pool.show", {{"link", 7}}), kInvalidParameters);
}

TEST_F(CommandTest, ALeaseHasEveryTimeAndName) {
  LeaseRecord& record = view_.shards[0][0];
  const std::array<std::uint8_t, 7> remote_id = {0, 0, 0, 9, 'a', '"', 1};
  const std::array<std::uint8_t, 6> fqdn = {0, 3, 'c', 'p', 'e', 0};
  record.remote_id.assign(remote_id);
  record.client_fqdn.assign(fqdn);
  record.binding.partner_lifetime = WallTime{1500};
  record.binding.expiration_time = kNever;
  record.binding.valid_lifetime = kInfiniteLifetime;
  open();
  const json::object page = result_of("lease.find", {{"what", "2001:db8:7::1"}});
  const json::object& row = page.at("leases").as_array().at(0).as_object();
  EXPECT_EQ(text_of(row.at("lease")), "2001:db8:7::1");
  EXPECT_EQ(text_of(row.at("duid")), "00:03:00:01:02:00:00:00:00:01");
  EXPECT_EQ(text_of(row.at("ia_type")), "IA_NA");
  EXPECT_EQ(text_of(row.at("iaid")), "00000001");
  EXPECT_EQ(text_of(row.at("status")), "ACTIVE");
  EXPECT_EQ(text_of(row.at("link")), "olt-7");
  EXPECT_EQ(text_of(row.at("pool")), "2001:db8:7::/112");
  EXPECT_EQ(row.at("preferred_lifetime").as_int64(), 1800);
  EXPECT_EQ(text_of(row.at("valid_lifetime")), "infinite");
  EXPECT_EQ(text_of(row.at("state_expiration_time").at("at")), "2000-01-01T01:16:40Z");
  EXPECT_EQ(row.at("state_expiration_time").at("left").as_int64(), 2600);
  EXPECT_EQ(row.at("partner_lifetime").at("left").as_int64(), -500);  // past
  EXPECT_EQ(text_of(row.at("expiration_time").at("at")), "never");
  EXPECT_TRUE(row.at("expiration_time").at("left").is_null());
  EXPECT_TRUE(row.at("acked_partner_lifetime").is_null());
  EXPECT_EQ(text_of(row.at("remote_id").at("text")), R"(\x00\x00\x00\x09a"\x01)");
  EXPECT_EQ(text_of(row.at("remote_id").at("hex")), "00000009612201");
  EXPECT_EQ(text_of(row.at("client_fqdn")), "cpe");
  EXPECT_TRUE(row.at("interface_id").is_null());
  EXPECT_EQ(row.at("worker").as_int64(), 0);
}

TEST_F(CommandTest, AReservedLeaseIsInNoPool) {
  view_.shards[0][0].binding.pool = kNoPool;
  view_.shards[0][0].binding.link = kNoPool;
  open();
  const json::object page = result_of("lease.find", {{"what", "2001:db8:7::1"}});
  EXPECT_TRUE(page.at("leases").as_array().at(0).at("pool").is_null());
  EXPECT_TRUE(page.at("leases").as_array().at(0).at("link").is_null());
}

TEST_F(CommandTest, LeaseFindByAddressPrefixAndDuid) {
  open();
  using Leases = std::vector<std::string>;
  EXPECT_EQ(leases_in(result_of("lease.find", {{"what", "2001:db8:7::2"}})),
            Leases{"2001:db8:7::2"});
  EXPECT_EQ(leases_in(result_of("lease.find", {{"what", "2001:db8:8000:100::/56"}})),
            Leases{"2001:db8:8000:100::/56"});
  EXPECT_EQ(leases_in(result_of("lease.find", {{"what", "00:03:00:01:02:00:00:00:00:01"}})),
            (Leases{"2001:db8:7::1", "2001:db8:8000:100::/56"}));
  EXPECT_EQ(leases_in(result_of("lease.find", {{"what", "2001:db8:7::3"}})), Leases{});
}

TEST_F(CommandTest, LeaseFindOfAnAddressFindsTheDelegatedPrefixThatItLiesIn) {
  open();
  EXPECT_EQ(leases_in(result_of("lease.find", {{"what", "2001:db8:8000:1ab::77"}})),
            std::vector<std::string>{"2001:db8:8000:100::/56"});
}

TEST_F(CommandTest, EightGroupsOfTwoDigitsAreADuidToo) {
  const std::array<std::uint8_t, 8> octets = {0, 3, 0, 1, 2, 0, 0, 1};
  view_.shards[1][0].duid = Duid(octets);
  open();
  EXPECT_EQ(leases_in(result_of("lease.find", {{"what", "00:03:00:01:02:00:00:01"}})),
            std::vector<std::string>{"2001:db8:7::2"});
}

TEST_F(CommandTest, LeaseFindByRemoteId) {
  const std::array<std::uint8_t, 8> remote_id = {0, 0, 0, 9, 'c', 'p', 'e', 0xfe};
  view_.shards[1][0].remote_id.assign(remote_id);
  open();
  for (const char* text : {"cpe\\xfe", "637065fe", "637065FE", "00000009637065fe"}) {
    EXPECT_EQ(leases_in(result_of("lease.find", {{"remote_id", text}})),
              std::vector<std::string>{"2001:db8:7::2"})
        << text;
  }
  EXPECT_TRUE(leases_in(result_of("lease.find", {{"remote_id", "cpe"}})).empty());
}

TEST_F(CommandTest, LeaseFindWantsExactlyOneThing) {
  open();
  EXPECT_EQ(error_of("lease.find"), kInvalidParameters);
  EXPECT_EQ(error_of("lease.find", {{"what", "::1"}, {"remote_id", "x"}}), kInvalidParameters);
  EXPECT_EQ(error_of("lease.find", {{"what", "my neighbour"}}), kRefused);
  EXPECT_EQ(error_of("lease.find", {{"what", "2001:db8::1/56"}}), kRefused);
}

TEST_F(CommandTest, LeaseListShowsAllShards) {
  open();
  const json::object page = result_of("lease.list");
  EXPECT_EQ(leases_in(page).size(), 3u);
  EXPECT_TRUE(page.at("next").is_null());
}

TEST_F(CommandTest, LeaseListOfALinkAndOfAStatus) {
  open();
  using Leases = std::vector<std::string>;
  EXPECT_EQ(leases_in(result_of("lease.list", {{"link", "olt-8"}})), Leases{"2001:db8:7::2"});
  EXPECT_EQ(leases_in(result_of("lease.list", {{"status", "released"}})), Leases{"2001:db8:7::2"});
  EXPECT_EQ(leases_in(result_of("lease.list", {{"link", "olt-7"}, {"status", "RELEASED"}})),
            Leases{});
  EXPECT_EQ(error_of("lease.list", {{"link", "olt-9"}}), kRefused);
  EXPECT_EQ(error_of("lease.list", {{"status", "HAPPY"}}), kRefused);
}

TEST_F(CommandTest, PagesAreBoundedAndTogetherShowEachLeaseOnce) {
  fill(1000);
  open();
  std::size_t count = 0;
  json::object parameters = {{"page_size", 100}};
  for (int page_count = 1;; ++page_count) {
    const json::object page = result_of("lease.list", parameters);
    EXPECT_LE(leases_in(page).size(), 100u);
    count += leases_in(page).size();
    if (page.at("next").is_null()) break;
    parameters["cursor"] = page.at("next");
    ASSERT_LT(page_count, 100);
  }
  EXPECT_EQ(count, 2000u);
}

TEST_F(CommandTest, ARareFilterGivesShortPagesNotLongWaits) {
  fill(10000);
  view_.shards[1][9999].binding.status = BindingStatus::kAbandoned;
  open();
  json::object parameters = {{"status", "ABANDONED"}};
  const json::object first = result_of("lease.list", parameters);
  EXPECT_TRUE(leases_in(first).empty());
  EXPECT_FALSE(first.at("next").is_null());
  std::size_t count = 0;
  parameters["cursor"] = first.at("next");
  for (int page_count = 1; page_count < 10; ++page_count) {
    const json::object page = result_of("lease.list", parameters);
    count += leases_in(page).size();
    if (page.at("next").is_null()) break;
    parameters["cursor"] = page.at("next");
  }
  EXPECT_EQ(count, 1u);
}

TEST_F(CommandTest, CursorsAndPageSizesAreChecked) {
  open();
  for (const char* cursor : {"", "7", ":", "a:b", "1:2:3", "-1:0", "1:99999999999"}) {
    EXPECT_EQ(error_of("lease.list", {{"cursor", cursor}}), kInvalidParameters) << cursor;
  }
  EXPECT_TRUE(leases_in(result_of("lease.list", {{"cursor", "99:0"}})).empty());
  for (const std::int64_t size : {0, 63, 513, -1}) {
    EXPECT_EQ(error_of("lease.list", {{"page_size", size}}), kInvalidParameters) << size;
  }
  EXPECT_EQ(error_of("lease.list", {{"page_size", "100"}}), kInvalidParameters);
}

TEST_F(CommandTest, AWorkerThatDoesNotAnswerIsNamed) {
  view_.workers_answer = false;
  open();
  EXPECT_EQ(error_of("lease.list"), kRefused);
  EXPECT_EQ(error_of("lease.find", {{"what", "2001:db8:7::1"}}), kRefused);
}

TEST_F(CommandTest, ConfigCheckOfATextThatIsSent) {
  open();
  const json::object wrong =
      result_of("config.check", {{"text", "linkz: []\n"}, {"name", "a.yaml"}});
  EXPECT_FALSE(wrong.at("ok").as_bool());
  const json::object& error = wrong.at("errors").as_array().at(0).as_object();
  EXPECT_EQ(text_of(error.at("file")), "a.yaml");
  EXPECT_GE(error.at("line").as_int64(), 1);
  EXPECT_EQ(error_of("config.check"), kInvalidParameters);
}

TEST_F(CommandTest, LogLevel) {
  open();
  EXPECT_EQ(text_of(result_of("log.level", {{"level", "debug"}}).at("level")), "debug");
  EXPECT_EQ(error_of("log.level", {{"level", "loud"}}), kRefused);
  EXPECT_EQ(error_of("log.level"), kInvalidParameters);
  on_control_thread([this] { EXPECT_EQ(view_.log_level, "debug"); });
}

TEST_F(CommandTest, ShutdownAnswersAndThenEnds) {
  open();
  EXPECT_TRUE(result_of("shutdown").at("ending").as_bool());
  on_control_thread([this] { EXPECT_TRUE(view_.is_shut_down); });
}

}  // namespace
}  // namespace tandem6
