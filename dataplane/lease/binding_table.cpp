#include "dataplane/lease/binding_table.h"

#include <algorithm>

#include "dataplane/wire/check.h"

namespace tandem6 {

namespace {
constexpr std::uint32_t kFullChunkEntryCount = 9;  // 0.75 of 12
}

BindingTable::BindingTable(std::uint32_t binding_count_max)
    : chunks_(binding_count_max / kFullChunkEntryCount + 1),
      probe_length_bound_(std::min(kProbeLengthMax, chunks_.count())) {}

void BindingTable::put(std::size_t home, std::size_t distance, std::uint8_t tag,
                       BindingIndex index) noexcept {
  std::size_t at = home;
  for (std::size_t n = 0; n < distance; ++n, at = after(at)) ++chunks_[at].passed;
  Chunk& chunk = chunks_[at];
  T6_CHECK(chunk.count < kChunkEntryCount);
  chunk.tags[chunk.count] = tag;
  chunk.indexes[chunk.count] = index;
  ++chunk.count;
  probe_length_max_ = std::max(probe_length_max_, distance + 1);
}

void BindingTable::erase(std::uint64_t hash, BindingIndex index) noexcept {
  const std::uint64_t mixed = mix(hash);
  std::size_t at = home_of(mixed);
  for (std::size_t n = 0; n < probe_length_bound_; ++n, at = after(at)) {
    Chunk& chunk = chunks_[at];
    for (unsigned slot = 0; slot < chunk.count; ++slot) {
      if (chunk.indexes[slot] != index) continue;
      T6_CHECK(chunk.tags[slot] == tag_of(mixed));
      std::copy(chunk.tags.begin() + slot + 1, chunk.tags.begin() + chunk.count,
                chunk.tags.begin() + slot);
      std::copy(chunk.indexes.begin() + slot + 1, chunk.indexes.begin() + chunk.count,
                chunk.indexes.begin() + slot);
      --chunk.count;
      return;
    }
    T6_CHECK(chunk.passed != 0);
    --chunk.passed;
  }
  T6_CHECK(!"an entry stands within the bound of its home");
}

}  // namespace tandem6
