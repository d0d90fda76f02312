// Leases kept for one client each: found by client and by lease, in constant time.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "dataplane/lease/allocation_key.h"
#include "dataplane/server/settings.h"

namespace tandem6 {

/// Immutable after construction; any worker. Lookups allocate nothing.
class Reservations {
 public:
  struct Row {
    const Reservation* reservation;
    std::uint16_t link;
  };

  Reservations(const std::vector<LinkSettings>& links, const AllocationKey& key);

  /// The reservation of this client and IA on this link that has a lease of the IA's type; one with
  /// an IAID of its own wins over one without. Null: none.
  [[nodiscard]] const Reservation* find(std::uint16_t link, std::span<const std::uint8_t> duid,
                                        std::uint64_t duid_hash, IaType type,
                                        Iaid iaid) const noexcept;
  /// True when the lease is, overlaps, or lies inside a reserved lease of anybody.
  [[nodiscard]] bool is_reserved(const Ipv6Address& address) const noexcept;
  [[nodiscard]] bool is_reserved(const Ipv6Prefix& prefix) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }

 private:
  std::vector<Row> rows_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_client_;  // by DUID hash
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_address_;
  std::vector<Ipv6Prefix> reserved_prefixes_;  // sorted
};

}  // namespace tandem6
