// The small pure parts of the daemon: rates, counters by name, alarms, log lines about drops, the
// command line, the log.
#include <gtest/gtest.h>

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <memory>
#include <set>

#include "control/daemon/counter_views.h"
#include "control/daemon/drop_reporter.h"
#include "control/daemon/log.h"
#include "control/daemon/options.h"
#include "control/daemon/rate_window.h"
#include "dataplane/wire/message_type.h"
#include "dataplane/wire/status_code.h"

namespace tandem6 {
namespace {

using std::chrono::seconds;

constexpr RateWindow::Time kStart{};

TEST(RateWindow, NoRateBeforeTwoSamples) {
  RateWindow window(10);
  EXPECT_EQ(window.per_second(0), 0);
  window.push(kStart, {5});
  EXPECT_EQ(window.per_second(0), 0);
  EXPECT_EQ(window.seconds(), 0);
}

TEST(RateWindow, GrowthOverTheWindow) {
  RateWindow window(2);
  window.push(kStart, {0, 100});
  window.push(kStart + seconds(1), {10, 90});
  EXPECT_EQ(window.per_second(0), 10);
  EXPECT_EQ(window.per_second(1), -10);
  window.push(kStart + seconds(2), {10, 90});
  window.push(kStart + seconds(3), {40, 90});  // the first sample has left
  EXPECT_EQ(window.seconds(), 2);
  EXPECT_EQ(window.per_second(0), 15);
  EXPECT_EQ(window.per_second(1), 0);
}

std::uint64_t sum_of(const std::vector<CounterView>& views, const std::string& name) {
  for (const CounterView& view : views) {
    if (view.name == name) return view.sum();
  }
  ADD_FAILURE() << "no counter " << name;
  return 0;
}

TEST(CounterViews, NamesOfTheDocuments) {
  const auto wire = std::make_unique<std::array<WireCounters, 2>>();
  std::array<NetCounters, 2> net;
  (*wire)[0].received[static_cast<std::size_t>(MessageType::kInformationRequest)].add(3);
  (*wire)[1].received[static_cast<std::size_t>(MessageType::kInformationRequest)].add(4);
  (*wire)[1].sent[static_cast<std::size_t>(MessageType::kReply)].add(2);
  (*wire)[0].status_sent[static_cast<std::size_t>(StatusCode::kNoAddrsAvail)].add(5);
  (*wire)[0].drop(DropReason::kNoLink);
  (*wire)[1].drop(DropReason::kNoLink);
  (*wire)[0].note(OddReason::kDupIa);
  (*wire)[0].lease_cap.add(6);
  net[1].held.add(8);
  const std::array<WorkerCounters, 2> workers = {WorkerCounters{&(*wire)[0], &net[0]},
                                                 WorkerCounters{&(*wire)[1], &net[1]}};
  const auto views = counter_views(workers);
  EXPECT_EQ(sum_of(views, "received.information_request"), 7u);
  EXPECT_EQ(sum_of(views, "sent.reply"), 2u);
  EXPECT_EQ(sum_of(views, "ans.no_addrs_avail"), 5u);
  EXPECT_EQ(sum_of(views, "ans.lease_cap"), 6u);
  EXPECT_EQ(sum_of(views, "drop.no_link"), 2u);
  EXPECT_EQ(sum_of(views, "odd.dup_ia"), 1u);
  EXPECT_EQ(sum_of(views, "net.held"), 8u);
  std::set<std::string> names;
  for (const CounterView& view : views) {
    EXPECT_TRUE(names.insert(view.name).second) << view.name;
    EXPECT_EQ(view.per_worker.size(), 2u);
    EXPECT_EQ(view.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_."),
              std::string::npos)
        << view.name;
  }
  EXPECT_FALSE(names.contains("drop.none"));
  EXPECT_EQ(sum_of_drops(workers)[static_cast<std::size_t>(DropReason::kNoLink)], 2u);
}

TEST(DropReporter, AtMostALineAMinuteForEachReason) {  // S-207
  DropReporter reporter;
  DropReporter::Counts counts{};
  EXPECT_TRUE(reporter.look(counts, kStart).empty());
  counts[static_cast<std::size_t>(DropReason::kNoLink)] = 3;
  EXPECT_EQ(reporter.look(counts, kStart),
            std::vector<std::string>{"dropped 3 messages: drop.no_link (3 in all)"});
  for (int second = 1; second < 60; ++second) {
    ++counts[static_cast<std::size_t>(DropReason::kNoLink)];
    EXPECT_TRUE(reporter.look(counts, kStart + seconds(second)).empty());
  }
  counts[static_cast<std::size_t>(DropReason::kTruncated)] = 1;
  EXPECT_EQ(reporter.look(counts, kStart + seconds(60)),
            (std::vector<std::string>{"dropped 1 messages: drop.truncated (1 in all)",
                                      "dropped 59 messages: drop.no_link (62 in all)"}));
  EXPECT_TRUE(reporter.look(counts, kStart + seconds(600)).empty());  // nothing new
}

TEST(DropReporter, TheEverydayIsNotLogged) {
  DropReporter reporter;
  DropReporter::Counts counts{};
  counts[static_cast<std::size_t>(DropReason::kOtherServer)] = 1000;
  counts[static_cast<std::size_t>(DropReason::kNotForUs)] = 1000;
  counts[static_cast<std::size_t>(DropReason::kUnresponsive)] = 1000;
  EXPECT_TRUE(reporter.look(counts, kStart).empty());
}

DaemonOptions options_of(std::vector<std::string> words) {
  words.insert(words.begin(), "tandem6d");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  return read_options(static_cast<int>(words.size()), arguments.data());
}

TEST(Options, WhatTheProgramIsToDo) {
  using Action = DaemonOptions::Action;
  EXPECT_EQ(options_of({"--config", "a.yaml"}).action, Action::kRun);
  EXPECT_EQ(options_of({"--config=a.yaml"}).configuration_file, "a.yaml");
  EXPECT_EQ(options_of({"--check", "--config", "a.yaml"}).action, Action::kCheck);
  EXPECT_EQ(options_of({"--version"}).action, Action::kVersion);
  EXPECT_EQ(options_of({"--help"}).action, Action::kHelp);
}

TEST(Options, WrongUsageSaysWhat) {
  EXPECT_EQ(options_of({}).wrong, "--config FILE is missing");
  EXPECT_EQ(options_of({"--check"}).wrong, "--config FILE is missing");
  EXPECT_EQ(options_of({"--config"}).wrong, "--config wants a value");
  EXPECT_EQ(options_of({"--frobnicate"}).wrong, "there is no option --frobnicate");
  EXPECT_EQ(options_of({"-x"}).wrong, "there is no option -x");
  EXPECT_EQ(options_of({"--config", "a.yaml", "more"}).wrong, "what is more?");
}

TEST(Log, TextLines) {
  testing::internal::CaptureStderr();
  start_log("info", LogFormat::kText);
  log_debug("unseen");
  log_warning("seen {}");
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(text.find("unseen"), std::string::npos);
  EXPECT_NE(text.find("Z warning seen {}\n"), std::string::npos) << text;
}

TEST(Log, JsonLinesAndLevels) {
  testing::internal::CaptureStderr();
  start_log("error", LogFormat::kJson);
  log_info("unseen");
  EXPECT_TRUE(set_log_level("info").has_value());
  log_info("a \"quoted\"\nline");
  const std::string text = testing::internal::GetCapturedStderr();
  const boost::json::value line = boost::json::parse(text);
  EXPECT_EQ(line.at("level").as_string(), "info");
  EXPECT_EQ(line.at("message").as_string(), "a \"quoted\"\nline");
  EXPECT_TRUE(std::string(line.at("time").as_string()).ends_with("Z"));
}

TEST(Log, AnUnknownLevelIsRefusedWithTheList) {
  const auto set = set_log_level("loud");
  ASSERT_FALSE(set.has_value());
  EXPECT_NE(set.error().find("trace, debug, info"), std::string::npos);
}

}  // namespace
}  // namespace tandem6
