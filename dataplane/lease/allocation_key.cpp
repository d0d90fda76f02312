#include "dataplane/lease/allocation_key.h"

#include <bit>
#include <cstring>

namespace tandem6 {
namespace {

static_assert(std::endian::native == std::endian::little, "SipHash reads its words little endian");

// SipHash-2-4 (Aumasson and Bernstein, 2012): a hash that nobody can aim without the key.
class SipHash {
 public:
  SipHash(std::uint64_t k0, std::uint64_t k1) noexcept
      : v0_(k0 ^ 0x736f6d6570736575),
        v1_(k1 ^ 0x646f72616e646f6d),
        v2_(k0 ^ 0x6c7967656e657261),
        v3_(k1 ^ 0x7465646279746573) {}

  void compress(std::uint64_t word) noexcept {
    v3_ ^= word;
    round();
    round();
    v0_ ^= word;
  }

  [[nodiscard]] std::uint64_t finish() noexcept {
    v2_ ^= 0xff;
    for (int i = 0; i < 4; ++i) round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  void round() noexcept {
    v0_ += v1_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v3_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ += v3_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ += v1_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v2_ = std::rotl(v2_, 32);
  }

  std::uint64_t v0_, v1_, v2_, v3_;
};

std::uint64_t load_word(const std::uint8_t* octets, std::size_t size) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, octets, size);
  return word;
}

// A bijection that spreads every bit over all (the finalizer of splitmix64).
constexpr std::uint64_t spread(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace

std::uint64_t salt_of_pool(const Ipv6Prefix& range, std::uint8_t lease_length) noexcept {
  const std::uint64_t lengths = std::uint64_t{range.length} << 8 | lease_length;
  return spread(range.address.high() + spread(range.address.low() + spread(lengths)));
}

AllocationKey::AllocationKey(const std::array<std::uint8_t, 16>& octets) noexcept
    : k0_(load_word(octets.data(), 8)), k1_(load_word(octets.data() + 8, 8)) {}

std::uint64_t AllocationKey::hash(std::span<const std::uint8_t> octets) const noexcept {
  SipHash state(k0_, k1_);
  const std::size_t whole = octets.size() & ~std::size_t{7};
  for (std::size_t at = 0; at < whole; at += 8) state.compress(load_word(octets.data() + at, 8));
  const std::uint64_t tail =
      octets.size() == whole ? 0 : load_word(octets.data() + whole, octets.size() - whole);
  state.compress(std::uint64_t{octets.size()} << 56 | tail);
  return state.finish();
}

AllocationKey::Draw AllocationKey::draw(std::uint64_t duid_hash, IaType type, Iaid iaid,
                                        std::uint64_t pool_salt,
                                        std::uint32_t attempt) const noexcept {
  // One message of 24 octets: the fields do not overlap, so no two draws hash the same message.
  // The two words differ in the final block only, which no message of `hash` can have: its
  // length octet says 0xff or 0xfe, longer than any DUID or address.
  SipHash state(k0_, k1_);
  state.compress(duid_hash);
  state.compress(pool_salt);
  state.compress(std::uint64_t{iaid.value} << 32 | attempt);
  SipHash other = state;
  state.compress(0xff00000000000000 | static_cast<std::uint8_t>(type));
  other.compress(0xfe00000000000000 | static_cast<std::uint8_t>(type));
  return {state.finish(), other.finish()};
}

}  // namespace tandem6
