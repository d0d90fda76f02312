#include "dataplane/wire/client_fqdn.h"

#include <cstring>

namespace tandem6 {

std::optional<ClientFqdn> read_client_fqdn(std::span<const std::uint8_t> value) noexcept {
  if (value.empty()) return std::nullopt;
  ClientFqdn fqdn;
  fqdn.server_updates = (value[0] & ClientFqdn::kServerUpdates) != 0;
  fqdn.no_server_updates = (value[0] & ClientFqdn::kNoServerUpdates) != 0;
  fqdn.name = value.subspan(1);
  fqdn.shape = shape_of_name(fqdn.name);
  if (fqdn.server_updates && fqdn.no_server_updates) return std::nullopt;
  if (fqdn.shape == NameShape::kMalformed) return std::nullopt;
  return fqdn;
}

std::uint8_t fqdn_answer_flags(const ClientFqdn& client, DnsUpdatePolicy policy) noexcept {
  bool server_updates = false;
  bool no_server_updates = false;
  switch (policy) {
    case DnsUpdatePolicy::kNever:
      no_server_updates = true;
      break;
    case DnsUpdatePolicy::kAsAsked:
      no_server_updates = client.no_server_updates;
      server_updates = client.server_updates && !no_server_updates;
      break;
    case DnsUpdatePolicy::kServerAlways:
      server_updates = true;
      break;
  }
  std::uint8_t flags = 0;
  if (server_updates) flags |= ClientFqdn::kServerUpdates;
  if (server_updates != client.server_updates) flags |= ClientFqdn::kOverridden;
  if (no_server_updates) flags |= ClientFqdn::kNoServerUpdates;
  return flags;
}

std::optional<FqdnAnswer> build_fqdn_answer(const ClientFqdn& client, DnsUpdatePolicy policy,
                                            const DomainName& suffix,
                                            std::span<const std::uint8_t> host_label) noexcept {
  const bool is_empty = client.shape == NameShape::kEmpty;
  const std::span<const std::uint8_t> name = is_empty ? host_label : client.name;
  const bool complete = client.shape != NameShape::kFull && !name.empty();
  const std::span<const std::uint8_t> tail =
      complete ? suffix.wire() : std::span<const std::uint8_t>{};
  if (name.size() + tail.size() > kDomainNameSizeMax) return std::nullopt;

  FqdnAnswer answer;
  answer.octets[0] = fqdn_answer_flags(client, policy);
  std::uint8_t* const at = answer.octets.data() + 1;
  if (!name.empty()) std::memcpy(at, name.data(), name.size());
  if (!tail.empty()) std::memcpy(at + name.size(), tail.data(), tail.size());
  answer.size = static_cast<std::uint16_t>(1 + name.size() + tail.size());
  return answer;
}

}  // namespace tandem6
