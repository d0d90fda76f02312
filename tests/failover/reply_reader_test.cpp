// BNDREPLY: what covers what, and what goes back (RFC 8156 sections 7.6 and 7.7).
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/failover/describe.h"
#include "tests/failover/frames.h"

namespace tandem6 {
namespace {

Octets status(std::uint16_t code, std::string_view text = {}) {
  Octets value;
  put_number(value, code, 2);
  for (const char letter : text) value.push_back(static_cast<std::uint8_t>(letter));
  return encoded_option(13, value);
}
Octets bndreply(const Octets& options) { return frame_of(MessageType::kBndReply, options); }
BindingReply reply_of(const Octets& frame) { return read_as<BindingReply>(frame); }

/// The codes of two leases, the first with an IA status around it and a status of its own.
std::pair<unsigned, unsigned> codes(const Octets& whole, const Octets& ia, const Octets& lease) {
  const BindingReply reply = reply_of(bndreply(
      client_data(kClientIdOption + whole + ia_na(ia + address_lease(lease + kStatusOption)) +
                  ia_na(address_lease(kStatusOption), 8))));
  EXPECT_EQ(reply.leases.size(), 2U);
  return {static_cast<unsigned>(reply.leases.at(0).status.code),
          static_cast<unsigned>(reply.leases.at(1).status.code)};
}

TEST(ReplyReader, AnErrorCoversWhatItEncloses) {  // F-257, F-259, R-32
  using Codes = std::pair<unsigned, unsigned>;
  EXPECT_EQ(codes({}, {}, {}), Codes(0, 0));
  EXPECT_EQ(codes(status(17), {}, {}), Codes(17, 17));
  EXPECT_EQ(codes({}, status(19), {}), Codes(19, 0));
  EXPECT_EQ(codes({}, {}, status(16)), Codes(16, 0));
  // The outermost error; a success says nothing about the rest (F-258).
  EXPECT_EQ(codes(status(17), status(19), status(16)), Codes(17, 17));
  EXPECT_EQ(codes(status(0, "fine"), status(0), status(16)), Codes(16, 0));
  EXPECT_EQ(codes(status(17), status(0), status(0)), Codes(17, 17));
}

TEST(ReplyReader, ErrorAtTheTopAcksNothing) {
  const Octets inside = client_data(kClientIdOption + ia_na(address_lease(kStatusOption)));
  const BindingReply reply = reply_of(bndreply(inside + status(1, "no")));
  EXPECT_EQ(reply.status.code, StatusCode::kUnspecFail);
  EXPECT_EQ(reply.leases.at(0).status.code, StatusCode::kUnspecFail);
}

TEST(ReplyReader, WithoutALeaseNothingIsAcked) {
  EXPECT_TRUE(reply_of(bndreply({})).leases.empty());
  EXPECT_TRUE(reply_of(bndreply(client_data(kClientIdOption))).leases.empty());
  // Whose it is cannot be said.
  EXPECT_TRUE(reply_of(bndreply(client_data(ia_na(address_lease(kStatusOption))))).leases.empty());
}

TEST(ReplyReader, BarePrefix) {  // F-254
  const BindingReply reply =
      reply_of(bndreply(bare_prefix(number_option(114, 5, 1) + status(17, "not ours"))));
  EXPECT_EQ(reply.status.code, StatusCode::kConfigurationConflict);
  ASSERT_EQ(reply.leases.size(), 1U);
  EXPECT_EQ(reply.leases[0].status.text, "not ours");
  EXPECT_EQ(reply.leases[0].ack.ia_type, IaType::kPrefixDelegation);
  EXPECT_TRUE(reply.leases[0].ack.duid.empty());
}

TEST(ReplyReader, MalformedValueIsSkippedWithItsMessage) {
  for (const Octets& wrong :
       {client_data(encoded_option(1, {0})), encoded_option(26, Octets(24)),
        client_data(kClientIdOption + ia_na(encoded_option(5, Octets(23)))),
        client_data(kClientIdOption + ia_na(address_lease(number_option(124, 1, 3)))),
        bare_prefix(number_option(114, 1, 2))}) {
    const auto read = read_frame(bndreply(wrong));
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error(), ReadFault::kMalformedValue);
    EXPECT_FALSE(ends_connection(read.error()));
  }
}

TEST(ReplyReader, TextOfThePartnerCannotMoveTheCursor) {
  const BindingReply reply =
      reply_of(bndreply(client_data(kClientIdOption + status(17, "a\x1b[2J\n\x7f\xc3\xa4"))));
  EXPECT_EQ(reply.status.text, "a?[2J??\xc3\xa4");
}

// F-253: only what was there is echoed, bit for bit, whatever it may stand for.
TEST(ReplyTo, EchoesWhatWasThere) {
  for (const std::uint32_t time : {1U, 0x33000000U, 0xb2ffffffU, 0xb3000001U, 0xffffffffU}) {
    const BindingUpdate update = read_as<BindingUpdate>(bndupd_with(
        kStatusOption + kStartOption + number_option(134, time) + number_option(123, time)));
    const Octets reply = written(reply_to(update));
    EXPECT_FALSE(std::ranges::search(reply, number_option(134, time)).empty()) << time;
    EXPECT_FALSE(std::ranges::search(reply, number_option(124, time)).empty()) << time;  // F-046
  }
  const BindingUpdate update = read_as<BindingUpdate>(bndupd_with({}));
  EXPECT_EQ(update.leases.at(0).verdict.status, StatusCode::kMissingBindingInformation);
  const auto reply = read_as<BindingReply>(written(reply_to(update)));
  EXPECT_FALSE(reply.leases.at(0).has_status);
  EXPECT_TRUE(reply.leases.at(0).ack.state_expiration_time.is_none());
  EXPECT_TRUE(reply.leases.at(0).ack.partner_lifetime_sent.is_none());
  EXPECT_EQ(reply.leases.at(0).status.code, StatusCode::kMissingBindingInformation);
  // A status that does not exist goes back as it came.
  const BindingUpdate odd = read_as<BindingUpdate>(bndupd_with(number_option(114, 77, 1)));
  const Octets mirrored = written(reply_to(odd));
  EXPECT_FALSE(std::ranges::search(mirrored, number_option(114, 77, 1)).empty());
}

TEST(ReplyTo, EveryUpdateHasOneThatMirrorsItsContainer) {  // F-250, F-251, F-255
  const Octets bare = bare_prefix({});
  const auto container = [](const Octets& options) {
    return written(reply_to(read_as<BindingUpdate>(bndupd(options)))).at(9);
  };
  EXPECT_EQ(container({}), 45);
  EXPECT_EQ(container(client_data({})), 45);
  EXPECT_EQ(container(client_data(ia_na(address_lease({})))), 45);
  EXPECT_EQ(container(client_data(encoded_option(1, {0, 1, 2}) +
                                  encoded_ia(IaType::kPrefixDelegation, Iaid{0}, bare))),
            45);
  EXPECT_EQ(container(bare), 26);
  EXPECT_EQ(container(bare + bare), 26);
  EXPECT_EQ(container(client_data({}) + bare), 45);
  const auto reply = read_as<BindingReply>(written(reply_to(read_as<BindingUpdate>(bndupd({})))));
  EXPECT_EQ(reply.status.code, StatusCode::kMissingBindingInformation);
}

TEST(ReplyTo, SuccessIsSilentUnlessThereIsAText) {  // F-258
  BindingUpdate update = read_as<BindingUpdate>(bndupd_with(kLeaseOptions));
  const Octets silent = written(reply_to(update));
  EXPECT_TRUE(std::ranges::search(silent, Octets{0, 13, 0}).empty());
  update.leases[0].verdict.reason = "merged";
  const auto reply = read_as<BindingReply>(written(reply_to(update)));
  EXPECT_EQ(reply.leases.at(0).status.code, StatusCode::kSuccess);
  EXPECT_EQ(reply.leases.at(0).status.text, "merged");
}

}  // namespace
}  // namespace tandem6
