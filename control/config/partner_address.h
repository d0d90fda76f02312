// Addresses of the two ends of a failover connection, numeric, of IPv6 or IPv4.
#pragma once

#include <optional>
#include <string>

#include "control/config/yaml_fields.h"
#include "dataplane/wire/ipv6.h"

namespace tandem6 {

struct PartnerAddress {
  Ipv6Address address;  // ::ffff:0:0/96 holds those of IPv4
  std::string zone;     // "eth0", of a link-local address only

  friend bool operator==(const PartnerAddress&, const PartnerAddress&) = default;
  [[nodiscard]] bool is_ipv4() const noexcept;
  /// "2001:db8::1", "fe80::1%eth0", "192.0.2.1"; one spelling of each.
  [[nodiscard]] std::string to_string() const;
};

/// The address of one host, which may be this one; nothing, and a fault where there is a field, for
/// all else.
[[nodiscard]] std::optional<PartnerAddress> read_partner_address(const std::optional<Field>& field,
                                                                 Faults& faults);

}  // namespace tandem6
