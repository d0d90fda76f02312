// The outer parts of a BNDUPD or BNDREPLY: what stands at the top, in a CLIENT_DATA and in an IA.
// Part of the reader of messages.
#pragma once

#include <optional>

#include "control/failover/message.h"
#include "control/failover/option_walk.h"
#include "control/failover/relay_data.h"

namespace tandem6 {

// All borrow the octets; nullopt is an option that runs past the end.

/// The top of the message.
struct BindingContainers {
  unsigned client_data_count = 0;
  unsigned prefix_count = 0;
  Bytes client_data;            // of the first one
  std::optional<Bytes> prefix;  // of the first bare IAPREFIX, unless it is too short
  std::optional<StatusReport> status;
};
[[nodiscard]] std::optional<BindingContainers> find_containers(Bytes options);

/// CLIENT_DATA but for its IAs.
struct ClientPart {
  bool is_malformed = false;  // an option that counts has a length that it cannot have
  Duid duid;                  // empty: none
  WallTime base_time;
  std::optional<Bytes> vss;
  std::optional<StatusReport> status;
  RelayIdentity relay;
  Bytes reconfigure_key;
  Bytes dns_removal_info;  // of leases that have none of their own
};
[[nodiscard]] std::optional<ClientPart> read_client_part(Bytes client_data, WallTime now);

/// An IA but for its leases.
struct IaPart {
  bool is_malformed = false;
  bool is_ia_ta = false;
  IaType type = IaType::kNonTemporaryAddress;
  Iaid iaid;
  Lifetime t1;
  Lifetime t2;
  WallTime start_time_of_state;  // of leases that have none of their own
  std::optional<StatusReport> status;
  Bytes options;
};
[[nodiscard]] constexpr bool is_ia(OptionCode code) noexcept {
  return code == OptionCode::kIaNa || code == OptionCode::kIaTa || code == OptionCode::kIaPd;
}
/// REQUIRES: is_ia, and its length is one that the option table allows.
[[nodiscard]] std::optional<IaPart> read_ia_part(const WalkedOption& ia, WallTime now);

/// IAADDR in IA_NA and IA_TA, IAPREFIX in IA_PD.
[[nodiscard]] constexpr bool is_lease_of(const IaPart& ia, OptionCode code) noexcept {
  return code ==
         (ia.type == IaType::kPrefixDelegation ? OptionCode::kIaPrefix : OptionCode::kIaAddr);
}

}  // namespace tandem6
