// Random numbers for one purpose of one life: a stream of its own for each client, cable and disk,
// so that leaving out one thing does not change all others (the shrinker lives of that).
#pragma once

#include <cstdint>

namespace tandem6::simulation {

class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::uint64_t purpose) noexcept
      : state_(mixed(mixed(seed) + purpose)) {}

  std::uint64_t next() noexcept { return mixed(state_ += kStep); }
  /// REQUIRES: bound >= 1.
  std::uint32_t below(std::uint32_t bound) noexcept {
    return static_cast<std::uint32_t>((next() >> 32) * bound >> 32);
  }
  std::uint32_t between(std::uint32_t least, std::uint32_t most) noexcept {
    return least + below(most - least + 1);
  }
  bool percent(std::uint32_t chance) noexcept { return below(100) < chance; }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;
  // splitmix64, as published by Steele, Lea and Flood.
  static std::uint64_t mixed(std::uint64_t value) noexcept {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
  }
  std::uint64_t state_;
};

}  // namespace tandem6::simulation
