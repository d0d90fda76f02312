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
// zero. A deletion fills the hole with the next entry that had passed it, and so on until a hole
// that nobody passed. Hence the invariant that everything rests on:
//
//   a chunk with room has been passed by nobody.
//
// It keeps walks as short as if the deleted entries had never been, it lets an insertion stop at
// the first room, and it keeps the entries of one hash in the order of their insertion: within a
// chunk they stand in that order, and only the oldest one beyond a hole is moved back into it.
//
// Deletion needs the hash (to walk from home, and of each entry that it moves), so the shard
// computes it anew from the binding. Chunks mark the entries that are not at home: only those are
// candidates for a move, so almost no deletion looks at another binding.
//
// Memory: at binding_count_max the load is 0.75, that is 9 entries of 12: 7.1 octets per binding.
// There a walk takes 1.4 chunks on average, and the longest run of full chunks in a table of 100
// million entries is about 45 (a run of n has the chance e^(-0.45 n)); lines that follow one
// another are fetched ahead by the machine. A walk is bounded by kProbeLengthMax chunks: with keyed
// hashes and at most 64 entries of a key that bound is met only in a table filled by hostile
// clients, and then the insertion fails.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "dataplane/lease/binding.h"
#include "dataplane/lease/prefetch.h"
#include "dataplane/lease/reserved_memory.h"
#include "dataplane/wire/check.h"

namespace tandem6 {

/// The owning shard's worker only. Memory is reserved at construction and taken when touched.
class BindingTable {
 public:
  static constexpr std::size_t kChunkEntryCount = 12;
  static constexpr std::size_t kProbeLengthMax = 128;  // chunks

  explicit BindingTable(std::uint32_t binding_count_max);

  /// Starts the load of the line that a walk with this hash begins with.
  void prefetch(std::uint64_t hash) const noexcept { prefetch_line(&chunks_[home_of(mix(hash))]); }

  /// Calls `visit(BindingIndex)` for each entry whose tag fits the hash, oldest first within a key,
  /// until it returns false. The visitor compares the key; it must not change the table.
  template <typename Visitor>
  void walk(std::uint64_t hash, Visitor&& visit) const noexcept;

  /// False when no chunk within the bound has room.
  [[nodiscard]] bool insert(std::uint64_t hash, BindingIndex index) noexcept;

  /// `hash_of(BindingIndex)` is the hash that an entry was inserted with. REQUIRES: `index` was.
  template <typename HashOf>
  void erase(std::uint64_t hash, BindingIndex index, HashOf&& hash_of) noexcept;

  /// Chunks that a look with this hash walks.
  [[nodiscard]] std::size_t walk_length(std::uint64_t hash) const noexcept;
  /// The longest walk of an insertion so far, in chunks; no look ever walks further.
  [[nodiscard]] std::size_t probe_length_max() const noexcept { return probe_length_max_; }
  [[nodiscard]] std::size_t chunk_count() const noexcept { return chunks_.count(); }

 private:
  struct alignas(64) Chunk {
    std::array<std::uint8_t, kChunkEntryCount> tags;
    std::uint16_t count : 4;       // entries here, in the slots 0..count-1
    std::uint16_t displaced : 12;  // bit n: the entry in slot n has its home before this chunk
    std::uint16_t passed;          // entries whose home is here or before and that stand after it
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

  /// Chunks from `from` on to `to`, round the end.
  [[nodiscard]] std::size_t distance(std::size_t from, std::size_t to) const noexcept {
    return to >= from ? to - from : to + chunks_.count() - from;
  }
  static void append(Chunk& chunk, std::uint8_t tag, BindingIndex index, bool displaced) noexcept;
  static void remove(Chunk& chunk, unsigned slot) noexcept;

  struct Place {
    std::size_t chunk;
    unsigned slot;
  };
  /// Where the entry stands; takes it off the `passed` of the chunks before.
  [[nodiscard]] Place leave(std::uint64_t mixed, BindingIndex index) noexcept;
  template <typename HashOf>
  void fill(std::size_t hole, HashOf&& hash_of) noexcept;

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

template <typename HashOf>
void BindingTable::erase(std::uint64_t hash, BindingIndex index, HashOf&& hash_of) noexcept {
  const Place place = leave(mix(hash), index);
  remove(chunks_[place.chunk], place.slot);
  fill(place.chunk, hash_of);
}

/// Restores the invariant for a chunk that has got room.
template <typename HashOf>
void BindingTable::fill(std::size_t hole, HashOf&& hash_of) noexcept {
  // Each turn moves the hole on, towards a chunk that nobody passed.
  std::size_t at = hole;
  while (chunks_[hole].passed != 0) {
    at = after(at);
    T6_CHECK(at != hole);  // somebody passed it, so somebody stands beyond
    Chunk& chunk = chunks_[at];
    for (unsigned bits = chunk.displaced; bits != 0; bits &= bits - 1) {
      const auto slot = static_cast<unsigned>(std::countr_zero(bits));
      const BindingIndex index = chunk.indexes[slot];
      const std::size_t home = home_of(mix(hash_of(index)));
      if (distance(home, at) < distance(hole, at)) continue;  // its home is beyond the hole
      append(chunks_[hole], chunk.tags[slot], index, home != hole);
      remove(chunk, slot);
      for (std::size_t passed = hole; passed != at; passed = after(passed)) {
        --chunks_[passed].passed;
      }
      hole = at;
      break;
    }
  }
}

}  // namespace tandem6
