// Two prefixes are either nested or apart. Sorted by address and then by length, a prefix stands
// behind all those that contain it; so a walk with a stack of the prefixes that are still open
// meets each overlap.
#include "control/config/lease_ranges.h"

#include <algorithm>
#include <tuple>

namespace tandem6 {
namespace {

using Kind = LeaseRange::Kind;

struct ForbiddenRange {
  const char* prefix;
  const char* name;
};
/// What no lease may lie in.
constexpr ForbiddenRange kForbiddenRanges[] = {
    {"ff00::/8", "multicast addresses (ff00::/8)"},
    {"fe80::/10", "link-local addresses (fe80::/10)"},
    {"::/127", "the unspecified or the loopback address"},
};

bool is_reservation(const LeaseRange& range) {
  return range.kind == Kind::kReservedAddress || range.kind == Kind::kReservedPrefix;
}

std::string label(const LeaseRange& range) {
  switch (range.kind) {
    case Kind::kAddressPool:
      return "address pool " + range.range.to_string();
    case Kind::kPrefixPool:
      return "prefix pool " + range.range.to_string();
    case Kind::kReservedAddress:
      return "reserved address " + range.range.address.to_string();
    case Kind::kReservedPrefix:
      return "reserved prefix " + range.range.to_string();
  }
  return {};
}

/// A reservation inside a pool of its own link and kind.
bool is_at_home(const LeaseRange& inner, const LeaseRange& outer) {
  if (inner.link != outer.link) return false;
  return (inner.kind == Kind::kReservedAddress && outer.kind == Kind::kAddressPool) ||
         (inner.kind == Kind::kReservedPrefix && outer.kind == Kind::kPrefixPool);
}

void refuse_length(const LeaseRange& inner, const LeaseRange& outer, Faults& faults) {
  faults.add(
      inner.position,
      label(inner) + " lies in " + label(outer) + ", which delegates /" +
          std::to_string(outer.delegated_length),
      "a reservation inside a pool is one of the pool's prefixes",
      "write a /" + std::to_string(outer.delegated_length) + ", or a prefix outside of all pools");
}

void refuse_overlap(const LeaseRange& inner, const LeaseRange& outer,
                    const std::vector<std::string>& link_names, Faults& faults) {
  const bool inner_is_later = inner.position > outer.position;
  const LeaseRange& later = inner_is_later ? inner : outer;
  const LeaseRange& earlier = inner_is_later ? outer : inner;
  const bool both_reserved = is_reservation(inner) && is_reservation(outer);
  if (both_reserved && inner.range == outer.range) {
    faults.add(later.position, label(later) + " is reserved twice",
               "a lease has one client; the first is in " + line_of(earlier.position),
               "remove one of the two reservations");
    return;
  }
  faults.add(later.position,
             label(later) + " of link " + quoted(link_names[later.link]) + " overlaps " +
                 label(earlier) + " of link " + quoted(link_names[earlier.link]) + " in " +
                 line_of(earlier.position),
             "two clients could be given one lease",
             is_reservation(later) ? "reserve a lease of the link's own ranges"
                                   : "make the ranges disjoint");
}

}  // namespace

bool check_leasable(const Ipv6Prefix& range, FilePosition position, Faults& faults) {
  for (const auto& [text, name] : kForbiddenRanges) {
    if (!range.overlaps(*Ipv6Prefix::parse(text))) continue;
    faults.add(position, range.to_string() + " holds " + name, "no client can be given one of them",
               "write a global or unique local prefix");
    return false;
  }
  return true;
}

void check_overlaps(std::vector<LeaseRange> ranges, const std::vector<std::string>& link_names,
                    Faults& faults) {
  std::ranges::sort(ranges, [](const LeaseRange& a, const LeaseRange& b) {
    return std::tie(a.range, a.kind, a.position) < std::tie(b.range, b.kind, b.position);
  });
  std::vector<const LeaseRange*> open;
  for (const LeaseRange& inner : ranges) {
    while (!open.empty() && !open.back()->range.contains(inner.range)) open.pop_back();
    if (!open.empty()) {
      const LeaseRange& outer = *open.back();
      if (!is_at_home(inner, outer)) {
        refuse_overlap(inner, outer, link_names, faults);
      } else if (inner.kind == Kind::kReservedPrefix &&
                 inner.range.length != outer.delegated_length) {
        refuse_length(inner, outer, faults);
      }
    }
    open.push_back(&inner);
  }
}

}  // namespace tandem6
