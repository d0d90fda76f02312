// The serving rules of each failover relationship, where every worker reads them and the endpoint
// alone writes them.
//
// A sequence lock each: the writer makes the number odd, writes, makes it even; a reader copies and
// tries again when the number was odd or has moved. The writer writes a few times an hour.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "dataplane/server/serving_rules.h"

namespace tandem6 {

/// Outlives every Service.
class Relationships {
 public:
  static constexpr std::size_t kCountMax = 16;

  /// All start unresponsive: nobody is answered before an endpoint says so.
  Relationships() noexcept;

  /// Any thread. kNoRelationship: alone. REQUIRES else: index < kCountMax.
  [[nodiscard]] ServingRules read(RelationshipIndex index) const noexcept;
  /// The thread of the endpoints.
  void write(RelationshipIndex index, const ServingRules& rules) noexcept;

 private:
  static constexpr std::size_t kWordCount = 3;
  struct alignas(64) Slot {
    std::atomic<std::uint32_t> sequence{0};
    std::array<std::atomic<std::uint64_t>, kWordCount> words{};
  };
  std::array<Slot, kCountMax> slots_;
};

}  // namespace tandem6
