#include "dataplane/lease/prefix_pool.h"

#include <algorithm>

#include "dataplane/lease/free_lease_map.h"
#include "dataplane/lease/reserved_memory.h"
#include "dataplane/lease/shared_word.h"
#include "dataplane/wire/check.h"

namespace tandem6 {
namespace {

using HolderOctet = SharedWord<std::uint8_t>;

/// In the place of a shard: the prefix is on its way to the other half. No shard has this number.
constexpr std::uint8_t kMoving = 0xff;
static_assert(kShardIdMax + 1 < kMoving);

struct Bits128 {
  std::uint64_t high;
  std::uint64_t low;
};

// The two shifts of a 128-bit number of which we want, or have, 64 bits only. REQUIRES: n <= 128.
std::uint64_t shifted_right(Bits128 bits, unsigned n) noexcept {
  if (n == 0) return bits.low;
  if (n < 64) return bits.high << (64 - n) | bits.low >> n;
  return n < 128 ? bits.high >> (n - 64) : 0;
}
Bits128 shifted_left(std::uint64_t low, unsigned n) noexcept {
  if (n == 0) return {0, low};
  if (n < 64) return {low >> (64 - n), low << n};
  return {n < 128 ? low << (n - 64) : 0, 0};
}

std::uint32_t count_of(const Ipv6Prefix& range, std::uint8_t delegated_length) noexcept {
  T6_CHECK(range.length <= delegated_length && delegated_length <= 128);
  T6_CHECK(delegated_length - range.length <= static_cast<int>(PrefixPool::kPrefixCountLog2Max));
  return 1U << (delegated_length - range.length);
}

}  // namespace

struct PrefixPool::Impl {
  Impl(Ipv6Prefix pool_range, std::uint8_t length, unsigned shard_count)
      : range(pool_range.masked()),
        delegated_length(length),
        salt(salt_of_pool(pool_range.masked(), length)),
        holders(count_of(range, length)),
        free(count_of(range, length), 0),
        used(shard_count) {}

  [[nodiscard]] std::uint32_t index_of(const Ipv6Prefix& prefix) const noexcept {
    const Bits128 bits{prefix.address.high(), prefix.address.low()};
    return static_cast<std::uint32_t>(shifted_right(bits, 128U - delegated_length)) &
           (free.size() - 1);
  }
  [[nodiscard]] Ipv6Prefix prefix_at(std::uint32_t index) const noexcept {
    const Bits128 bits = shifted_left(index, 128U - delegated_length);
    return {
        Ipv6Address::from_halves(range.address.high() | bits.high, range.address.low() | bits.low),
        delegated_length};
  }
  [[nodiscard]] HolderOctet holder_octet(std::uint32_t index) const noexcept {
    return HolderOctet(holders[index]);
  }

  Ipv6Prefix range;
  std::uint8_t delegated_length;
  std::uint64_t salt;
  ReservedMemory<std::uint8_t> holders;  // shard + 1, or 0
  FreeLeaseMap free;
  ShardCounters used;
  BlockWitness witness;  // written before the workers run
};

PrefixPool::PrefixPool(Ipv6Prefix range, std::uint8_t delegated_length, unsigned shard_count)
    : impl_(std::make_unique<Impl>(range, delegated_length, shard_count)) {}
PrefixPool::~PrefixPool() = default;

const Ipv6Prefix& PrefixPool::range() const noexcept { return impl_->range; }
std::uint8_t PrefixPool::delegated_length() const noexcept { return impl_->delegated_length; }
std::uint64_t PrefixPool::size() const noexcept { return impl_->free.size(); }
std::uint64_t PrefixPool::used() const noexcept { return impl_->used.sum(); }
std::uint64_t PrefixPool::salt() const noexcept { return impl_->salt; }

bool PrefixPool::contains(const Ipv6Prefix& prefix) const noexcept {
  return prefix.length == impl_->delegated_length && impl_->range.contains(prefix.address) &&
         prefix == prefix.masked();
}

std::optional<Ipv6Prefix> PrefixPool::find_free(const AllocationKey::Draw& draw,
                                                Half half) const noexcept {
  const std::uint32_t start = static_cast<std::uint32_t>(draw.low) & (impl_->free.size() - 1);
  const std::uint32_t index = impl_->free.find(
      start, half, [this](std::uint32_t at) { return impl_->holder_octet(at).load() != 0; });
  if (index == FreeLeaseMap::kNone) return std::nullopt;
  return impl_->prefix_at(index);
}

ClaimResult PrefixPool::claim(const Ipv6Prefix& prefix, ShardId shard) noexcept {
  T6_CHECK(contains(prefix));
  T6_CHECK(shard <= kShardIdMax);
  const std::uint32_t index = impl_->index_of(prefix);
  if (!impl_->holder_octet(index).exchange_if(0, static_cast<std::uint8_t>(shard + 1))) {
    return ClaimResult::kTaken;
  }
  impl_->free.mark_taken(index);
  impl_->used.add(shard, 1);
  return ClaimResult::kClaimed;
}

void PrefixPool::release(const Ipv6Prefix& prefix, ShardId shard) noexcept {
  T6_CHECK(contains(prefix));
  const std::uint32_t index = impl_->index_of(prefix);
  T6_CHECK(impl_->holder_octet(index).load() == shard + 1);
  // The mark goes while the octet still keeps everybody else away from it.
  impl_->free.mark_free(index);
  impl_->holder_octet(index).store(0);
  impl_->used.add(shard, -1);
}

ShardId PrefixPool::holder(const Ipv6Prefix& prefix) const noexcept {
  T6_CHECK(contains(prefix));
  const std::uint8_t octet = impl_->holder_octet(impl_->index_of(prefix)).load();
  return octet == 0 || octet == kMoving ? kNoShard : static_cast<ShardId>(octet - 1);
}

Half PrefixPool::half(const Ipv6Prefix& prefix) const noexcept {
  T6_CHECK(contains(prefix));
  return impl_->free.half(impl_->index_of(prefix));
}

void PrefixPool::set_half(const Ipv6Prefix& first, unsigned count_log2, Half half) noexcept {
  T6_CHECK(contains(first));
  T6_CHECK(count_log2 <= kPrefixCountLog2Max);
  const std::uint32_t index = impl_->index_of(first);
  const std::uint32_t count = 1U << count_log2;
  T6_CHECK((index & (count - 1)) == 0);
  impl_->free.set_half(index, count, half);
}

bool PrefixPool::move_block(const Ipv6Prefix& first, unsigned count_log2, Half half) noexcept {
  T6_CHECK(contains(first) && count_log2 <= kPrefixCountLog2Max);
  const std::uint32_t begin = impl_->index_of(first);
  const std::uint32_t end = begin + (1U << count_log2);
  std::uint32_t at = begin;
  while (at != end && impl_->holder_octet(at).exchange_if(0, kMoving)) ++at;
  const bool is_ours = at == end;
  if (is_ours) {
    set_half(first, count_log2, half);
    const auto length = static_cast<std::uint8_t>(impl_->delegated_length - count_log2);
    if (impl_->witness.tell != nullptr) {
      impl_->witness.tell(impl_->witness.self, {first.address, length}, half);
    }
  }
  while (at != begin) impl_->holder_octet(--at).store(0);
  return is_ours;
}

void PrefixPool::set_witness(BlockWitness witness) noexcept { impl_->witness = witness; }

std::uint64_t PrefixPool::free_count(Half half) const noexcept {
  return impl_->free.count_free(half);
}

std::optional<Ipv6Prefix> PrefixPool::find_block(Half half,
                                                 std::uint64_t count_max) const noexcept {
  T6_CHECK(count_max >= 1);
  const auto found = impl_->free.find_block(
      half, static_cast<std::uint32_t>(std::min<std::uint64_t>(count_max, kBlockCountMax)));
  if (!found) return std::nullopt;
  return Ipv6Prefix{impl_->prefix_at(found->first).address,
                    static_cast<std::uint8_t>(impl_->delegated_length - found->count_log2)};
}

void PrefixPool::set_reserved(const Ipv6Prefix& prefix) noexcept {
  T6_CHECK(contains(prefix));
  impl_->free.set_reserved(impl_->index_of(prefix));
}

}  // namespace tandem6
