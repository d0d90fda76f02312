// A pool of addresses: sparse, of any prefix length. Candidates are drawn by a keyed hash of
// (DUID, IAID, attempt); the low bit is the half; reserved interface identifiers (RFC 5453) are
// never leased (S-056).
//
// Drawing finds a free address at once while many are free. Ranges of up to 2^24 addresses can run
// full, and then draws collide; these keep a FreeLeaseMap beside the claims, so that their last
// free address is found as fast as the first. The ClaimTable alone decides who holds an address.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "dataplane/lease/allocation_key.h"
#include "dataplane/lease/binding.h"
#include "dataplane/lease/claim_table.h"
#include "dataplane/lease/free_lease_map.h"

namespace tandem6 {

/// True for identifiers that RFC 5453 reserves: the subnet-router anycast (0), 0200:5eff:fe00:0000
/// to 0200:5eff:fe00:5212 and the rest of that block to …feff:ffff, and fdff:ffff:ffff:ff80 to
/// ffff.
[[nodiscard]] bool is_reserved_interface_identifier(const Ipv6Address& address) noexcept;

/// A number of addresses of a pool, per shard (one writer each) and summed by any reader.
class ShardCounters {
 public:
  explicit ShardCounters(unsigned shard_count);
  /// Only the shard's own worker. REQUIRES: shard < shard_count.
  void add(ShardId shard, std::int64_t n) noexcept;
  [[nodiscard]] std::uint64_t sum() const noexcept;

 private:
  struct alignas(64) Line {
    std::atomic<std::int64_t> count{0};
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

  /// The candidate of this draw in `half`. The caller tests `may_lease`, which refuses reserved
  /// identifiers, and the unspecified address that is returned when the range has no address of
  /// that half (a /128). Whether an address is some client's reservation the caller knows.
  [[nodiscard]] Ipv6Address candidate(const AllocationKey::Draw& draw, Half half) const noexcept;
  /// Inside the range and not a reserved interface identifier.
  [[nodiscard]] bool may_lease(const Ipv6Address& address) const noexcept;

  /// For ranges of up to kDenseSizeMax addresses, when a few draws have failed: an address of
  /// `half` that may be leased, that no shard holds and that is not set_reserved; the draw's
  /// candidate if it is one, else the next, going round; those that no client had before come
  /// first. Constant time; nothing is claimed. None: the half is exhausted, or the range is too
  /// large to run full (a draw then fails only if the whole ClaimTable is too small).
  [[nodiscard]] std::optional<Ipv6Address> find_free(const AllocationKey::Draw& draw,
                                                     Half half) const noexcept;
  static constexpr std::uint64_t kDenseSizeMax = FreeLeaseMap::kSizeMax;

  /// Keeps an address out of `find_free`: it is reserved for one client. Claims stay
  /// possible. No effect in a range larger than kDenseSizeMax. REQUIRES: contains(address).
  void set_reserved(const Ipv6Address& address) noexcept;

  /// REQUIRES (all three): contains(address).
  [[nodiscard]] ClaimResult claim(const Ipv6Address& address, ShardId shard) noexcept;
  /// REQUIRES: `shard` holds it.
  void release(const Ipv6Address& address, ShardId shard) noexcept;
  [[nodiscard]] ShardId holder(const Ipv6Address& address) const noexcept;

  /// Declined addresses may keep a tenth of the pool from all clients, and one at least; a few more
  /// when several workers ask at once.
  [[nodiscard]] bool has_quarantine_room() const noexcept;
  /// Counts an address that was declined, and one whose hold is over. `shard` holds it.
  void enter_quarantine(ShardId shard) noexcept { quarantined_.add(shard, 1); }
  void leave_quarantine(ShardId shard) noexcept { quarantined_.add(shard, -1); }

  [[nodiscard]] std::uint64_t salt() const noexcept { return salt_; }
  [[nodiscard]] std::uint64_t used() const noexcept { return used_.sum(); }
  [[nodiscard]] std::uint64_t quarantined() const noexcept { return quarantined_.sum(); }
  /// Number of addresses, saturated at 2^64 - 1.
  [[nodiscard]] std::uint64_t size() const noexcept;

 private:
  [[nodiscard]] std::uint32_t index_of(const Ipv6Address& address) const noexcept;
  [[nodiscard]] Ipv6Address address_at(std::uint32_t index) const noexcept;

  Ipv6Prefix range_;
  PrefixMask mask_;
  std::uint64_t salt_;
  ClaimTable* table_;
  std::unique_ptr<FreeLeaseMap> free_;  // null: sparse, or nothing in the range may be leased
  ShardCounters used_;
  ShardCounters quarantined_;
};

}  // namespace tandem6
