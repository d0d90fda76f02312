// Which link a message belongs to (RFC 8415 section 13.1, RFC 6221 section 4).
//
// Relayed: the non-zero link-address closest to the client decides (S-129, S-130); Interface-Id and
// address of the relay nearest the client refine it or, where every link-address is zero or
// link-local, decide alone (S-131, S-133). Direct: a wider-scope source means the link of that
// address, a link-local one the link of the receiving port (S-006).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "dataplane/server/settings.h"
#include "dataplane/wire/parsed_message.h"

namespace tandem6 {

struct Envelope;

/// Immutable after construction; any worker. Lookups allocate nothing.
class LinkFinder {
 public:
  LinkFinder(const std::vector<LinkSettings>& links, std::span<const std::string> port_names);

  /// Index of the link, or none: drop.no_link, another server may know it.
  [[nodiscard]] std::optional<std::uint16_t> find(const Envelope& envelope,
                                                  const ParsedMessage& message) const noexcept;

 private:
  struct Entry {
    std::uint16_t link;
    std::int32_t port = -1;  // -1: any
    std::optional<Ipv6Prefix> link_address;
    std::optional<std::vector<std::uint8_t>> interface_id;
    std::optional<Ipv6Address> relay;
  };
  struct Facts;

  [[nodiscard]] static bool holds(const Entry& entry, const Facts& facts) noexcept;
  void search(const std::vector<std::uint32_t>* bucket, const Facts& facts,
              const Entry*& best) const noexcept;

  [[nodiscard]] bool has_subnet_of(std::uint16_t link, const Ipv6Address& address) const noexcept;

  std::vector<Entry> entries_;
  std::vector<std::vector<Ipv6Prefix>> subnets_;  // of each link's address pools
  /// Entries by what they can be found by; the most telling condition of each entry is its key.
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_interface_id_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_relay_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_link_address_;
  std::vector<std::uint8_t> link_address_lengths_;  // longest first
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_port_;
};

}  // namespace tandem6
