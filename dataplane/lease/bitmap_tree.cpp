#include "dataplane/lease/bitmap_tree.h"

#include <bit>

#include "dataplane/lease/shared_word.h"
#include "dataplane/wire/check.h"

namespace tandem6 {
namespace {

constexpr std::uint32_t words_for(std::uint32_t bit_count) noexcept {
  return (bit_count + 63) / 64;
}

constexpr std::uint32_t words_of_all_levels(std::uint32_t bit_count) noexcept {
  std::uint32_t sum = 0;
  do {
    bit_count = words_for(bit_count);
    sum += bit_count;
  } while (bit_count > 1);
  return sum;
}

constexpr std::uint64_t bit_mask(std::uint32_t bit) noexcept { return 1ULL << (bit & 63); }

// Words that a search may look at: the nine of its way up and down, and 31 such ways more over bits
// that races left behind.
constexpr int kSearchStepsMax = 288;

}  // namespace

BitmapTree::BitmapTree(std::uint32_t size, Initially initially)
    : flip_(initially == Initially::kFull ? ~0ULL : 0), words_(words_of_all_levels(size)) {
  T6_CHECK(size >= 1 && size <= kSizeMax);
  std::uint32_t first_word = 0;
  for (std::uint32_t bits = size;; bits = words_for(bits)) {
    bit_count_[level_count_] = bits;
    first_word_[level_count_] = first_word;
    ++level_count_;
    first_word += words_for(bits);
    if (bits <= 64) break;
  }
}

// Bits past the end read as clear, whatever untouched memory means.
std::uint64_t BitmapTree::valid_bits(unsigned level, std::uint32_t index) const noexcept {
  const std::uint32_t rest = bit_count_[level] - index * 64;
  return rest >= 64 ? ~0ULL : bit_mask(rest) - 1;
}

std::uint64_t BitmapTree::word(unsigned level, std::uint32_t index) const noexcept {
  const SharedWord stored(words_[first_word_[level] + index]);
  return (stored.load() ^ flip_) & valid_bits(level, index);
}

void BitmapTree::set(unsigned level, std::uint32_t index, std::uint64_t bits) noexcept {
  const SharedWord stored(words_[first_word_[level] + index]);
  if (flip_ == 0) {
    stored.fetch_or(bits);
  } else {
    stored.fetch_and(~bits);
  }
}

// Returns what is left in the word.
std::uint64_t BitmapTree::clear(unsigned level, std::uint32_t bit) noexcept {
  const SharedWord stored(words_[first_word_[level] + bit / 64]);
  const std::uint64_t before =
      flip_ == 0 ? stored.fetch_and(~bit_mask(bit)) : ~stored.fetch_or(bit_mask(bit));
  return before & ~bit_mask(bit) & valid_bits(level, bit / 64);
}

bool BitmapTree::contains(std::uint32_t number) const noexcept {
  return (word(0, number / 64) & bit_mask(number)) != 0;
}

void BitmapTree::insert_from(unsigned level, std::uint32_t bit) noexcept {
  for (; level < level_count_; ++level, bit /= 64) {
    if ((word(level, bit / 64) & bit_mask(bit)) == 0) set(level, bit / 64, bit_mask(bit));
  }
}

void BitmapTree::insert_all(BitmapTree& other) noexcept {
  T6_CHECK(other.size() == size());
  std::uint32_t number = other.find_next(0);
  while (number != kNone) {
    const std::uint32_t index = number / 64;
    set(0, index, other.word(0, index));
    insert_from(1, index);
    number = other.find_next((index + 1) * 64);
  }
}

void BitmapTree::erase_from(unsigned level, std::uint32_t bit) noexcept {
  std::uint64_t left = clear(level, bit);
  while (left == 0 && ++level < level_count_) {
    bit /= 64;
    left = clear(level, bit);
    if (word(level - 1, bit) != 0) return insert_from(level, bit);
  }
}

std::uint32_t BitmapTree::find_next(std::uint32_t from) noexcept {
  unsigned level = 0;
  std::uint32_t at = from;  // a bit of this level; nothing wanted lies before it
  bool from_above = false;
  for (int step = 0; step < kSearchStepsMax && at < bit_count_[level]; ++step) {
    const std::uint32_t index = at / 64;
    const std::uint64_t members = word(level, index) & (~0ULL << (at & 63));
    if (members != 0) {
      at = index * 64 + static_cast<std::uint32_t>(std::countr_zero(members));
      if (level == 0) return at;
      --level;
      at *= 64;
      from_above = true;
      continue;
    }
    if (level + 1 == level_count_) return kNone;
    if (from_above) {  // the bit that led here was left by a race
      erase_from(level + 1, index);
      if (word(level, index) != 0) insert_from(level + 1, index);
    }
    ++level;
    at = index + 1;
    from_above = false;
  }
  return kNone;
}

}  // namespace tandem6
