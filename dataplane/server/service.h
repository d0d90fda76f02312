// One configuration snapshot made ready for the packet path: settings with the indexes that answer
// "which link?", "which reservation?" in constant time, and the living pools.
//
// Immutable after construction but for the pools, which are lock-free. Any worker reads it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dataplane/lease/address_pool.h"
#include "dataplane/lease/allocation_key.h"
#include "dataplane/lease/prefix_pool.h"
#include "dataplane/lease/shard.h"
#include "dataplane/server/lease_places.h"
#include "dataplane/server/link_finder.h"
#include "dataplane/server/prefix_set.h"
#include "dataplane/server/relationships.h"
#include "dataplane/server/reservations.h"
#include "dataplane/server/settings.h"
#include "dataplane/wire/domain_name.h"

namespace tandem6 {

/// The living pools, in the order of the configuration: link by link. They outlive every Service.
class Pools {
 public:
  /// `binding_count_max` bounds the leases of all shards together.
  Pools(const ServerSettings& settings, unsigned shard_count, std::uint64_t binding_count_max);

  [[nodiscard]] AddressPool& address_pool(PoolIndex index) noexcept { return *address_[index]; }
  [[nodiscard]] PrefixPool& prefix_pool(PoolIndex index) noexcept { return *prefix_[index]; }
  [[nodiscard]] ClaimTable& claims() noexcept { return claims_; }
  [[nodiscard]] std::size_t address_pool_count() const noexcept { return address_.size(); }
  [[nodiscard]] std::size_t prefix_pool_count() const noexcept { return prefix_.size(); }
  /// PrefixPool::set_witness of all.
  void set_block_witness(BlockWitness witness) noexcept {
    for (const auto& pool : prefix_) pool->set_witness(witness);
  }

 private:
  void keep_out(const Reservation& reservation);

  ClaimTable claims_;
  std::vector<std::unique_ptr<AddressPool>> address_;
  std::vector<std::unique_ptr<PrefixPool>> prefix_;
};

/// A link as the packet path sees it.
struct Link {
  const LinkSettings* settings = nullptr;
  PoolIndex index = kNoPool;
  PoolIndex first_address_pool = 0;  // its pools are consecutive
  PoolIndex address_pool_count = 0;
  PoolIndex first_prefix_pool = 0;
  PoolIndex prefix_pool_count = 0;
  PrefixSet on_link;    // what is appropriate to the link: matches, pools, reservations
  PrefixSet delegable;  // its prefix pools, and the prefixes reserved on it

  /// RFC 8415 section 18.3: "appropriate for the link".
  [[nodiscard]] bool is_on_link(const Ipv6Address& address) const noexcept {
    return on_link.contains(address);
  }
  /// The same of a lease of either type.
  [[nodiscard]] bool fits(IaType type, const Ipv6Prefix& lease) const noexcept {
    return (type == IaType::kNonTemporaryAddress ? on_link : delegable).contains(lease);
  }
  [[nodiscard]] std::span<const Ipv6Prefix> groups() const noexcept { return address_groups; }

  /// One address of each of these prefixes goes into each IA_NA (S-055): the /64s (or shorter ones)
  /// that the address pools lie in.
  std::vector<Ipv6Prefix> address_groups;
};

/// The prefix that a host on the link would share with its neighbours: the pool itself, or the /64
/// that a longer one lies in.
[[nodiscard]] Ipv6Prefix subnet_of(const Ipv6Prefix& pool) noexcept;

class Service {
 public:
  /// `port_names` in the order of NetSettings::ports. `pools` must have been made from the same
  /// settings. `settings`, `pools` and `relationships` are borrowed and outlive this object; the
  /// last may be null where no link has a relationship.
  Service(const ServerSettings& settings, std::span<const std::string> port_names, Pools& pools,
          unsigned shard_count, const Relationships* relationships = nullptr);

  [[nodiscard]] const ServerSettings& settings() const noexcept { return *settings_; }
  [[nodiscard]] const AllocationKey& key() const noexcept { return key_; }
  [[nodiscard]] Pools& pools() const noexcept { return *pools_; }
  [[nodiscard]] const LinkFinder& links() const noexcept { return link_finder_; }
  [[nodiscard]] const Link& link(std::size_t index) const noexcept { return links_[index]; }
  [[nodiscard]] std::size_t link_count() const noexcept { return links_.size(); }
  /// The lease is appropriate to some link of ours.
  [[nodiscard]] bool fits_any_link(IaType type, const Ipv6Prefix& lease) const noexcept {
    return (type == IaType::kNonTemporaryAddress ? on_links_ : delegable_).contains(lease);
  }
  /// What the state of the link's endpoint allows now.
  [[nodiscard]] ServingRules rules_of(const LinkSettings& link) const noexcept {
    return rules_of(link.relationship);
  }
  [[nodiscard]] ServingRules rules_of(RelationshipIndex relationship) const noexcept {
    if (relationship == kNoRelationship) return ServingRules::alone();
    return relationships_->read(relationship);
  }
  /// The larger MCLT known of any relationship with a link here; none: 0. nullopt: an endpoint has
  /// not spoken yet, and nothing is known of what its partner may have promised.
  [[nodiscard]] std::optional<Lifetime> mclt_max() const noexcept;
  [[nodiscard]] const Reservations& reservations() const noexcept { return reservations_; }
  [[nodiscard]] const LeasePlaces& places() const noexcept { return places_; }
  /// Completes partial client names; may be empty.
  [[nodiscard]] const DomainName& domain_suffix() const noexcept { return domain_suffix_; }
  /// No relay may speak on this port.
  [[nodiscard]] bool is_client_only(std::uint16_t port) const noexcept {
    return port < client_only_ports_.size() && client_only_ports_[port];
  }

  [[nodiscard]] ClientKey client_key(std::span<const std::uint8_t> duid) const noexcept {
    return {duid, key_.hash(duid)};
  }
  /// The home of a client: the only shard that may hold its bindings.
  [[nodiscard]] ShardId home_of(const ClientKey& client) const noexcept {
    return static_cast<ShardId>((client.hash >> 32) * shard_count_ >> 32);
  }

 private:
  const ServerSettings* settings_;
  Pools* pools_;
  unsigned shard_count_;
  const Relationships* relationships_;
  AllocationKey key_;
  std::vector<Link> links_;
  PrefixSet on_links_;   // of all links together
  PrefixSet delegable_;  // of all links together
  LinkFinder link_finder_;
  Reservations reservations_;
  LeasePlaces places_;
  std::vector<bool> client_only_ports_;
  DomainName domain_suffix_;
  std::vector<RelationshipIndex> used_relationships_;  // each once
};

}  // namespace tandem6
