// A set of prefixes that answers "does one of you contain this?" by binary search, however many
// there are: what a hostile message may ask hundreds of times costs a few comparisons each.
#pragma once

#include <span>
#include <vector>

#include "dataplane/wire/ipv6.h"

namespace tandem6 {

/// Immutable after construction; any thread. Prefixes either nest or are disjoint, so only the
/// outermost ones are kept, in order: the only one that can contain an address is the last that
/// does not begin after it.
class PrefixSet {
 public:
  PrefixSet() = default;
  /// In any order, overlapping or not; bits past a length are ignored.
  explicit PrefixSet(std::vector<Ipv6Prefix> prefixes);

  [[nodiscard]] bool contains(const Ipv6Prefix& lease) const noexcept;
  [[nodiscard]] bool contains(const Ipv6Address& address) const noexcept {
    return contains(Ipv6Prefix{address, 128});
  }
  [[nodiscard]] bool empty() const noexcept { return outermost_.empty(); }
  [[nodiscard]] std::span<const Ipv6Prefix> outermost() const noexcept { return outermost_; }

 private:
  std::vector<Ipv6Prefix> outermost_;
};

}  // namespace tandem6
