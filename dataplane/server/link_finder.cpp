#include "dataplane/server/link_finder.h"

#include <algorithm>

#include "dataplane/server/responder.h"
#include "dataplane/server/service.h"

namespace tandem6 {

namespace {

std::uint64_t mix(std::uint64_t value) noexcept {
  value ^= value >> 32;
  value *= 0xd6e8feb86659fd93ULL;
  value ^= value >> 32;
  value *= 0xd6e8feb86659fd93ULL;
  return value ^ value >> 32;
}

// Keys of the indexes. Not secret: they find operator-made entries only, and each hit is compared
// in full.
std::uint64_t key_of(Bytes octets) noexcept {
  std::uint64_t key = octets.size();
  for (const std::uint8_t octet : octets) key = mix(key ^ octet);
  return key;
}
std::uint64_t key_of(const Ipv6Address& address) noexcept {
  return mix(mix(address.high()) ^ address.low());
}
std::uint64_t key_of(const Ipv6Prefix& prefix) noexcept {
  return mix(key_of(prefix.address) ^ prefix.length);
}

const std::vector<std::uint32_t>* bucket_of(
    const std::unordered_map<std::uint64_t, std::vector<std::uint32_t>>& index,
    std::uint64_t key) noexcept {
  const auto found = index.find(key);
  return found == index.end() ? nullptr : &found->second;
}

}  // namespace

/// What a message says about its place in the network.
struct LinkFinder::Facts {
  std::int32_t port = 0;
  bool relayed = false;
  bool has_address =
      false;  // `address` tells the link: a link-address, or a direct client's source
  Ipv6Address address;
  bool has_interface_id = false;
  Bytes interface_id;
  Ipv6Address relay;  // of the relay nearest the client

  Facts(const Envelope& envelope, const ParsedMessage& message) noexcept
      : port(envelope.port), relayed(message.is_relayed()) {
    if (!relayed) {
      address = envelope.source;
      has_address = !address.is_link_local();
      return;
    }
    const auto relays = message.relays();
    const RelayLevel& nearest = relays.back();
    relay = relays.size() == 1 ? envelope.source : relays[relays.size() - 2].peer_address;
    has_interface_id = nearest.has_interface_id;
    interface_id = nearest.interface_id;
    // The non-zero link-address closest to the client decides (RFC 6221 section 4).
    for (auto level = relays.rbegin(); level != relays.rend() && !has_address; ++level) {
      if (level->link_address.is_unspecified()) continue;
      has_address = true;
      address = level->link_address;
    }
  }

  /// The message names a link that only an entry with a matching link-address may stand for; where
  /// it names none, the receiving port may decide (S-131). A link-local link-address names a link
  /// that needs the operator's mapping (S-133): by interface-id or relay.
  [[nodiscard]] bool port_alone_may_decide() const noexcept { return !has_address; }
};

LinkFinder::LinkFinder(const std::vector<LinkSettings>& links,
                       std::span<const std::string> port_names) {
  for (std::size_t link = 0; link < links.size(); ++link) {
    std::vector<Ipv6Prefix>& subnets = subnets_.emplace_back();
    for (const Ipv6Prefix& pool : links[link].address_pools) subnets.push_back(subnet_of(pool));
    for (const LinkMatch& match : links[link].matches) {
      Entry entry{.link = static_cast<std::uint16_t>(link),
                  .link_address = match.link_address,
                  .interface_id = match.interface_id,
                  .relay = match.relay};
      if (match.port) {
        const auto found = std::ranges::find(port_names, *match.port);
        if (found == port_names.end()) continue;  // the configuration check has refused it already
        entry.port = static_cast<std::int32_t>(found - port_names.begin());
      }
      const auto number = static_cast<std::uint32_t>(entries_.size());
      if (entry.interface_id) {
        by_interface_id_[key_of(*entry.interface_id)].push_back(number);
      } else if (entry.relay) {
        by_relay_[key_of(*entry.relay)].push_back(number);
      } else if (entry.link_address) {
        by_link_address_[key_of(*entry.link_address)].push_back(number);
        if (std::ranges::find(link_address_lengths_, entry.link_address->length) ==
            link_address_lengths_.end()) {
          link_address_lengths_.push_back(entry.link_address->length);
        }
      } else {
        by_port_[mix(static_cast<std::uint64_t>(entry.port))].push_back(number);
      }
      entries_.push_back(std::move(entry));
    }
  }
  std::ranges::sort(link_address_lengths_, std::greater<>());
}

bool LinkFinder::has_subnet_of(std::uint16_t link, const Ipv6Address& address) const noexcept {
  return std::ranges::any_of(subnets_[link],
                             [&](const Ipv6Prefix& subnet) { return subnet.contains(address); });
}

bool LinkFinder::holds(const Entry& entry, const Facts& facts) noexcept {
  if (entry.port >= 0 && entry.port != facts.port) return false;
  if (entry.link_address && !(facts.has_address && entry.link_address->contains(facts.address))) {
    return false;
  }
  if (entry.interface_id &&
      !(facts.has_interface_id && std::ranges::equal(*entry.interface_id, facts.interface_id))) {
    return false;
  }
  return !entry.relay || (facts.relayed && *entry.relay == facts.relay);
}

void LinkFinder::search(const std::vector<std::uint32_t>* bucket, const Facts& facts,
                        const Entry*& best) const noexcept {
  if (best != nullptr || bucket == nullptr) return;
  const auto conditions = [](const Entry& entry) {
    return (entry.port >= 0) + entry.link_address.has_value() + entry.interface_id.has_value() +
           entry.relay.has_value();
  };
  for (const std::uint32_t number : *bucket) {
    const Entry& entry = entries_[number];
    if (!holds(entry, facts)) continue;
    if (best == nullptr || conditions(entry) > conditions(*best)) best = &entry;
  }
}

std::optional<std::uint16_t> LinkFinder::find(const Envelope& envelope,
                                              const ParsedMessage& message) const noexcept {
  const Facts facts(envelope, message);
  const Entry* best = nullptr;
  if (facts.has_interface_id) {
    search(bucket_of(by_interface_id_, key_of(facts.interface_id)), facts, best);
  }
  if (facts.relayed) search(bucket_of(by_relay_, key_of(facts.relay)), facts, best);
  if (facts.has_address) {
    for (const std::uint8_t length : link_address_lengths_) {
      search(bucket_of(by_link_address_, key_of(Ipv6Prefix{facts.address, length}.masked())), facts,
             best);
    }
  }
  if (best == nullptr && (facts.port_alone_may_decide() || !facts.relayed)) {
    search(bucket_of(by_port_, mix(static_cast<std::uint64_t>(facts.port))), facts, best);
    // A direct client with a wider-scope source is on the link of that address (S-006); a link of
    // which no subnet is known has no say in that.
    if (best != nullptr && facts.has_address && !subnets_[best->link].empty() &&
        !has_subnet_of(best->link, facts.address)) {
      return std::nullopt;
    }
  }
  if (best == nullptr) return std::nullopt;
  return best->link;
}

}  // namespace tandem6
