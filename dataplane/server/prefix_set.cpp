#include "dataplane/server/prefix_set.h"

#include <algorithm>
#include <iterator>

namespace tandem6 {

PrefixSet::PrefixSet(std::vector<Ipv6Prefix> prefixes) {
  for (Ipv6Prefix& prefix : prefixes) prefix = prefix.masked();
  std::ranges::sort(prefixes);  // by address, then length: what contains others comes before them
  for (const Ipv6Prefix& prefix : prefixes) {
    if (outermost_.empty() || !outermost_.back().contains(prefix)) outermost_.push_back(prefix);
  }
}

bool PrefixSet::contains(const Ipv6Prefix& lease) const noexcept {
  const auto after = std::ranges::upper_bound(outermost_, lease.address, {}, &Ipv6Prefix::address);
  return after != outermost_.begin() && std::prev(after)->contains(lease);
}

}  // namespace tandem6
