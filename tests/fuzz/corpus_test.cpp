// What the fuzzer has found worth keeping goes through the reader with every run of the tests
// (F-014).
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/failover/exact_buffer.h"
#include "tests/fuzz/failover_message.h"

namespace tandem6 {
namespace {

/// One input a line, in hex.
std::vector<std::vector<std::uint8_t>> inputs_of(const std::string& target) {
  std::ifstream file(std::string(TANDEM6_CORPUS) + "/" + target + ".hex");
  std::vector<std::vector<std::uint8_t>> inputs;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::vector<std::uint8_t>& input = inputs.emplace_back();
    for (std::size_t at = 0; at + 1 < line.size(); at += 2) {
      input.push_back(static_cast<std::uint8_t>(std::stoul(line.substr(at, 2), nullptr, 16)));
    }
  }
  return inputs;
}

TEST(Corpus, FailoverMessage) {  // F-014
  const auto inputs = inputs_of("failover_message");
  EXPECT_GT(inputs.size(), 19U);  // at least what the golden octets give
  std::size_t read_count = 0;
  for (const auto& input : inputs) {
    const ExactBuffer frame(input);
    try_failover_message(frame.view());
    read_count += read_message(frame.view(), WallTime{0x33000000}).has_value() ? 1 : 0;
  }
  EXPECT_GT(read_count, 19U);
}

}  // namespace
}  // namespace tandem6
