// CONNECT, CONNECTREPLY, DISCONNECT and STATE, and headers and types in general.
#include <gtest/gtest.h>

#include "control/failover/endpoint_state.h"
#include "dataplane/lease/binding.h"
#include "dataplane/wire/print.h"
#include "tests/failover/describe.h"
#include "tests/failover/frames.h"

namespace tandem6 {
namespace {

TEST(MessageReader, WhatIsShorterThanItsHeaderEndsTheConnection) {  // F-014, F-018
  for (std::uint8_t type = 24; type <= 35; ++type) {
    for (std::size_t size = 1; size < 8; ++size) {
      Octets frame(size);
      frame[0] = type;
      ASSERT_EQ(read_frame(frame).error(), ReadFault::kTooShort);
    }
    Octets frame(8);
    frame[0] = type;
    EXPECT_TRUE(read_frame(frame).has_value()) << int{type};
  }
  EXPECT_EQ(read_frame({}).error(), ReadFault::kTooShort);
  EXPECT_TRUE(ends_connection(ReadFault::kTooShort));
}

TEST(MessageReader, UnknownTypesAreSkipped) {  // F-010, F-035
  for (unsigned type = 0; type < 256; ++type) {
    if (type >= 24 && type <= 35) continue;
    for (const std::size_t size : {4U, 8U, 40U}) {
      Octets frame(size, 0xff);
      frame[0] = static_cast<std::uint8_t>(type);
      ASSERT_EQ(read_frame(frame).error(), ReadFault::kUnknownType) << type;
    }
  }
  EXPECT_FALSE(ends_connection(ReadFault::kUnknownType));
  EXPECT_FALSE(ends_connection(ReadFault::kMalformedValue));
}

TEST(MessageReader, OptionsOfMessagesWithoutAnyAreSkippedButFramed) {  // F-014, F-031, F-035
  for (const MessageType type :
       {MessageType::kPoolReq, MessageType::kPoolResp, MessageType::kUpdReq,
        MessageType::kUpdReqAll, MessageType::kUpdDone, MessageType::kContact}) {
    EXPECT_TRUE(read_frame(frame_of(type, encoded_option(4711, {1}))).has_value());
    EXPECT_EQ(read_frame(frame_of(type, {0, 1, 0, 2, 0})).error(), ReadFault::kOptionOverrun);
  }
}

TEST(MessageReader, EveryFaultHasItsText) {
  for (int fault = 0; fault < 4; ++fault) {
    EXPECT_GT(std::string(text_of(static_cast<ReadFault>(fault))).size(), 10U);
  }
}

TEST(ConnectReader, WhatIsMissingOrMalformedIsNotThere) {  // F-090, F-096, R-41
  const Connect empty = read_as<Connect>(frame_of(MessageType::kConnect, {}));
  const Octets malformed = number_option(127, 1, 3) + number_option(122, 1, 2) +
                           number_option(128, 1, 8) + number_option(121, 1, 1) +
                           number_option(115, 1, 4);
  const Connect connect = read_as<Connect>(frame_of(MessageType::kConnect, malformed));
  for (const ConnectionParameters& parameters : {empty.parameters, connect.parameters}) {
    EXPECT_FALSE(parameters.version.has_value());
    EXPECT_FALSE(parameters.mclt.has_value());
    EXPECT_FALSE(parameters.keepalive.has_value());
    EXPECT_FALSE(parameters.max_unacked_bndupd.has_value());
    EXPECT_FALSE(parameters.flags.has_value());
    EXPECT_TRUE(parameters.relationship_name.empty());
    EXPECT_TRUE(parameters.fingerprint.empty());
  }
}

TEST(ConnectReader, FlagsAndVersionsComeAsTheyAre) {  // F-037, F-049
  const Connect connect = read_as<Connect>(frame_of(
      MessageType::kConnect, number_option(127, 0x00020103) + number_option(115, 0x8002, 2)));
  EXPECT_EQ(connect.parameters.version->major, 2);
  EXPECT_EQ(connect.parameters.version->minor, 0x103);
  EXPECT_EQ(connect.parameters.flags, 0x8002);
}

TEST(ConnectReader, FingerprintIsOursOnly) {
  const auto fingerprint = [](const Octets& options) {
    return read_as<Connect>(frame_of(MessageType::kConnect, options)).parameters.fingerprint;
  };
  const Octets ours = encoded_option(17, Octets{0, 0, 0x7e, 0xd9} + encoded_option(1, {1, 2}));
  EXPECT_EQ(fingerprint(ours), (Octets{1, 2}));
  const Octets foreign = encoded_option(17, Octets{0, 0, 0, 9} + encoded_option(1, {3, 4}));
  EXPECT_EQ(fingerprint(foreign + ours), (Octets{1, 2}));
  EXPECT_TRUE(fingerprint(foreign).empty());
  EXPECT_TRUE(fingerprint(encoded_option(17, {0, 0, 0x7e, 0xd9, 0, 1, 0, 9, 1})).empty());
  EXPECT_TRUE(fingerprint(encoded_option(17, {0, 0, 0x7e})).empty());
  const Octets second = encoded_option(
      17, Octets{0, 0, 0x7e, 0xd9} + encoded_option(2, {9}) + encoded_option(1, {5}));
  EXPECT_EQ(fingerprint(second), Octets{5});
}

TEST(ConnectReader, ASuccessRefusesNothing) {  // F-258
  const auto refusal = [](std::uint16_t code) {
    Octets value;
    put_number(value, code, 2);
    return read_as<ConnectReply>(frame_of(MessageType::kConnectReply, encoded_option(13, value)))
        .refusal;
  };
  EXPECT_FALSE(refusal(0).has_value());
  EXPECT_EQ(refusal(14)->code, StatusCode::kNotSupported);       // F-068
  EXPECT_EQ(refusal(22)->code, StatusCode::kExcessiveTimeSkew);  // F-067
  EXPECT_EQ(static_cast<unsigned>(refusal(4711)->code), 4711U);
}

TEST(DisconnectReader, IsOneWhateverItSays) {  // F-029
  EXPECT_FALSE(read_as<Disconnect>(frame_of(MessageType::kDisconnect, {})).status.has_value());
  EXPECT_FALSE(read_as<Disconnect>(frame_of(MessageType::kDisconnect, encoded_option(13, {0})))
                   .status.has_value());
}

TEST(StateReader, KnowsTheStatesAndFlagsOfTheRfc) {  // F-053, F-054, F-112
  for (std::uint8_t number = 0; number < 20; ++number) {
    const State state = read_as<State>(
        frame_of(MessageType::kState, number_option(132, number, 1) + number_option(131, 0xf9, 1)));
    EXPECT_EQ(static_cast<int>(state.state), number <= 10 ? number : 0);
    EXPECT_EQ(state.flags.octet, 1);  // the rest is not ours to know
    EXPECT_TRUE(state.flags.communicated());
    EXPECT_FALSE(state.flags.startup());
    EXPECT_TRUE(state.start_time_of_state.is_none());
    EXPECT_TRUE(state.partner_down_time.is_none());
  }
}

TEST(StateReader, MalformedStateIsSkipped) {
  for (const Octets& wrong : {number_option(132, 2, 2), number_option(131, 1, 2),
                              number_option(133, 1, 3), number_option(125, 1, 5)}) {
    EXPECT_EQ(read_frame(frame_of(MessageType::kState, wrong)).error(), ReadFault::kMalformedValue);
  }
}

TEST(StateWriter, PartnerDownTimeIsOfPartnerDownOnly) {  // F-047, F-113
  const auto has_125 = [](EndpointState state, WallTime down) {
    const Octets frame = written(State{.state = state,
                                       .flags = {},
                                       .start_time_of_state = WallTime{5},
                                       .partner_down_time = down});
    return read_as<State>(frame).partner_down_time == WallTime{0x32000000};
  };
  EXPECT_TRUE(has_125(EndpointState::kPartnerDown, WallTime{0x32000000}));
  EXPECT_FALSE(has_125(EndpointState::kPartnerDown, kNoTime));
  EXPECT_FALSE(has_125(EndpointState::kNormal, WallTime{0x32000000}));
}

TEST(StateWriter, StartTimeIsAlwaysThere) {  // F-055, F-112
  const Octets frame = written(State{.state = EndpointState::kNormal,
                                     .flags = {},
                                     .start_time_of_state = kNoTime,
                                     .partner_down_time = kNoTime});
  EXPECT_EQ(read_as<State>(frame).start_time_of_state.seconds, 1);
}

TEST(StateWriterDeathTest, StartupNeverGoesOnTheWire) {  // F-054
  Octets out;
  const auto write = [&](EndpointState state, WallTime since) {
    return write_message({.transaction_id = 1,
                          .sent_time = kGoldenNow,
                          .body = State{.state = state,
                                        .flags = {},
                                        .start_time_of_state = since,
                                        .partner_down_time = kNoTime}},
                         kGoldenNow, out);
  };
  EXPECT_DEATH((void)write(EndpointState::kStartup, WallTime{1}), "kStartup");
  EXPECT_DEATH((void)write(EndpointState::kNone, WallTime{1}), "kNone");
}

// The printer has its own words for the numbers, since it knows no failover: they must agree.
TEST(Names, OfThePrinterAreThoseOfTheProgram) {
  for (std::uint8_t state = 1; state <= 10; ++state) {
    const std::string text =
        print_datagram(frame_of(MessageType::kState, number_option(132, state, 1)));
    const std::string name = name_of(static_cast<EndpointState>(state));
    EXPECT_NE(text.find("1: " + name + " (" + std::to_string(state) + ")"), std::string::npos)
        << text;
  }
  for (std::uint8_t status = 1; status <= 8; ++status) {
    const std::string text = print_datagram(bndupd_with(number_option(114, status, 1)));
    const std::string name = name_of(static_cast<BindingStatus>(status));
    EXPECT_NE(text.find("1: " + name + " (" + std::to_string(status) + ")"), std::string::npos)
        << text;
  }
}

}  // namespace
}  // namespace tandem6
