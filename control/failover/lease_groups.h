// The leases of a BNDUPD or BNDREPLY by the IA in which they stand. Part of the writer of messages.
#pragma once

#include <vector>

#include "control/failover/message.h"
#include "control/failover/octet_writer.h"
#include "dataplane/wire/option_table.h"

namespace tandem6 {

struct IaKey {
  OptionCode code;
  Iaid iaid;
  friend bool operator==(const IaKey&, const IaKey&) = default;
};
[[nodiscard]] constexpr OptionCode ia_code(IaType type, bool in_ia_ta) noexcept {
  if (in_ia_ta) return OptionCode::kIaTa;
  return type == IaType::kPrefixDelegation ? OptionCode::kIaPd : OptionCode::kIaNa;
}
[[nodiscard]] inline IaKey key_of(const BindingUpdate::Lease& lease) noexcept {
  return {ia_code(lease.update.ia_type, lease.in_ia_ta), lease.update.iaid};
}
[[nodiscard]] inline IaKey key_of(const BindingReply::Lease& lease) noexcept {
  return {ia_code(lease.ack.ia_type, lease.in_ia_ta), lease.ack.iaid};
}

/// Calls begin_ia(lease) with the first lease of each IA, write_lease(lease) with all of it and
/// end_ia() after them; IAs stand in the order of their first leases. Quadratic in the IAs of one
/// client, of which a frame has room for some 1,500 and a client has a few.
template <typename Leases, typename BeginIa, typename WriteLease, typename EndIa>
void for_each_ia(const Leases& leases, BeginIa begin_ia, WriteLease write_lease, EndIa end_ia) {
  std::vector<bool> is_written(leases.size());
  for (std::size_t first = 0; first < leases.size(); ++first) {
    if (is_written[first]) continue;
    const IaKey key = key_of(leases[first]);
    begin_ia(leases[first]);
    for (std::size_t at = first; at < leases.size(); ++at) {
      if (is_written[at] || key_of(leases[at]) != key) continue;
      is_written[at] = true;
      write_lease(leases[at]);
    }
    end_ia();
  }
}

/// Opens IAADDR or IAPREFIX and writes its fixed part.
[[nodiscard]] inline std::size_t begin_lease(OctetWriter& writer, IaType type,
                                             const Ipv6Prefix& lease, Lifetime preferred,
                                             Lifetime valid) {
  const bool is_prefix = type == IaType::kPrefixDelegation;
  const std::size_t option = writer.begin(is_prefix ? OptionCode::kIaPrefix : OptionCode::kIaAddr);
  if (!is_prefix) writer.bytes(lease.address.octets);
  writer.u32(preferred.seconds);
  writer.u32(valid.seconds);
  if (is_prefix) {
    writer.u8(lease.length);
    writer.bytes(lease.address.octets);
  }
  return option;
}

}  // namespace tandem6
