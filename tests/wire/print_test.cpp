#include "dataplane/wire/print.h"

#include <gtest/gtest.h>

#include "tests/wire/parsed.h"

namespace tandem6 {
namespace {

TEST(Print, ShowsEveryLevel) {
  const Octets status = encoded_option(13, {0, 0, 'o', 'k', 7});
  const Octets datagram =
      solicit()
          .elapsed_time(258)
          .oro({23, 24})
          .ia(IaType::kNonTemporaryAddress, Iaid{7},
              encoded_address(address_of("2001:db8::1"), 60, 0xffffffff, status))
          .ia_pd(Iaid{8}, {prefix_of("2001:db8::/56")})
          .client_fqdn(1, {1, 'h'})
          .option(4711, {1, 2})
          .relay(0, address_of("2001:db8::"), address_of("fe80::1"))
          .interface_id({'e'})
          .bytes();
  EXPECT_EQ(print_datagram(datagram),
            "RELAY-FORW hop-count 0 link-address 2001:db8:: peer-address fe80::1\n"
            "  @34 interface-id (18), 1: 65\n"
            "  @39 relay-message (9), 143\n"
            "    SOLICIT (1) transaction-id 12:34:56\n"
            "      @47 client-id (1), 10: 00:03:00:01:02:00:00:00:00:aa\n"
            "      @61 elapsed-time (8), 2: 258\n"
            "      @67 option-request (6), 4: 23 24\n"
            "      @75 ia-na (3), 49: iaid 7 t1 0s t2 0s\n"
            "        @91 ia-address (5), 33: 2001:db8::1 preferred 60s valid infinity\n"
            "          @119 status-code (13), 5: Success (0) \"ok\\x07\"\n"
            "      @128 ia-pd (25), 41: iaid 8 t1 0s t2 0s\n"
            "        @144 ia-prefix (26), 25: 2001:db8::/56 preferred 0s valid 0s\n"
            "      @173 client-fqdn (39), 3: flags 1 name h\n"
            "      @180 unknown (4711), 2: 01:02\n");
}

TEST(Print, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(print_datagram({}), "! message of 0 octets is shorter than its header: \n");
  EXPECT_EQ(print_datagram(Octets{1, 2}),
            "! message of 2 octets is shorter than its header: 01:02\n");
  EXPECT_EQ(print_datagram(PacketBuilder(99, 1).raw({0, 8, 0, 2, 1}).bytes()),
            "UNKNOWN (99) transaction-id 00:00:01\n"
            "  ! @4 option 8 announces 2 octets, 1 are left\n");
  EXPECT_EQ(print_datagram(PacketBuilder(1, 1).option(7, {1, 2}).option(7, {1}).raw({0}).bytes()),
            "SOLICIT (1) transaction-id 00:00:01\n"
            "  @4 preference (7), 2: 01:02\n"
            "  ! length is not one that this option may have\n"
            "  @10 preference (7), 1: 1\n"
            "  ! does not belong here\n"
            "  ! @15 1 stray octets at the end: 00\n");
}

TEST(Print, AnswersToo) {
  EXPECT_EQ(print_datagram(PacketBuilder(7, 1).option(7, {1}).bytes()),
            "REPLY (7) transaction-id 00:00:01\n"
            "  @4 preference (7), 1: 1\n");
}

TEST(Print, FailoverFrame) {  // F-018, F-019, F-036 to F-041, F-047, F-051 to F-054, F-057 to F-060
  Octets time;
  put_number(time, 0x33000000, 4);
  const Octets status = encoded_option(114, {6}) + encoded_option(133, time);
  Octets relay(34);
  relay[0] = 12;
  const Octets relayed = Octets(16) + relay + encoded_option(18, {'e'});
  const Octets dns =
      encoded_option(116, encoded_option(117, {1, 'h', 0}) + encoded_option(119, {0, 9}));
  const Octets ia = encoded_ia(
      IaType::kNonTemporaryAddress, Iaid{7},
      encoded_address(address_of("2001:db8::1"), 1, 2, encoded_option(46, {0, 0, 0, 9}) + dns));
  const Octets frame =
      PacketBuilder(24, 1)
          .raw(time)
          .option(45, encoded_option(100, time) + encoded_option(129, time + Octets{1, 2}) +
                          encoded_option(47, relayed) + ia + encoded_option(4, {0, 0, 0, 5}))
          .raw(encoded_prefix(prefix_of("2001:db8::/56"), 0, 0, status))
          .option(114, {1})
          .bytes();
  EXPECT_EQ(print_datagram(frame),
            "BNDUPD (24) transaction-id 00:00:01 sent-time 855638016 (2027-02-11T05:13:36Z)\n"
            "  @8 client-data (45), 154\n"
            "    @12 lq-base-time (100), 4: 855638016 (2027-02-11T05:13:36Z)\n"
            "    @20 reconfigure-data (129), 6: created 855638016 (2027-02-11T05:13:36Z), key of 2 "
            "octets\n"
            "    @30 lq-relay-data (47), 55: peer-address ::\n"
            "      RELAY-FORW hop-count 0 link-address :: peer-address ::\n"
            "        @84 interface-id (18), 1: 65\n"
            "    @89 ia-na (3), 65: iaid 7 t1 0s t2 0s\n"
            "      @105 ia-address (5), 49: 2001:db8::1 preferred 1s valid 2s\n"
            "        @133 clt-time (46), 4: 9s\n"
            "        @141 dns-removal-info (116), 13\n"
            "          @145 dns-host-name (117), 3: h\n"
            "          @152 dns-flags (119), 2: 9 FWD_UPTODATE USING_REQUESTED_FQDN\n"
            "    @158 ia-ta (4), 4: iaid 5\n"
            "  @166 ia-prefix (26), 38: 2001:db8::/56 preferred 0s valid 0s\n"
            "    @195 binding-status (114), 1: FREE-BACKUP (6)\n"
            "    @200 start-time-of-state (133), 4: 855638016 (2027-02-11T05:13:36Z)\n"
            "  @208 binding-status (114), 1: ACTIVE (1)\n"
            "  ! does not belong here\n");
}

TEST(Print, FailoverNumbersHaveTheirNames) {  // F-037, F-049, F-053, F-054
  const auto shown = [](std::uint16_t code, const Octets& value) {
    return print_datagram(PacketBuilder(34, 1).raw(Octets(4)).option(code, value).bytes());
  };
  const auto ends = [](const std::string& text, const std::string& end) {
    return text.ends_with(end + "\n");
  };
  EXPECT_TRUE(ends(shown(115, {0, 1}), ": 1 FIXED_PD_LENGTH"));
  EXPECT_TRUE(ends(shown(127, {0, 1, 0, 0}), ": 1.0"));
  EXPECT_TRUE(ends(shown(130, {'p', '"'}), ": \"p\\x22\""));
  EXPECT_TRUE(ends(shown(131, {7}), ": 7 COMMUNICATED STARTUP ACK_STARTUP"));
  EXPECT_TRUE(ends(shown(132, {4}), ": PARTNER-DOWN (4)"));
  EXPECT_TRUE(ends(shown(132, {11}), ": unknown (11)"));
  EXPECT_TRUE(ends(shown(128, {0, 0, 0, 60}), ": 60s"));
  EXPECT_EQ(print_datagram(Octets{35, 0, 0, 1, 0, 0, 0}),
            "! message of 7 octets is shorter than its header: 23:00:00:01:00:00:00\n");
}

TEST(Print, EndlessNestingEnds) {
  PacketBuilder endless = solicit();
  for (int i = 0; i < 1500; ++i) endless.relay(0, {}, {});
  const std::string text = print_datagram(endless.bytes());
  EXPECT_NE(text.find("! nested too deep to print"), std::string::npos);
  EXPECT_LT(text.size(), 10000U);
}

TEST(PrintValue, IsInTheFormOfTheTable) {
  const auto shown = [](const char* name, const Octets& value) {
    return print_value(*find_option_by_name(name), value);
  };
  Octets two(32);
  two[15] = 1;
  two[31] = 2;
  EXPECT_EQ(shown("dns-servers", two), "::1 ::2");
  EXPECT_EQ(shown("dns-servers", Octets(3, 1)), "01:01:01");
  EXPECT_EQ(shown("domain-search", {1, 'a', 0, 1, 'b', 1, 'c', 0}), "a b.c");
  EXPECT_EQ(shown("domain-search", {1, 'a', 1, 'b'}), "01:61:01:62");
  EXPECT_EQ(shown("sol-max-rt", {0, 0, 1, 0}), "256s");
  EXPECT_EQ(shown("sol-max-rt", Octets(4, 0xff)), "infinity");
  EXPECT_EQ(shown("boot-file-url", {'"', 'a', 0x1b}), "\"\\x22a\\x1b\"");
  EXPECT_EQ(shown("rapid-commit", {}), "");
}

}  // namespace
}  // namespace tandem6
