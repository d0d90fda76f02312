// A set of small numbers in which the next member from a position is found in constant time: a
// bitmap, over it a bitmap of its words that are not empty, over that one the same again, 64 to
// one, up to five levels for 2^30 numbers. Lock-free, and nobody waits.
//
// It guides a search, it decides nothing. The invariant, once no call is under way: a bit of an
// upper level is set if the word below it is not empty. The reverse may fail in a race (a bit set
// over an empty word); the search that stumbles over such a bit clears it.
//
// Why no member gets lost: who adds a bit below looks at the bit above afterwards and sets it when
// it is clear; who empties a word clears the bit above, then reads the word again and sets the bit
// when the word is not empty any more. If the last clearing came before the adder's look, the adder
// sets the bit; if after, the clearer's second look sees what was added. Everything is sequentially
// consistent. A set bit needs no second look, being wrong on the safe side, so there is no loop.
// Users who keep the lowest level elsewhere (FreeLeaseMap) follow the same rule with this tree's
// numbers: add, then insert; remove, then erase, look again, insert.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/lease/reserved_memory.h"

namespace tandem6 {

/// All functions: any thread.
class BitmapTree {
 public:
  static constexpr std::uint32_t kSizeMax = 1U << 30;
  static constexpr std::uint32_t kNone = 0xffffffff;
  /// What untouched memory means, so that neither kind has to be filled.
  enum class Initially : bool { kEmpty, kFull };

  /// REQUIRES: 1 <= size <= kSizeMax.
  BitmapTree(std::uint32_t size, Initially initially);

  [[nodiscard]] std::uint32_t size() const noexcept { return bit_count_[0]; }
  /// REQUIRES (the three below): number < size().
  [[nodiscard]] bool contains(std::uint32_t number) const noexcept;
  void insert(std::uint32_t number) noexcept { insert_from(0, number); }
  void erase(std::uint32_t number) noexcept { erase_from(0, number); }
  /// Inserts all members of `other`: a step for each 64 numbers among which it has one.
  /// REQUIRES: other.size() == size().
  void insert_all(BitmapTree& other) noexcept;

  /// The least member >= from, or kNone; from may lie past the end. Two words a level at most, less
  /// one, and more only where bits of a race have to be cleared.
  [[nodiscard]] std::uint32_t find_next(std::uint32_t from) noexcept;

 private:
  static constexpr unsigned kLevelCountMax = 5;

  [[nodiscard]] std::uint64_t word(unsigned level, std::uint32_t index) const noexcept;
  [[nodiscard]] std::uint64_t valid_bits(unsigned level, std::uint32_t index) const noexcept;
  void set(unsigned level, std::uint32_t index, std::uint64_t bits) noexcept;
  [[nodiscard]] std::uint64_t clear(unsigned level, std::uint32_t bit) noexcept;
  void insert_from(unsigned level, std::uint32_t bit) noexcept;
  void erase_from(unsigned level, std::uint32_t bit) noexcept;

  // Immutable after construction.
  std::uint64_t flip_;  // stored words are the set's words XOR this
  unsigned level_count_ = 0;
  std::array<std::uint32_t, kLevelCountMax> bit_count_{};
  std::array<std::uint32_t, kLevelCountMax> first_word_{};

  ReservedMemory<std::uint64_t> words_;  // all levels, the lowest first
};

}  // namespace tandem6
