// A binding: one lease of one identity association of one client, with every time that RFC 8156
// section 7.3 keeps for it.
//
// Budget: 96 octets here, plus two index entries (4 octets and a tag, in lines of 12 at a load of
// at most 0.75: 7.1 octets each) and one word of the claim table (8 octets at a load of at most
// 0.5): 96 + 14.2 + 16 = 126.2 of the 128 octets that a binding may cost. A long DUID, the client's
// FQDN and its relay data live in the shard's attribute store and are paid for only where they
// exist.
//
// A binding belongs to the shard of its client's DUID; only that shard's worker reads or writes it.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/lease/wall_time.h"
#include "dataplane/wire/duid.h"
#include "dataplane/wire/identity_association.h"
#include "dataplane/wire/ipv6.h"

namespace tandem6 {

/// RFC 8156 section 5.5.1. Stored on disk and sent to the partner: do not renumber.
enum class BindingStatus : std::uint8_t {
  kActive = 1,
  kExpired = 2,
  kReleased = 3,
  kPendingFree = 4,
  kFree = 5,
  kFreeBackup = 6,
  kAbandoned = 7,
  kReset = 8,
};
[[nodiscard]] const char* name_of(BindingStatus status) noexcept;

/// Whose half a lease belongs to while no client holds it: FREE is the primary's, FREE-BACKUP the
/// secondary's (RFC 8156 section 4.2). For addresses it is the low bit: odd is the primary's.
enum class Half : std::uint8_t { kFree = 0, kFreeBackup = 1 };
[[nodiscard]] constexpr Half half_of(const Ipv6Address& address) noexcept {
  return (address.octets[15] & 1) != 0 ? Half::kFree : Half::kFreeBackup;
}

/// Names a binding inside its shard; stable while the binding lives.
using BindingIndex = std::uint32_t;
inline constexpr BindingIndex kNoBinding = 0xffffffff;

/// Names a pool or link of the configuration snapshot; kNoPool: a reservation, in no pool.
using PoolIndex = std::uint16_t;
inline constexpr PoolIndex kNoPool = 0xffff;

struct Binding {
  static constexpr std::size_t kInlineDuidSize = 15;

  Ipv6Address address;  // of a prefix: masked

  // Times of RFC 8156 section 7.3 and rulings.
  PackedTime start_time_of_state;
  PackedTime state_expiration_time;  // ACTIVE: end of the valid lifetime the client was told
  PackedTime client_last_transaction_time;
  PackedTime partner_raw_clt_time;
  PackedTime expiration_time;             // greatest partner-lifetime this server acked
  PackedTime partner_lifetime;            // greatest one sent to the partner
  PackedTime acked_partner_lifetime;      // latest one the partner acked: the MCLT bound uses it
  PackedTime acked_partner_lifetime_max;  // greatest one: every waiting time uses it

  Lifetime preferred_lifetime;  // as last told to the client
  Lifetime valid_lifetime;
  Iaid iaid;

  // Links of the one list this binding stands in: a slot of the timer wheel, or the shard's history
  // of ended bindings. Written by the shard only.
  BindingIndex list_next = kNoBinding;
  BindingIndex list_previous = kNoBinding;
  std::uint32_t attributes = 0;  // handle into the shard's attribute store, 0: none

  IaType ia_type : 5 = IaType::kNonTemporaryAddress;
  bool in_doubt : 1 = false;   // of an old copy, and the partner has not spoken of it
  bool half_left : 1 = false;  // its prefix has left its half, and the disk is not told of it yet
  bool promised_twice : 1 = false;  // or forgotten there, until expiration_time
  BindingStatus status = BindingStatus::kFree;
  std::uint8_t prefix_length = 128;
  bool needs_update : 1 = false;   // dirty: its newest version is not acked by the partner
  bool update_sent : 1 = false;    // unchanged since a BNDUPD of it was handed to the connection
  bool claimed : 1 = false;        // this binding holds the lease's word in its pool
  std::uint8_t list_kind : 2 = 0;  // which list: ListKind of the shard
  bool dirty_indexed : 1 = false;  // it stands in the index of dirty bindings on disk
  bool pd_excluded : 1 = false;    // an excluded prefix was told with it (RFC 6603)
  bool from_partner : 1 = false;   // last written from an update of the partner, not by us

  PoolIndex pool = kNoPool;
  PoolIndex link = kNoPool;

  std::uint8_t duid_size = 0;  // 3..130; octets past the inline ones are in the attribute store
  std::array<std::uint8_t, kInlineDuidSize> duid_inline{};

  [[nodiscard]] Ipv6Prefix lease() const noexcept { return {address, prefix_length}; }
};
static_assert(sizeof(Binding) == 96);

}  // namespace tandem6
