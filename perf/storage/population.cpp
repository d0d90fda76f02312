#include "perf/storage/population.h"

#include <algorithm>
#include <cstring>

#include "dataplane/server/restore.h"

namespace tandem6::population {

namespace {

constexpr std::uint64_t kSubnet = 0x20010db800070000;
constexpr std::uint32_t kChangeRingSize = 4096;
constexpr std::size_t kFillSetSize = 4096;
constexpr std::size_t kPrefetchDistance = 8;
constexpr std::array<std::uint8_t, 10> kServerDuid = {0, 3, 0, 1, 2, 0, 0, 0, 0, 1};
constexpr const char* kPort = "bench";

// Places in the RENEW.
constexpr std::size_t kTransactionAt = 1;
constexpr std::size_t kDuidAt = 4 + 4;
constexpr std::size_t kAddressAt = kDuidAt + kDuidSize + 4 + kServerDuid.size() + 4 + 12 + 4;

void put(std::vector<std::uint8_t>& out, std::uint64_t number, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(number >> shift));
  }
}

}  // namespace

std::array<std::uint8_t, kDuidSize> duid_of(std::uint64_t client) {
  std::array<std::uint8_t, kDuidSize> duid{0, 1, 0, 1, 0x2a, 0, 0, 0, 2};
  for (std::size_t i = 0; i < 5; ++i) {
    duid[9 + i] = static_cast<std::uint8_t>(client >> (8 * (4 - i)));
  }
  return duid;
}

Ipv6Address address_of(std::uint64_t client) {
  // Odd multipliers permute 2^62 numbers; the top bits keep away from reserved identifiers.
  return Ipv6Address::from_halves(kSubnet, (client * 0xbf58476d1ce4e5b9 >> 2) | 1ULL << 62);
}

Change change_of(std::uint64_t client, WallTime now) {
  Change change{};
  const auto duid = duid_of(client);
  change.kind = ChangeKind::kPut;
  change.dirty_index = DirtyIndex::kKeep;
  change.duid = Duid(duid);
  Binding& binding = change.binding;
  binding.address = address_of(client);
  binding.iaid = Iaid{1};
  binding.status = BindingStatus::kActive;
  binding.duid_size = duid.size();
  binding.valid_lifetime = Lifetime{86400};
  binding.preferred_lifetime = Lifetime{43200};
  binding.start_time_of_state = now;
  binding.client_last_transaction_time = now;
  binding.state_expiration_time = now + binding.valid_lifetime;
  return change;
}

ServerSettings settings() {
  ServerSettings settings;
  settings.server_duid = Duid(kServerDuid);
  settings.allocation_key = {1, 2, 3, 4, 5, 6, 7, 8};
  LinkSettings link;
  link.name = kPort;
  LinkMatch on_port;
  on_port.port = kPort;
  link.matches.push_back(on_port);
  link.address_pools = {{Ipv6Address::from_halves(kSubnet, 0), 64}};
  settings.links.push_back(std::move(link));
  return settings;
}

RenewTemplate::RenewTemplate() {
  put(octets_, 5U << 24, 4);  // RENEW, transaction-id
  put(octets_, 1, 2);         // Client Identifier
  put(octets_, kDuidSize, 2);
  octets_.resize(octets_.size() + kDuidSize);
  put(octets_, 2, 2);  // Server Identifier
  put(octets_, kServerDuid.size(), 2);
  octets_.insert(octets_.end(), kServerDuid.begin(), kServerDuid.end());
  put(octets_, 3, 2);  // IA_NA
  put(octets_, 12 + 4 + 24, 2);
  put(octets_, 1, 4);  // IAID
  put(octets_, 0, 8);  // T1, T2
  put(octets_, 5, 2);  // IA Address
  put(octets_, 24, 2);
  octets_.resize(octets_.size() + 24);
  T6_CHECK(octets_.size() == kAddressAt + 24);
}

std::span<const std::uint8_t> RenewTemplate::of(std::uint64_t client,
                                                std::uint32_t transaction_id) noexcept {
  for (std::size_t i = 0; i < 3; ++i) {
    octets_[kTransactionAt + i] = static_cast<std::uint8_t>(transaction_id >> (8 * (2 - i)));
  }
  std::ranges::copy(duid_of(client), octets_.begin() + kDuidAt);
  std::ranges::copy(address_of(client).octets, octets_.begin() + kAddressAt);
  return octets_;
}

std::expected<void, std::string> fill(Store& store, std::uint64_t count, WallTime now) {
  WriteSet set(store);
  for (std::uint64_t client = 0; client < count; ++client) {
    set.add(change_of(client, now));
    if ((client + 1) % kFillSetSize != 0 && client + 1 != count) continue;
    if (auto written = store.write(set, Durability::kNone); !written.has_value()) return written;
    set.clear();
  }
  return store.flush();
}

Memory::Memory(unsigned shard_count, std::uint64_t binding_count_max)
    : pools(server_settings, shard_count, binding_count_max),
      service(server_settings, std::array<std::string, 1>{kPort}, pools, shard_count) {
  const auto share =
      static_cast<std::uint32_t>(binding_count_max / shard_count + binding_count_max / 100 + 1000);
  for (unsigned i = 0; i < shard_count; ++i) {
    shards.push_back(std::make_unique<Shard>(
        static_cast<ShardId>(i),
        Shard::Capacity{.binding_count_max = share, .change_ring_size = kChangeRingSize},
        service.key()));
  }
}

std::expected<LoadResult, std::string> Memory::load(const Store& store, WallTime now) {
  LoadProgress progress;
  return load_leases(
      store,
      {.shard_count = static_cast<unsigned>(shards.size()),
       .home_of =
           [&](std::span<const std::uint8_t> duid) {
             const ClientKey client = service.client_key(duid);
             return ClientHome{.shard = service.home_of(client), .client_hash = client.hash};
           },
       .insert =
           [&](unsigned number, std::span<const LoadedLease> leases) {
             Shard& shard = *shards[number];
             for (std::size_t i = 0; i < leases.size(); ++i) {
               if (i + kPrefetchDistance < leases.size()) {
                 const LoadedLease& ahead = leases[i + kPrefetchDistance];
                 prefetch_restore(service, shard, ahead.lease.binding.lease(),
                                  {ahead.lease.duid, ahead.client_hash});
               }
               const LeaseView& lease = leases[i].lease;
               const Restored restored =
                   restore(service, shard, lease.binding, {lease.duid, leases[i].client_hash},
                           lease.attributes, now);
               T6_CHECK(restored == Restored::kServed);
             }
           }},
      progress);
}

}  // namespace tandem6::population
