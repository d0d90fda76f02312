#include "control/daemon/identity.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "control/api/octet_text.h"
#include "control/daemon/durable_file.h"

namespace tandem6 {
namespace {

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

std::string without_line_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<AllocationKeyOctets> parse_key(const std::string& text) {
  AllocationKeyOctets key{};
  if (text.size() != key.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const int high = digit_value(text[2 * i]);
    const int low = digit_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    key[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return key;
}

std::expected<Duid, std::string> make_duid(const std::string& path) {
  auto uuid = random_octets();
  if (!uuid.has_value()) return std::unexpected(uuid.error());
  (*uuid)[6] = static_cast<std::uint8_t>(((*uuid)[6] & 0x0f) | 0x40);  // version 4, RFC 4122
  (*uuid)[8] = static_cast<std::uint8_t>(((*uuid)[8] & 0x3f) | 0x80);
  std::array<std::uint8_t, kDuidUuidType.size() + 16> octets{};
  std::copy(kDuidUuidType.begin(), kDuidUuidType.end(), octets.begin());
  std::copy(uuid->begin(), uuid->end(), octets.begin() + kDuidUuidType.size());
  const Duid duid(octets);
  const auto written = write_durable_file(path, duid.to_string() + '\n', 0644);
  if (!written.has_value()) return std::unexpected(written.error());
  return duid;
}

}  // namespace

std::expected<Duid, std::string> load_or_make_duid(const std::string& folder) {
  const std::string path = folder + "/server-duid";
  const auto content = read_small_file(path);
  if (!content.has_value()) return std::unexpected(content.error());
  if (!content->has_value()) return make_duid(path);
  const auto duid = Duid::parse(without_line_end(**content));
  if (!duid.has_value()) {
    return std::unexpected(path +
                           ": no DUID (3 to 130 octets, \"00:04:…\"); put the right one back, "
                           "or remove the file and be a new server");
  }
  return *duid;
}

std::expected<AllocationKeyOctets, std::string> load_or_make_allocation_key(
    const std::string& folder) {
  const std::string path = folder + "/allocation-key";
  const auto content = read_small_file(path);
  if (!content.has_value()) return std::unexpected(content.error());
  if (content->has_value()) {
    const auto key = parse_key(without_line_end(**content));
    if (!key.has_value()) return std::unexpected(path + ": no key (32 hexadecimal digits)");
    return *key;
  }
  const auto key = random_octets();
  if (!key.has_value()) return std::unexpected(key.error());
  const auto written = write_durable_file(path, to_hex(*key) + '\n', 0600);
  if (!written.has_value()) return std::unexpected(written.error());
  return *key;
}

std::expected<void, std::string> complete_identity(Configuration& configuration) {
  if (configuration.server_duid_is_auto) {
    const auto duid = load_or_make_duid(configuration.storage.path);
    if (!duid.has_value()) return std::unexpected(duid.error());
    configuration.server.server_duid = *duid;
  }
  if (configuration.allocation_key_is_auto) {
    const auto key = load_or_make_allocation_key(configuration.storage.path);
    if (!key.has_value()) return std::unexpected(key.error());
    configuration.server.allocation_key = *key;
  }
  return {};
}

}  // namespace tandem6
