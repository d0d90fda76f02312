#include "dataplane/lease/free_lease_map.h"

#include <algorithm>
#include <iterator>

#include "dataplane/lease/shared_word.h"
#include "dataplane/wire/check.h"

namespace tandem6 {
namespace {

using MapWord = SharedWord<std::uint64_t>;

constexpr std::uint32_t words_for(std::uint32_t lease_count) noexcept {
  return (lease_count + 63) / 64;
}
constexpr std::uint64_t bit_mask(std::uint32_t index) noexcept { return 1ULL << (index & 63); }

constexpr unsigned log2_of(std::uint32_t value) noexcept {
  return static_cast<unsigned>(std::bit_width(value)) - 1;
}

/// Of the aligned blocks of set bits in a word (which has one) the largest, up to 2^5.
struct BitBlock {
  unsigned first;
  unsigned count_log2;
};
BitBlock largest_bit_block(std::uint64_t bits, unsigned log2_max) noexcept {
  // After n rounds a bit is left where an aligned block of 2^n begins.
  constexpr std::uint64_t kAligned[] = {0x5555555555555555, 0x1111111111111111, 0x0101010101010101,
                                        0x0001000100010001, 0x0000000100000001};
  unsigned count_log2 = 0;
  while (count_log2 < std::min<unsigned>(log2_max, std::size(kAligned))) {
    const std::uint64_t longer = bits & (bits >> (1U << count_log2)) & kAligned[count_log2];
    if (longer == 0) break;
    bits = longer;
    ++count_log2;
  }
  return {static_cast<unsigned>(std::countr_zero(bits)), count_log2};
}

BitmapTree::Initially full_if(bool condition) noexcept {
  return condition ? BitmapTree::Initially::kFull : BitmapTree::Initially::kEmpty;
}

}  // namespace

FreeLeaseMap::FreeLeaseMap(std::uint32_t size, std::uint64_t backup_pattern)
    : size_(size),
      pattern_(backup_pattern),
      words_(words_for(size)),
      trees_{BitmapTree(words_for(size), full_if(~backup_pattern != 0)),
             BitmapTree(words_for(size), BitmapTree::Initially::kEmpty),
             BitmapTree(words_for(size), full_if(backup_pattern != 0)),
             BitmapTree(words_for(size), BitmapTree::Initially::kEmpty)} {
  T6_CHECK(size >= 1 && size <= kSizeMax);
}

std::uint64_t FreeLeaseMap::backup_bits(std::uint32_t word) const noexcept {
  return MapWord(words_[word].backup).load() ^ pattern_;
}

std::uint64_t FreeLeaseMap::available(std::uint32_t word, Half half) const noexcept {
  Word& facts = words_[word];
  const std::uint64_t unavailable = MapWord(facts.taken).load() | MapWord(facts.reserved).load();
  const std::uint64_t backup = backup_bits(word);
  const std::uint32_t rest = size_ - word * 64;
  const std::uint64_t valid = rest >= 64 ? ~0ULL : bit_mask(rest) - 1;
  return valid & ~unavailable & (half == Half::kFreeBackup ? backup : ~backup);
}

std::uint64_t FreeLeaseMap::members(std::uint32_t word, Half half, Past past) const noexcept {
  const std::uint64_t former = MapWord(words_[word].former).load();
  return available(word, half) & (past == Past::kFormer ? former : ~former);
}

std::uint64_t FreeLeaseMap::count_free(Half half) const noexcept {
  std::uint64_t count = 0;
  for (std::uint32_t word = 0; word < words_for(size_); ++word) {
    count += static_cast<unsigned>(std::popcount(available(word, half)));
  }
  return count;
}

std::optional<FreeLeaseMap::Block> FreeLeaseMap::find_block(
    Half half, std::uint32_t count_max) const noexcept {
  const unsigned limit = log2_of(std::min(count_max, size_));
  std::optional<Block> best;
  const auto offer = [&](std::uint32_t first, unsigned count_log2) {
    if (!best || count_log2 > best->count_log2) best = Block{first, count_log2};
  };
  std::uint32_t run = 0;  // words in a row, up to this one, with all their leases
  for (std::uint32_t word = 0; word < words_for(size_); ++word) {
    const std::uint64_t bits = available(word, half);
    run = bits == ~0ULL ? run + 1 : 0;
    if (run != 0 && limit >= 6) {
      // Of the aligned blocks of words that end here the longest.
      const auto aligned = static_cast<unsigned>(std::countr_zero(word + 1));
      const unsigned words_log2 = std::min({aligned, log2_of(run), limit - 6});
      offer((word + 1 - (1U << words_log2)) * 64, words_log2 + 6);
    } else if (bits != 0 && (!best || best->count_log2 < std::min(limit, 5U))) {
      const BitBlock found = largest_bit_block(bits, limit);
      offer(word * 64 + found.first, found.count_log2);
    }
    if (best && best->count_log2 == limit) break;
  }
  return best;
}

Half FreeLeaseMap::half(std::uint32_t index) const noexcept {
  return (backup_bits(index / 64) & bit_mask(index)) != 0 ? Half::kFreeBackup : Half::kFree;
}

bool FreeLeaseMap::is_reserved(std::uint32_t index) const noexcept {
  return (MapWord(words_[index / 64].reserved).load() & bit_mask(index)) != 0;
}

// BitmapTree's rule: after adding, insert; after removing, erase, look again, insert.
void FreeLeaseMap::settle(std::uint32_t word, Half half, Past past) noexcept {
  BitmapTree& of_class = tree(half, past);
  if (members(word, half, past) == 0) {
    if (!of_class.contains(word)) return;
    of_class.erase(word);
    if (members(word, half, past) == 0) return;
  }
  of_class.insert(word);
}

void FreeLeaseMap::settle_all(std::uint32_t word) noexcept {
  for (const Half half : {Half::kFree, Half::kFreeBackup}) {
    for (const Past past : {Past::kFresh, Past::kFormer}) settle(word, half, past);
  }
}

void FreeLeaseMap::mark_taken(std::uint32_t index) noexcept {
  const std::uint32_t word = index / 64;
  MapWord(words_[word].taken).fetch_or(bit_mask(index));
  const bool former = (MapWord(words_[word].former).load() & bit_mask(index)) != 0;
  settle(word, half(index), former ? Past::kFormer : Past::kFresh);
}

void FreeLeaseMap::mark_free(std::uint32_t index) noexcept {
  const std::uint32_t word = index / 64;
  MapWord(words_[word].former).fetch_or(bit_mask(index));
  MapWord(words_[word].taken).fetch_and(~bit_mask(index));
  // A set_half at the same time either sees the lease free, or is seen here.
  settle(word, half(index), Past::kFormer);
}

void FreeLeaseMap::set_reserved(std::uint32_t index) noexcept {
  MapWord(words_[index / 64].reserved).fetch_or(bit_mask(index));
  settle_all(index / 64);
}

void FreeLeaseMap::set_half(std::uint32_t first, std::uint32_t count, Half half) noexcept {
  const std::uint64_t end = std::uint64_t{first} + count;
  T6_CHECK(end <= size_);
  for (std::uint64_t at = first; at < end; at = (at / 64 + 1) * 64) {
    const auto word = static_cast<std::uint32_t>(at / 64);
    const std::uint64_t bits =
        (~0ULL << (at & 63)) &
        (end - at >= 64 - (at & 63) ? ~0ULL : bit_mask(static_cast<std::uint32_t>(end)) - 1);
    const bool stored_set = half == Half::kFreeBackup;
    // Where the pattern is set the stored bit means the opposite.
    const std::uint64_t to_set = bits & (stored_set ? ~pattern_ : pattern_);
    const MapWord backup(words_[word].backup);
    backup.fetch_or(to_set);
    backup.fetch_and(~(bits & ~to_set));
    settle_all(word);
  }
}

bool FreeLeaseMap::next_word(Search& search, Half half, Past past) noexcept {
  using Stage = Search::Stage;
  BitmapTree& of_class = tree(half, past);
  std::uint32_t from = search.word + 1;
  if (search.stage == Stage::kStart) {
    search.stage = Stage::kAfter;
    from = search.first_word + 1;
    search.word = search.first_word;
    search.found = members(search.first_word, half, past) & search.first_bits;
    if (search.found != 0) return true;
  }
  for (int step = 0; step < kLooksMax && search.stage != Stage::kDone; ++step) {
    const std::uint32_t next = of_class.find_next(from);
    if (search.stage == Stage::kAfter && next == kNone) {
      search.stage = Stage::kBefore;
      from = 0;
      continue;
    }
    if (next >= search.first_word && search.stage == Stage::kBefore) {  // kNone as well
      search.stage = Stage::kDone;
      search.word = search.first_word;
      search.found = members(search.word, half, past) & ~search.first_bits;
      return search.found != 0;
    }
    search.word = next;
    search.found = members(next, half, past);
    if (search.found != 0) return true;
    settle(next, half, past);
    from = next + 1;
  }
  return false;
}

}  // namespace tandem6
