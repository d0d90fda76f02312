// What the configuration says of one failover relationship: the endpoint, and how its partner is
// reached. Text that was checked when the file was read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "control/failover/endpoint_settings.h"

namespace tandem6 {

/// Paths of PEM files, and the name that the partner's certificate must be for.
struct TlsSettings {
  std::string certificate;
  std::string key;
  std::string ca;
  std::string partner_name;
};

struct PartnerSettings {
  EndpointSettings endpoint;
  std::string local;    // numeric, IPv6 or IPv4; a secondary listens there
  std::string partner;  // numeric, of the same family
  std::uint16_t port = 647;
  std::optional<TlsSettings> tls;  // none: `insecure: yes`, in clear
};

}  // namespace tandem6
