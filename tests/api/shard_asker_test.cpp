#include "control/daemon/shard_asker.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <deque>
#include <vector>

#include "tests/api/fake_server_view.h"

namespace tandem6 {
namespace {

/// Two workers' rings, by hand.
class ShardAskerTest : public ::testing::Test {
 protected:
  ShardAsker make(std::chrono::milliseconds patience = std::chrono::seconds(10)) {
    return ShardAsker(context_, 2,
                      ShardLines{.ask =
                                     [this](unsigned worker, const ShardQuery& query) {
                                       if (asked_[worker].size() >= room_) return false;
                                       asked_[worker].push_back(query);
                                       return true;
                                     },
                                 .poll =
                                     [this](unsigned worker, std::span<ShardAnswer> out) {
                                       std::size_t count = 0;
                                       while (count < out.size() && !answers_[worker].empty()) {
                                         out[count++] = answers_[worker].front();
                                         answers_[worker].pop_front();
                                       }
                                       return count;
                                     }},
                      patience);
  }
  /// The worker answers its oldest query with `count` records.
  void answer(unsigned worker, unsigned count, BindingIndex next = kNoBinding) {
    ASSERT_FALSE(asked_[worker].empty());
    ShardAnswer reply;
    reply.id = asked_[worker].front().id;
    asked_[worker].pop_front();
    for (unsigned i = 0; i < count; ++i) {
      reply.record = lease_of(static_cast<std::uint8_t>(i), prefix_of("2001:db8::1/128"));
      answers_[worker].push_back(reply);
    }
    reply.last = true;
    reply.next = next;
    answers_[worker].push_back(reply);
  }
  template <typename Condition>
  void run_until(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!condition() && std::chrono::steady_clock::now() < deadline) {
      context_.restart();
      context_.run_one_for(std::chrono::milliseconds(1));
    }
    EXPECT_TRUE(condition());
  }

  boost::asio::io_context context_;
  std::size_t room_ = 100;
  std::array<std::deque<ShardQuery>, 2> asked_;
  std::array<std::deque<ShardAnswer>, 2> answers_;
};

TEST_F(ShardAskerTest, GathersTheRecordsOfOneQuery) {
  ShardAsker asker = make();
  std::optional<ShardReply> reply;
  asker.ask(1, {}, [&](auto answer) { reply = *answer; });
  run_until([&] { return !asked_[1].empty(); });
  EXPECT_FALSE(reply.has_value());
  answer(1, 150, 77);
  run_until([&] { return reply.has_value(); });
  EXPECT_EQ(reply->records.size(), 150u);
  EXPECT_EQ(reply->next, 77u);
}

TEST_F(ShardAskerTest, AnswersGoToWhoAsked) {
  ShardAsker asker = make();
  std::vector<std::pair<int, std::size_t>> replies;
  for (int i = 0; i < 3; ++i) {
    asker.ask(0, {}, [&, i](auto answer) { replies.emplace_back(i, answer->records.size()); });
  }
  asker.ask(1, {}, [&](auto answer) { replies.emplace_back(9, answer->records.size()); });
  run_until([&] { return asked_[0].size() == 3 && asked_[1].size() == 1; });
  answer(1, 4);
  run_until([&] { return replies.size() == 1; });
  for (const unsigned count : {1, 2, 3}) answer(0, count);
  run_until([&] { return replies.size() == 4; });
  EXPECT_EQ(replies, (std::vector<std::pair<int, std::size_t>>{{9, 4}, {0, 1}, {1, 2}, {2, 3}}));
}

TEST_F(ShardAskerTest, AFullRingIsTriedAgain) {
  room_ = 1;
  ShardAsker asker = make();
  int replies = 0;
  for (int i = 0; i < 3; ++i) asker.ask(0, {}, [&](auto) { ++replies; });
  for (int i = 1; i <= 3; ++i) {
    run_until([&] { return asked_[0].size() == 1; });
    answer(0, 1);
    run_until([&] { return replies == i; });
  }
}

TEST_F(ShardAskerTest, ACallbackMayAskAgain) {
  ShardAsker asker = make();
  bool done = false;
  asker.ask(0, {}, [&](auto) { asker.ask(0, {}, [&](auto) { done = true; }); });
  for (int i = 0; i < 2; ++i) {
    run_until([&] { return !asked_[0].empty(); });
    answer(0, 0);
  }
  run_until([&] { return done; });
}

TEST_F(ShardAskerTest, AWorkerThatDoesNotAnswerIsGivenUp) {
  ShardAsker asker = make(std::chrono::milliseconds(5));
  std::optional<std::string> error;
  asker.ask(0, {}, [&](auto answer) { error = answer.error(); });
  run_until([&] { return error.has_value(); });
  EXPECT_EQ(*error, "worker 0 does not answer");
  // What it says too late is not taken for the answer to the next query.
  std::optional<std::size_t> count;
  answer(0, 5);
  asker.ask(0, {}, [&](auto reply) { count = reply->records.size(); });
  run_until([&] { return !asked_[0].empty(); });
  answer(0, 2);
  run_until([&] { return count.has_value(); });
  EXPECT_EQ(*count, 2u);
}

TEST_F(ShardAskerTest, AfterItsEndNobodyIsCalled) {
  bool called = false;
  {
    ShardAsker asker = make();
    asker.ask(0, {}, [&](auto) { called = true; });
    run_until([&] { return !asked_[0].empty(); });
    answer(0, 1);
  }
  context_.restart();
  context_.run_for(std::chrono::milliseconds(5));
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace tandem6
