#include "dataplane/lease/binding_table.h"

#include <algorithm>

#include "dataplane/wire/check.h"

namespace tandem6 {

namespace {
constexpr std::uint32_t kFullChunkEntryCount = 9;  // 0.75 of 12
constexpr unsigned kSlotBits = 0xfff;
constexpr unsigned kCountBits = 0xf;
}  // namespace

BindingTable::BindingTable(std::uint32_t binding_count_max)
    : chunks_(binding_count_max / kFullChunkEntryCount + 1),
      probe_length_bound_(std::min(kProbeLengthMax, chunks_.count())) {}

bool BindingTable::insert(std::uint64_t hash, BindingIndex index) noexcept {
  const std::uint64_t mixed = mix(hash);
  const std::size_t home = home_of(mixed);
  std::size_t at = home;
  std::size_t passed_count = 0;
  while (chunks_[at].count == kChunkEntryCount) {
    if (++passed_count == probe_length_bound_) return false;
    at = after(at);
  }
  append(chunks_[at], tag_of(mixed), index, passed_count != 0);
  for (std::size_t passed = home; passed != at; passed = after(passed)) ++chunks_[passed].passed;
  probe_length_max_ = std::max(probe_length_max_, passed_count + 1);
  return true;
}

std::size_t BindingTable::walk_length(std::uint64_t hash) const noexcept {
  std::size_t length = 1;
  for (std::size_t at = home_of(mix(hash)); chunks_[at].passed != 0; at = after(at)) {
    if (++length == probe_length_bound_) break;
  }
  return length;
}

void BindingTable::append(Chunk& chunk, std::uint8_t tag, BindingIndex index,
                          bool displaced) noexcept {
  const unsigned slot = chunk.count;
  T6_CHECK(slot < kChunkEntryCount);
  chunk.tags[slot] = tag;
  chunk.indexes[slot] = index;
  if (displaced) chunk.displaced = (chunk.displaced | 1U << slot) & kSlotBits;
  chunk.count = (slot + 1) & kCountBits;
}

/// The entries after it move up, so that their order stays.
void BindingTable::remove(Chunk& chunk, unsigned slot) noexcept {
  const unsigned count = chunk.count;
  std::copy(chunk.tags.begin() + slot + 1, chunk.tags.begin() + count, chunk.tags.begin() + slot);
  std::copy(chunk.indexes.begin() + slot + 1, chunk.indexes.begin() + count,
            chunk.indexes.begin() + slot);
  const unsigned below = (1U << slot) - 1;
  const unsigned bits = chunk.displaced;
  chunk.displaced = ((bits & below) | ((bits >> 1) & ~below)) & kSlotBits;
  chunk.count = (count - 1) & kCountBits;
}

BindingTable::Place BindingTable::leave(std::uint64_t mixed, BindingIndex index) noexcept {
  std::size_t at = home_of(mixed);
  for (std::size_t n = 0; n < probe_length_bound_; ++n, at = after(at)) {
    Chunk& chunk = chunks_[at];
    for (unsigned slot = 0; slot < chunk.count; ++slot) {
      if (chunk.indexes[slot] != index) continue;
      T6_CHECK(chunk.tags[slot] == tag_of(mixed));
      return {at, slot};
    }
    T6_CHECK(chunk.passed != 0);
    --chunk.passed;
  }
  check_failed("an entry stands within the bound of its home", __FILE__, __LINE__);
}

}  // namespace tandem6
