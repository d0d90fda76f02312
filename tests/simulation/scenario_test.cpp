// Each file of scenarios/ is a test.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/simulation/script.h"

namespace tandem6::simulation {
namespace {

std::vector<std::filesystem::path> scenarios() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(TANDEM6_SCENARIOS)) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

class Scenario : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(Scenario, goes_as_written) {
  std::ifstream file(GetParam());
  std::ostringstream text;
  text << file.rdbuf();
  ASSERT_FALSE(text.str().empty());
  std::string failures;
  for (const std::string& line : run_script(text.str())) failures += line + '\n';
  EXPECT_EQ(failures, "");
}

std::string name_of_scenario(const testing::TestParamInfo<std::filesystem::path>& info) {
  std::string name = info.param.stem().string();
  std::ranges::replace_if(name, [](char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Scenario, testing::ValuesIn(scenarios()), name_of_scenario);

TEST(Script, tells_what_is_wrong) {
  EXPECT_FALSE(run_script("start both\nexpect primary PARTNER-DOWN\n").empty());
  EXPECT_FALSE(run_script("start both\nexpect trace\nend\n").empty());
  EXPECT_FALSE(run_script("dance\n").empty());
  EXPECT_FALSE(
      run_script("start both\npass 5s\nclient 1 leases an address from primary: 7d\n").empty());
}

}  // namespace
}  // namespace tandem6::simulation
