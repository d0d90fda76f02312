// What a million bindings cost: resident memory, measured around the insertions.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <fstream>

#include "dataplane/lease/shard.h"
#include "tests/lease/shard_maker.h"

namespace tandem6 {
namespace {

std::uint64_t resident_octets() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  std::uint64_t of_files = 0;  // code that runs for the first time is no part of the cost
  statm >> size >> resident >> of_files;
  return (resident - of_files) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// A binding with its index entries costs at most 128 octets. Of these, 16 are the claim table's
// word at a load of one half, so the shard has 112.
TEST(ShardMemory, ABindingCostsAtMost112Octets) {
  constexpr std::uint32_t kCount = 1'000'000;
  const std::uint64_t before = resident_octets();
  Shard shard(0, {.binding_count_max = kCount, .change_ring_size = 64}, test::key());
  const std::uint64_t empty = resident_octets();
  for (std::uint32_t i = 0; i < kCount; ++i) {
    const test::Octets duid = test::duid_of(i);
    ASSERT_NE(shard.insert(test::client(duid), IaType::kNonTemporaryAddress, Iaid{1},
                           test::address_lease(i)),
              kNoBinding);
  }
  const std::uint64_t full = resident_octets();
  const double octets = static_cast<double>(full - before) / kCount;
  std::printf("octets per binding in a shard of %u: %.1f\n", kCount, octets);
  RecordProperty("octets_per_binding", std::to_string(octets));
  EXPECT_LE(octets, 112.0);
  EXPECT_GE(octets, 96.0) << "the measurement itself is wrong";
  EXPECT_LT(empty - before, 1'000'000U) << "memory is taken when touched, not at start";
}

}  // namespace
}  // namespace tandem6
