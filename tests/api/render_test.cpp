// What people read, to the letter: answers of the daemon's own handlers over a fake server.
#include "tools/tandem6ctl/render.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <string>

#include "control/api/command.h"
#include "tests/api/fake_server_view.h"
#include "tools/tandem6ctl/json_fields.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

class Render : public ::testing::Test {
 protected:
  /// The result as it comes over the socket.
  json::object result_of(const std::string& request) {
    std::string line;
    run_command_line(view_, request, [&](std::string answer) { line = std::move(answer); });
    context_.restart();
    context_.run();
    return as_object(json::parse(line).at("result"));
  }

  boost::asio::io_context context_;
  FakeServerView view_{context_};
};

TEST_F(Render, Status) {
  const json::object status = result_of(R"({"jsonrpc":"2.0","id":1,"method":"status"})");
  EXPECT_EQ(render_status(status, Style{}),
            R"(tandem6d  0.1.0, up 2 h 3 min since 2023-11-14T22:13:20Z, workers: 2
storage   durability: power, 12.5 commits/s, last write 210 us
bindings  3 of 1.0M
alarms    none

PORT    LINK  MAC                RECEIVED/S  SENT/S  DEVICE
access  up    02:00:00:00:00:01        12.5     6.0  net_ring0

RECEIVED  PER SECOND  TOTAL
solicit         0.25      7

SENT       PER SECOND  TOTAL
advertise        0.25      7

DROPPED  none so far

LINK   POOL                        SIZE  USED   FREE  IN USE  FREE HALF  FREE-BACKUP HALF  EMPTY IN
olt-7  2001:db8:7::/112           65536     3  65533     0 %      32768             32768  1 d 12 h
olt-8  2001:db8:8000::/40 by /56  65536     0  65536     0 %          -                 -         -
)");
}

TEST_F(Render, StorageThatDoesNotServeIsSaidOnTheStatusScreen) {
  view_.storage_view.serving = false;
  view_.storage_view.trouble = "No space left on device";
  const json::object status = result_of(R"({"jsonrpc":"2.0","id":1,"method":"status"})");
  EXPECT_NE(render_status(status, Style{}).find("storage   NOT SERVING, durability: power"),
            std::string::npos);
}

TEST_F(Render, Storage) {
  const json::object storage = result_of(R"({"jsonrpc":"2.0","id":1,"method":"storage.status"})");
  EXPECT_EQ(render_storage(storage, Style{}),
            "path         /var/lib/tandem6\n"
            "durability   power\n"
            "serving      yes\n"
            "changes      1000, 12.5/s\n"
            "writes       400, 5.0/s, 2.5 changes each, 125 octets a change, failed: 0\n"
            "write times  last 210 us, half within 200 us, 99 % within 3.1 ms, worst 1.2 s\n"
            "disk         4.2 MB, to compact: 0 B\n"
            "memory       64 MB\n"
            "set aside    about 0 records\n"
            "loaded       700 leases at start in 500 ms, in no pool: 0, set aside: 0, damaged "
            "places: 0\n");
}

TEST_F(Render, StorageInTrouble) {
  view_.storage_view.serving = false;
  view_.storage_view.trouble = "No space left on device";
  view_.storage_view.writing_since_seconds = 3.0;
  view_.storage_view.work = StorageWorkView{.what = "verify", .seconds = 7, .lease_count = 5};
  const json::object storage = result_of(R"({"jsonrpc":"2.0","id":1,"method":"storage.status"})");
  const std::string text = render_storage(storage, Style{});
  EXPECT_NE(text.find("serving      NO: No space left on device\n"), std::string::npos);
  EXPECT_NE(text.find(", one under way for 3.0 s\n"), std::string::npos);
  EXPECT_NE(text.find("work         verify, for 7.0 s\n"), std::string::npos);
}

TEST_F(Render, VerifySound) {
  view_.verified.lease_count = 12;
  view_.verified.held_count = 9;
  view_.verified.dirty_count = 2;
  view_.verified.fault_counts[static_cast<std::size_t>(VerifyFault::kInNoPool)] = 1;
  view_.verified.texts[static_cast<std::size_t>(VerifyFault::kInNoPool)] = {"::1 lies nowhere"};
  const json::object result = result_of(R"({"jsonrpc":"2.0","id":1,"method":"storage.verify"})");
  EXPECT_EQ(render_verify(result, Style{}),
            "/var/lib/tandem6: sound, 12 lease records checked in 2.0 s, held: 9, awaiting "
            "update: 2\n"
            "in_no_pool: 1\n"
            "  ::1 lies nowhere\n");
}

TEST_F(Render, VerifyFaulty) {
  view_.verified.damaged_gap_count = 1;
  view_.verified.set_aside_counts[static_cast<std::size_t>(RecordFault::kChecksum)] = 4;
  view_.verified.fault_counts[static_cast<std::size_t>(VerifyFault::kHeldTwice)] = 3;
  view_.verified.texts[static_cast<std::size_t>(VerifyFault::kHeldTwice)] = {"a", "b"};
  const json::object result = result_of(R"({"jsonrpc":"2.0","id":1,"method":"storage.verify"})");
  EXPECT_EQ(render_verify(result, Style{}),
            "/var/lib/tandem6: FAULTY, 0 lease records checked in 2.0 s, held: 0, awaiting "
            "update: 0\n"
            "damaged places of the disk: 1, with an unknown number of records\n"
            "held_twice: 3\n"
            "  a\n"
            "  b\n"
            "  ...\n"
            "set aside: 4, each does not fit its checksum\n");
}

TEST_F(Render, AlarmsStandOut) {
  view_.alarm_texts = {"port access has no link"};
  const json::object status = result_of(R"({"jsonrpc":"2.0","id":1,"method":"status"})");
  EXPECT_NE(render_status(status, Style{.colours = true})
                .find("\x1b[1;31mALARM     port access has no link\x1b[0m\n"),
            std::string::npos);
}

TEST_F(Render, Stats) {
  const json::object stats = result_of(R"({"jsonrpc":"2.0","id":1,"method":"stats"})");
  EXPECT_EQ(render_stats(stats, nullptr, 0, Style{}),
            "COUNTER             SUM  WORKER 0  WORKER 1\n"
            "received.solicit      7         3         4\n"
            "drop.no_link          1         1         0\n"
            "ans.no_addrs_avail    2         0         2\n"
            "net.held             11         5         6\n"
            "storage.committed     9         9         -\n");
}

TEST_F(Render, StatsWithRates) {
  const json::object stats = result_of(R"({"jsonrpc":"2.0","id":1,"method":"stats"})");
  json::object earlier = stats;
  earlier["counters"].as_object()["net.held"].as_object()["sum"] = 1;
  earlier["counters"].as_object().erase("drop.no_link");
  const std::string text = render_stats(stats, &earlier, 2.0, Style{});
  EXPECT_NE(text.find("\nnet.held             11         5.0         5         6\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\ndrop.no_link          1           -         1         0\n"),
            std::string::npos)
      << text;
}

TEST_F(Render, ALease) {
  LeaseRecord record = lease_of(1, prefix_of("2001:db8:7::1/128"));
  const std::array<std::uint8_t, 7> remote_id = {0, 0, 0, 9, 'c', 'p', 'e'};
  record.remote_id.assign(remote_id);
  record.binding.expiration_time = WallTime{1940};
  view_.shards[1] = {record};
  const json::object page = result_of(
      R"({"jsonrpc":"2.0","id":1,"method":"lease.find","params":{"what":"2001:db8:7::1"}})");
  ASSERT_EQ(array_field(page, "leases").size(), 1u);
  EXPECT_EQ(render_lease(as_object(array_field(page, "leases")[0]), Style{}),
            R"(2001:db8:7::1  ACTIVE
  DUID                              00:03:00:01:02:00:00:00:00:01
  IA                                IA_NA 00000001
  link                              olt-7
  pool                              2001:db8:7::/112
  preferred lifetime                30 min
  valid lifetime                    1 h
  start-time-of-state               2000-01-01T00:16:40Z (16 min 40 s ago)
  state-expiration-time             2000-01-01T01:16:40Z (in 43 min 20 s)
  client-last-transaction-time      2000-01-01T00:16:40Z (16 min 40 s ago)
  partner-raw-clt-time              -
  expiration-time                   2000-01-01T00:32:20Z (1 min ago)
  partner-lifetime                  -
  acked-partner-lifetime            -
  acked-partner-lifetime (greatest) -
  client FQDN                       -
  Remote-Id                         \x00\x00\x00\x09cpe  (00000009637065)
  Interface-Id                      -
  worker                            1
)");
}

TEST_F(Render, AListOfLeases) {
  view_.shards[0] = {lease_of(1, prefix_of("2001:db8:7::1/128")),
                     lease_of(2, prefix_of("2001:db8:8000:100::/56"))};
  view_.shards[0][1].binding.state_expiration_time = kNever;
  view_.shards[0][1].binding.link = kNoPool;
  const json::object page = result_of(R"({"jsonrpc":"2.0","id":1,"method":"lease.list"})");
  Table table = lease_table();
  for (const json::value& lease : array_field(page, "leases")) {
    add_lease_row(table, as_object(lease));
  }
  EXPECT_EQ(
      table.take_text(Style{}),
      R"(LEASE                   STATUS      ENDS IN  LINK   IA     IAID      DUID                           FQDN
2001:db8:7::1           ACTIVE  43 min 20 s  olt-7  IA_NA  00000001  00:03:00:01:02:00:00:00:00:01  -
2001:db8:8000:100::/56  ACTIVE        never  -      IA_PD  00000002  00:03:00:01:02:00:00:00:00:02  -
)");
}

TEST_F(Render, AnAnswerOfAnotherVersionIsShownAsFarAsItGoes) {
  EXPECT_NE(render_status({}, Style{}).find("tandem6d"), std::string::npos);
  EXPECT_NE(render_pools({{"pools", json::array{7, "x"}}}, Style{}).find("LINK"),
            std::string::npos);
  EXPECT_NE(render_lease({{"lease", 7}}, Style{}).find("DUID"), std::string::npos);
}

}  // namespace
}  // namespace tandem6
