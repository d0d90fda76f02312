// An index of bindings by a keyed 64-bit hash: one for clients, one for leases, in each shard.
//
// Problem: a look must cost one cache line; a table must live for years of inserts and deletions
// without tombstones that lengthen its probes or a rebuild that stalls the worker; all bindings of
// a client must be found in one walk, oldest first; and the keys are not stored here, nor is there
// room in a binding for their hash.
//
// So entries live in chunks of one cache line: up to 12 tags (an octet of the hash each) and the 12
// binding indexes. An entry that finds its home chunk full goes to the first later one with room,
// and each chunk that it passed counts it in `passed`. A walk goes on only while `passed` is not
// zero, and a deletion counts down again, so that probes are as short as if the deleted entry had
// never been. Within a chunk entries stay in the order of their insertion, and an entry never
// stands before an older one of its key.
//
// Deletion needs the hash (to walk from home), so the shard computes it anew from the binding.
//
// Memory: at binding_count_max the load is 0.75, that is 9 entries of 12: 7.1 octets per binding.
// A walk is bounded by kProbeLengthMax chunks. With keyed hashes and at most 64 entries of a key,
// an honest full table needs 4; the bound is met only by a table filled with hostile clients'
// entries, and then the insertion fails.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "dataplane/lease/binding.h"
#include "dataplane/lease/reserved_memory.h"

namespace tandem6 {

/// The owning shard's worker only. Memory is reserved at construction and taken when touched.
class BindingTable {
 public:
  static constexpr std::size_t kChunkEntryCount = 12;
  static constexpr std::size_t kProbeLengthMax = 64;  // chunks

  explicit BindingTable(std::uint32_t binding_count_max);

  /// Starts the load of the line that a walk with this hash begins with.
  void prefetch(std::uint64_t hash) const noexcept {
    __builtin_prefetch(&chunks_[home_of(mix(hash))]);
  }

  /// Calls `visit(BindingIndex)` for each entry whose tag fits the hash, oldest first within a key,
  /// until it returns false. The visitor compares the key; it must not change the table.
  template <typename Visitor>
  void walk(std::uint64_t hash, Visitor&& visit) const noexcept;

  /// `is_same_key(BindingIndex)` tells entries of the key that is inserted. False when no chunk
  /// within the bound has room.
  template <typename SameKey>
  [[nodiscard]] bool insert(std::uint64_t hash, BindingIndex index, SameKey&& is_same_key) noexcept;

  /// REQUIRES: inserted with this hash.
  void erase(std::uint64_t hash, BindingIndex index) noexcept;

  /// The longest walk of an insertion so far, in chunks. An insertion walks at least as far as any
  /// later look for the same key.
  [[nodiscard]] std::size_t probe_length_max() const noexcept { return probe_length_max_; }
  [[nodiscard]] std::size_t chunk_count() const noexcept { return chunks_.count(); }

 private:
  struct alignas(64) Chunk {
    std::array<std::uint8_t, kChunkEntryCount> tags;
    std::uint8_t count;  // entries here, in the slots 0..count-1
    std::uint8_t unused;
    std::uint16_t passed;  // entries whose home is here or before and that stand after this chunk
    std::array<BindingIndex, kChunkEntryCount> indexes;
  };
  static_assert(sizeof(Chunk) == 64);
  // What passes a chunk stands within the probe length after it, so `passed` cannot overflow.
  static_assert(kProbeLengthMax * kChunkEntryCount <= 0xffff);

  /// Other owners choose shards and leases by the upper bits of the same hash; here all bits count.
  [[nodiscard]] static std::uint64_t mix(std::uint64_t hash) noexcept {
    hash ^= hash >> 33;
    hash *= 0xff51afd7ed558ccdULL;
    hash ^= hash >> 33;
    hash *= 0xc4ceb9fe1a85ec53ULL;
    return hash ^ (hash >> 33);
  }
  [[nodiscard]] std::size_t home_of(std::uint64_t mixed) const noexcept {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::size_t>(Wide{mixed} * chunks_.count() >> 64);
  }
  [[nodiscard]] static std::uint8_t tag_of(std::uint64_t mixed) noexcept {
    return static_cast<std::uint8_t>(mixed);
  }
  [[nodiscard]] std::size_t after(std::size_t chunk) const noexcept {
    return chunk + 1 == chunks_.count() ? 0 : chunk + 1;
  }
  /// Bit n is set when slot n is taken and has this tag.
  [[nodiscard]] static std::uint32_t matches(const Chunk& chunk, std::uint8_t tag) noexcept;

  void put(std::size_t home, std::size_t distance, std::uint8_t tag, BindingIndex index) noexcept;

  ReservedMemory<Chunk> chunks_;
  std::size_t probe_length_bound_;  // chunks
  std::size_t probe_length_max_ = 0;
};

inline std::uint32_t BindingTable::matches(const Chunk& chunk, std::uint8_t tag) noexcept {
  // The first sixteen octets as a vector: equal octets become 0xff; of each the bit of its place is
  // kept and the halves are folded. Slots past `count` and the octets after the tags drop out.
  using Vector [[gnu::vector_size(16)]] = std::uint8_t;
  Vector octets;
  std::memcpy(&octets, &chunk, sizeof(octets));
  constexpr Vector kPlaces = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const Vector equal = (octets == tag) & kPlaces;
  std::array<std::uint64_t, 2> halves;
  std::memcpy(halves.data(), &equal, sizeof(equal));
  // Octets with one distinct bit each: the product's top octet is their sum.
  constexpr std::uint64_t kSum = 0x0101010101010101ULL;
  const auto low = static_cast<std::uint32_t>(halves[0] * kSum >> 56);
  const auto high = static_cast<std::uint32_t>(halves[1] * kSum >> 56);
  return (low | high << 8) & ((1U << chunk.count) - 1);
}
static_assert(std::endian::native == std::endian::little);

template <typename Visitor>
void BindingTable::walk(std::uint64_t hash, Visitor&& visit) const noexcept {
  const std::uint64_t mixed = mix(hash);
  std::size_t at = home_of(mixed);
  for (std::size_t n = 0; n < probe_length_bound_; ++n, at = after(at)) {
    const Chunk& chunk = chunks_[at];
    for (std::uint32_t bits = matches(chunk, tag_of(mixed)); bits != 0; bits &= bits - 1) {
      if (!visit(chunk.indexes[static_cast<unsigned>(std::countr_zero(bits))])) return;
    }
    if (chunk.passed == 0) return;
  }
}

template <typename SameKey>
bool BindingTable::insert(std::uint64_t hash, BindingIndex index, SameKey&& is_same_key) noexcept {
  const std::uint64_t mixed = mix(hash);
  const std::size_t home = home_of(mixed);
  constexpr std::size_t kNone = SIZE_MAX;
  std::size_t room_distance = kNone;  // of the first chunk with room, not before the key's newest
  bool more = true;                   // entries of this home may stand further on
  std::size_t at = home;
  for (std::size_t n = 0; n < probe_length_bound_; ++n, at = after(at)) {
    const Chunk& chunk = chunks_[at];
    if (more) {
      std::uint32_t bits = matches(chunk, tag_of(mixed));
      bool holds_key = false;
      for (; bits != 0 && !holds_key; bits &= bits - 1) {
        holds_key = is_same_key(chunk.indexes[static_cast<unsigned>(std::countr_zero(bits))]);
      }
      if (holds_key) room_distance = kNone;
    }
    if (room_distance == kNone && chunk.count < kChunkEntryCount) room_distance = n;
    more = more && chunk.passed != 0;
    if (room_distance != kNone && !more) break;
  }
  if (room_distance == kNone) return false;
  put(home, room_distance, tag_of(mixed), index);
  return true;
}

}  // namespace tandem6
