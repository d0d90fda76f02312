// What a million bindings cost: memory, measured around the insertions.
#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

#include "dataplane/lease/shard.h"
#include "tests/lease/shard_maker.h"

namespace tandem6 {
namespace {

/// Exact, unlike /proc/self/statm, whose counters lag behind by hundreds of pages. Code that runs
/// for the first time is no part of the cost.
std::uint64_t anonymous_octets() {
  std::ifstream rollup("/proc/self/smaps_rollup");
  for (std::string word; rollup >> word;) {
    std::uint64_t kibibytes = 0;
    if (word == "Anonymous:" && rollup >> kibibytes) return kibibytes * 1024;
  }
  ADD_FAILURE() << "no /proc/self/smaps_rollup";
  return 0;
}

// A binding with its index entries costs at most 128 octets. Of these, 16 are the claim table's
// word at a load of one half, so the shard has 112.
TEST(ShardMemory, ABindingCostsAtMost112Octets) {
  constexpr std::uint32_t kCount = 1'000'000;
  // Huge pages round up by up to two octets a binding.
  ASSERT_EQ(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0), 0);
  const std::uint64_t before = anonymous_octets();
  Shard shard(0, {.binding_count_max = kCount, .change_ring_size = 64}, test::key());
  const std::uint64_t empty = anonymous_octets();
  for (std::uint32_t i = 0; i < kCount; ++i) {
    const test::Octets duid = test::duid_of(i);
    ASSERT_NE(shard.insert(test::client(duid), IaType::kNonTemporaryAddress, Iaid{1},
                           test::address_lease(i)),
              kNoBinding);
  }
  const std::uint64_t full = anonymous_octets();
  const double octets = static_cast<double>(full - before) / kCount;
  std::printf("octets per binding in a shard of %u: %.1f\n", kCount, octets);
  RecordProperty("octets_per_binding", std::to_string(octets));
  EXPECT_LE(octets, 112.0);
  EXPECT_GE(octets, 96.0) << "the measurement itself is wrong";
  EXPECT_LT(empty - before, 1'000'000U) << "memory is taken when touched, not at start";
}

}  // namespace
}  // namespace tandem6
