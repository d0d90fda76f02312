#include "dataplane/server/service.h"

#include <algorithm>
#include <utility>

namespace tandem6 {

namespace {

void add_once(std::vector<Ipv6Prefix>& prefixes, const Ipv6Prefix& prefix) {
  if (std::ranges::find(prefixes, prefix) == prefixes.end()) prefixes.push_back(prefix);
}

void describe_subnets(const LinkSettings& settings, Link& link) {
  std::vector<Ipv6Prefix> on_link;
  std::vector<Ipv6Prefix> delegable;
  for (const LinkMatch& match : settings.matches) {
    if (match.link_address) on_link.push_back(*match.link_address);
  }
  for (const Ipv6Prefix& pool : settings.address_pools) {
    on_link.push_back(subnet_of(pool));
    add_once(link.address_groups, subnet_of(pool));
  }
  for (const PrefixPoolSettings& pool : settings.prefix_pools) delegable.push_back(pool.prefix);
  for (const Reservation& reservation : settings.reservations) {
    if (reservation.address) on_link.push_back(subnet_of({*reservation.address, 128}));
    if (reservation.prefix) delegable.push_back(*reservation.prefix);
  }
  link.on_link = PrefixSet(std::move(on_link));
  link.delegable = PrefixSet(std::move(delegable));
}

PrefixSet union_of(const std::vector<Link>& links, PrefixSet Link::* part) {
  std::vector<Ipv6Prefix> all;
  for (const Link& link : links) {
    const auto outermost = (link.*part).outermost();
    all.insert(all.end(), outermost.begin(), outermost.end());
  }
  return PrefixSet(std::move(all));
}

std::vector<Link> make_links(const ServerSettings& settings) {
  std::vector<Link> links;
  links.reserve(settings.links.size());
  PoolIndex address_pool = 0;
  PoolIndex prefix_pool = 0;
  for (const LinkSettings& each : settings.links) {
    Link link;
    link.settings = &each;
    link.index = static_cast<PoolIndex>(links.size());
    link.first_address_pool = address_pool;
    link.address_pool_count = static_cast<PoolIndex>(each.address_pools.size());
    link.first_prefix_pool = prefix_pool;
    link.prefix_pool_count = static_cast<PoolIndex>(each.prefix_pools.size());
    address_pool = static_cast<PoolIndex>(address_pool + link.address_pool_count);
    prefix_pool = static_cast<PoolIndex>(prefix_pool + link.prefix_pool_count);
    describe_subnets(each, link);
    links.push_back(std::move(link));
  }
  return links;
}

std::vector<bool> client_only_ports(const ServerSettings& settings,
                                    std::span<const std::string> port_names) {
  std::vector<bool> client_only(port_names.size(), false);
  for (const LinkSettings& link : settings.links) {
    if (!link.client_only) continue;
    for (const LinkMatch& match : link.matches) {
      for (std::size_t port = 0; port < port_names.size(); ++port) {
        if (match.port == port_names[port]) client_only[port] = true;
      }
    }
  }
  return client_only;
}

std::vector<RelationshipIndex> used_relationships(const ServerSettings& settings) {
  std::vector<RelationshipIndex> used;
  for (const LinkSettings& link : settings.links) {
    const bool is_new = std::ranges::find(used, link.relationship) == used.end();
    if (link.relationship != kNoRelationship && is_new) used.push_back(link.relationship);
  }
  return used;
}

}  // namespace

Ipv6Prefix subnet_of(const Ipv6Prefix& pool) noexcept {
  return Ipv6Prefix{pool.address, std::min<std::uint8_t>(pool.length, 64)}.masked();
}

Pools::Pools(const ServerSettings& settings, unsigned shard_count, std::uint64_t binding_count_max)
    : claims_(binding_count_max, AllocationKey(settings.allocation_key)) {
  for (const LinkSettings& link : settings.links) {
    for (const Ipv6Prefix& range : link.address_pools) {
      address_.push_back(std::make_unique<AddressPool>(range, claims_, shard_count));
    }
    for (const PrefixPoolSettings& pool : link.prefix_pools) {
      prefix_.push_back(
          std::make_unique<PrefixPool>(pool.prefix, pool.delegated_length, shard_count));
    }
  }
  for (const LinkSettings& link : settings.links) {
    for (const Reservation& reservation : link.reservations) keep_out(reservation);
  }
}

void Pools::keep_out(const Reservation& reservation) {
  for (const auto& pool : address_) {
    if (reservation.address && pool->contains(*reservation.address)) {
      pool->set_reserved(*reservation.address);
    }
  }
  for (const auto& pool : prefix_) {
    if (reservation.prefix && pool->contains(*reservation.prefix)) {
      pool->set_reserved(*reservation.prefix);
    }
  }
}

Service::Service(const ServerSettings& settings, std::span<const std::string> port_names,
                 Pools& pools, unsigned shard_count, const Relationships* relationships)
    : settings_(&settings),
      pools_(&pools),
      shard_count_(shard_count),
      relationships_(relationships),
      key_(settings.allocation_key),
      links_(make_links(settings)),
      on_links_(union_of(links_, &Link::on_link)),
      delegable_(union_of(links_, &Link::delegable)),
      link_finder_(settings.links, port_names),
      reservations_(settings.links, key_),
      places_(settings.links),
      client_only_ports_(client_only_ports(settings, port_names)),
      domain_suffix_(DomainName::parse(settings.domain_suffix).value_or(DomainName{})),
      used_relationships_(used_relationships(settings)) {}

std::optional<Lifetime> Service::mclt_max() const noexcept {
  Lifetime greatest{0};
  for (const RelationshipIndex index : used_relationships_) {
    const Lifetime mclt = rules_of(index).mclt_max;
    if (mclt.seconds == 0) return std::nullopt;
    greatest = std::max(greatest, mclt);
  }
  return greatest;
}

}  // namespace tandem6
