// A binding with everything that is kept beside it, as a value: what leaves a shard for other
// threads (operators' commands today, storage and the partner in their turn).
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "dataplane/lease/binding.h"
#include "dataplane/wire/duid.h"

namespace tandem6 {

/// Up to 255 octets in fixed space.
struct ShortBytes {
  std::uint8_t size = 0;
  std::array<std::uint8_t, 255> octets{};

  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept {
    return {octets.data(), size};
  }
  /// REQUIRES: value.size() <= 255.
  void assign(std::span<const std::uint8_t> value) noexcept {
    T6_CHECK(value.size() <= octets.size());
    size = static_cast<std::uint8_t>(value.size());
    if (size != 0) std::memcpy(octets.data(), value.data(), size);
  }
};

struct LeaseRecord {
  Binding binding;
  Duid duid;
  ShortBytes client_fqdn;
  ShortBytes remote_id;
  ShortBytes interface_id;
};

}  // namespace tandem6
