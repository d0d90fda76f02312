// Which leases of a dense pool look free, by half: finds one in constant time. It only guides the
// search; who holds a lease is decided elsewhere (a pool's own word for it), and the caller says so
// by a predicate. A stale bit costs a wasted look, never a double lease.
//
// Per 64 leases there are four words side by side: taken, reserved, former (some client had it
// before) and backup (it is of the half FREE-BACKUP). Free leases come in four classes, half times
// fresh or former; each class has a BitmapTree over the words that have a member of it. Every fact
// thus stands in one bit, and moving 64 leases to the other half is one store. Nothing is filled at
// start, and memory is taken where it is touched.
//
// The order that keeps bits and holders together, both sides in the holder's thread: claim the
// word, then mark_taken; mark_free, then release the word. So no two threads ever write one taken
// bit at a time, and between a claim and its mark the predicate alone keeps others away.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>

#include "dataplane/lease/binding.h"
#include "dataplane/lease/bitmap_tree.h"
#include "dataplane/lease/reserved_memory.h"

namespace tandem6 {

/// All functions: any thread; REQUIRES (where they take an index): index < size().
class FreeLeaseMap {
 public:
  static constexpr std::uint32_t kSizeMax = 1U << 24;
  static constexpr std::uint32_t kNone = BitmapTree::kNone;

  /// Bit i % 64 of the pattern is set where lease i begins in the half FREE-BACKUP.
  FreeLeaseMap(std::uint32_t size, std::uint64_t backup_pattern);

  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  [[nodiscard]] Half half(std::uint32_t index) const noexcept;
  [[nodiscard]] bool is_reserved(std::uint32_t index) const noexcept;

  void mark_taken(std::uint32_t index) noexcept;
  /// It counts as some client's former lease from now on.
  void mark_free(std::uint32_t index) noexcept;
  /// Keeps it out of every search from now on.
  void set_reserved(std::uint32_t index) noexcept;
  /// Not two threads at a time for one lease. REQUIRES: first + count <= size().
  void set_half(std::uint32_t first, std::uint32_t count, Half half) noexcept;

  /// How many leases of `half` are neither taken nor reserved; racy. A step for each 64 leases.
  [[nodiscard]] std::uint64_t count_free(Half half) const noexcept;
  struct Block {
    std::uint32_t first;
    unsigned count_log2;
  };
  /// The largest aligned block of such leases, of at most `count_max` (>= 1) of them; the first of
  /// that size. Racy. A step for each 64 leases up to it.
  [[nodiscard]] std::optional<Block> find_block(Half half, std::uint32_t count_max) const noexcept;

  /// The first lease of `half` from `position` on, going round, that is neither taken nor reserved
  /// nor held by the word of `is_held(index)`: fresh ones first, then former ones. kNone: the half
  /// is exhausted (or kLooksMax leases in a row were held without being marked).
  template <typename IsHeld>
  [[nodiscard]] std::uint32_t find(std::uint32_t position, Half half,
                                   const IsHeld& is_held) noexcept {
    int looks_left = kLooksMax;
    for (const Past past : {Past::kFresh, Past::kFormer}) {
      Search search(position);
      while (looks_left > 0 && next_word(search, half, past)) {
        for (std::uint64_t found = search.found; found != 0 && looks_left > 0; --looks_left) {
          const auto index = search.word * 64 + static_cast<std::uint32_t>(std::countr_zero(found));
          if (!is_held(index)) return index;
          found &= found - 1;
        }
        --looks_left;
      }
    }
    return kNone;
  }

 private:
  static constexpr int kLooksMax = 512;

  enum class Past : std::uint8_t { kFresh, kFormer };

  struct alignas(32) Word {
    std::uint64_t taken;     // written by the holder's thread
    std::uint64_t reserved;  // written when the pool is set up
    std::uint64_t former;    // only ever set
    std::uint64_t backup;    // XOR the pattern; each bit written by who holds the lease then
  };

  /// The way of one search round the map, word by word.
  struct Search {
    explicit Search(std::uint32_t position)
        : first_word(position / 64), first_bits(~0ULL << (position & 63)) {}
    std::uint32_t first_word;
    std::uint64_t first_bits;  // the start's own bits and those after it
    std::uint32_t word = 0;
    std::uint64_t found = 0;  // members in `word` that the search has not passed
    enum class Stage : std::uint8_t { kStart, kAfter, kBefore, kDone } stage = Stage::kStart;
  };
  /// Steps to the next word that has members; false when round.
  bool next_word(Search& search, Half half, Past past) noexcept;

  [[nodiscard]] std::uint64_t backup_bits(std::uint32_t word) const noexcept;
  [[nodiscard]] std::uint64_t available(std::uint32_t word, Half half) const noexcept;
  [[nodiscard]] std::uint64_t members(std::uint32_t word, Half half, Past past) const noexcept;
  [[nodiscard]] BitmapTree& tree(Half half, Past past) noexcept {
    return trees_[static_cast<std::size_t>(half) * 2 + static_cast<std::size_t>(past)];
  }
  /// Brings one class's bit of a word up to what its members say.
  void settle(std::uint32_t word, Half half, Past past) noexcept;
  void settle_all(std::uint32_t word) noexcept;

  // Immutable after construction.
  std::uint32_t size_;
  std::uint64_t pattern_;

  ReservedMemory<Word> words_;
  std::array<BitmapTree, 4> trees_;  // FREE fresh, FREE former, FREE-BACKUP fresh and former
};

}  // namespace tandem6
