// Why a message was dropped, what was odd about one that was served all the same, and which status
// went out. The names are those of bad-input: `drop.<reason>`, `odd.<reason>`, `ans.<status>`.
//
// Every worker has one `WireCounters` and alone writes it; control sums them, stale is fine.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace tandem6 {

enum class DropReason : std::uint8_t {
  kNone,  // not dropped
  kTruncated,
  kOptOverrun,
  kOptLen,
  kOptBudget,
  kUnknownType,
  kDirection,
  kRelayDepth,
  kRelayMsg,
  kAnsSize,
  kDuidLen,
  kDupId,
  kRules,
  kOtherServer,
  kIaFlood,
  kNoLink,
  kUnicast,
  kRelayUnlisted,
  kBadSource,
  kUdp,
  kFragment,
  kVlan,
  kRate,
  kNoMemory,
  kStorage,
  kNotForUs,      // valid, but nothing to say: a REBIND without a binding, a refused client
  kQueueFull,     // a ring between two workers, or the transmit queue, had no room
  kUnresponsive,  // the state of the pair says that another server answers (RFC 8156 section 8.1)
  kCount
};

enum class OddReason : std::uint8_t {
  kUnknownOpt,
  kHopCount,
  kDuidType,
  kDupOpt,
  kMisplaced,
  kDupIa,
  kHintCap,
  kOroBig,
  kHintBad,
  kRelayOpt,
  kExtHdr,
  kRelease,
  kDeclineCap,
  kDuidFlap,
  kFqdn,
  kClass,
  kCount
};

/// "truncated", "opt_overrun", …: the part after "drop." or "odd.".
[[nodiscard]] const char* name_of(DropReason reason) noexcept;
[[nodiscard]] const char* name_of(OddReason reason) noexcept;

/// One owner thread writes (plain add, relaxed store); others read racily.
class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t read() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct WireCounters {
  // What comes and goes over UDP; failover messages and their status codes are counted by their
  // endpoints.
  static constexpr std::size_t kMessageTypeCount = 24;
  static constexpr std::size_t kStatusCodeCount = 12;

  std::array<Counter, kMessageTypeCount> received{};  // by client message type
  std::array<Counter, kMessageTypeCount> sent{};      // by server message type
  std::array<Counter, kStatusCodeCount> status_sent{};
  std::array<Counter, static_cast<std::size_t>(DropReason::kCount)> dropped{};
  std::array<Counter, static_cast<std::size_t>(OddReason::kCount)> odd{};
  Counter lease_cap;  // ans.lease_cap

  void drop(DropReason reason) noexcept { dropped[static_cast<std::size_t>(reason)].add(); }
  void note(OddReason reason) noexcept { odd[static_cast<std::size_t>(reason)].add(); }
};

}  // namespace tandem6
