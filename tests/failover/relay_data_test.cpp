#include "control/failover/relay_data.h"

#include <gtest/gtest.h>

#include "tests/failover/exact_buffer.h"
#include "tests/wire/packet_builder.h"

namespace tandem6 {
namespace {

struct Said {
  Octets remote_id;
  Octets interface_id;
  friend bool operator==(const Said&, const Said&) = default;
};

/// The relays without the client's message, after the peer-address.
Said said(const Octets& relays) {
  const ExactBuffer value(Octets(16) + relays);
  const RelayIdentity read = read_relay_data(value.view());
  return {{read.remote_id.begin(), read.remote_id.end()},
          {read.interface_id.begin(), read.interface_id.end()}};
}
Octets relay(const Octets& options) {
  Octets header(34);
  header[0] = 12;
  return header + options;
}
Octets around(const Octets& inner) { return encoded_option(9, inner); }

const Octets kRemote = {0, 0, 0, 9, 'r'};
const Octets kFarRemote = {0, 0, 0, 9, 'f'};

TEST(RelayData, OneRelay) {  // F-059
  EXPECT_EQ(said(relay(encoded_option(18, {'i'}) + encoded_option(37, kRemote))),
            (Said{kRemote, {'i'}}));
  EXPECT_EQ(said(relay({})), Said{});
}

TEST(RelayData, TheNearestToTheClientThatSaysItCounts) {  // F-059
  const Octets near = relay(encoded_option(18, {'n'}));
  const Octets far =
      relay(encoded_option(18, {'f'}) + encoded_option(37, kFarRemote) + around(near));
  EXPECT_EQ(said(far), (Said{kFarRemote, {'n'}}));
  // Wherever the inner message stands among the options.
  const Octets first =
      relay(around(near) + encoded_option(18, {'f'}) + encoded_option(37, kFarRemote));
  EXPECT_EQ(said(first), (Said{kFarRemote, {'n'}}));
  // One that is longer than is kept, empty or no remote-id at all says nothing.
  const Octets odd = relay(encoded_option(18, Octets(256)) + encoded_option(37, {1}));
  EXPECT_EQ(said(relay(encoded_option(18, {'f'}) + around(odd))), (Said{{}, {'f'}}));
  EXPECT_EQ(said(relay(encoded_option(18, {'f'}) + around(relay(encoded_option(18, {}))))),
            (Said{{}, {'f'}}));
}

TEST(RelayData, GarbageSaysNothingAndNestingEnds) {  // F-014
  EXPECT_EQ(said({}), Said{});
  EXPECT_EQ(said(Octets(33, 12)), Said{});
  EXPECT_EQ(said(Octets(60, 7)), Said{});
  EXPECT_EQ(said(relay({0, 18, 0, 9, 1})), Said{});
  // The client's message was left in.
  EXPECT_EQ(said(relay(encoded_option(18, {'i'}) + around({1, 0, 0, 1}))), (Said{{}, {'i'}}));
  Octets nested = relay(encoded_option(18, {'x'}));
  for (int level = 0; level < 8; ++level) nested = relay(around(nested));
  EXPECT_EQ(said(nested), (Said{{}, {'x'}}));  // nine relays are the most there can be
  EXPECT_EQ(said(relay(around(nested))), Said{});
}

TEST(RelayData, NothingToSayIsNotWritten) {  // F-059
  Octets out;
  OctetWriter writer(out);
  write_relay_data(writer, {});
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace tandem6
