// The steps of claim_table.h on any memory: the real table runs them on atomic words, the model
// checker of tests/lease runs them in every order on plain ones. For ClaimTable and its tests only.
//
// A `Memory` has one function per atomic step, all of them sequentially consistent:
//   kWindow                                     slots of a key's window, at most 256
//   load(slot) -> word
//   exchange_if(slot, expected, desired) -> whether the word was `expected` and is now `desired`
//   reach(home) -> displacement                 never falls
//   raise_reach(home, displacement)
#pragma once

#include <cstdint>

#include "dataplane/lease/claim_table.h"
#include "dataplane/wire/check.h"

namespace tandem6::claim_protocol {

/// A slot's word: state 2 bits, shard 8 bits, fingerprint 54 bits. Zero is a free slot.
inline constexpr std::uint64_t kStateFree = 0;
inline constexpr std::uint64_t kStatePending = 1;
inline constexpr std::uint64_t kStateTaken = 2;
inline constexpr unsigned kFingerprintShift = 10;

[[nodiscard]] constexpr std::uint64_t state_of(std::uint64_t word) noexcept { return word & 3; }
[[nodiscard]] constexpr ShardId shard_of(std::uint64_t word) noexcept {
  return static_cast<ShardId>(word >> 2);
}

/// Where a lease belongs and what its words look like.
struct Key {
  std::uint64_t home;         // first slot of the window
  std::uint64_t fingerprint;  // in place: the low kFingerprintShift bits are zero

  [[nodiscard]] bool names(std::uint64_t word) const noexcept {
    return word != kStateFree && word >> kFingerprintShift == fingerprint >> kFingerprintShift;
  }
  [[nodiscard]] std::uint64_t word(std::uint64_t state, ShardId shard) const noexcept {
    return fingerprint | std::uint64_t{shard} << 2 | state;
  }
};

/// How often a claimant tries to knock out a word that keeps changing before it gives way.
inline constexpr int kKnockOutTries = 4;

/// Step 0. Most refusals are seen here, before anything is written. `free_at` becomes the first
/// free displacement met, or one past the last one looked at.
template <typename Memory>
[[nodiscard]] ClaimResult look_first(Memory& memory, const Key& key, unsigned& free_at) {
  const unsigned reach = memory.reach(key.home);
  bool free_seen = false;
  free_at = reach + 1;
  for (unsigned at = 0; at <= reach; ++at) {
    const std::uint64_t word = memory.load(key.home + at);
    if (word == kStateFree && !free_seen) {
      free_seen = true;
      free_at = at;
    }
    if (!key.names(word)) continue;
    if (state_of(word) == kStateTaken) return ClaimResult::kTaken;
    if (!free_seen) return ClaimResult::kContended;  // it would be the lower slot of the two
  }
  return ClaimResult::kClaimed;
}

/// Step 1. The displacement of the slot that now says PENDING, or kWindow when none is free.
template <typename Memory>
[[nodiscard]] unsigned put_pending(Memory& memory, const Key& key, std::uint64_t pending,
                                   unsigned from) {
  for (unsigned at = from; at < Memory::kWindow; ++at) {
    if (memory.load(key.home + at) != kStateFree) continue;
    memory.raise_reach(key.home, at);
    if (memory.exchange_if(key.home + at, kStateFree, pending)) return at;
  }
  return Memory::kWindow;
}

/// Step 2 at one other slot: kClaimed when nothing in it stands against the claim any more.
template <typename Memory>
[[nodiscard]] ClaimResult overcome(Memory& memory, const Key& key, unsigned at, unsigned own) {
  for (int i = 0; i < kKnockOutTries; ++i) {
    const std::uint64_t word = memory.load(key.home + at);
    if (!key.names(word)) return ClaimResult::kClaimed;
    if (state_of(word) == kStateTaken) return ClaimResult::kTaken;
    if (at < own) return ClaimResult::kContended;
    if (memory.exchange_if(key.home + at, word, kStateFree)) return ClaimResult::kClaimed;
  }
  return ClaimResult::kContended;
}

template <typename Memory>
[[nodiscard]] ClaimResult claim(Memory& memory, const Key& key, ShardId shard) {
  unsigned free_at = 0;
  const ClaimResult first = look_first(memory, key, free_at);
  if (first != ClaimResult::kClaimed) return first;

  const std::uint64_t pending = key.word(kStatePending, shard);
  const unsigned own = put_pending(memory, key, pending, free_at);
  if (own == Memory::kWindow) return ClaimResult::kFull;

  const unsigned reach = memory.reach(key.home);  // after step 1: the proof needs this order
  for (unsigned at = 0; at <= reach; ++at) {
    if (at == own) continue;
    const ClaimResult result = overcome(memory, key, at, own);
    if (result == ClaimResult::kClaimed) continue;
    (void)memory.exchange_if(key.home + own, pending, kStateFree);  // fails when knocked out
    return result;
  }
  return memory.exchange_if(key.home + own, pending, key.word(kStateTaken, shard))
             ? ClaimResult::kClaimed
             : ClaimResult::kContended;
}

/// REQUIRES: `shard` holds it. A taken word is changed by nobody but its holder.
template <typename Memory>
void release(Memory& memory, const Key& key, ShardId shard) {
  const std::uint64_t taken = key.word(kStateTaken, shard);
  const unsigned reach = memory.reach(key.home);
  for (unsigned at = 0; at <= reach; ++at) {
    if (memory.load(key.home + at) != taken) continue;
    const bool released = memory.exchange_if(key.home + at, taken, kStateFree);
    T6_CHECK(released);
    return;
  }
  T6_CHECK(!"a lease is released by the shard that holds it");
}

template <typename Memory>
[[nodiscard]] ShardId holder(Memory& memory, const Key& key) {
  const unsigned reach = memory.reach(key.home);
  for (unsigned at = 0; at <= reach; ++at) {
    const std::uint64_t word = memory.load(key.home + at);
    if (key.names(word) && state_of(word) == kStateTaken) return shard_of(word);
  }
  return kNoShard;
}

}  // namespace tandem6::claim_protocol
