// Made-up subscribers for storage's measurements: client n of a link with one /64, whose address,
// DUID and RENEW follow from n alone.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dataplane/lease/change.h"
#include "dataplane/lease/shard.h"
#include "dataplane/server/service.h"
#include "dataplane/server/settings.h"
#include "storage/loader.h"
#include "storage/store.h"

namespace tandem6 {

namespace population {

inline constexpr std::size_t kDuidSize = 14;  // a DUID-LLT of an Ethernet address

[[nodiscard]] std::array<std::uint8_t, kDuidSize> duid_of(std::uint64_t client);
[[nodiscard]] Ipv6Address address_of(std::uint64_t client);
/// The binding of a client: ACTIVE since `now`, for a day.
[[nodiscard]] Change change_of(std::uint64_t client, WallTime now);
[[nodiscard]] ServerSettings settings();

/// A RENEW of one client after the other, each written over the last one.
class RenewTemplate {
 public:
  RenewTemplate();
  [[nodiscard]] std::span<const std::uint8_t> of(std::uint64_t client,
                                                 std::uint32_t transaction_id) noexcept;

 private:
  std::vector<std::uint8_t> octets_;
};

/// Writes the bindings of clients 0..count-1 into an empty store.
[[nodiscard]] std::expected<void, std::string> fill(Store& store, std::uint64_t count,
                                                    WallTime now);

/// What a server has in memory, without the packet path.
struct Memory {
  Memory(unsigned shard_count, std::uint64_t binding_count_max);

  ServerSettings server_settings = settings();
  Pools pools;
  Service service;
  std::vector<std::unique_ptr<Shard>> shards;

  [[nodiscard]] std::expected<LoadResult, std::string> load(const Store& store, WallTime now);
};

}  // namespace population
}  // namespace tandem6
