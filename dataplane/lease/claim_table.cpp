#include "dataplane/lease/claim_table.h"

#include <algorithm>
#include <atomic>

#include "dataplane/lease/claim_protocol.h"
#include "dataplane/lease/prefetch.h"
#include "dataplane/lease/reserved_memory.h"

namespace tandem6 {
namespace {

__extension__ using Uint128 = unsigned __int128;

// Slots of a window. At a load of one half fewer than one key in 10^10 needs a longer one.
constexpr unsigned kWindowSize = 128;
// Homes that share one reach: small enough that the reach stays near to what its own keys needed,
// large enough that all of them stay in the cache (one octet for 128 octets of slots).
constexpr unsigned kHomesPerReachLog2 = 4;
// Below this a table saves nothing.
constexpr std::uint64_t kHomeCountMin = 16;

constexpr std::size_t kSlotsPerCacheLine = 8;

class TableMemory {
 public:
  static constexpr unsigned kWindow = kWindowSize;

  // The last home has a whole window too, so no window wraps and slots are ordered by number.
  explicit TableMemory(std::uint64_t home_count)
      : slots_(home_count + kWindowSize - 1), reaches_((home_count >> kHomesPerReachLog2) + 1) {}

  [[nodiscard]] std::uint64_t load(std::uint64_t slot) const noexcept { return word(slot).load(); }
  bool exchange_if(std::uint64_t slot, std::uint64_t expected, std::uint64_t desired) noexcept {
    return word(slot).compare_exchange_strong(expected, desired);
  }
  [[nodiscard]] unsigned reach(std::uint64_t home) const noexcept { return reach_of(home).load(); }
  void raise_reach(std::uint64_t home, unsigned displacement) noexcept {
    const std::atomic_ref<std::uint8_t> reach = reach_of(home);
    std::uint8_t seen = reach.load();
    // At most kWindowSize rounds: each failure means that somebody else has raised it.
    while (seen < displacement &&
           !reach.compare_exchange_weak(seen, static_cast<std::uint8_t>(displacement))) {
    }
  }

  void prefetch(std::uint64_t home) const noexcept {
    prefetch_line(&reaches_[home >> kHomesPerReachLog2]);
    prefetch_line(&slots_[home]);
    prefetch_line(&slots_[home + kSlotsPerCacheLine - 1]);
  }
  [[nodiscard]] std::uint64_t slot_count() const noexcept { return slots_.count(); }

 private:
  [[nodiscard]] std::atomic_ref<std::uint64_t> word(std::uint64_t slot) const noexcept {
    return std::atomic_ref(slots_[slot]);
  }
  [[nodiscard]] std::atomic_ref<std::uint8_t> reach_of(std::uint64_t home) const noexcept {
    return std::atomic_ref(reaches_[home >> kHomesPerReachLog2]);
  }

  ReservedMemory<std::uint64_t> slots_;
  ReservedMemory<std::uint8_t> reaches_;
};
static_assert(kWindowSize <= 256, "a displacement is an octet");

}  // namespace

struct ClaimTable::Impl {
  Impl(std::uint64_t homes, const AllocationKey& secret)
      : home_count(homes), key(secret), memory(homes) {}

  [[nodiscard]] claim_protocol::Key key_of(const Ipv6Address& address) const noexcept {
    const std::uint64_t hash = key.hash(address.octets);
    // The upper bits choose the home, the lower 54 are the fingerprint: together all 64 count.
    return {.home = static_cast<std::uint64_t>((Uint128{hash} * home_count) >> 64),
            .fingerprint = hash << claim_protocol::kFingerprintShift};
  }

  std::uint64_t home_count;
  AllocationKey key;
  TableMemory memory;
};

ClaimTable::ClaimTable(std::uint64_t lease_count_max, const AllocationKey& key)
    : impl_(std::make_unique<Impl>(std::max(2 * lease_count_max, kHomeCountMin), key)) {}
ClaimTable::~ClaimTable() = default;

ClaimResult ClaimTable::claim(const Ipv6Address& address, ShardId shard) noexcept {
  T6_CHECK(shard <= kShardIdMax);
  return claim_protocol::claim(impl_->memory, impl_->key_of(address), shard);
}

void ClaimTable::release(const Ipv6Address& address, ShardId shard) noexcept {
  claim_protocol::release(impl_->memory, impl_->key_of(address), shard);
}

ShardId ClaimTable::holder(const Ipv6Address& address) const noexcept {
  return claim_protocol::holder(impl_->memory, impl_->key_of(address));
}

void ClaimTable::prefetch(const Ipv6Address& address) const noexcept {
  impl_->memory.prefetch(impl_->key_of(address).home);
}

std::uint64_t ClaimTable::slot_count() const noexcept { return impl_->memory.slot_count(); }

}  // namespace tandem6
