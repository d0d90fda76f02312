#include "dataplane/wire/reply_writer.h"

#include <gtest/gtest.h>

#include "dataplane/wire/cursor.h"
#include "tests/wire/parsed.h"

namespace tandem6 {
namespace {

constexpr IaType kNa = IaType::kNonTemporaryAddress;
constexpr IaType kPd = IaType::kPrefixDelegation;

class ReplyWriterTest : public testing::Test {
 protected:
  Octets written() const { return octets_of(writer.bytes()); }

  Octets buffer = Octets(70000, 0xee);
  ReplyWriter writer{buffer};
};

TEST_F(ReplyWriterTest, WritesAReplyByteByByte) {  // S-007
  const Parsed request(solicit());
  writer.begin_message(request.message, MessageType::kReply);
  writer.option(OptionCode::kClientId, request.message.client_id);
  writer.empty_option(OptionCode::kRapidCommit);
  writer.option_u8(OptionCode::kPreference, 255);
  writer.option_u32(OptionCode::kSolMaxRt, 0x01020304);
  const auto ia = writer.begin_ia(kNa, Iaid{7});
  writer.address(address_of("2001:db8::1"), 0x10, 0xffffffff);
  writer.end(ia);
  const auto pd = writer.begin_ia(kPd, Iaid{8});
  writer.prefix(prefix_of("2001:db8:0:ff00::/56"), 1, 2);
  writer.end(pd);
  writer.status(StatusCode::kNoBinding, "no");
  writer.set_ia_times(0x20, 0x30);
  writer.end_message();
  ASSERT_TRUE(writer.ok());
  const Octets expected = {
      7, 0x12, 0x34, 0x56,                                    // REPLY
      0, 1, 0, 10, 0, 3, 0, 1, 2, 0, 0, 0, 0, 0xaa,           // Client
                                                              // Identifier
      0, 14, 0, 0,                                            // Rapid Commit
      0, 7, 0, 1, 255,                                        // Preference
      0, 82, 0, 4, 1, 2, 3, 4,                                // SOL_MAX_RT
      0, 3, 0, 40, 0, 0, 0, 7, 0, 0, 0, 0x20, 0, 0, 0, 0x30,  // IA_NA
      0, 5, 0, 24, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0,        // IAADDR
      0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x10, 255, 255, 255, 255, 0, 25, 0, 41, 0, 0, 0, 8, 0, 0, 0,
      0x20, 0, 0, 0, 0x30,                       // IA_PD
      0, 26, 0, 25, 0, 0, 0, 1, 0, 0, 0, 2, 56,  // IAPREFIX
      0x20, 0x01, 0x0d, 0xb8, 0, 0, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13, 0, 4, 0, 3, 'n',
      'o',  // Status Code
  };
  EXPECT_EQ(written(), expected);
}

// S-122, S-123, S-126, and of S-136 the half that is the wire's: copied at its level.
TEST_F(ReplyWriterTest, AnswersThroughTheSameRelays) {
  const Parsed request(PacketBuilder(MessageType::kSolicit, 0x010203)
                           .relay(0, address_of("2001:db8:1::"), address_of("fe80::a"))
                           .interface_id({'i', 0})
                           .remote_id(9, "not echoed")
                           .relay(1, {}, address_of("fe80::b"))
                           .relay_source_port(0x1234));
  ASSERT_EQ(request.drop, DropReason::kNone);
  writer.begin_message(request.message, MessageType::kAdvertise);
  writer.option_u8(OptionCode::kPreference, 3);
  writer.end_message();
  ASSERT_TRUE(writer.ok());

  const Octets message = {2, 1, 2, 3, 0, 7, 0, 1, 3};
  Octets inner = {13, 0};
  put_octets(inner, address_of("2001:db8:1::").octets);
  put_octets(inner, address_of("fe80::a").octets);
  put_octets(inner, Octets{0, 18, 0, 2, 'i', 0});
  put_octets(inner, Octets{0, 9, 0, 9} + message);
  Octets outer = {13, 1};
  put_octets(outer, Ipv6Address{}.octets);
  put_octets(outer, address_of("fe80::b").octets);
  put_octets(outer, Octets{0, 135, 0, 2, 0x12, 0x34});
  put_octets(outer, encoded_option(9, inner));
  EXPECT_EQ(written(), outer);
}

TEST_F(ReplyWriterTest, EchoesAnEmptyInterfaceIdAndOddHopCounts) {  // S-122, S-126
  const Parsed request(solicit().relay(5, {}, {}).interface_id({}));
  writer.begin_message(request.message, MessageType::kReply);
  writer.end_message();
  Octets expected = {13, 5};
  expected.resize(34);
  put_octets(expected, Octets{0, 18, 0, 0, 0, 9, 0, 4, 7, 0x12, 0x34, 0x56});
  EXPECT_EQ(written(), expected);
}

TEST_F(ReplyWriterTest, RelayOptionsAreInNoOtherMessage) {  // S-127, S-137
  const Parsed request(solicit().relay(0, {}, {}).interface_id({1}).relay_source_port(547));
  writer.begin_message(request.message, MessageType::kReply);
  writer.end_message();
  const Octets answer = written();
  const Octets message(answer.end() - 4, answer.end());
  EXPECT_EQ(message, (Octets{7, 0x12, 0x34, 0x56}));

  Octets direct_buffer(100);
  ReplyWriter direct(direct_buffer);
  direct.begin_message(Parsed(solicit()).message, MessageType::kReply);
  direct.end_message();
  EXPECT_EQ(octets_of(direct.bytes()), message);
}

TEST_F(ReplyWriterTest, NineLevelsComeBackAsTheyCame) {  // S-134
  PacketBuilder packet = solicit();
  for (std::uint8_t hop = 0; hop < 9; ++hop) packet.relay(hop, {}, {}).interface_id({hop});
  const Parsed request(packet);
  writer.begin_message(request.message, MessageType::kReply);
  writer.end_message();
  Octets rest = written();
  for (int hop = 8; hop >= 0; --hop) {
    ASSERT_EQ(rest[0], 13);
    EXPECT_EQ(rest[1], hop);
    Cursor options(Bytes(rest).subspan(34));
    EXPECT_EQ(octets_of(next_option(options).value), Octets{static_cast<std::uint8_t>(hop)});
    const OptionView inner = next_option(options);
    ASSERT_TRUE(options.ok() && options.at_end());
    EXPECT_EQ(inner.code, 9);
    rest = octets_of(inner.value);
  }
  EXPECT_EQ(rest, (Octets{7, 0x12, 0x34, 0x56}));
}

TEST_F(ReplyWriterTest, AnyDuidIsEchoed) {  // S-036
  const Octets duid = Octets{0x7f, 0xff} + Octets(128, 0);
  const Parsed request(PacketBuilder(MessageType::kSolicit, 1).client_id(duid));
  writer.begin_message(request.message, MessageType::kReply);
  writer.option(OptionCode::kClientId, request.message.client_id);
  writer.end_message();
  EXPECT_EQ(written(), (Octets{7, 0, 0, 1} + encoded_option(1, duid)));
}

TEST_F(ReplyWriterTest, StatusTextMayBeEmptyAndHasNoTrailingNul) {  // S-172
  writer.status(StatusCode::kSuccess);
  writer.status(StatusCode::kNotOnLink, "g\xc3\xbcnstig");
  EXPECT_EQ(written(), (Octets{0, 13, 0,   2,    0,    0,   0,   13,  0,   10,
                               0, 4,  'g', 0xc3, 0xbc, 'n', 's', 't', 'i', 'g'}));
}

TEST_F(ReplyWriterTest, AnIaWithOnlyAStatusKeepsZeroTimes) {
  for (const bool excluded : {true, false}) {
    const auto ia = writer.begin_ia(kNa, Iaid{1});
    if (excluded) writer.exclude_ia_times();
    writer.end(ia);
  }
  writer.set_ia_times(5, 8);
  EXPECT_EQ(written(), (Octets{0, 3, 0, 12, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,  //
                               0, 3, 0, 12, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 8}));
}

TEST_F(ReplyWriterTest, PdExcludeStandsInsideThePrefix) {  // S-155
  const Octets exclude = {64, 0x78};
  writer.prefix(prefix_of("2001:db8:dead:bee0::/59"), 1, 2, exclude);
  const Octets inner = encoded_option(OptionCode::kPdExclude, exclude);
  EXPECT_EQ(written(), encoded_prefix(prefix_of("2001:db8:dead:bee0::/59"), 1, 2, inner));
}

/// A long answer with everything in it.
void write_all(ReplyWriter& writer, const ParsedMessage& request) {
  writer.begin_message(request, MessageType::kReply);
  writer.option(OptionCode::kClientId, request.client_id);
  const auto ia = writer.begin_ia(kNa, Iaid{1});
  writer.address({}, 1, 2);
  writer.end(ia);
  const auto pd = writer.begin_ia(kPd, Iaid{1});
  writer.exclude_ia_times();
  writer.prefix({}, 1, 2, Octets{64, 1});
  writer.end(pd);
  writer.status(StatusCode::kSuccess, "all is well");
  writer.empty_option(OptionCode::kRapidCommit);
  writer.option_u32(OptionCode::kSolMaxRt, 60);
  writer.set_ia_times(1, 2);
  writer.end_message();
}

TEST(ReplyWriterBounds, ABufferTooSmallByAnyNumberIsKnown) {  // drop.ans_size
  const Parsed request(solicit().relay(0, {}, {}).interface_id({1, 2, 3}).relay_source_port(9));
  Octets room(1000);
  ReplyWriter whole(room);
  write_all(whole, request.message);
  ASSERT_TRUE(whole.ok());
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    // A heap block of the exact size: AddressSanitizer sees one octet too many.
    const std::unique_ptr<std::uint8_t[]> block(new std::uint8_t[size]);
    ReplyWriter writer(std::span(block.get(), size));
    write_all(writer, request.message);
    EXPECT_EQ(writer.ok(), size == whole.size()) << size;
    EXPECT_LE(writer.size(), size);
  }
}

TEST(ReplyWriterBounds, EveryOctetIsWritten) {  // S-258
  const Parsed request(solicit().relay(0, {}, {}).interface_id({1, 2, 3}).relay_source_port(9));
  Octets zeros(1000, 0x00);
  Octets ones(1000, 0xff);
  ReplyWriter over_zeros(zeros);
  ReplyWriter over_ones(ones);
  write_all(over_zeros, request.message);
  write_all(over_ones, request.message);
  EXPECT_EQ(octets_of(over_zeros.bytes()), octets_of(over_ones.bytes()));
}

TEST_F(ReplyWriterTest, ALengthOver65535IsKnown) {  // drop.ans_size
  const Octets huge(65500);
  writer.begin_message(Parsed(solicit().relay(0, {}, {})).message, MessageType::kReply);
  writer.option(OptionCode::kVendorOptions, huge);
  EXPECT_TRUE(writer.ok());
  writer.option(OptionCode::kInterfaceId, Octets(40));
  EXPECT_TRUE(writer.ok());
  // All fits into the buffer, but the message is too long for the relay's option around it.
  writer.end_message();
  EXPECT_FALSE(writer.ok());
}

TEST_F(ReplyWriterTest, AnOptionValueOver65535IsKnown) {  // drop.ans_size
  writer.option(OptionCode::kVendorOptions, Octets(65535));
  EXPECT_TRUE(writer.ok());
  Octets other_buffer(70000);
  ReplyWriter other(other_buffer);
  other.option(OptionCode::kVendorOptions, Octets(65536));
  EXPECT_FALSE(other.ok());
}

TEST_F(ReplyWriterTest, MoreIasThanARequestCanHoldIsKnown) {  // drop.ans_size
  for (std::uint32_t iaid = 0; iaid < 128; ++iaid) writer.end(writer.begin_ia(kNa, Iaid{iaid}));
  EXPECT_TRUE(writer.ok());
  writer.end(writer.begin_ia(kNa, Iaid{128}));
  EXPECT_FALSE(writer.ok());
  writer.exclude_ia_times();
  writer.set_ia_times(1, 2);
  writer.end_message();
  EXPECT_FALSE(writer.ok());
}

TEST_F(ReplyWriterTest, RawOptionsStandAsTheyAre) {
  const Octets encoded = encoded_option(23, Octets(16, 1)) + encoded_option(24, {1, 'a', 0});
  writer.raw_options(encoded);
  writer.u24(0x010203);
  EXPECT_EQ(written(), (encoded + Octets{1, 2, 3}));
}

}  // namespace
}  // namespace tandem6
