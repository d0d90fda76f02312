// Parses a datagram in a heap block of its exact size, so that AddressSanitizer sees an overrun of
// one octet, and keeps what came of it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <vector>

#include "dataplane/wire/counters.h"
#include "dataplane/wire/parse.h"
#include "tests/wire/packet_builder.h"

namespace tandem6 {

inline void PrintTo(DropReason reason, std::ostream* out) { *out << "drop." << name_of(reason); }
inline void PrintTo(OddReason reason, std::ostream* out) { *out << "odd." << name_of(reason); }

class Parsed {
 public:
  explicit Parsed(const Octets& datagram)
      : block_(new std::uint8_t[datagram.size()]), size_(datagram.size()) {
    std::copy(datagram.begin(), datagram.end(), block_.get());
    drop = parse(datagram_view(), message, counters);
  }
  explicit Parsed(const PacketBuilder& packet) : Parsed(packet.bytes()) {}

  [[nodiscard]] Bytes datagram_view() const { return {block_.get(), size_}; }

  /// The reasons counted, in the order of the enumeration.
  [[nodiscard]] std::vector<OddReason> odd() const {
    std::vector<OddReason> reasons;
    for (std::size_t at = 0; at < counters.odd.size(); ++at) {
      if (counters.odd[at].read() != 0) reasons.push_back(static_cast<OddReason>(at));
    }
    return reasons;
  }

  DropReason drop = DropReason::kNone;
  ParsedMessage message;
  WireCounters counters;

 private:
  std::unique_ptr<std::uint8_t[]> block_;
  std::size_t size_;
};

inline Octets octets_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

inline std::vector<LeaseHint> hints_of(const IaView& ia) {
  std::vector<LeaseHint> hints;
  LeaseHints walk(ia);
  for (LeaseHint hint; walk.next(hint);) hints.push_back(hint);
  return hints;
}

inline Ipv6Address address_of(std::string_view text) { return Ipv6Address::parse(text).value(); }
inline Ipv6Prefix prefix_of(std::string_view text) { return Ipv6Prefix::parse(text).value(); }

/// A DUID-LL of an Ethernet address.
inline Octets test_duid() { return {0, 3, 0, 1, 2, 0, 0, 0, 0, 0xaa}; }

inline PacketBuilder solicit() {
  return PacketBuilder(MessageType::kSolicit, 0x123456).client_id(test_duid());
}

}  // namespace tandem6
