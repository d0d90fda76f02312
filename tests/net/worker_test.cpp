// The worker's loop, turn by turn in the thread of the test, over ports made of rings. Two workers
// on two ports: "both" has a queue for each, "lone" has one queue, which is the second worker's.
#include "dataplane/net/worker.h"

#include <gtest/gtest.h>
#include <rte_ethdev.h>

#include <array>
#include <map>
#include <memory>

#include "dataplane/net/port.h"
#include "tests/net/fake_server.h"
#include "tests/net/frame_builder.h"
#include "tests/net/ring_port.h"
#include "tests/net/test_eal.h"

namespace tandem6 {
namespace {

constexpr WallTime kNow{1000};
constexpr std::uint16_t kBoth = 0;
constexpr std::uint16_t kLone = 1;

/// Devices and buffers: made once.
struct Devices {
  Devices() : pool(make_buffer_pool("worker_test", 16383).value()) {
    for (RingPort* ring : {&both, &lone}) {
      auto port = Port::open("test", ring->device());
      EXPECT_TRUE(port.has_value());
      const std::uint16_t queue_count = ring == &both ? 2 : 1;
      EXPECT_EQ((*port)->queue_count_for(2), queue_count);
      EXPECT_TRUE((*port)->configure(queue_count, 512, pool).has_value());
      EXPECT_TRUE((*port)->start(false).has_value());
      ports.push_back(std::move(*port));
    }
  }
  rte_mempool* pool;
  RingPort both{"both", 2};
  RingPort lone{"lone", 1};
  std::vector<std::unique_ptr<Port>> ports;
};

Devices& devices() {
  static_cast<void>(test_eal());
  static Devices* const all = new Devices;  // EAL ends with the process
  return *all;
}

PortIdentity identity(const char* link_local, const char* wide) {
  PortSettings settings;
  settings.addresses = {address_of(link_local), address_of(wide)};
  return identity_of(settings, {});  // net_ring has no MAC address
}

class WorkerTest : public testing::Test {
 protected:
  WorkerTest() {
    shared_.pool = devices_.pool;
    for (unsigned i = 0; i < 2; ++i) {
      Worker::Parts parts{
          .index = i, .server = &servers_[i], .mark = &marks_[i], .wire = &wire_[i], .lanes = {}};
      parts.lanes.push_back({.identity = &identities_[kBoth],
                             .device = devices_.both.number(),
                             .queue = static_cast<std::uint16_t>(i),
                             .transmitting_worker = i,
                             .tap = std::nullopt});
      parts.lanes.push_back({.identity = &identities_[kLone],
                             .device = devices_.lone.number(),
                             .queue = std::nullopt,
                             .transmitting_worker = 1,
                             .tap = std::nullopt});
      if (i == 1) parts.lanes[kLone].queue = 0;
      workers_.push_back(std::make_unique<Worker>(std::move(parts), shared_));
    }
  }

  ~WorkerTest() override {
    workers_.clear();
    static_cast<void>(sent(kBoth, 0));
    static_cast<void>(sent(kBoth, 1));
    static_cast<void>(sent(kLone, 0));
    EXPECT_EQ(rte_mempool_in_use_count(devices_.pool), in_use_before_) << "a buffer got lost";
  }

  static Octets message(MessageType type, std::uint32_t id, std::uint8_t client,
                        bool rapid_commit = false) {
    PacketBuilder builder(type, id);
    if (client != 0) builder.client_id(Octets{0, 3, 0, 1, client});
    if (rapid_commit) builder.rapid_commit();
    return builder.bytes();
  }
  static Octets frame(MessageType type, std::uint32_t id, std::uint8_t client) {
    return FrameBuilder(message(type, id, client)).bytes();
  }
  void arrive(std::uint16_t port, std::uint16_t queue, const Octets& frame) {
    (port == kBoth ? devices_.both : devices_.lone).arrive(queue, frame, devices_.pool);
  }
  std::vector<Octets> sent(std::uint16_t port, std::uint16_t queue) {
    return (port == kBoth ? devices_.both : devices_.lone).sent(queue);
  }
  void turn_all(int times = 3) {
    for (int i = 0; i < times; ++i) {
      for (const auto& worker : workers_) worker->turn(kNow);
    }
  }
  std::uint64_t dropped(unsigned worker, DropReason reason) {
    return wire_[worker].dropped[static_cast<std::size_t>(reason)].read();
  }
  /// Transaction-ids of DHCPv6 payloads behind plain headers.
  static std::vector<std::uint32_t> ids(const std::vector<Octets>& frames) {
    std::vector<std::uint32_t> all;
    for (const Octets& one : frames) {
      all.push_back(static_cast<std::uint32_t>(one[63] << 16 | one[64] << 8 | one[65]));
    }
    return all;
  }

  Devices& devices_ = devices();
  unsigned in_use_before_ = rte_mempool_in_use_count(devices_.pool);
  std::vector<PortIdentity> identities_{identity("fe80::1", "2001:db8:1::1"),
                                        identity("fe80::2", "2001:db8:2::1")};
  WorkerShared shared_{2};
  std::array<FakeServer, 2> servers_{FakeServer{0, 2}, FakeServer{1, 2}};
  std::array<CommittedMark, 2> marks_;
  std::array<WireCounters, 2> wire_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

TEST_F(WorkerTest, AnswersWhatIsAtHomeInOneTurn) {
  arrive(kBoth, 0, frame(MessageType::kSolicit, 0xabcdef, 2));
  EXPECT_NE(workers_[0]->turn(kNow), 0U);
  const std::vector<Octets> frames = sent(kBoth, 0);
  ASSERT_EQ(frames.size(), 1U);
  Octets expected = FrameBuilder({7, 0xab, 0xcd, 0xef, 0})
                        .to_mac(kClientMac)
                        .from_mac({})
                        .source("fe80::1")
                        .destination("fe80::c1")
                        .ports(547, 546)
                        .bytes();
  expected[14 + 7] = kReplyHopLimit;
  EXPECT_EQ(frames[0], expected);
  EXPECT_EQ(servers_[0].last_time, kNow);
  EXPECT_EQ(workers_[0]->counters().received.read(), 1U);
  EXPECT_EQ(workers_[0]->counters().sent.read(), 1U);
  EXPECT_EQ(workers_[0]->turn(kNow), 0U) << "nothing is left to do";
}

// Every second packet reaches the worker that is not its client's home.
TEST_F(WorkerTest, EachMessageIsAnsweredOnceByItsHomeAndInOrder) {
  constexpr std::uint32_t kCount = 400;
  std::uint32_t id = 0;
  std::vector<Octets> replies;
  while (id < kCount) {
    for (int i = 0; i < 20; ++i, ++id) {
      const auto client = static_cast<std::uint8_t>(2 + id % 8);
      const auto queue = static_cast<std::uint16_t>((id / 2) % 2);
      arrive(kBoth, queue, frame(MessageType::kRequest, id, client));
    }
    for (const auto& worker : workers_) worker->turn(kNow);
  }
  turn_all();
  for (unsigned i = 0; i < 2; ++i) marks_[i].advance(servers_[i].last_change);
  turn_all();
  EXPECT_EQ(servers_[0].answered.size() + servers_[1].answered.size(), kCount);
  for (unsigned i = 0; i < 2; ++i) {
    for (const FakeServer::Answered& one : servers_[i].answered) EXPECT_EQ(one.client % 2, i);
    EXPECT_EQ(workers_[i]->counters().handed_over.read(), kCount / 4);
    EXPECT_EQ(workers_[i]->counters().taken_over.read(), kCount / 4);
  }
  // One reply each, and those of one client in the order of its messages (each client's messages
  // arrive at one queue only, since 8 is a multiple of 4).
  std::map<std::uint32_t, std::uint32_t> last_of_client;
  std::size_t reply_count = 0;
  for (std::uint16_t queue = 0; queue < 2; ++queue) {
    for (const std::uint32_t reply : ids(sent(kBoth, queue))) {
      const auto [last, is_first] = last_of_client.try_emplace(reply % 8, reply);
      EXPECT_TRUE(is_first || last->second < reply);
      last->second = reply;
      ++reply_count;
    }
  }
  EXPECT_EQ(reply_count, kCount);
}

// S-003: through the port that it came in on, also by a worker without a queue there; S-004: with
// that port's link-local address to the link-local source.
TEST_F(WorkerTest, S003_S004_RepliesLeaveThroughTheirPort) {
  arrive(kLone, 0, frame(MessageType::kSolicit, 1, 2));  // home: worker 0, which has no queue there
  arrive(kLone, 0, frame(MessageType::kSolicit, 2, 3));  // home: worker 1
  turn_all();
  EXPECT_EQ(servers_[0].answered.size(), 1U);
  EXPECT_EQ(servers_[0].answered[0].envelope.port, kLone);
  EXPECT_TRUE(sent(kBoth, 0).empty());
  EXPECT_TRUE(sent(kBoth, 1).empty());
  const std::vector<Octets> frames = sent(kLone, 0);
  EXPECT_EQ(ids(frames), (std::vector<std::uint32_t>{2, 1}));
  for (const Octets& one : frames) {
    const FrameFacts facts = classify_frame(one, identities_[kLone], true);
    EXPECT_EQ(facts.verdict, FrameVerdict::kOtherHost) << "addressed to the client";
    EXPECT_EQ(Ipv6Address::from_bytes(std::span(one).subspan(14 + 8)), address_of("fe80::2"));
    EXPECT_EQ(Ipv6Address::from_bytes(std::span(one).subspan(14 + 24)), address_of("fe80::c1"));
  }
}

// S-011 and S-013: a relay that writes to our unicast address is answered from it.
TEST_F(WorkerTest, S011_S013_AnswersARelayFromTheAddressItWroteTo) {
  const Octets relayed = PacketBuilder(MessageType::kSolicit, 9)
                             .client_id(Octets{0, 3, 0, 1, 2})
                             .relay(0, address_of("2001:db8:7::1"), address_of("fe80::c1"))
                             .bytes();
  arrive(kBoth, 0,
         FrameBuilder(relayed)
             .to_mac({})
             .source("2001:db8:9::1")
             .destination("2001:db8:1::1")
             .ports(547, 547)
             .bytes());
  turn_all();
  const std::vector<Octets> frames = sent(kBoth, 0);
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(Ipv6Address::from_bytes(std::span(frames[0]).subspan(14 + 8)),
            address_of("2001:db8:1::1"));
  EXPECT_EQ(servers_[0].answered.at(0).envelope.source_port, 547);
}

TEST_F(WorkerTest, AMessageWithoutClientIdIsAnsweredWhereItArrives) {
  arrive(kBoth, 0, frame(MessageType::kInformationRequest, 1, 0));
  arrive(kBoth, 1, frame(MessageType::kInformationRequest, 2, 0));
  turn_all();
  EXPECT_EQ(ids(sent(kBoth, 0)), std::vector<std::uint32_t>{1});
  EXPECT_EQ(ids(sent(kBoth, 1)), std::vector<std::uint32_t>{2});
}

// What a client was told is on disk before it was told.
TEST_F(WorkerTest, HeldRepliesLeaveOnlyAfterTheMarkHasMoved) {
  for (std::uint32_t id = 1; id <= 5; ++id) arrive(kBoth, 0, frame(MessageType::kRequest, id, 2));
  arrive(kBoth, 0, frame(MessageType::kSolicit, 6, 2));
  turn_all();
  EXPECT_EQ(ids(sent(kBoth, 0)), std::vector<std::uint32_t>{6}) << "a SOLICIT changes nothing";
  marks_[1].advance(100);  // another worker's
  turn_all();
  EXPECT_TRUE(sent(kBoth, 0).empty());
  marks_[0].advance(2);
  turn_all();
  EXPECT_EQ(ids(sent(kBoth, 0)), (std::vector<std::uint32_t>{1, 2}));
  marks_[0].advance(5);
  turn_all();
  EXPECT_EQ(ids(sent(kBoth, 0)), (std::vector<std::uint32_t>{3, 4, 5}));
  EXPECT_EQ(workers_[0]->counters().held.read(), 5U);
}

// bad-input: storage slow: no reply without a stored binding.
TEST_F(WorkerTest, AllowsNoChangesWhileTheHeldFifoIsFull) {
  std::uint32_t id = 0;
  while (id < HeldReplies::kCountMax) {
    for (int i = 0; i < 32; ++i) arrive(kBoth, 0, frame(MessageType::kRenew, id++, 2));
    workers_[0]->turn(kNow);
  }
  EXPECT_EQ(servers_[0].answered.size(), HeldReplies::kCountMax);
  for (const MessageType type : {MessageType::kRequest, MessageType::kRenew, MessageType::kRebind,
                                 MessageType::kRelease, MessageType::kDecline}) {
    arrive(kBoth, 0, frame(type, id++, 2));
  }
  turn_all();
  EXPECT_EQ(servers_[0].refused, 5U);
  EXPECT_EQ(servers_[0].answered.size(), HeldReplies::kCountMax);
  arrive(kBoth, 0, frame(MessageType::kSolicit, 0xffff, 2));
  turn_all();
  EXPECT_EQ(ids(sent(kBoth, 0)), std::vector<std::uint32_t>{0xffff}) << "this needs no storage";

  marks_[0].advance(1);
  turn_all();
  arrive(kBoth, 0, frame(MessageType::kRenew, 0xaaaa, 2));
  turn_all();
  EXPECT_EQ(servers_[0].answered.back().transaction_id, 0xaaaaU) << "room for one again";
}

// A disk that falls behind: those who have leases keep them, newcomers find another server.
TEST_F(WorkerTest, RenewalsGoBeforeNewClientsWhenTheDiskFallsBehind) {
  constexpr std::size_t kShare = HeldReplies::kCountMax / 4 * 3;
  std::uint32_t id = 0;
  while (id < HeldReplies::kCountMax) {
    for (int i = 0; i < 32; ++i) arrive(kBoth, 0, frame(MessageType::kRequest, id++, 2));
    workers_[0]->turn(kNow);
  }
  EXPECT_EQ(servers_[0].answered.size(), kShare);
  EXPECT_EQ(servers_[0].refused, HeldReplies::kCountMax - kShare);
  arrive(kBoth, 0, FrameBuilder(message(MessageType::kSolicit, id++, 2, true)).bytes());
  turn_all();
  ASSERT_EQ(servers_[0].answered.size(), kShare + 1);
  EXPECT_FALSE(servers_[0].answered.back().envelope.changes_allowed) << "no Rapid Commit for it";
  for (const MessageType type :
       {MessageType::kRenew, MessageType::kRebind, MessageType::kRelease, MessageType::kDecline}) {
    arrive(kBoth, 0, frame(type, id++, 2));
  }
  turn_all();
  EXPECT_EQ(servers_[0].answered.size(), kShare + 1 + 4);
}

// bad-input: storage failing: no reply without a stored binding, and no change begun.
TEST_F(WorkerTest, WhileTheDiskRefusesNothingIsChangedAndTheRestIsAnswered) {
  marks_[0].set_serving(false);
  for (const MessageType type : {MessageType::kRequest, MessageType::kRenew, MessageType::kRebind,
                                 MessageType::kRelease, MessageType::kDecline}) {
    arrive(kBoth, 0, frame(type, 7, 2));
  }
  turn_all();
  EXPECT_EQ(servers_[0].refused, 5U);
  EXPECT_TRUE(servers_[0].answered.empty());
  for (const MessageType type : {MessageType::kSolicit, MessageType::kInformationRequest}) {
    arrive(kBoth, 0, frame(type, 0xffff, 2));
  }
  turn_all();
  EXPECT_EQ(sent(kBoth, 0).size(), 2U);

  marks_[0].set_serving(true);
  arrive(kBoth, 0, frame(MessageType::kRenew, 8, 2));
  turn_all();
  EXPECT_EQ(servers_[0].answered.back().transaction_id, 8U);
}

TEST_F(WorkerTest, AFullRingBetweenWorkersDropsAndCounts) {
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < HandOver::kRingSize + 32; i += 32) {
    for (int n = 0; n < 32; ++n) arrive(kBoth, 0, frame(MessageType::kSolicit, id++, 3));
    workers_[0]->turn(kNow);
  }
  EXPECT_EQ(workers_[0]->counters().handed_over.read(), HandOver::kRingSize);
  EXPECT_EQ(dropped(0, DropReason::kQueueFull), 32U);
  for (std::size_t i = 0; i < HandOver::kRingSize; i += 32) workers_[1]->turn(kNow);
  EXPECT_EQ(servers_[1].answered.size(), HandOver::kRingSize);
}

TEST_F(WorkerTest, AFullTransmitQueueDropsAndCounts) {
  devices_.both.fill_transmit_ring(0, devices_.pool);
  arrive(kBoth, 0, frame(MessageType::kSolicit, 1, 2));
  turn_all();
  EXPECT_EQ(dropped(0, DropReason::kQueueFull), 1U);
  EXPECT_EQ(workers_[0]->counters().transmit_full.read(), 1U);
  EXPECT_EQ(workers_[0]->counters().sent.read(), 0U);
}

TEST_F(WorkerTest, CountsWhatItDropsAndDoesNotPassItOn) {
  arrive(kBoth, 0, FrameBuilder({1, 2, 3}).bytes());  // shorter than a header
  arrive(kBoth, 0, FrameBuilder(message(MessageType::kSolicit, 1, 2)).flip_checksum_bit().bytes());
  arrive(kBoth, 0, FrameBuilder(message(MessageType::kSolicit, 1, 2)).ports(1, 2).bytes());
  arrive(kBoth, 0, FrameBuilder(message(MessageType::kConfirm, 1, 2)).bytes());
  turn_all();
  EXPECT_EQ(dropped(0, DropReason::kTruncated), 1U);
  EXPECT_EQ(dropped(0, DropReason::kUdp), 1U);
  EXPECT_EQ(workers_[0]->counters().no_kernel.read(), 1U);
  EXPECT_EQ(servers_[0].answered.size(), 1U) << "the CONFIRM, which the server drops";
  EXPECT_TRUE(sent(kBoth, 0).empty());
}

TEST_F(WorkerTest, OddThingsOfAMessageHandedOverAreCountedOnce) {
  const Octets odd = PacketBuilder(MessageType::kSolicit, 1)
                         .client_id(Octets{0, 3, 0, 1, 3})
                         .option(0xfff0)
                         .bytes();
  arrive(kBoth, 0, FrameBuilder(odd).extension_header(0, {1, 4, 0, 0, 0, 0}).bytes());
  turn_all();
  ASSERT_EQ(servers_[1].answered.size(), 1U);
  for (const OddReason reason : {OddReason::kUnknownOpt, OddReason::kExtHdr}) {
    EXPECT_EQ(wire_[0].odd[static_cast<std::size_t>(reason)].read(), 1U);
    EXPECT_EQ(wire_[1].odd[static_cast<std::size_t>(reason)].read(), 0U);
  }
}

TEST_F(WorkerTest, ExpiresWithABudgetEachTurnAndOnceASecond) {
  servers_[0].to_expire = 100;
  workers_[0]->turn(kNow);
  EXPECT_EQ(servers_[0].to_expire, 36U);
  workers_[0]->turn(kNow);
  EXPECT_EQ(servers_[0].to_expire, 0U);
  servers_[0].to_expire = 1;
  workers_[0]->turn(kNow);
  EXPECT_EQ(servers_[0].to_expire, 1U) << "this second is done";
  workers_[0]->turn(WallTime{kNow.seconds + 1});
  EXPECT_EQ(servers_[0].to_expire, 0U);
}

TEST_F(WorkerTest, DoesTasksOneAfterTheOtherAPieceEachTurn) {
  struct NoTask final : ShardTask {
    bool advance(const Service&, Shard&, WallTime) noexcept override { return true; }
  };
  std::array<NoTask, 2> tasks;
  for (NoTask& task : tasks) ASSERT_TRUE(workers_[0]->give(task));
  std::array<ShardTask*, 4> done{};
  for (const NoTask& task : tasks) {
    for (int turn = 0; turn < 3; ++turn) {
      EXPECT_EQ(workers_[0]->take_back(done), 0U);
      EXPECT_EQ(workers_[0]->turn(kNow), 1U);
      EXPECT_EQ(servers_[0].advanced.back(), &task);
    }
    ASSERT_EQ(workers_[0]->take_back(done), 1U);
    EXPECT_EQ(done[0], &task);
  }
  EXPECT_EQ(workers_[0]->turn(kNow), 0U);
}

TEST_F(WorkerTest, TakesUpAQueryOnlyWithRoomForItsAnswers) {
  const std::uint16_t count_max = kShardAnswerCountMax - 1;
  for (std::uint64_t id = 1; id <= 3; ++id) {
    ShardQuery query;
    query.id = id;
    query.count_max = count_max;
    EXPECT_TRUE(workers_[0]->ask(query));
  }
  turn_all(5);
  std::vector<ShardAnswer> answers(4 * kShardAnswerCountMax);
  EXPECT_EQ(workers_[0]->poll_answers(answers), 2 * kShardAnswerCountMax) << "two of three";
  EXPECT_TRUE(answers[kShardAnswerCountMax - 1].last);
  EXPECT_EQ(answers[kShardAnswerCountMax].id, 2U);
  turn_all();
  EXPECT_EQ(workers_[0]->poll_answers(answers), kShardAnswerCountMax);
  EXPECT_EQ(answers[0].id, 3U);
}

}  // namespace
}  // namespace tandem6
