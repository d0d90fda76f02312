#include "control/failover/frame_reader.h"

#include <gtest/gtest.h>

#include "control/failover/message_reader.h"
#include "tests/failover/exact_buffer.h"
#include "tests/failover/golden.h"

namespace tandem6 {
namespace {

using Frames = std::vector<Octets>;

void take_all(FrameReader& reader, Frames& frames) {
  while (const auto frame = reader.next()) frames.emplace_back(frame->begin(), frame->end());
}

struct Stream {
  Octets octets;
  Frames frames;
};
Stream golden_stream() {
  Stream stream;
  for (const Golden& golden : golden_messages()) {
    const Octets octets = golden_octets(golden.name);
    put_octets(stream.octets, octets);
    stream.frames.push_back(without_size(octets));
  }
  return stream;
}

TEST(FrameReader, AnyCutOfTheStreamGivesTheSameFrames) {  // F-012, F-013
  const Stream stream = golden_stream();
  const std::span<const std::uint8_t> all(stream.octets);
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    FrameReader reader;
    Frames frames;
    reader.append(ExactBuffer(all.first(cut)).view());
    take_all(reader, frames);
    reader.append(ExactBuffer(all.subspan(cut)).view());
    take_all(reader, frames);
    ASSERT_EQ(frames, stream.frames) << cut;
    ASSERT_EQ(reader.pending(), 0U);
  }
}

TEST(FrameReader, PiecesOfAnySizeGiveTheSameFrames) {  // F-013
  const Stream stream = golden_stream();
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U, 1000U}) {
    FrameReader reader;
    Frames frames;
    std::span<const std::uint8_t> rest(stream.octets);
    while (!rest.empty()) {
      const auto taken = rest.first(std::min(piece, rest.size()));
      rest = rest.subspan(taken.size());
      reader.append(taken);
      take_all(reader, frames);
      ASSERT_LT(reader.pending(), 65537U);
    }
    EXPECT_EQ(frames, stream.frames) << piece;
  }
}

TEST(FrameReader, NothingIsAFrameBeforeItsLastOctet) {  // F-014
  FrameReader reader;
  EXPECT_FALSE(reader.next().has_value());
  reader.append(Octets{0, 3, 1, 2});
  EXPECT_FALSE(reader.next().has_value());
  EXPECT_EQ(reader.pending(), 4U);
  reader.append(Octets{3, 0});
  const auto frame = reader.next();
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(Octets(frame->begin(), frame->end()), (Octets{1, 2, 3}));
  EXPECT_FALSE(reader.next().has_value());
  EXPECT_EQ(reader.pending(), 1U);
}

TEST(FrameReader, SmallestAndLargestFrame) {
  FrameReader reader;
  reader.append(Octets{0, 0, 0xff, 0xff});
  ASSERT_TRUE(reader.next().has_value());  // empty: no message (F-014)
  EXPECT_FALSE(reader.next().has_value());
  const Octets large(65535, 7);
  reader.append(large);
  const auto frame = reader.next();
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->size(), 65535U);
  EXPECT_EQ(read_message({}, kGoldenNow).error(), ReadFault::kTooShort);
}

}  // namespace
}  // namespace tandem6
