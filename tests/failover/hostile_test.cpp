// Nothing that comes over the connection ends the process, whatever its octets (F-014); under
// AddressSanitizer a read of one octet too many is seen, since each frame has a block of its size.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "dataplane/wire/cursor.h"
#include "dataplane/wire/print.h"
#include "tests/failover/frames.h"

namespace tandem6 {
namespace {

/// Reads, prints, and answers what is a BNDUPD, as an endpoint would. The fault, if it is one.
std::optional<ReadFault> feed(const Octets& octets) {
  const ExactBuffer frame(octets);
  const auto read = read_message(frame.view(), kGoldenNow);
  (void)print_datagram(frame.view());
  if (!read) return read.error();
  if (const auto* const update = std::get_if<BindingUpdate>(&read->body)) {
    // What the reader lets through is a lease.
    for (const auto& lease : update->leases) {
      if (lease.verdict.status != StatusCode::kSuccess) continue;
      EXPECT_LE(lease.update.lease.length, 128);
      EXPECT_EQ(lease.update.lease, lease.update.lease.masked());
      EXPECT_FALSE(lease.update.start_time_of_state.is_none());
    }
    Octets reply;
    EXPECT_TRUE(write_message({.transaction_id = read->transaction_id,
                               .sent_time = kGoldenNow,
                               .body = reply_to(*update)},
                              kGoldenNow, reply));
    // It can be read by one like us.
    const auto back = read_message(std::span(reply).subspan(2), kGoldenNow);
    EXPECT_TRUE(back.has_value());
  }
  return std::nullopt;
}

std::vector<Octets> golden_frames() {
  std::vector<Octets> frames;
  for (const Golden& golden : golden_messages()) {
    frames.push_back(without_size(golden_octets(golden.name)));
  }
  return frames;
}

/// Where the length fields of the top level stand.
std::vector<std::size_t> top_lengths(const Octets& frame) {
  std::vector<std::size_t> places;
  for (std::size_t at = 8; at + 4 <= frame.size();) {
    places.push_back(at + 2);
    at += 4 + (std::size_t{frame[at + 2]} << 8 | frame[at + 3]);
  }
  return places;
}

TEST(Hostile, CutAtEveryOctet) {  // F-014
  for (const Octets& frame : golden_frames()) {
    std::vector<bool> is_boundary(frame.size() + 1);
    is_boundary[8] = true;
    for (const std::size_t at : top_lengths(frame)) {
      is_boundary[at + 2 + (std::size_t{frame[at]} << 8 | frame[at + 1])] = true;
    }
    for (std::size_t size = 0; size < frame.size(); ++size) {
      const auto fault = feed({frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size)});
      if (size < 8) {
        ASSERT_EQ(fault, ReadFault::kTooShort);
      } else if (!is_boundary[size]) {
        ASSERT_EQ(fault, ReadFault::kOptionOverrun) << size;
      }
    }
  }
}

// Also every pair of octets that is no length field is tried; it costs nothing.
TEST(Hostile, EveryLengthFieldCorrupted) {  // F-014
  for (const Octets& frame : golden_frames()) {
    for (std::size_t at = 8; at + 1 < frame.size(); ++at) {
      const unsigned value = static_cast<unsigned>(frame[at] << 8 | frame[at + 1]);
      for (const unsigned wrong : {0U, 1U, value - 1, value + 1, value + 4, value ^ 0x80U,
                                   value * 2, 0x7fffU, 0xfffeU, 0xffffU}) {
        Octets broken = frame;
        broken[at] = static_cast<std::uint8_t>(wrong >> 8);
        broken[at + 1] = static_cast<std::uint8_t>(wrong);
        (void)feed(broken);
      }
    }
    for (const std::size_t at : top_lengths(frame)) {
      Octets broken = frame;
      broken[at] = broken[at + 1] = 0xff;
      ASSERT_EQ(feed(broken), ReadFault::kOptionOverrun);
    }
  }
}

TEST(Hostile, InnerLengthOfAnyContainerOverruns) {  // F-014
  const Octets inner = {0, 114, 0, 2, 1};
  for (const Octets& frame :
       {bndupd_with(inner), bndupd(client_data(kClientOptions + ia_na(inner))),
        bndupd(client_data(inner)), bndupd(bare_prefix(inner))}) {
    EXPECT_EQ(feed(frame), ReadFault::kOptionOverrun);
  }
}

class Garbage {
 public:
  explicit Garbage(unsigned seed) : random_(seed) {}

  unsigned below(std::size_t end) { return static_cast<unsigned>(random_() % end); }

  Octets octets(std::size_t size) {
    Octets octets(size);
    for (std::uint8_t& octet : octets) {
      octet =
          static_cast<std::uint8_t>(below(2) == 0 ? kTelling[below(kTelling.size())] : random_());
    }
    return octets;
  }
  /// Options of telling codes around options around octets; few have the length that they need.
  Octets options(int depth) {
    constexpr std::array<std::size_t, 7> kHeads = {0, 0, 4, 12, 16, 24, 25};
    constexpr std::array<std::size_t, 6> kSizes = {0, 1, 2, 4, 7, 20};
    Octets all;
    for (unsigned i = below(4); i != 0; --i) {
      const std::uint16_t code = kTelling[below(kTelling.size())];
      const Octets value = depth == 0 ? octets(kSizes[below(kSizes.size())])
                                      : octets(kHeads[below(kHeads.size())]) + options(depth - 1);
      put_octets(all, encoded_option(code, value));
    }
    return all;
  }

 private:
  // Codes that open doors, which are lengths that nearly fit as well.
  static constexpr std::array<std::uint8_t, 20> kTelling = {
      0, 1, 3, 4, 5, 9, 12, 13, 18, 25, 26, 45, 47, 100, 114, 116, 131, 132, 133, 134};
  std::mt19937 random_;
};

TEST(Hostile, RandomOctets) {
  constexpr unsigned kSeed = 8156;
  Garbage garbage(kSeed);
  std::array<int, 5> outcomes{};
  for (int round = 0; round < 60000; ++round) {
    Octets frame(1, static_cast<std::uint8_t>(23 + garbage.below(13)));
    put_octets(frame, garbage.octets(garbage.below(4) == 0 ? garbage.below(7) : 7));
    put_octets(frame, garbage.below(2) == 0 ? garbage.octets(garbage.below(90))
                                            : garbage.options(static_cast<int>(garbage.below(5))));
    const auto fault = feed(frame);
    ++outcomes[fault ? static_cast<std::size_t>(*fault) : 4];
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << kSeed << " round " << round;
  }
  for (std::size_t i = 0; i < outcomes.size(); ++i) EXPECT_GT(outcomes[i], 0) << i;
}

TEST(Hostile, MutationsOfGoodFrames) {
  constexpr unsigned kSeed = 5007;
  std::mt19937 random(kSeed);
  const std::vector<Octets> frames = golden_frames();
  int read_count = 0;
  for (int round = 0; round < 60000; ++round) {
    Octets frame = frames[random() % frames.size()];
    for (unsigned i = 1 + random() % 3; i != 0; --i) {
      const std::size_t at = random() % frame.size();
      const auto place = frame.begin() + static_cast<std::ptrdiff_t>(at);
      switch (random() % 4) {
        case 0:
          frame[at] ^= static_cast<std::uint8_t>(1U << random() % 8);
          break;
        case 1:
          frame[at] = static_cast<std::uint8_t>(random());
          break;
        case 2:
          frame.insert(place, frame.begin(), place);
          break;
        default:
          if (frame.size() > 9) frame.erase(place);
          break;
      }
    }
    read_count += feed(frame) ? 0 : 1;
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << kSeed << " round " << round;
  }
  EXPECT_GT(read_count, 1000);
}

Octets repeated(const Octets& part, int count) {
  Octets all;
  for (int i = 0; i < count; ++i) put_octets(all, part);
  return all;
}

// As many leases as a frame has room for: memory and time stay small (seen by the suite's time
// limit), and there is a reply that fits a frame though each lease has a fault (F-250).
TEST(Hostile, FullFramesAreAnswered) {
  const Octets smallest = address_lease({});
  const Octets leases = repeated(smallest, 2330);
  Octets ias;
  for (std::uint32_t i = 0; i < 1480; ++i) put_octets(ias, ia_na(smallest, i));
  const Octets vss = encoded_option(68, Octets(65000, 'v'));
  const Octets inner = ia_na(smallest);
  for (const Octets& frame : {bndupd(client_data(kClientOptions + ia_na(leases))),
                              bndupd(client_data(kClientOptions + ias)),
                              bndupd(client_data(ia_na(leases) + encoded_option(1, Octets(130)))),
                              bndupd(client_data(kClientOptions + inner + vss)),
                              bndupd(bare_prefix(encoded_option(68, Octets(65480)))),
                              bndupd(bare_prefix(encoded_option(68, Octets(65400))))}) {
    ASSERT_LE(frame.size(), 65535U);
    EXPECT_EQ(feed(frame), std::nullopt);
    const auto update = read_as<BindingUpdate>(frame);
    const auto reply = read_as<BindingReply>(written(reply_to(update)));
    for (const auto& lease : reply.leases) EXPECT_NE(lease.status.code, StatusCode::kSuccess);
    EXPECT_TRUE(!reply.leases.empty() || reply.status.code != StatusCode::kSuccess);
  }
  EXPECT_EQ(
      read_as<BindingUpdate>(bndupd(client_data(kClientOptions + ia_na(leases)))).leases.size(),
      2330U);
}

// What is accepted always fits: it echoes no more than it got.
TEST(Hostile, FullFrameOfGoodLeasesIsAckedWhole) {
  const Octets leases = repeated(address_lease(kLeaseOptions), 1100);
  const Octets frame = bndupd(client_data(kClientOptions + ia_na(leases)));
  ASSERT_LE(frame.size(), 65535U);
  auto update = read_as<BindingUpdate>(frame);
  const auto reply = read_as<BindingReply>(written(reply_to(update)));
  ASSERT_EQ(reply.leases.size(), 1100U);
  for (const auto& lease : reply.leases) EXPECT_EQ(lease.status.code, StatusCode::kSuccess);
  // All but one refused, each with a text: none is acked that was refused.
  for (std::size_t i = 1; i < update.leases.size(); ++i) {
    update.leases[i].verdict = {StatusCode::kAddressInUse, "another client holds this address"};
  }
  const auto refusal = read_as<BindingReply>(written(reply_to(update)));
  ASSERT_EQ(refusal.leases.size(), 1100U);
  for (std::size_t i = 1; i < update.leases.size(); ++i) {
    EXPECT_EQ(refusal.leases[i].status.code, StatusCode::kAddressInUse);
  }
}

}  // namespace
}  // namespace tandem6
