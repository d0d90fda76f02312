// A pool of delegable prefixes of one length: dense, up to 2^24 of them. A free one is found in
// constant time through hierarchical bitmaps; nothing is filled at start and memory is taken where
// it is touched.
//
// Per prefix: one atomic octet (0 free, else shard + 1) that alone decides who holds it, and the
// bits of a FreeLeaseMap that only guide the search: a stale bit costs a wasted look, never a
// double lease.
//
// The half of a prefix is written only by who holds it: a shard's worker, or move_block, which
// holds the whole block while it moves. So a worker that has claimed a prefix can look at its half
// and rely on it until it lets go, and no prefix is in two servers' halves at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "dataplane/lease/address_pool.h"

namespace tandem6 {

/// Is told of each block that moves, by the thread that moves it and while that still holds it: so
/// whatever a worker does with a prefix of the block comes wholly before or wholly after, and what
/// is written down in this order is the order in which it happened.
struct BlockWitness {
  void (*tell)(void* self, const Ipv6Prefix& block, Half half) noexcept = nullptr;
  void* self = nullptr;
};

/// All functions lock-free, any shard's worker.
class PrefixPool {
 public:
  static constexpr unsigned kPrefixCountLog2Max = 24;

  /// REQUIRES: range.length <= delegated_length <= 128, at most 2^24 prefixes. All prefixes start
  /// in the half FREE.
  PrefixPool(Ipv6Prefix range, std::uint8_t delegated_length, unsigned shard_count);
  ~PrefixPool();

  [[nodiscard]] const Ipv6Prefix& range() const noexcept;
  [[nodiscard]] std::uint8_t delegated_length() const noexcept;
  [[nodiscard]] std::uint64_t size() const noexcept;
  [[nodiscard]] std::uint64_t used() const noexcept;
  [[nodiscard]] std::uint64_t salt() const noexcept;

  /// True for a prefix of exactly the delegated length inside the range.
  [[nodiscard]] bool contains(const Ipv6Prefix& prefix) const noexcept;

  /// A prefix of `half` that no shard holds, starting the search at the draw's position and going
  /// round: fresh ones first, then those that were some client's before (so that a client finds its
  /// old prefix again while others are free). Nothing is claimed. None: the half is exhausted.
  [[nodiscard]] std::optional<Ipv6Prefix> find_free(const AllocationKey::Draw& draw,
                                                    Half half) const noexcept;

  /// REQUIRES (all below): contains(prefix).
  [[nodiscard]] ClaimResult claim(const Ipv6Prefix& prefix, ShardId shard) noexcept;
  /// REQUIRES: `shard` holds it. It counts as some client's former prefix from now on.
  void release(const Ipv6Prefix& prefix, ShardId shard) noexcept;
  [[nodiscard]] ShardId holder(const Ipv6Prefix& prefix) const noexcept;

  [[nodiscard]] Half half(const Ipv6Prefix& prefix) const noexcept;
  /// Puts the aligned block of 2^`count_log2` prefixes that begins at `first` into `half`. Held
  /// prefixes stay held; their half counts once they are free. REQUIRES: the caller holds them, or
  /// no worker runs yet.
  void set_half(const Ipv6Prefix& first, unsigned count_log2, Half half) noexcept;
  /// Moves the same block (RFC 8156 section 4.2.2: pools are balanced by block) if nobody holds a
  /// prefix in it; else false, and nothing has changed. One thread at a time. Holds the block
  /// meanwhile, so that a claim in it is refused and a search may pass over it: some nanoseconds
  /// for each prefix.
  [[nodiscard]] bool move_block(const Ipv6Prefix& first, unsigned count_log2, Half half) noexcept;
  /// Of move_block, from now on. Before the workers run; `self` outlives the last move.
  void set_witness(BlockWitness witness) noexcept;
  /// How many prefixes of `half` nobody holds, without reserved ones; racy. A step for each 64.
  [[nodiscard]] std::uint64_t free_count(Half half) const noexcept;
  /// The largest block of such prefixes, at most `count_max` and kBlockCountMax of them, named by
  /// the shorter prefix that covers it; the first of that size. Racy: move_block decides. A step
  /// for each 64 prefixes up to it. REQUIRES: count_max >= 1.
  [[nodiscard]] std::optional<Ipv6Prefix> find_block(Half half,
                                                     std::uint64_t count_max) const noexcept;
  /// A block is held for a millisecond or so while it moves.
  static constexpr std::uint32_t kBlockCountMax = 1U << 17;
  /// Keeps a prefix out of every search: it is reserved for one client. Claims stay
  /// possible.
  void set_reserved(const Ipv6Prefix& prefix) noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem6
