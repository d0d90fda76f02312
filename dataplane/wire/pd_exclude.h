// The value of OPTION_PD_EXCLUDE (67): the one prefix inside a delegated prefix that stays with the
// delegating side, for the link between the two routers (RFC 6603 section 4.2).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "dataplane/wire/ipv6.h"

namespace tandem6 {

/// Octets of the value: the excluded prefix's length, then the subnet ID. Any thread.
struct PdExcludeValue {
  std::array<std::uint8_t, 17> octets{};
  std::uint8_t size = 0;

  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept {
    return {octets.data(), size};
  }
};

/// Nothing when `excluded` is not a smaller part of `delegated`, or has bits past its length.
[[nodiscard]] std::optional<PdExcludeValue> encode_pd_exclude(const Ipv6Prefix& delegated,
                                                              const Ipv6Prefix& excluded) noexcept;

/// The excluded prefix. Nothing when its length is not in delegated length + 1 to 128, or when the
/// value has not the size which that length asks for; padding bits that are set are ignored.
[[nodiscard]] std::optional<Ipv6Prefix> decode_pd_exclude(
    const Ipv6Prefix& delegated, std::span<const std::uint8_t> value) noexcept;

}  // namespace tandem6
