// An endpoint writes while workers read, at full speed: rules that fit together come out together,
// and never older ones after newer ones. Under ThreadSanitizer a missing edge shows too.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "dataplane/server/relationships.h"

namespace tandem6 {
namespace {

constexpr std::uint32_t kWriteCountMin = 200'000;
constexpr std::uint64_t kSeenCountMin = 3000;
constexpr RelationshipIndex kIndex = 3;

/// Every field follows from the number.
ServingRules rules_of(std::uint32_t number) {
  return {.responsiveness = static_cast<Responsiveness>(number % 3),
          .role = number % 2 == 0 ? Role::kPrimary : Role::kSecondary,
          .has_partner = (number & 1) != 0,
          .may_allocate = (number & 2) != 0,
          .is_bounded = (number & 4) != 0,
          .is_in_contact = (number & 8) != 0,
          .mclt = Lifetime{number},
          .mclt_max = Lifetime{~number},
          .partner_down_since = WallTime{std::int64_t{number} * 0x100000001}};
}

struct Reader {
  std::uint64_t torn = 0;
  std::uint64_t backwards = 0;
  std::atomic<std::uint64_t> distinct{0};  // read by the writer
};

void read_until(const Relationships& relationships, const std::atomic<bool>& done, Reader& reader) {
  std::uint32_t last = 0;
  while (!done.load(std::memory_order_relaxed)) {
    const ServingRules rules = relationships.read(kIndex);
    const std::uint32_t number = rules.mclt.seconds;
    reader.torn += rules == rules_of(number) ? 0 : 1;
    reader.backwards += number < last ? 1 : 0;
    if (number != last) reader.distinct.fetch_add(1, std::memory_order_relaxed);
    last = number;
  }
}

TEST(RelationshipsRace, readers_see_whole_rules_in_order) {
  Relationships relationships;
  relationships.write(kIndex, rules_of(1));
  std::atomic<bool> done{false};
  std::array<Reader, 2> readers;
  std::vector<std::thread> threads;
  for (Reader& reader : readers) {
    threads.emplace_back([&] { read_until(relationships, done, reader); });
  }
  // Until each has run beside the writer for a while.
  const auto has_seen_enough = [](const Reader& reader) {
    return reader.distinct.load(std::memory_order_relaxed) >= kSeenCountMin;
  };
  std::uint32_t number = 1;
  while (number < kWriteCountMin || !std::ranges::all_of(readers, has_seen_enough)) {
    relationships.write(kIndex, rules_of(++number));
    if (number % 4096 == 0) std::this_thread::yield();
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  for (const Reader& reader : readers) {
    EXPECT_EQ(reader.torn, 0U);
    EXPECT_EQ(reader.backwards, 0U);
  }
  EXPECT_EQ(relationships.read(kIndex), rules_of(number));
}

}  // namespace
}  // namespace tandem6
