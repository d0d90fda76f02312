#include "dataplane/server/prefix_shares.h"

namespace tandem6 {

namespace {

std::optional<PoolIndex> find_pool(const Service& service, const Ipv6Prefix& block) noexcept {
  const auto place = service.places().find(IaType::kPrefixDelegation, block);
  if (!place || place->pool == kNoPool || block.length > place->delegated_length) {
    return std::nullopt;
  }
  return place->pool;
}

}  // namespace

std::optional<Half> half_told(BindingStatus status) noexcept {
  switch (status) {
    case BindingStatus::kFreeBackup:
      return Half::kFreeBackup;
    case BindingStatus::kFree:
    case BindingStatus::kPendingFree:
      return Half::kFree;
    default:
      return std::nullopt;
  }
}

PoolShares shares_of(const Service& service, PoolIndex pool) noexcept {
  const PrefixPool& prefixes = service.pools().prefix_pool(pool);
  return {.free_primary = prefixes.free_count(Half::kFree),
          .free_secondary = prefixes.free_count(Half::kFreeBackup)};
}

std::optional<Ipv6Prefix> find_block(const Service& service, PoolIndex pool, Half half,
                                     std::uint64_t count_max) noexcept {
  return service.pools().prefix_pool(pool).find_block(half, count_max);
}

bool move_block(const Service& service, const Ipv6Prefix& block, Half half) noexcept {
  const auto pool = find_pool(service, block);
  T6_CHECK(pool);
  PrefixPool& prefixes = service.pools().prefix_pool(*pool);
  const std::uint8_t length = prefixes.delegated_length();
  return prefixes.move_block({block.masked().address, length},
                             static_cast<unsigned>(length - block.length), half);
}

LeaseVerdict apply_prefix_update(const Service& service, RelationshipIndex relationship,
                                 const ServingRules& rules, const LeaseUpdate& update) noexcept {
  if (!pool_of_block(service, relationship, update.lease)) {
    return {StatusCode::kConfigurationConflict,
            "The prefix lies in no prefix pool of this relationship here"};
  }
  const auto half = half_told(update.status);
  if (!half) return {StatusCode::kMissingBindingInformation, "The client is missing"};
  if (rules.is_partner_down() && rules.role == Role::kSecondary) {
    return {StatusCode::kOutdatedBindingInformation,
            "Prefixes that were freed in PARTNER-DOWN are told first"};
  }
  if (!move_block(service, update.lease, *half)) {
    return {StatusCode::kOutdatedBindingInformation, "A client has a prefix in it here"};
  }
  return {};
}

std::optional<PoolIndex> pool_of_block(const Service& service, RelationshipIndex relationship,
                                       const Ipv6Prefix& block) noexcept {
  const auto place = service.places().find(IaType::kPrefixDelegation, block);
  if (!place || service.link(place->link).settings->relationship != relationship) {
    return std::nullopt;
  }
  return find_pool(service, block);
}

}  // namespace tandem6
