#include "dataplane/lease/address_pool.h"

#include <algorithm>

#include "dataplane/wire/check.h"

namespace tandem6 {
namespace {

// RFC 5453 section 3 and its registry, as identifiers whose last bits are free: each block is
// aligned, so a range lies inside a block, or holds all of it, or does not meet it.
struct IdentifierBlock {
  std::uint64_t first;
  unsigned free_bits;
};
constexpr IdentifierBlock kReservedBlocks[] = {
    {0, 0},                    // subnet-router anycast (RFC 4291)
    {0x02005efffe000000, 24},  // Ethernet's block of IANA (proxy Mobile IPv6 takes one of it)
    {0xfdffffffffffff80, 7},   // subnet anycast (RFC 2526)
};

constexpr bool is_inside(std::uint64_t identifier, const IdentifierBlock& block) noexcept {
  return identifier >> block.free_bits == block.first >> block.free_bits;
}

std::uint64_t pattern_of(const Ipv6Prefix& range) noexcept {
  if (range.length < 128) return 0x5555555555555555;  // even ones: bit 0 of index and address agree
  return half_of(range.address) == Half::kFreeBackup ? ~0ULL : 0;
}

}  // namespace

bool is_reserved_interface_identifier(const Ipv6Address& address) noexcept {
  const std::uint64_t identifier = address.low();
  return std::ranges::any_of(kReservedBlocks, [identifier](const IdentifierBlock& block) {
    return is_inside(identifier, block);
  });
}

ShardCounters::ShardCounters(unsigned shard_count) : lines_(shard_count) {}

void ShardCounters::add(ShardId shard, std::int64_t n) noexcept {
  T6_CHECK(shard < lines_.size());
  std::atomic<std::int64_t>& count = lines_[shard].count;
  // One writer: no read-modify-write is needed; a reader may see a value that is a moment old.
  count.store(count.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}

std::uint64_t ShardCounters::sum() const noexcept {
  std::int64_t sum = 0;
  for (const Line& line : lines_) sum += line.count.load(std::memory_order_relaxed);
  // Negative for a moment when a lease moved between two shards while we were counting.
  return sum < 0 ? 0 : static_cast<std::uint64_t>(sum);
}

AddressPool::AddressPool(Ipv6Prefix range, ClaimTable& table, unsigned shard_count)
    : range_(range.masked()),
      mask_(range.length),
      salt_(salt_of_pool(range_, 128)),
      table_(&table),
      used_(shard_count),
      quarantined_(shard_count) {
  if (size() > kDenseSizeMax) return;
  const std::uint64_t first = range_.address.low();
  const std::uint64_t last = first | ~mask_.low;
  for (const IdentifierBlock& block : kReservedBlocks) {
    if (is_inside(first, block) && is_inside(last, block)) return;
  }
  free_ = std::make_unique<FreeLeaseMap>(static_cast<std::uint32_t>(size()), pattern_of(range_));
  for (const IdentifierBlock& block : kReservedBlocks) {
    if (block.first < first || block.first > last) continue;
    const std::uint64_t block_size = 1ULL << block.free_bits;
    for (std::uint64_t i = 0; i < block_size; ++i) {
      free_->set_reserved(static_cast<std::uint32_t>(block.first - first + i));
    }
  }
}

std::uint32_t AddressPool::index_of(const Ipv6Address& address) const noexcept {
  return static_cast<std::uint32_t>(address.low() & ~mask_.low);
}

Ipv6Address AddressPool::address_at(std::uint32_t index) const noexcept {
  return Ipv6Address::from_halves(range_.address.high(), range_.address.low() | index);
}

Ipv6Address AddressPool::candidate(const AllocationKey::Draw& draw, Half half) const noexcept {
  if (range_.length == 128) return half_of(range_.address) == half ? range_.address : Ipv6Address{};
  const std::uint64_t high = range_.address.high() | (draw.high & ~mask_.high);
  const std::uint64_t low = range_.address.low() | (draw.low & ~mask_.low);
  return Ipv6Address::from_halves(high, half == Half::kFree ? low | 1 : low & ~1ULL);
}

bool AddressPool::may_lease(const Ipv6Address& address) const noexcept {
  return contains(address) && !is_reserved_interface_identifier(address);
}

std::optional<Ipv6Address> AddressPool::find_free(const AllocationKey::Draw& draw,
                                                  Half half) const noexcept {
  if (free_ == nullptr) return std::nullopt;
  const std::uint32_t start = index_of(candidate(draw, half));
  const std::uint32_t index = free_->find(
      start, half, [this](std::uint32_t at) { return table_->holder(address_at(at)) != kNoShard; });
  if (index == FreeLeaseMap::kNone) return std::nullopt;
  return address_at(index);
}

void AddressPool::set_reserved(const Ipv6Address& address) noexcept {
  T6_CHECK(contains(address));
  if (free_ != nullptr) free_->set_reserved(index_of(address));
}

ClaimResult AddressPool::claim(const Ipv6Address& address, ShardId shard) noexcept {
  T6_CHECK(contains(address));
  const ClaimResult result = table_->claim(address, shard);
  if (result != ClaimResult::kClaimed) return result;
  if (free_ != nullptr) free_->mark_taken(index_of(address));
  used_.add(shard, 1);
  return result;
}

void AddressPool::release(const Ipv6Address& address, ShardId shard) noexcept {
  T6_CHECK(contains(address));
  // The mark goes while the claim still keeps everybody else away from it.
  if (free_ != nullptr) free_->mark_free(index_of(address));
  table_->release(address, shard);
  used_.add(shard, -1);
}

ShardId AddressPool::holder(const Ipv6Address& address) const noexcept {
  return table_->holder(address);
}

bool AddressPool::has_quarantine_room() const noexcept {
  constexpr std::uint64_t kQuarantineShare = 10;
  return quarantined() < std::max<std::uint64_t>(size() / kQuarantineShare, 1);
}

std::uint64_t AddressPool::size() const noexcept {
  const unsigned free_bits = 128U - range_.length;
  return free_bits >= 64 ? ~0ULL : 1ULL << free_bits;
}

}  // namespace tandem6
