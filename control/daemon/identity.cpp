#include "control/daemon/identity.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace tandem6 {
namespace {

constexpr const char* kDuidName = "server-duid";
constexpr const char* kKeyName = "allocation-key";
constexpr std::array<std::uint8_t, 2> kDuidUuidType = {0, 4};

using SixteenOctets = std::array<std::uint8_t, 16>;

std::expected<SixteenOctets, std::string> random_octets() {
  SixteenOctets octets;
  const ssize_t count = getrandom(octets.data(), octets.size(), 0);
  if (count != static_cast<ssize_t>(octets.size())) {
    return std::unexpected(std::string("no random numbers: ") + std::strerror(errno));
  }
  return octets;
}

std::vector<std::uint8_t> duid_uuid_of(SixteenOctets uuid) {
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0f) | 0x40);  // version 4, RFC 4122
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3f) | 0x80);
  std::vector<std::uint8_t> octets(kDuidUuidType.begin(), kDuidUuidType.end());
  octets.insert(octets.end(), uuid.begin(), uuid.end());
  return octets;
}

/// The value kept under this name, or what `make` makes of new random octets, kept from now on.
template <typename Make>
std::expected<std::vector<std::uint8_t>, std::string> load_or_make(Store& store, const char* name,
                                                                   Make&& make) {
  auto kept = store.server_value(name);
  if (!kept.has_value()) return std::unexpected(kept.error());
  if (kept->has_value()) return std::move(**kept);
  const auto random = random_octets();
  if (!random.has_value()) return std::unexpected(random.error());
  std::vector<std::uint8_t> made = make(*random);
  WriteSet set(store);
  set.put_server(name, made);
  const auto written = store.write(set, Durability::kPower);
  if (!written.has_value()) return std::unexpected(written.error());
  return made;
}

std::expected<void, std::string> complete_duid(Configuration& configuration, Store& store) {
  const auto octets = load_or_make(store, kDuidName, duid_uuid_of);
  if (!octets.has_value()) return std::unexpected(octets.error());
  if (!Duid::size_fits(octets->size())) {
    return std::unexpected(configuration.storage.path +
                           ": the server's DUID kept there is none; set server.duid to the right "
                           "one, or put a good copy of the folder back");
  }
  configuration.server.server_duid = Duid(*octets);
  return {};
}

std::expected<void, std::string> complete_key(Configuration& configuration, Store& store) {
  const auto octets = load_or_make(store, kKeyName, [](const SixteenOctets& random) {
    return std::vector<std::uint8_t>(random.begin(), random.end());
  });
  if (!octets.has_value()) return std::unexpected(octets.error());
  auto& key = configuration.server.allocation_key;
  if (octets->size() != key.size()) {
    return std::unexpected(configuration.storage.path + ": the allocation key kept there is none");
  }
  std::ranges::copy(*octets, key.begin());
  return {};
}

}  // namespace

std::expected<void, std::string> complete_identity(Configuration& configuration, Store& store) {
  if (configuration.server_duid_is_auto) {
    if (auto done = complete_duid(configuration, store); !done.has_value()) return done;
  }
  if (configuration.allocation_key_is_auto) return complete_key(configuration, store);
  return {};
}

}  // namespace tandem6
