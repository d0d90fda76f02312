// A full check of every record against every other, and against the pools of a configuration.
//
// Problem: a hundred million records do not fit into the memory of somebody who only checks them.
// They need not: keys sort by type, address and length, so whatever holds a lease twice, or one
// inside of another, are neighbours. So everything is one walk in the order of the keys, with two
// streams beside it: the dirty index, whose keys are the same, and for the prefixes the addresses
// that lie inside of them. (The halves of blocks are few and held in memory, 24 octets each.) Parts
// of the key space are walked side by side.
//
// A store that somebody writes to shows each walk another moment: check a checkpoint of it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "storage/range_index.h"
#include "storage/record_fault.h"
#include "storage/store.h"

namespace tandem6 {

enum class VerifyFault : std::uint8_t {
  kDamagedRecord,      // a lease record that cannot be read
  kHeldTwice,          // one lease, two bindings that hold it
  kHeldInside,         // a held lease inside of another held one
  kMissingInDirty,     // needs an update of the partner, and the index does not know
  kNeedlesslyInDirty,  // in the index, and no record needs an update
  kServerRecord,       // the server's identity or an endpoint's record cannot be read
  kInTwoPools,         // pools that overlap
  kInNoPool,           // served to its end and not renewed: no fault of the records
  kBlockRecord,        // whose half a block of prefixes is, that cannot be read
  kHeldInHalf,  // a prefix that a client has, and that has not left the secondary's half:
                // given while the pool was not shared; the next start mends it
};
inline constexpr std::size_t kVerifyFaultCount = 10;
/// "held_twice"
[[nodiscard]] const char* name_of(VerifyFault fault) noexcept;

/// One past the greatest number of RecordFault.
inline constexpr std::size_t kRecordFaultNumberEnd =
    static_cast<std::size_t>(RecordFault::kConflict) + 1;

/// Pools, and leases reserved for one client, which may lie inside of pools.
struct LeaseRanges {
  std::vector<RangeOfLeases> pools;
  std::vector<RangeOfLeases> reservations;
};

struct VerifyOptions {
  std::optional<LeaseRanges> ranges;  // none: where leases lie is not checked
  std::size_t text_count_max = 10;    // of each fault
  unsigned thread_count_max = 0;      // 0: a thread for each core; 1: the caller's alone
};

/// Written by the checking threads but for `is_cancelled`, which ends the check with an error.
struct VerifyProgress {
  std::atomic<std::uint64_t> lease_count{0};
  std::atomic<bool> is_cancelled{false};
};

struct VerifyResult {
  std::uint64_t lease_count = 0;  // records, readable or not
  std::uint64_t held_count = 0;   // of these, neither FREE nor FREE-BACKUP
  std::uint64_t dirty_count = 0;  // in the index
  std::uint64_t server_record_count = 0;
  std::uint64_t block_count = 0;        // of prefixes, whose half is known
  std::uint64_t damaged_gap_count = 0;  // places that the disk gives back damaged
  /// By RecordFault; 0: of no fault that this version knows.
  std::array<std::uint64_t, kRecordFaultNumberEnd> set_aside_counts{};
  std::array<std::uint64_t, kVerifyFaultCount> fault_counts{};
  /// The first few of each fault, in the order of the keys.
  std::array<std::vector<std::string>, kVerifyFaultCount> texts;

  [[nodiscard]] std::uint64_t count_of(VerifyFault fault) const noexcept {
    return fault_counts[static_cast<std::size_t>(fault)];
  }
  [[nodiscard]] std::uint64_t set_aside_count() const noexcept;
  /// All but what the configuration alone decides, what a start mends, and what was set aside
  /// already.
  [[nodiscard]] bool is_sound() const noexcept;
};

/// Any thread but the packet path's. The error: cancelled, or a disk that does not
/// answer. A lease inside of another counts once at least; where parts of the walk meet, not more.
[[nodiscard]] std::expected<VerifyResult, std::string> verify(const Store& store,
                                                              const VerifyOptions& options,
                                                              VerifyProgress& progress);

}  // namespace tandem6
