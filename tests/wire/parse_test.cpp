// Headers, types, framing, lengths, repetition and the single options of a client's message.
#include "dataplane/wire/parse.h"

#include "tests/wire/parsed.h"

namespace tandem6 {
namespace {

using Odd = std::vector<OddReason>;

// S-007: a header of four octets, big-endian, options after it without padding.
TEST(Parse, ReadsTheHeaderAndOptionsByteByByte) {
  const Parsed parsed(Octets{
      1, 0x12, 0x34, 0x56,                                          // SOLICIT, transaction-id
      0, 1,    0,    10,   0,    3,    0, 1,  2, 0, 0, 0, 0, 0xaa,  // Client Identifier
      0, 8,    0,    2,    0x01, 0x02,                              // Elapsed Time
      0, 14,   0,    0,                                             // Rapid Commit
      0, 6,    0,    4,    0,    23,   0, 24,                       // Option Request
  });
  ASSERT_EQ(parsed.drop, DropReason::kNone);
  EXPECT_EQ(parsed.message.type, MessageType::kSolicit);
  EXPECT_EQ(parsed.message.transaction_id, 0x123456U);
  EXPECT_EQ(octets_of(parsed.message.client_id), test_duid());
  EXPECT_TRUE(parsed.message.server_id.empty());
  EXPECT_EQ(parsed.message.elapsed_time, 0x0102);
  EXPECT_TRUE(parsed.message.rapid_commit);
  EXPECT_FALSE(parsed.message.reconfigure_accept);
  EXPECT_TRUE(parsed.message.requests(23));
  EXPECT_TRUE(parsed.message.requests(24));
  EXPECT_FALSE(parsed.message.requests(25));
  EXPECT_EQ(parsed.odd(), Odd{});
}

TEST(Parse, LeavesNothingOfTheMessageBefore) {
  Parsed parsed(solicit()
                    .server_id({0, 3, 0, 1, 9})
                    .rapid_commit()
                    .reconfigure_accept()
                    .elapsed_time(7)
                    .oro({23})
                    .client_fqdn(0, {1, 'a'})
                    .option(OptionCode::kUserClass, {0, 1, 'u'})
                    .option(OptionCode::kVendorClass, {0, 0, 0, 9, 0, 1, 'v'})
                    .ia_na(Iaid{1})
                    .relay(0, {}, {})
                    .interface_id({1})
                    .remote_id(9, "r"));
  ASSERT_EQ(parsed.drop, DropReason::kNone);
  const Octets bare = PacketBuilder(MessageType::kInformationRequest, 1).bytes();
  ASSERT_EQ(parse(bare, parsed.message, parsed.counters), DropReason::kNone);
  const ParsedMessage& message = parsed.message;
  EXPECT_EQ(message.type, MessageType::kInformationRequest);
  EXPECT_FALSE(message.is_relayed());
  EXPECT_TRUE(message.client_id.empty() && message.server_id.empty());
  EXPECT_FALSE(message.rapid_commit || message.reconfigure_accept || message.has_option_request);
  EXPECT_TRUE(message.requested.none());
  EXPECT_EQ(message.elapsed_time, 0);
  EXPECT_TRUE(message.client_fqdn.empty() && message.user_class.empty());
  EXPECT_TRUE(message.vendor_class.empty());
  EXPECT_TRUE(message.identity_associations().empty());
}

TEST(Parse, TruncatedHeaderIsDropped) {  // drop.truncated
  const Octets whole = PacketBuilder(MessageType::kSolicit, 1).bytes();
  for (std::size_t size = 0; size < 4; ++size) {
    const Octets cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(Parsed(cut).drop, DropReason::kTruncated) << size;
  }
  EXPECT_EQ(Parsed(whole).drop, DropReason::kNone);
}

TEST(Parse, OptionPastTheEndIsDropped) {  // drop.opt_overrun, S-026
  const Octets whole = solicit().elapsed_time(0).bytes();
  for (std::size_t cut = 1; cut < 6; ++cut) {
    const Octets shorter(whole.begin(), whole.end() - static_cast<std::ptrdiff_t>(cut));
    EXPECT_EQ(Parsed(shorter).drop, DropReason::kOptOverrun) << cut;
  }
  for (std::size_t stray = 1; stray < 4; ++stray) {
    EXPECT_EQ(Parsed(whole + Octets(stray, 0)).drop, DropReason::kOptOverrun) << stray;
  }
  EXPECT_EQ(Parsed(solicit().raw({0, 8, 0xff, 0xff, 0, 0})).drop, DropReason::kOptOverrun);
  // A fault behind good options leaves no trace in the odd counters either.
  EXPECT_EQ(Parsed(solicit().option(999, {1}).raw({0})).odd(), Odd{});
}

TEST(Parse, WrongLengthOfAFixedOptionIsDropped) {  // drop.opt_len, S-027
  const std::vector<std::pair<std::uint16_t, std::size_t>> sizes = {
      {14, 0}, {20, 0}, {7, 1}, {19, 1}, {8, 2}, {32, 4}, {82, 4}, {83, 4}, {12, 16}};
  for (const auto& [code, size] : sizes) {
    EXPECT_EQ(Parsed(solicit().option(code, Octets(size))).drop, DropReason::kNone) << code;
    EXPECT_EQ(Parsed(solicit().option(code, Octets(size + 1))).drop, DropReason::kOptLen) << code;
    if (size == 0) continue;
    EXPECT_EQ(Parsed(solicit().option(code, Octets(size - 1))).drop, DropReason::kOptLen) << code;
  }
}

TEST(Parse, OptionUnderItsMinimumIsDropped) {  // drop.opt_len, S-027, S-028
  const std::vector<std::pair<std::uint16_t, std::size_t>> minima = {{3, 12}, {25, 12}, {11, 11},
                                                                     {13, 2}, {16, 4},  {17, 4}};
  for (const auto& [code, size] : minima) {
    EXPECT_EQ(Parsed(solicit().option(code, Octets(size))).drop, DropReason::kNone) << code;
    EXPECT_EQ(Parsed(solicit().option(code, Octets(size - 1))).drop, DropReason::kOptLen) << code;
  }
  EXPECT_EQ(Parsed(solicit().option(OptionCode::kOptionRequest, {0, 23, 0})).drop,
            DropReason::kOptLen);
}

TEST(Parse, OptionBombIsDropped) {  // drop.opt_budget
  PacketBuilder packet(MessageType::kSolicit, 1);
  for (int i = 0; i < 512; ++i) packet.option(999);
  EXPECT_EQ(Parsed(packet).drop, DropReason::kNone);
  EXPECT_EQ(Parsed(packet.option(999)).drop, DropReason::kOptBudget);
}

TEST(Parse, BudgetHoldsForAllLevelsTogether) {  // drop.opt_budget
  Octets statuses;
  for (int i = 0; i < 200; ++i) statuses = statuses + encoded_option(999, {});
  PacketBuilder packet = solicit();
  packet.ia(IaType::kNonTemporaryAddress, Iaid{1}, encoded_address({}, 0, 0, statuses));
  packet.relay(0, {}, {}).raw(statuses);
  // 200 in the lease, 200 in the relay header, and five around them.
  EXPECT_EQ(Parsed(packet).drop, DropReason::kNone);
  EXPECT_EQ(Parsed(packet.option(66, statuses)).drop, DropReason::kOptBudget);
}

TEST(Parse, UnknownTypeIsDropped) {  // drop.unknown_type, S-035
  for (unsigned type = 0; type < 256; ++type) {
    const bool known = type >= 1 && type <= 23 && !(type >= 18 && type <= 21) && type != 14;
    if (known) continue;
    const PacketBuilder packet(static_cast<std::uint8_t>(type), 1);
    EXPECT_EQ(Parsed(packet).drop, DropReason::kUnknownType) << type;
    EXPECT_EQ(Parsed(PacketBuilder(packet).relay(0, {}, {})).drop, DropReason::kUnknownType);
  }
}

TEST(Parse, TypeForTheOtherDirectionIsDropped) {  // drop.direction, S-020
  for (const unsigned type : {2, 7, 10, 13, 15, 16, 17, 22, 23}) {
    const PacketBuilder packet(static_cast<std::uint8_t>(type), 1);
    EXPECT_EQ(Parsed(packet).drop, DropReason::kDirection) << type;
    EXPECT_EQ(Parsed(PacketBuilder(packet).relay(0, {}, {})).drop, DropReason::kDirection) << type;
  }
}

TEST(Parse, EveryClientTypeIsRead) {
  for (const unsigned type : {1, 3, 4, 5, 6, 8, 9, 11}) {
    const Parsed parsed(PacketBuilder(static_cast<std::uint8_t>(type), 0xffffff));
    EXPECT_EQ(parsed.drop, DropReason::kNone);
    EXPECT_EQ(static_cast<unsigned>(parsed.message.type), type);
    EXPECT_EQ(parsed.message.transaction_id, 0xffffffU);
  }
}

TEST(Parse, DuidOfIllegalSizeIsDropped) {  // drop.duid_len, S-029
  for (const std::uint16_t code : {1, 2}) {
    for (const std::size_t size : {0U, 1U, 2U, 131U, 4000U}) {
      const PacketBuilder packet =
          PacketBuilder(MessageType::kRequest, 1).option(code, Octets(size, 1));
      EXPECT_EQ(Parsed(packet).drop, DropReason::kDuidLen) << code << ' ' << size;
    }
    for (const std::size_t size : {3U, 130U}) {
      const PacketBuilder packet =
          PacketBuilder(MessageType::kRequest, 1).option(code, Octets(size, 1));
      EXPECT_EQ(Parsed(packet).drop, DropReason::kNone) << code << ' ' << size;
    }
  }
  const Parsed relay(solicit().relay(0, {}, {}).option(OptionCode::kRelayId, Octets(131)));
  EXPECT_EQ(relay.drop, DropReason::kDuidLen);
}

TEST(Parse, DuidOfAnyTypeIsServed) {  // odd.duid_type, S-036
  for (const Octets& duid : {Octets{0, 5, 1}, Octets{0, 0, 0}, Octets{0xff, 0xff, 0, 7, '\n'}}) {
    const Parsed parsed(PacketBuilder(MessageType::kSolicit, 1).client_id(duid));
    EXPECT_EQ(parsed.drop, DropReason::kNone);
    EXPECT_EQ(octets_of(parsed.message.client_id), duid);
    EXPECT_EQ(parsed.odd(), Odd{OddReason::kDuidType});
  }
  EXPECT_EQ(Parsed(solicit()).odd(), Odd{});
}

TEST(Parse, RepeatedIdentifierIsDropped) {  // drop.dup_id, S-025
  for (const std::uint16_t code : {1, 2, 11}) {
    PacketBuilder packet(MessageType::kRequest, 1);
    packet.option(code, Octets(11, 1));
    EXPECT_EQ(Parsed(packet).drop, DropReason::kNone);
    // Even the very same one: which of the two is meant cannot be said.
    EXPECT_EQ(Parsed(packet.option(code, Octets(11, 1))).drop, DropReason::kDupId) << code;
  }
}

TEST(Parse, OfOtherSingletonsTheFirstCounts) {  // odd.dup_opt, S-024, S-025
  const Parsed parsed(solicit()
                          .elapsed_time(1)
                          .elapsed_time(2)
                          .oro({23})
                          .oro({24})
                          .client_fqdn(1, {1, 'a'})
                          .client_fqdn(1, {1, 'b', 0})
                          .option(OptionCode::kUserClass, {0, 1, 'u'})
                          .option(OptionCode::kUserClass, {0, 1, 'w'}));
  ASSERT_EQ(parsed.drop, DropReason::kNone);
  EXPECT_EQ(parsed.odd(), Odd{OddReason::kDupOpt});
  EXPECT_EQ(parsed.message.elapsed_time, 1);
  EXPECT_TRUE(parsed.message.requests(23));
  EXPECT_FALSE(parsed.message.requests(24));
  EXPECT_EQ(octets_of(parsed.message.client_fqdn), (Octets{1, 1, 'a'}));
  EXPECT_EQ(octets_of(parsed.message.user_class), (Octets{0, 1, 'u'}));
}

TEST(Parse, UnknownOptionsAreSkippedByLengthAtEachLevel) {  // odd.unknown_opt, S-033, S-034
  const Octets unknown = encoded_option(4711, {1, 2, 3}) + encoded_option(250, {});
  PacketBuilder packet = solicit();
  packet.raw(unknown).ia(IaType::kNonTemporaryAddress, Iaid{1},
                         unknown + encoded_address(address_of("2001:db8::1"), 0, 0, unknown));
  // An enterprise number and a sub-option that nobody knows.
  packet.option(OptionCode::kVendorOptions, {0xff, 0xff, 0xff, 0xff, 0, 9, 0, 1, 7});
  packet.elapsed_time(3).relay(0, {}, {}).raw(unknown).interface_id({7});
  const Parsed parsed(packet);
  ASSERT_EQ(parsed.drop, DropReason::kNone);
  EXPECT_EQ(parsed.odd(), Odd{OddReason::kUnknownOpt});
  EXPECT_EQ(parsed.message.elapsed_time, 3);
  ASSERT_EQ(parsed.message.ia_count, 1);
  EXPECT_EQ(hints_of(parsed.message.ias[0]).size(), 1U);
  EXPECT_EQ(octets_of(parsed.message.relay_levels[0].interface_id), Octets{7});
}

TEST(Parse, IaTaIsAsGoodAsUnknown) {  // odd.unknown_opt, R-05; RFC 9915 has no IA_TA
  for (const std::size_t size : {0U, 1U, 4U, 32U}) {
    const Parsed parsed(
        solicit().option(OptionCode::kIaTa, Octets(size)).option(OptionCode::kIaTa, Octets(size)));
    EXPECT_EQ(parsed.drop, DropReason::kNone);
    EXPECT_EQ(parsed.odd(), Odd{OddReason::kUnknownOpt});
    EXPECT_EQ(parsed.message.ia_count, 0);
  }
}

// What only failover partners say is unknown at each level, whatever its length.
TEST(Parse, OptionsOfPartnersAreAsGoodAsUnknown) {  // odd.unknown_opt, S-033
  std::vector<std::uint16_t> codes = {45, 46, 47, 100};
  for (std::uint16_t code = 114; code <= 134; ++code) codes.push_back(code);
  for (const std::uint16_t code : codes) {
    for (const std::size_t size : {0U, 1U, 4U, 40U}) {
      const Octets option = encoded_option(code, Octets(size));
      PacketBuilder packet = solicit();
      packet.raw(option)
          .raw(option)
          .ia(IaType::kNonTemporaryAddress, Iaid{1},
              option + encoded_address(address_of("2001:db8::1"), 0, 0, option))
          .relay(0, {}, {})
          .raw(option);
      const Parsed parsed(packet);
      ASSERT_EQ(parsed.drop, DropReason::kNone) << code << ' ' << size;
      ASSERT_EQ(parsed.odd(), Odd{OddReason::kUnknownOpt}) << code << ' ' << size;
    }
  }
}

TEST(Parse, RelayOnlyOptionsOfAClientAreIgnored) {  // odd.relay_opt, S-141
  for (const std::uint16_t code : {18, 37, 38, 66, 79, 135}) {
    for (const std::size_t size : {0U, 2U, 300U}) {
      const Parsed parsed(solicit().option(code, Octets(size)).elapsed_time(3));
      EXPECT_EQ(parsed.drop, DropReason::kNone) << code;
      EXPECT_EQ(parsed.odd(), Odd{OddReason::kRelayOpt}) << code;
      EXPECT_EQ(parsed.message.elapsed_time, 3);
    }
  }
}

TEST(Parse, MisplacedOptionsAreIgnored) {  // odd.misplaced, S-030, S-155
  const Octets address = encoded_address(address_of("2001:db8::1"));
  const Octets exclude = encoded_option(OptionCode::kPdExclude, {64, 0});
  const Octets preference = encoded_option(OptionCode::kPreference, {9});
  for (const Octets& misplaced :
       {address, encoded_prefix(prefix_of("2001:db8::/56")), exclude, preference}) {
    const Parsed parsed(solicit().raw(misplaced).ia_na(Iaid{1}));
    EXPECT_EQ(parsed.drop, DropReason::kNone);
    EXPECT_EQ(parsed.odd(), Odd{OddReason::kMisplaced});
    EXPECT_EQ(parsed.message.ia_count, 1);
  }
}

TEST(Parse, WishesOfAClientAreNotOdd) {  // RFC 8415 section 18.2.1
  const Parsed parsed(solicit()
                          .option(OptionCode::kDnsServers, Octets(16))
                          .option(OptionCode::kInformationRefreshTime, Octets(4))
                          .option(OptionCode::kDomainSearch, {}));
  EXPECT_EQ(parsed.drop, DropReason::kNone);
  EXPECT_EQ(parsed.odd(), Odd{});
}

TEST(Parse, OptionRequestMayNameAnyCode) {  // S-039
  std::vector<std::uint16_t> codes;
  for (std::uint16_t code = 1; code < 40; ++code) codes.push_back(code);
  codes.push_back(65535);
  const Parsed parsed(solicit().oro(codes));
  EXPECT_EQ(parsed.drop, DropReason::kNone);
  EXPECT_EQ(parsed.odd(), Odd{});
  EXPECT_EQ(parsed.message.requested.count(), 39U);
  EXPECT_FALSE(parsed.message.requests(65535));
}

TEST(Parse, EmptyOptionRequestIsOne) {
  const Parsed parsed(solicit().oro({}));
  EXPECT_EQ(parsed.drop, DropReason::kNone);
  EXPECT_TRUE(parsed.message.has_option_request);
  EXPECT_TRUE(parsed.message.requested.none());
}

TEST(Parse, HugeOrRepeatingOptionRequestIsServed) {  // odd.oro_big
  const Parsed repeated(solicit().oro({23, 24, 23}));
  EXPECT_EQ(repeated.drop, DropReason::kNone);
  EXPECT_EQ(repeated.odd(), Odd{OddReason::kOroBig});
  EXPECT_EQ(repeated.message.requested.count(), 2U);
  const Parsed huge(solicit().oro(std::vector<std::uint16_t>(30000, 700)));
  EXPECT_EQ(huge.drop, DropReason::kNone);
  EXPECT_EQ(huge.odd(), Odd{OddReason::kOroBig});
}

TEST(Parse, MalformedFqdnLosesTheOptionOnly) {  // odd.fqdn, S-252
  const Octets long_label = Octets{64} + Octets(64, 'a');
  Octets long_name;
  for (int i = 0; i < 4; ++i) long_name = long_name + Octets{63} + Octets(63, 'a');
  for (const Octets& value :
       {Octets{}, Octets{0, 0xc0, 0x0c}, Octets{0} + long_label, Octets{0} + long_name,
        Octets{5, 1, 'a'}, Octets{0, 1, 'a', 0, 1, 'b'}, Octets{0, 0}, Octets{0, 5, 'a'}}) {
    const Parsed parsed(solicit().option(OptionCode::kClientFqdn, value).elapsed_time(3));
    EXPECT_EQ(parsed.drop, DropReason::kNone);
    EXPECT_EQ(parsed.odd(), Odd{OddReason::kFqdn});
    EXPECT_TRUE(parsed.message.client_fqdn.empty());
    EXPECT_EQ(parsed.message.elapsed_time, 3);
  }
  for (const Octets& value : {Octets{0}, Octets{1, 1, 'a'}, Octets{0xf9, 1, 'a', 0}}) {
    const Parsed parsed(solicit().option(OptionCode::kClientFqdn, value));
    EXPECT_EQ(parsed.odd(), Odd{});
    EXPECT_EQ(octets_of(parsed.message.client_fqdn), value);
  }
}

TEST(Parse, ClassWithBrokenInnerLengthsIsIgnored) {  // odd.class
  for (const Octets& value : {Octets{}, Octets{0}, Octets{0, 2, 'a'}, Octets{0, 1, 'a', 0}}) {
    const Parsed user(solicit().option(OptionCode::kUserClass, value));
    EXPECT_EQ(user.drop, DropReason::kNone);
    EXPECT_EQ(user.odd(), Odd{OddReason::kClass});
    EXPECT_TRUE(user.message.user_class.empty());
    if (value.empty()) continue;
    const Parsed vendor(solicit().option(OptionCode::kVendorClass, Octets{0, 0, 0, 9} + value));
    EXPECT_EQ(vendor.drop, DropReason::kNone);
    EXPECT_EQ(vendor.odd(), Odd{OddReason::kClass});
    EXPECT_TRUE(vendor.message.vendor_class.empty());
  }
}

TEST(Parse, TheFirstVendorClassCountsAndIsNotJoined) {  // S-024
  const Parsed parsed(solicit()
                          .option(OptionCode::kVendorClass, {0, 0, 0, 9, 0, 1, 'a'})
                          .option(OptionCode::kVendorClass, {0, 0, 0, 9, 0, 1, 'b'}));
  EXPECT_EQ(parsed.odd(), Odd{});  // one for each enterprise is legal
  EXPECT_EQ(octets_of(parsed.message.vendor_class), (Octets{0, 0, 0, 9, 0, 1, 'a'}));
}

}  // namespace
}  // namespace tandem6
