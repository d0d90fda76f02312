// What the server logic needs to know of the configuration: an immutable snapshot, built and
// checked by control/config, shared by all workers by pointer and never changed after construction.
//
// It holds no pool, only their descriptions: pools are living objects (`pools.h`) that a new
// snapshot finds again by their index.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/lease/role.h"
#include "dataplane/lease/wall_time.h"
#include "dataplane/wire/duid.h"
#include "dataplane/wire/identity_association.h"
#include "dataplane/wire/ipv6.h"

namespace tandem6 {

/// An option as it goes out: code, length and value, ready for the wire.
struct EncodedOption {
  std::uint16_t code = 0;
  std::vector<std::uint8_t> octets;  // the whole option, header included
  bool always = false;               // sent even when not requested (S-160)
};

/// How long clients keep what they get (RFC 8415 sections 7.7, 14.2, 21.4).
struct LifetimeSettings {
  Lifetime preferred{12 * 3600};
  Lifetime valid{24 * 3600};
  std::optional<Lifetime> t1;  // default: 0.5 of the shortest preferred lifetime (S-182)
  std::optional<Lifetime> t2;  // default: 0.8 of it
};

/// A lease kept for one client; in no pool.
struct Reservation {
  Duid duid;
  std::optional<Iaid> iaid;  // none: whichever IA of the client asks first
  std::optional<Ipv6Address> address;
  std::optional<Ipv6Prefix> prefix;
};

/// Which messages belong to a link: all conditions that are set must hold; at least one is set.
struct LinkMatch {
  std::optional<Ipv6Prefix> link_address;  // the relay's link-address lies inside
  std::optional<std::string> port;         // came in on this port
  std::optional<std::vector<std::uint8_t>>
      interface_id;                  // Interface-Id of the relay nearest the client
  std::optional<Ipv6Address> relay;  // address of the relay nearest the client
};

struct PrefixPoolSettings {
  Ipv6Prefix prefix;
  std::uint8_t delegated_length = 56;
  /// Excluded from each delegated prefix, as an offset (RFC 6603): the first prefix of this length
  /// inside it. None: no PD Exclude.
  std::optional<std::uint8_t> excluded_length;
};

struct LinkSettings {
  std::string name;
  RelationshipIndex relationship = kNoRelationship;  // the partners that share its leases
  std::vector<LinkMatch> matches;                    // any of them
  std::vector<Ipv6Prefix> address_pools;
  std::vector<PrefixPoolSettings> prefix_pools;
  LifetimeSettings lifetimes;
  bool rapid_commit = false;
  bool create_on_renew = true;         // S-087; on Rebind only where rapid_commit is on too (S-096)
  bool client_only = false;            // a RELAY-FORW that arrives on this link's port is dropped
  std::vector<EncodedOption> options;  // sorted by code; link before server already merged
  std::vector<Reservation> reservations;
};

struct ServerSettings {
  Duid server_duid;
  std::uint8_t preference = 0;
  std::array<std::uint8_t, 16> allocation_key{};
  std::vector<LinkSettings> links;
  std::vector<EncodedOption>
      options;  // for clients on links that are known but set none themselves

  unsigned lease_count_max_per_client = 8;  // S-203
  Lifetime decline_hold{24 * 3600};         // how long a declined address is kept from all (S-105)
  std::vector<Ipv6Address> relays;          // when not empty: the only relays served (S-255)
  std::vector<std::uint16_t> relay_supplied_options;  // enabled codes of RFC 6422; default 65
  std::optional<Lifetime> information_refresh_time;   // option 32, 600 s or more (S-114)
  std::string domain_suffix;  // completes partial client FQDNs (S-247); may be empty
};

}  // namespace tandem6
