// The datapath on real worker cores, over a port made of rings.
#include "dataplane/net/datapath.h"

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <functional>
#include <map>
#include <thread>

#include "tests/net/fake_server.h"
#include "tests/net/frame_builder.h"
#include "tests/net/ring_port.h"
#include "tests/net/test_eal.h"

namespace tandem6 {
namespace {

using namespace std::chrono_literals;

RingPort& wire(const char* name) {
  static_cast<void>(test_eal());
  static std::map<std::string, RingPort> all;  // a net_ring device cannot be made twice
  return all.try_emplace(name, name, 2).first->second;
}

bool wait_for(const std::function<bool()>& condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(1ms);
  }
  return false;
}

class DatapathTest : public testing::Test {
 protected:
  static NetSettings settings_for(const std::string& device) {
    NetSettings settings;
    settings.worker_count = 2;
    settings.idle = IdleMode::kSleep;
    PortSettings port;
    port.name = "access";
    port.device = device;
    port.addresses = {address_of("fe80::1")};
    settings.ports = {port};
    return settings;
  }
  std::expected<std::unique_ptr<Datapath>, std::string> open(const NetSettings& settings) {
    const Datapath::WorkerParts parts[2] = {{&servers_[0], &marks_[0], &wire_[0]},
                                            {&servers_[1], &marks_[1], &wire_[1]}};
    return Datapath::open(test_eal(), settings, parts);
  }
  static Octets request(std::uint32_t id, std::uint8_t client) {
    return FrameBuilder(PacketBuilder(MessageType::kRequest, id)
                            .client_id(Octets{0, 3, 0, 1, client})
                            .bytes())
        .bytes();
  }

  std::array<CommittedMark, 2> marks_;
  std::array<WireCounters, 2> wire_;
  std::array<FakeServer, 2> servers_{FakeServer{0, 2}, FakeServer{1, 2}};
  rte_mempool* pool_ = [] {
    static_cast<void>(test_eal());
    static rte_mempool* const pool = make_buffer_pool("datapath_test", 1023).value();
    return pool;
  }();
};

TEST_F(DatapathTest, AnswersOnBothWorkersAndSendsWhatIsHeldWhenItStops) {
  RingPort& port = wire("running");
  const NetSettings settings = settings_for(port.device());
  auto datapath = open(settings);
  ASSERT_TRUE(datapath.has_value()) << datapath.error();
  ASSERT_TRUE((*datapath)->start().has_value());
  for (std::uint32_t id = 0; id < 200; ++id) {
    port.arrive(static_cast<std::uint16_t>(id / 2 % 2), request(id, 2 + id % 2), pool_);
  }
  const auto held = [&] {
    return (*datapath)->counters(0).held.read() + (*datapath)->counters(1).held.read();
  };
  EXPECT_TRUE(wait_for([&] { return held() == 200; }));
  EXPECT_TRUE(port.sent(0).empty() && port.sent(1).empty()) << "nothing is committed";

  // The committer goes on while the datapath stops.
  std::jthread committer([this] {
    std::this_thread::sleep_for(20ms);
    for (CommittedMark& mark : marks_) mark.advance(100);
  });
  (*datapath)->stop();
  EXPECT_EQ(port.sent(0).size() + port.sent(1).size(), 200U);
}

TEST_F(DatapathTest, StopDoesNotWaitForeverForACommit) {
  RingPort& port = wire("stopping");
  auto datapath = open(settings_for(port.device()));
  ASSERT_TRUE(datapath.has_value()) << datapath.error();
  ASSERT_TRUE((*datapath)->start().has_value());
  port.arrive(0, request(1, 2), pool_);
  EXPECT_TRUE(wait_for([&] { return (*datapath)->counters(0).held.read() == 1; }));
  const auto begin = std::chrono::steady_clock::now();
  (*datapath)->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  EXPECT_TRUE(port.sent(0).empty()) << "what is not committed is not said";
}

TEST_F(DatapathTest, IdleWorkersSleep) {
  auto datapath = open(settings_for(wire("idle").device()));
  ASSERT_TRUE(datapath.has_value()) << datapath.error();
  ASSERT_TRUE((*datapath)->start().has_value());
  const auto sleeps = [&](unsigned worker) { return (*datapath)->counters(worker).sleeps.read(); };
  EXPECT_TRUE(wait_for([&] { return sleeps(0) > 20 && sleeps(1) > 20; }));
  timespec before{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
  std::this_thread::sleep_for(300ms);
  timespec after{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
  const std::int64_t used_ns =
      (after.tv_sec - before.tv_sec) * 1'000'000'000 + after.tv_nsec - before.tv_nsec;
  EXPECT_LT(used_ns, 90'000'000) << "two workers took more than 30 % of a core with nothing to do";
}

TEST_F(DatapathTest, UseReturnsWhenEveryWorkerHasTheNewSnapshot) {
  auto datapath = open(settings_for(wire("using").device()));
  ASSERT_TRUE(datapath.has_value()) << datapath.error();
  ASSERT_TRUE((*datapath)->start().has_value());
  const ServerSettings settings;
  const std::string port_names[1] = {"access"};
  Pools pools(settings, 2, 16);
  const Service first(settings, port_names, pools, 2);
  const Service second(settings, port_names, pools, 2);
  for (const Service* service : {&first, &second}) {
    (*datapath)->use(*service);
    EXPECT_EQ(servers_[0].used.load(), service);
    EXPECT_EQ(servers_[1].used.load(), service);
  }
}

TEST_F(DatapathTest, AnswersQueries) {
  auto datapath = open(settings_for(wire("asking").device()));
  ASSERT_TRUE(datapath.has_value()) << datapath.error();
  ASSERT_TRUE((*datapath)->start().has_value());
  ShardQuery query;
  query.id = 7;
  query.count_max = 3;
  ASSERT_TRUE((*datapath)->ask(1, query));
  std::vector<ShardAnswer> answers(8);
  std::size_t count = 0;
  EXPECT_TRUE(wait_for([&] {
    count += (*datapath)->poll_answers(1, std::span(answers).subspan(count));
    return count == 4;
  }));
  EXPECT_EQ(answers[3].id, 7U);
  EXPECT_TRUE(answers[3].last);
}

TEST_F(DatapathTest, TellsAboutItsPorts) {
  RingPort& port = wire("telling");
  marks_[0].advance(1);
  auto datapath = open(settings_for(port.device()));
  ASSERT_TRUE(datapath.has_value()) << datapath.error();
  ASSERT_TRUE((*datapath)->start().has_value());
  port.arrive(0, request(1, 2), pool_);
  EXPECT_TRUE(wait_for([&] { return (*datapath)->counters(0).received.read() == 1; }));
  const std::vector<PortInfo> infos = (*datapath)->ports();
  ASSERT_EQ(infos.size(), 1U);
  EXPECT_EQ(infos[0].name, "access");
  EXPECT_EQ(infos[0].driver, "net_ring");
  EXPECT_EQ(infos[0].kernel_path, "none");
  EXPECT_EQ(infos[0].queue_count, 2);
  EXPECT_EQ(infos[0].received, 1U);
  EXPECT_TRUE(infos[0].link_up);
}

// Errors name the port, the device and what is wrong.
TEST_F(DatapathTest, SaysWhyADeviceCannotBeOpened) {
  const auto error_of = [this](const std::string& device) {
    auto datapath = open(settings_for(device));
    return datapath ? std::string("it opened") : datapath.error();
  };
  EXPECT_EQ(error_of("net_af_packet0,iface=nowhere"),
            "port access (net_af_packet0,iface=nowhere): there is no interface \"nowhere\" here");
  const std::string unknown = error_of("net_unheard_of0");
  EXPECT_TRUE(unknown.starts_with("port access (net_unheard_of0): DPDK cannot open the device"))
      << unknown;
  EXPECT_NE(unknown.find("failed to parse device \"net_unheard_of0\""), std::string::npos)
      << unknown;
}

TEST(KernelPathTest, ChoosesTheWayByTheDevice) {
  const auto kind = [](const char* device) {
    PortSettings settings;
    settings.device = device;
    return KernelPath::kind_of(settings);
  };
  EXPECT_EQ(kind("net_af_packet0,iface=eth1"), KernelPathKind::kInterface);
  EXPECT_EQ(kind("net_af_xdp0,iface=eth1"), KernelPathKind::kTap);
  EXPECT_EQ(kind("0000:03:00.0"), KernelPathKind::kTap);
  EXPECT_EQ(kind("03:00.1,representor=0"), KernelPathKind::kTap);
  for (const char* device : {"net_memif0", "net_ring_a", "net_null0", "net_pcap0,rx_pcap=a:b",
                             "net_tap0,iface=x", "net_virtio_user0"}) {
    EXPECT_EQ(kind(device), KernelPathKind::kNone) << device;
  }
}

TEST(PortTest, ReadsDeviceStrings) {
  EXPECT_EQ(device_name("net_af_packet0,iface=eth1"), "net_af_packet0");
  EXPECT_EQ(device_name("0000:03:00.0"), "0000:03:00.0");
  EXPECT_EQ(device_argument("net_af_packet0,qpairs=2,iface=eth1", "iface"), "eth1");
  EXPECT_EQ(device_argument("net_af_packet0,qpairs=2,iface=eth1", "qpairs"), "2");
  EXPECT_EQ(device_argument("net_af_packet0", "iface"), "");
}

// The clock of leases agrees with the system clock at the start, to the second.
TEST(WallClockTest, BeginsWithTheSystemClock) {
  const std::int64_t before = time(nullptr) - kUnixSecondsOfEpoch;
  const std::int64_t now = WallClock().now().seconds;
  EXPECT_GE(now, before - 1);
  EXPECT_LE(now, before + 1);
}

}  // namespace
}  // namespace tandem6
