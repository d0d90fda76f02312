// What holds for any input: seeded mutations of good datagrams, and random prefixes and names.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <random>
#include <string>

#include "dataplane/wire/client_fqdn.h"
#include "dataplane/wire/domain_name.h"
#include "dataplane/wire/pd_exclude.h"
#include "dataplane/wire/print.h"
#include "dataplane/wire/reply_writer.h"
#include "tests/wire/parsed.h"

namespace tandem6 {
namespace {

std::vector<Octets> good_datagrams() {
  const Octets status = encoded_option(13, {0, 0, 'o', 'k'});
  const Octets exclude = encoded_option(OptionCode::kPdExclude, {64, 0x78});
  PacketBuilder direct = solicit();
  direct.server_id({0, 1, 9, 9})
      .oro({23, 24, 39, 67})
      .rapid_commit()
      .elapsed_time(1)
      .client_fqdn(1, {4, 'h', 'o', 's', 't', 0})
      .option(OptionCode::kUserClass, {0, 1, 'u', 0, 2, 'v', 'w'})
      .option(OptionCode::kVendorClass, {0, 0, 0, 9, 0, 1, 'v'})
      .ia(IaType::kNonTemporaryAddress, Iaid{1},
          encoded_address(address_of("2001:db8::1"), 1, 2, status) + encoded_address({}))
      .ia(IaType::kPrefixDelegation, Iaid{2},
          encoded_prefix(prefix_of("2001:db8:dead:bee0::/59"), 1, 2, exclude) + status);
  PacketBuilder relayed = direct;
  relayed.relay(0, address_of("2001:db8::"), address_of("fe80::1"))
      .interface_id({'e', 't', 'h'})
      .remote_id(9, "r")
      .subscriber_id("s")
      .link_layer_address(1, {2, 0, 0, 0, 0, 1})
      .option(66, encoded_option(65, {1, 'r', 0}))
      .relay(1, {}, address_of("fe80::2"))
      .relay_source_port(9);
  PacketBuilder deep = solicit();
  for (std::uint8_t hop = 0; hop < 9; ++hop) deep.relay(hop, {}, {}).interface_id({hop});
  return {direct.bytes(), relayed.bytes(), deep.bytes()};
}

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t end) { return random_() % end; }

  void mutate(Octets& octets) {
    if (octets.empty()) return;
    const std::size_t at = below(octets.size());
    const auto place = octets.begin() + static_cast<std::ptrdiff_t>(at);
    const std::size_t size = 1 + below(std::min<std::size_t>(40, octets.size() - at));
    const Octets slice(place, place + static_cast<std::ptrdiff_t>(size));
    switch (below(6)) {
      case 0:  // one bit
        octets[at] ^= static_cast<std::uint8_t>(1U << below(8));
        break;
      case 1:  // one octet, more often a telling one
        octets[at] = std::array<std::uint8_t, 6>{
            0, 1, 0x7f, 0x80, 0xff, static_cast<std::uint8_t>(random_())}[below(6)];
        break;
      case 2:
        octets.resize(at);
        break;
      case 3:
        octets.erase(place, place + static_cast<std::ptrdiff_t>(size));
        break;
      case 4:
        octets.insert(octets.begin() + static_cast<std::ptrdiff_t>(below(octets.size() + 1)),
                      slice.begin(), slice.end());
        break;
      default:
        std::swap(octets[at], octets[below(octets.size())]);
        break;
    }
  }

 private:
  std::mt19937 random_;
};

bool lies_inside(Bytes view, Bytes datagram) {
  return view.empty() || (view.data() >= datagram.data() &&
                          view.data() + view.size() <= datagram.data() + datagram.size());
}

void expect_sound(const Parsed& parsed) {
  const ParsedMessage& message = parsed.message;
  const Bytes datagram = parsed.datagram_view();
  ASSERT_LE(message.relay_level_count, kRelayLevelCountMax);
  ASSERT_LE(message.ia_count, kIaCountMax);
  for (const RelayLevel& level : message.relays()) {
    ASSERT_LE(level.hop_count, 8);
    for (const Bytes view : {level.interface_id, level.remote_id, level.subscriber_id,
                             level.client_link_layer_address, level.relay_supplied_options}) {
      ASSERT_TRUE(lies_inside(view, datagram));
    }
  }
  for (const Bytes duid : {message.client_id, message.server_id}) {
    ASSERT_TRUE(lies_inside(duid, datagram));
    ASSERT_TRUE(duid.empty() || Duid::size_fits(duid.size()));
  }
  for (const Bytes view : {message.client_fqdn, message.user_class, message.vendor_class}) {
    ASSERT_TRUE(lies_inside(view, datagram));
  }
  ASSERT_TRUE(message.client_fqdn.empty() || read_client_fqdn(message.client_fqdn).has_value());
  ASSERT_LT(message.transaction_id, 1U << 24);
  for (const IaView& ia : message.identity_associations()) {
    ASSERT_TRUE(lies_inside(ia.options, datagram));
    std::size_t count = 0;
    LeaseHints walk(ia);
    for (LeaseHint hint; walk.next(hint); ++count) {
      ASSERT_TRUE(lies_inside(hint.pd_exclude, datagram));
      ASSERT_LE(hint.prefix_length, 128);
      const Ipv6Prefix prefix{hint.address, hint.prefix_length};
      ASSERT_EQ(prefix, prefix.masked());
      static_cast<void>(decode_pd_exclude(prefix, hint.pd_exclude));
    }
    ASSERT_LE(count, kHintCountMax);
  }
}

/// Whatever was accepted can be answered, in a buffer that is large enough or in one that is not.
void expect_answerable(const ParsedMessage& message, std::size_t buffer_size) {
  Octets buffer(buffer_size);
  ReplyWriter writer(buffer);
  writer.begin_message(message, MessageType::kReply);
  writer.option(OptionCode::kClientId, message.client_id);
  for (const IaView& ia : message.identity_associations()) {
    const auto open = writer.begin_ia(ia.type, ia.iaid);
    writer.end(open);
  }
  writer.end_message();
  ASSERT_LE(writer.size(), buffer_size);
  ASSERT_TRUE(writer.ok() || buffer_size < 65000);
}

// S-257: nothing that a datagram holds ends the process, and no view leaves it.
TEST(ParseProperty, AnyMutationIsDroppedOrSound) {
  const std::vector<Octets> corpus = good_datagrams();
  for (const Octets& datagram : corpus) ASSERT_EQ(Parsed(datagram).drop, DropReason::kNone);
  constexpr unsigned kSeed = 20260101;
  Mutator mutator(kSeed);
  std::array<std::size_t, static_cast<std::size_t>(DropReason::kCount)> outcomes{};
  for (int round = 0; round < 60000; ++round) {
    Octets datagram = corpus[mutator.below(corpus.size())];
    for (std::size_t i = 1 + mutator.below(4); i != 0; --i) mutator.mutate(datagram);
    const Parsed parsed(datagram);
    SCOPED_TRACE(testing::Message() << "seed " << kSeed << " round " << round);
    ++outcomes[static_cast<std::size_t>(parsed.drop)];
    if (parsed.drop == DropReason::kNone) {
      expect_sound(parsed);
      expect_answerable(parsed.message, 65535);
      expect_answerable(parsed.message, mutator.below(400));
    } else {
      ASSERT_TRUE(parsed.odd().empty());
    }
    ASSERT_FALSE(HasFatalFailure());
    for (const char letter : print_datagram(parsed.datagram_view())) {
      ASSERT_TRUE(letter == '\n' || (letter >= ' ' && letter < 0x7f));
    }
  }
  // The mutations reach what they are meant to reach.
  for (const DropReason reason :
       {DropReason::kNone, DropReason::kTruncated, DropReason::kOptOverrun, DropReason::kOptLen,
        DropReason::kUnknownType, DropReason::kDirection, DropReason::kRelayDepth,
        DropReason::kRelayMsg, DropReason::kDuidLen, DropReason::kDupId}) {
    EXPECT_GT(outcomes[static_cast<std::size_t>(reason)], 0U) << name_of(reason);
  }
}

TEST(ParseProperty, GarbageIsDroppedOrSound) {  // S-257
  Mutator mutator(7);
  for (int round = 0; round < 20000; ++round) {
    Octets datagram(mutator.below(120));
    for (std::uint8_t& octet : datagram) {
      // Small numbers make plausible types, codes and lengths.
      octet = static_cast<std::uint8_t>(mutator.below(mutator.below(2) == 0 ? 30 : 256));
    }
    const Parsed parsed(datagram);
    if (parsed.drop == DropReason::kNone) expect_sound(parsed);
    ASSERT_FALSE(HasFatalFailure());
    static_cast<void>(print_datagram(parsed.datagram_view()));
  }
}

Ipv6Address any_address() {
  return Ipv6Address::from_halves(*rc::gen::arbitrary<std::uint64_t>(),
                                  *rc::gen::arbitrary<std::uint64_t>());
}

Ipv6Prefix any_prefix(int length_end) {
  const auto length = static_cast<std::uint8_t>(*rc::gen::inRange(0, length_end));
  return Ipv6Prefix{any_address(), length}.masked();
}

TEST(ValueProperty, AddressesAndPrefixesSurviveText) {
  EXPECT_TRUE(rc::check([] {
    const Ipv6Address address = any_address();
    RC_ASSERT(Ipv6Address::parse(address.to_string()) == address);
    const Ipv6Prefix prefix = any_prefix(129);
    RC_ASSERT(Ipv6Prefix::parse(prefix.to_string()) == prefix);
  }));
}

TEST(ValueProperty, ContainsAgreesWithBitByBit) {
  EXPECT_TRUE(rc::check([] {
    const Ipv6Prefix prefix = any_prefix(129);
    Ipv6Address address = prefix.address;
    const int bit = *rc::gen::inRange(0, 128);
    address.octets[static_cast<std::size_t>(bit / 8)] ^=
        static_cast<std::uint8_t>(0x80 >> (bit % 8));
    RC_ASSERT(prefix.contains(prefix.address));
    RC_ASSERT(prefix.contains(address) == (bit >= prefix.length));
  }));
}

TEST(ValueProperty, PdExcludeSurvivesTheWire) {  // S-155, S-156, S-157
  EXPECT_TRUE(rc::check([] {
    const Ipv6Prefix delegated = any_prefix(128);
    const auto length = static_cast<std::uint8_t>(*rc::gen::inRange(delegated.length + 1, 129));
    const Ipv6Address random = any_address();
    const PrefixMask mask(delegated.length);
    const Ipv6Prefix excluded =
        Ipv6Prefix{Ipv6Address::from_halves(delegated.address.high() | (random.high() & ~mask.high),
                                            delegated.address.low() | (random.low() & ~mask.low)),
                   length}
            .masked();
    const auto value = encode_pd_exclude(delegated, excluded);
    RC_ASSERT(value.has_value());
    RC_ASSERT(value->bytes().size() >= 2U && value->bytes().size() <= 17U);
    RC_ASSERT(decode_pd_exclude(delegated, value->bytes()) == excluded);
  }));
}

TEST(ValueProperty, DuidsSurviveText) {  // S-037
  EXPECT_TRUE(rc::check([] {
    const auto size = static_cast<std::size_t>(*rc::gen::inRange(3, 131));
    const auto octets = *rc::gen::container<Octets>(size, rc::gen::arbitrary<std::uint8_t>());
    const Duid duid{std::span(octets)};
    RC_ASSERT(Duid::parse(duid.to_string()) == duid);
    RC_ASSERT(octets_of(duid.bytes()) == octets);
  }));
}

TEST(ValueProperty, NamesSurviveText) {  // S-162
  EXPECT_TRUE(rc::check([] {
    Octets wire;
    const int label_count = *rc::gen::inRange(1, 4);
    for (int i = 0; i < label_count; ++i) {
      const auto size = static_cast<std::size_t>(*rc::gen::inRange(1, 64));
      const auto label = *rc::gen::container<Octets>(size, rc::gen::arbitrary<std::uint8_t>());
      wire.push_back(static_cast<std::uint8_t>(size));
      put_octets(wire, label);
    }
    wire.push_back(0);
    RC_ASSERT(shape_of_name(wire) == NameShape::kFull);
    const auto read_back = DomainName::parse(name_to_text(wire));
    RC_ASSERT(read_back.has_value());
    RC_ASSERT(octets_of(read_back->wire()) == wire);
  }));
}

}  // namespace
}  // namespace tandem6
