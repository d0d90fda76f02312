#include "dataplane/wire/pd_exclude.h"

namespace tandem6 {
namespace {

// The 128 bits of an address as a number; a shift by the whole width is asked for nowhere, since a
// delegated prefix that has room for an excluded one is at most 127 bits long.
__extension__ using Bits = unsigned __int128;

Bits bits_of(const Ipv6Address& address) noexcept {
  return Bits{address.high()} << 64 | address.low();
}

std::size_t subnet_id_size(unsigned delegated_length, unsigned excluded_length) noexcept {
  return (excluded_length - delegated_length - 1) / 8 + 1;
}

}  // namespace

std::optional<PdExcludeValue> encode_pd_exclude(const Ipv6Prefix& delegated,
                                                const Ipv6Prefix& excluded) noexcept {
  if (excluded.length > 128 || excluded.length <= delegated.length) return std::nullopt;
  if (!delegated.contains(excluded) || excluded != excluded.masked()) return std::nullopt;
  PdExcludeValue value;
  value.octets[0] = excluded.length;
  value.size = static_cast<std::uint8_t>(1 + subnet_id_size(delegated.length, excluded.length));
  Bits subnet_id = bits_of(excluded.address) << delegated.length;
  for (std::size_t at = 1; at < value.size; ++at) {
    value.octets[at] = static_cast<std::uint8_t>(subnet_id >> 120);
    subnet_id <<= 8;
  }
  return value;
}

std::optional<Ipv6Prefix> decode_pd_exclude(const Ipv6Prefix& delegated,
                                            std::span<const std::uint8_t> value) noexcept {
  if (value.size() < 2) return std::nullopt;
  const std::uint8_t length = value[0];
  if (length <= delegated.length || length > 128) return std::nullopt;
  if (value.size() != 1 + subnet_id_size(delegated.length, length)) return std::nullopt;
  Bits subnet_id = 0;
  for (std::size_t at = 1; at < value.size(); ++at) {
    subnet_id |= Bits{value[at]} << (128 - 8 * at);
  }
  const Bits bits = bits_of(delegated.masked().address) | subnet_id >> delegated.length;
  const Ipv6Prefix excluded{Ipv6Address::from_halves(static_cast<std::uint64_t>(bits >> 64),
                                                     static_cast<std::uint64_t>(bits)),
                            length};
  return excluded.masked();
}

}  // namespace tandem6
