#include "dataplane/server/exchange.h"

namespace tandem6 {

Exchange::Exchange(const Service& its_service, Shard& its_shard, WireCounters& its_counters,
                   const Envelope& its_envelope, const ParsedMessage& its_message, WallTime its_now,
                   Plan& its_plan) noexcept
    : service(its_service),
      shard(its_shard),
      counters(its_counters),
      envelope(its_envelope),
      message(its_message),
      now(its_now),
      plan(its_plan) {
  plan.clear();
}

void Exchange::find_bindings() noexcept {
  if (message.client_id.empty()) return;
  client = service.client_key(message.client_id);
  client_binding_count = shard.find_client(client, client_bindings);
  T6_CHECK(client_binding_count <= client_bindings.size());
}

std::optional<Ipv6Prefix> Exchange::excluded_from(const Ipv6Prefix& lease,
                                                  PoolIndex pool) const noexcept {
  if (pool == kNoPool) return std::nullopt;
  const auto number = static_cast<std::size_t>(pool - link->first_prefix_pool);
  T6_CHECK(number < link_settings().prefix_pools.size());
  const std::optional<std::uint8_t>& length = link_settings().prefix_pools[number].excluded_length;
  if (!length) return std::nullopt;
  return Ipv6Prefix{lease.address, *length};
}

}  // namespace tandem6
