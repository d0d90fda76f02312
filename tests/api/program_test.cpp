// tandem6ctl as a program: exit codes and what goes where. TANDEM6CTL names the binary.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/api/control_fixture.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

struct Finished {
  int code = -1;
  std::string output;  // both streams
};

class ProgramTest : public ControlSocketTest {
 protected:
  void SetUp() override {
    if (std::getenv("TANDEM6CTL") == nullptr) GTEST_SKIP() << "TANDEM6CTL is not set";
    view_.shards[0] = {lease_of(1, prefix_of("2001:db8:7::1/128"))};
  }
  [[nodiscard]] Finished run(const std::string& words) const {
    const std::string command = std::string(std::getenv("TANDEM6CTL")) + " --socket " + path_ +
                                " " + words + " 2>&1 </dev/null";
    FILE* pipe = popen(command.c_str(), "r");
    Finished finished;
    std::array<char, 4096> part;
    for (std::size_t count = 0; (count = fread(part.data(), 1, part.size(), pipe)) > 0;) {
      finished.output.append(part.data(), count);
    }
    finished.code = WEXITSTATUS(pclose(pipe));
    return finished;
  }
};

TEST_F(ProgramTest, NoDaemonIsThree) {
  const Finished finished = run("status");
  EXPECT_EQ(finished.code, 3);
  EXPECT_NE(finished.output.find("no daemon at " + path_), std::string::npos);
  EXPECT_EQ(run("lease list").code, 3);
  EXPECT_EQ(run("shutdown").code, 3);
}

TEST_F(ProgramTest, WrongUsageIsTwo) {
  for (const char* words : {"", "conquer", "lease", "lease find", "lease list --limit 0",
                            "lease find ::1 --remote-id x", "log level", "status --nonsense",
                            "storage", "storage checkpoint"}) {
    const Finished finished = run(words);
    EXPECT_EQ(finished.code, 2) << words;
    EXPECT_NE(finished.output, "") << words;
  }
}

TEST_F(ProgramTest, DoneIsZero) {
  open();
  for (const char* words :
       {"status", "stats", "pool show", "pool show olt-7", "lease find 2001:db8:7::1", "lease list",
        "storage status", "storage checkpoint /backup/today", "storage verify",
        "storage verify /backup/today", "log level debug", "--help", "--version"}) {
    EXPECT_EQ(run(words).code, 0) << words << '\n' << run(words).output;
  }
}

TEST_F(ProgramTest, RefusedIsOneWithTheReason) {
  open();
  const Finished finished = run("pool show olt-9");
  EXPECT_EQ(finished.code, 1);
  EXPECT_EQ(finished.output, "tandem6ctl: no link is called `olt-9`\n");
  EXPECT_EQ(run("lease find 2001:db8:7::99").code, 1);
  EXPECT_EQ(run("log level loud").code, 1);
}

TEST_F(ProgramTest, JsonIsOneDocument) {
  for (int i = 0; i < 300; ++i) {
    view_.shards[1].push_back(lease_of(2, prefix_of("2001:db8:7::2/128")));
  }
  open();
  EXPECT_EQ(json::parse(run("--json status").output).at("version").as_string(), "0.1.0");
  EXPECT_EQ(json::parse(run("--json lease list").output).at("leases").as_array().size(), 301u);
  EXPECT_EQ(json::parse(run("lease list --json --limit 130").output).at("leases").as_array().size(),
            130u);
  EXPECT_EQ(
      json::parse(run("--json lease list --link olt-8").output).at("leases").as_array().size(), 0u);
}

TEST_F(ProgramTest, FaultyLeasesAreOneWithTheWholeReport) {
  view_.verified.fault_counts[static_cast<std::size_t>(VerifyFault::kHeldInside)] = 2;
  view_.verified.texts[static_cast<std::size_t>(VerifyFault::kHeldInside)] = {"a is inside of b"};
  open();
  const Finished finished = run("storage verify");
  EXPECT_EQ(finished.code, 1);
  EXPECT_NE(finished.output.find("held_inside_another: 2\n  a is inside of b\n"), std::string::npos)
      << finished.output;
  EXPECT_NE(finished.output.find("tandem6ctl: /var/lib/tandem6: there are faults\n"),
            std::string::npos);
  EXPECT_EQ(run("--json storage verify").code, 1);
}

TEST_F(ProgramTest, RelativeFoldersAreThoseOfTheCaller) {
  open();
  const json::value made = json::parse(run("--json storage checkpoint copies/../today").output);
  const std::string folder(made.at("folder").as_string());
  EXPECT_EQ(folder, (std::filesystem::current_path() / "today").string());
}

TEST_F(ProgramTest, DiskWorkMayTakeLongerThanOtherAnswers) {
  view_.disk_time = std::chrono::milliseconds(2500);
  ControlSocketLimits limits;
  limits.answer_time_max = std::chrono::seconds(1);
  open(limits);
  const Finished finished = run("storage checkpoint /backup/today");
  EXPECT_EQ(finished.code, 0) << finished.output;
  EXPECT_EQ(finished.output, "/backup/today: 1.2 MB in 250 ms\n");
}

TEST_F(ProgramTest, TextHasNoColoursOffATerminal) {
  open();
  EXPECT_EQ(run("status").output.find('\x1b'), std::string::npos);
}

TEST_F(ProgramTest, ShutdownAsksUnlessYes) {
  open();
  const Finished asked = run("shutdown");  // nobody answers
  EXPECT_EQ(asked.code, 1);
  EXPECT_NE(asked.output.find("Go on?"), std::string::npos);
  EXPECT_FALSE(view_.is_shut_down);
  EXPECT_EQ(run("--yes shutdown").code, 0);
  on_control_thread([this] { EXPECT_TRUE(view_.is_shut_down); });
}

TEST_F(ProgramTest, FailoverIsShown) {
  view_.relationship_views = {relationship_in_normal()};
  open();
  for (const char* words : {"failover show", "failover show west", "failover plan west",
                            "failover conflicts", "failover conflicts west"}) {
    EXPECT_EQ(run(words).code, 0) << words << '\n' << run(words).output;
    EXPECT_TRUE(json::parse(run(std::string("--json ") + words).output).is_object()) << words;
  }
  EXPECT_EQ(run("failover show wets").code, 1);
  for (const char* words : {"failover", "failover plan", "failover partner-down"}) {
    EXPECT_EQ(run(words).code, 2) << words;
  }
}

TEST_F(ProgramTest, PartnerDownSaysWhatItMeansAndAsksUnlessYes) {
  view_.relationship_views = {relationship_interrupted()};
  open();
  const Finished asked = run("failover partner-down east");  // nobody answers
  EXPECT_EQ(asked.code, 1);
  EXPECT_NE(asked.output.find("  unacked     42 leases: "), std::string::npos) << asked.output;
  EXPECT_NE(asked.output.find("DANGER"), std::string::npos);
  EXPECT_NE(asked.output.find("shall this server go on without it? [y/N]"), std::string::npos);
  on_control_thread([this] { EXPECT_TRUE(view_.partner_down_orders.empty()); });
  const Finished done = run("--yes failover partner-down east --force --at now");
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.output, "east: PARTNER-DOWN since now\n");
  on_control_thread(
      [this] { EXPECT_EQ(view_.partner_down_orders, std::vector<std::string>{"east by force"}); });
}

TEST_F(ProgramTest, PartnerDownThatIsRefusedNeedsNoQuestion) {
  view_.relationship_views = {relationship_in_normal()};
  view_.relationship_views[0].state = EndpointState::kPotentialConflict;
  view_.partner_down_refusal = "refused in POTENTIAL-CONFLICT";
  open();
  const Finished finished = run("failover partner-down west");
  EXPECT_EQ(finished.code, 1);
  EXPECT_EQ(finished.output, "tandem6ctl: west: refused in POTENTIAL-CONFLICT\n");
}

TEST_F(ProgramTest, ConfigCheckNeedsNoDaemon) {
  const std::string file = folder_.path("wrong.yaml");
  std::ofstream(file) << "linkz: []\n";
  const Finished finished = run("config check " + file);
  EXPECT_EQ(finished.code, 1);
  EXPECT_NE(finished.output.find(file + ":1:1: "), std::string::npos) << finished.output;
  const json::value document = json::parse(run("--json config check " + file).output);
  EXPECT_FALSE(document.at("ok").as_bool());
  EXPECT_GE(document.at("errors").as_array().size(), 1u);
}

}  // namespace
}  // namespace tandem6
