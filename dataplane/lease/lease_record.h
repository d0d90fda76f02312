// A binding with everything that is kept beside it, as a value: what crosses between a shard and
// other threads (operators' commands, storage, the partner in its turn).
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "dataplane/lease/attribute_store.h"
#include "dataplane/lease/binding.h"
#include "dataplane/wire/duid.h"

namespace tandem6 {

/// Up to 255 octets in fixed space. Mostly there are none, and no others are copied.
struct ShortBytes {
  std::uint8_t size = 0;
  std::array<std::uint8_t, 255> octets;

  ShortBytes() noexcept {}  // NOLINT(cppcoreguidelines-pro-type-member-init)
  ShortBytes(const ShortBytes& other) noexcept { assign(other.bytes()); }
  ShortBytes& operator=(const ShortBytes& other) noexcept {
    if (this != &other) assign(other.bytes());
    return *this;
  }
  ~ShortBytes() = default;

  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept {
    return {octets.data(), size};
  }
  /// REQUIRES: value.size() <= 255.
  void assign(std::span<const std::uint8_t> value) noexcept {
    T6_CHECK(value.size() <= octets.size());
    size = static_cast<std::uint8_t>(value.size());
    if (size != 0) std::memcpy(octets.data(), value.data(), size);
  }
};

struct LeaseRecord {
  Binding binding;
  Duid duid;
  ShortBytes client_fqdn;
  ShortBytes remote_id;
  ShortBytes interface_id;
  ShortBytes dns_removal_info;
  ShortBytes reconfigure_key;

  [[nodiscard]] BindingAttributes attributes() const noexcept {
    return {.client_fqdn = client_fqdn.bytes(),
            .remote_id = remote_id.bytes(),
            .interface_id = interface_id.bytes(),
            .dns_removal_info = dns_removal_info.bytes(),
            .reconfigure_key = reconfigure_key.bytes()};
  }
  /// REQUIRES: each part fits.
  void set_attributes(const BindingAttributes& attributes) noexcept {
    client_fqdn.assign(attributes.client_fqdn);
    remote_id.assign(attributes.remote_id);
    interface_id.assign(attributes.interface_id);
    dns_removal_info.assign(attributes.dns_removal_info);
    reconfigure_key.assign(attributes.reconfigure_key);
  }
};

}  // namespace tandem6
