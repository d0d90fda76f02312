// A pool of addresses: sparse, of any prefix length. Candidates are drawn by a keyed hash of
// (DUID, IAID, attempt); the low bit is the half; reserved interface identifiers (RFC 5453) are
// never drawn (S-056).
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "dataplane/lease/allocation_key.h"
#include "dataplane/lease/binding.h"
#include "dataplane/lease/claim_table.h"

namespace tandem6 {

/// True for identifiers that RFC 5453 reserves: the subnet-router anycast (0), 0200:5eff:fe00:0000
/// to 0200:5eff:fe00:5212 and the rest of that block to …feff:ffff, and fdff:ffff:ffff:ff80 to
/// ffff.
[[nodiscard]] bool is_reserved_interface_identifier(const Ipv6Address& address) noexcept;

/// How many addresses a pool has used, per shard (one writer each) and summed by any reader.
class UsedCounters {
 public:
  explicit UsedCounters(unsigned shard_count);
  void add(ShardId shard, std::int64_t n) noexcept;
  [[nodiscard]] std::uint64_t sum() const noexcept;

 private:
  struct alignas(64) Line {
    std::atomic<std::int64_t> used{0};
  };
  std::vector<Line> lines_;
};

/// Claims and releases: lock-free, any shard's worker. The table outlives the pool.
class AddressPool {
 public:
  AddressPool(Ipv6Prefix range, ClaimTable& table, unsigned shard_count);

  [[nodiscard]] const Ipv6Prefix& range() const noexcept { return range_; }
  [[nodiscard]] bool contains(const Ipv6Address& address) const noexcept {
    return range_.contains(address);
  }

  /// The candidate of this draw in `half`; none when the range has no address of that half (a
  /// /128). May be reserved or excluded: the caller tests `may_lease`.
  [[nodiscard]] Ipv6Address candidate(const AllocationKey::Draw& draw, Half half) const noexcept;
  /// Inside the range and not a reserved interface identifier.
  [[nodiscard]] bool may_lease(const Ipv6Address& address) const noexcept;

  [[nodiscard]] ClaimResult claim(const Ipv6Address& address, ShardId shard) noexcept;
  void release(const Ipv6Address& address, ShardId shard) noexcept;
  [[nodiscard]] ShardId holder(const Ipv6Address& address) const noexcept;

  [[nodiscard]] std::uint64_t salt() const noexcept { return salt_; }
  [[nodiscard]] std::uint64_t used() const noexcept { return used_.sum(); }
  /// Number of addresses, saturated at 2^64 - 1.
  [[nodiscard]] std::uint64_t size() const noexcept;

 private:
  Ipv6Prefix range_;
  std::uint64_t salt_;
  ClaimTable* table_;
  UsedCounters used_;
};

}  // namespace tandem6
