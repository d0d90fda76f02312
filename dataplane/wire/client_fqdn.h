// The Client FQDN option (39): who updates the DNS for which name (RFC 4704).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "dataplane/wire/domain_name.h"

namespace tandem6 {

/// A received option. The name borrows from the datagram and is valid while that is.
struct ClientFqdn {
  static constexpr std::uint8_t kServerUpdates = 1;    // S: the server does the AAAA update
  static constexpr std::uint8_t kOverridden = 2;       // O: the server's S is not the client's
  static constexpr std::uint8_t kNoServerUpdates = 4;  // N: the server does no update at all

  bool server_updates = false;     // S
  bool no_server_updates = false;  // N
  std::span<const std::uint8_t> name;
  NameShape shape = NameShape::kEmpty;  // full, partial or empty; never malformed
};

/// Nothing when the option is to be ignored: no flags, a malformed name, N and S both set. Reserved
/// bits and O are ignored (RFC 4704 section 4.1). Any thread, packet path too.
[[nodiscard]] std::optional<ClientFqdn> read_client_fqdn(
    std::span<const std::uint8_t> value) noexcept;

/// What the operator lets this server do in the DNS.
enum class DnsUpdatePolicy : std::uint8_t {
  kNever,         // no update at all
  kAsAsked,       // what the client wishes: all, the PTR record only, or nothing
  kServerAlways,  // AAAA and PTR whatever the client wishes
};

/// The value of the option in an answer.
struct FqdnAnswer {
  std::array<std::uint8_t, 1 + kDomainNameSizeMax> octets{};
  std::uint16_t size = 0;

  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept {
    return {octets.data(), size};
  }
};

/// Flags of the answer: O is set exactly when its S is not the client's, N forces S to 0, the
/// reserved bits are 0 (RFC 4704 sections 4.1 and 6).
[[nodiscard]] std::uint8_t fqdn_answer_flags(const ClientFqdn& client,
                                             DnsUpdatePolicy policy) noexcept;

/// The whole answer. A full name goes back as it came; a partial one is completed by `suffix`, or
/// goes back as it came where there is none. An empty one becomes `host_label` (labels without
/// root, may be empty) and is completed likewise. Nothing when the completed name would be too
/// long: then the answer has no such option. Any thread, packet path too.
[[nodiscard]] std::optional<FqdnAnswer> build_fqdn_answer(
    const ClientFqdn& client, DnsUpdatePolicy policy, const DomainName& suffix,
    std::span<const std::uint8_t> host_label = {}) noexcept;

}  // namespace tandem6
