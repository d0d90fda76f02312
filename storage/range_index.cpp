#include "storage/range_index.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace tandem6 {
namespace {

auto order_of(const RangeOfLeases& range) noexcept {
  return std::tuple(range.type, range.range, range.lease_length);
}

}  // namespace

RangeIndex::RangeIndex(std::vector<RangeOfLeases> ranges) : ranges_(std::move(ranges)) {
  for (const RangeOfLeases& range : ranges_) lengths_.push_back(range.range.length);
  std::ranges::sort(ranges_, {}, order_of);
  std::ranges::sort(lengths_);
  lengths_.erase(std::ranges::unique(lengths_).begin(), lengths_.end());
}

/// A range around the lease is the lease itself cut to one of the lengths that there are, few as
/// they are: a search for each.
unsigned RangeIndex::count_around(IaType type, const Ipv6Prefix& lease) const {
  std::size_t count = 0;
  for (const std::uint8_t length : lengths_) {
    if (length > lease.length) break;
    const RangeOfLeases around{.type = type,
                               .range = Ipv6Prefix{lease.address, length}.masked(),
                               .lease_length = lease.length};
    count += std::ranges::equal_range(ranges_, order_of(around), {}, order_of).size();
  }
  return static_cast<unsigned>(count);
}

}  // namespace tandem6
