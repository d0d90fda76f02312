// Each message and each option against octets written by hand from the figures of the RFCs.
//
// F-012, F-015, F-018, F-019: size, header, option layout, all in network order.
// F-020 to F-031: one file for each message. F-036 to F-060: each option stands in one of them.
// F-090, F-098: CONNECT and CONNECTREPLY. F-112, F-113: STATE. F-180 to F-193: BNDUPD.
// F-251 to F-256, F-258: BNDREPLY.
#include <gtest/gtest.h>

#include <set>

#include "control/failover/message_reader.h"
#include "control/failover/message_writer.h"
#include "dataplane/wire/cursor.h"
#include "dataplane/wire/print.h"
#include "tests/failover/describe.h"
#include "tests/failover/exact_buffer.h"
#include "tests/failover/golden.h"

namespace tandem6 {
namespace {

TEST(Golden, EveryFileHasItsMessage) {
  std::set<std::string> names;
  for (const Golden& golden : golden_messages()) names.insert(golden.name);
  const auto files = golden_files();
  EXPECT_EQ(names, std::set<std::string>(files.begin(), files.end()));
}

TEST(Golden, EveryMessageTypeAndOptionIsThere) {
  std::set<std::uint8_t> types;
  std::string printed;
  for (const Golden& golden : golden_messages()) {
    const Octets frame = without_size(golden_octets(golden.name));
    types.insert(frame.at(0));
    printed += print_datagram(frame);
  }
  for (std::uint8_t type = 24; type <= 35; ++type) EXPECT_TRUE(types.contains(type)) << int{type};
  std::vector<int> codes = {45, 46, 47, 100};
  for (int code = 114; code <= 134; ++code) codes.push_back(code);
  for (const int code : codes) {
    EXPECT_NE(printed.find(" (" + std::to_string(code) + "), "), std::string::npos) << code;
  }
}

TEST(Golden, SizeCountsWhatFollowsIt) {  // F-012
  for (const Golden& golden : golden_messages()) {
    const Octets octets = golden_octets(golden.name);
    EXPECT_EQ(Cursor(octets).u16(), octets.size() - 2) << golden.name;
  }
}

TEST(Golden, WriterGivesExactlyTheseOctets) {
  for (const Golden& golden : golden_messages()) {
    Octets written = {0xee};  // it appends
    ASSERT_TRUE(write_message(golden.message, kGoldenNow, written)) << golden.name;
    const Octets expected = Octets{0xee} + golden_octets(golden.name);
    EXPECT_EQ(print_hex(written), print_hex(expected)) << golden.name;
  }
}

TEST(Golden, ReaderGivesTheseValues) {
  for (const Golden& golden : golden_messages()) {
    const ExactBuffer frame(without_size(golden_octets(golden.name)));
    const auto read = read_message(frame.view(), kGoldenNow);
    ASSERT_TRUE(read.has_value()) << golden.name << ": " << text_of(read.error());
    EXPECT_EQ(describe(*read), describe(golden.message)) << golden.name;
  }
}

TEST(Golden, PrinterFindsNothingWrong) {
  for (const Golden& golden : golden_messages()) {
    const Octets frame = without_size(golden_octets(golden.name));
    const std::string text = print_datagram(frame);
    EXPECT_EQ(text.find('!'), std::string::npos) << text;
    EXPECT_EQ(text.find("unknown"), std::string::npos) << text;
    EXPECT_EQ(text.rfind(name_of(golden.message.type()), 0), 0U) << text;
  }
}

// The reply that the codec makes of an update is the golden one.
TEST(Golden, ReplyToMirrorsTheUpdate) {  // F-251, F-252, F-253, F-254
  const auto body_of = [](const char* name) {
    for (Golden& golden : golden_messages()) {
      if (golden.name == name) return golden.message.body;
    }
    return FailoverMessage::Body();
  };
  for (const auto& [update, reply] :
       {std::pair{"bndupd", "bndreply"}, std::pair{"bndupd_bare", "bndreply_bare"}}) {
    const auto made = reply_to(std::get<BindingUpdate>(body_of(update)));
    EXPECT_EQ(describe(made), describe(std::get<BindingReply>(body_of(reply))));
  }
  auto several = std::get<BindingUpdate>(body_of("bndupd_several"));
  several.leases[1].verdict = {StatusCode::kOutdatedBindingInformation, "newer here"};
  EXPECT_EQ(describe(reply_to(several)),
            describe(std::get<BindingReply>(body_of("bndreply_one_refused"))));
  auto refused = std::get<BindingUpdate>(body_of("bndupd"));
  refused.vss = Octets{0, 'v', 'p', 'n'};
  refused.verdict = {StatusCode::kConfigurationConflict, "no such VPN"};
  EXPECT_EQ(describe(reply_to(refused)),
            describe(std::get<BindingReply>(body_of("bndreply_refused"))));
}

}  // namespace
}  // namespace tandem6
