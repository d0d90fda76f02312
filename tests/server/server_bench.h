// A whole server of one shard (or several) on the bench: configuration, pools, shards and the
// responder, without a packet path. Datagrams go in, replies come out as something to look at.
#pragma once

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "dataplane/lease/shard.h"
#include "dataplane/server/responder.h"
#include "dataplane/server/service.h"
#include "dataplane/wire/parse.h"
#include "tests/wire/packet_builder.h"

namespace tandem6 {

/// One option of a reply, and those inside it.
struct ReplyOption {
  std::uint16_t code = 0;
  Octets value;
};

struct ReplyLease {
  Ipv6Prefix lease;
  std::uint32_t preferred = 0;
  std::uint32_t valid = 0;
  std::vector<ReplyOption> options;
};

struct ReplyIa {
  IaType type;
  Iaid iaid;
  std::uint32_t t1 = 0;
  std::uint32_t t2 = 0;
  std::vector<ReplyLease> leases;
  std::optional<StatusCode> status;
};

/// A reply as a client would read it; read independently of the code under test.
struct Reply {
  DropReason drop = DropReason::kNone;
  std::uint64_t change_number = 0;
  Ipv6Address destination;
  std::uint16_t destination_port = 0;

  MessageType type{};
  std::uint32_t transaction_id = 0;
  std::vector<ReplyOption> options;  // top level, in order
  std::vector<ReplyIa> ias;
  std::optional<StatusCode> status;
  Octets octets;        // the whole datagram, relay headers included
  Octets inner_octets;  // the server's message alone

  /// The relay headers, outermost first.
  struct Relay {
    std::uint8_t hop_count = 0;
    Ipv6Address link_address;
    Ipv6Address peer_address;
    std::vector<ReplyOption> options;  // without the Relay Message
  };
  std::vector<Relay> relays;

  [[nodiscard]] bool sent() const { return drop == DropReason::kNone; }
  [[nodiscard]] std::optional<Octets> option(OptionCode code) const;
  [[nodiscard]] std::size_t count(OptionCode code) const;
  /// The IA of this type and IAID; fails the test when it is not there.
  [[nodiscard]] const ReplyIa& ia(IaType type, std::uint32_t iaid = 1) const;
  [[nodiscard]] const ReplyIa& na(std::uint32_t iaid = 1) const {
    return ia(IaType::kNonTemporaryAddress, iaid);
  }
  [[nodiscard]] const ReplyIa& pd(std::uint32_t iaid = 1) const {
    return ia(IaType::kPrefixDelegation, iaid);
  }
};

class ServerBench {
 public:
  explicit ServerBench(ServerSettings settings = default_settings(), unsigned shard_count = 1,
                       std::uint32_t binding_count_max = 4096,
                       std::uint32_t change_ring_size = 4096);

  /// One link "lan": port "access" or link-address 2001:db8:7::/64; addresses 2001:db8:7::/64,
  /// prefixes 2001:db8:8000::/40 as /56; preferred 3000 s, valid 6000 s; DNS servers configured.
  static ServerSettings default_settings();
  static LinkSettings default_link();
  /// "dsl": port "other" or link-address 2001:db8:9::/64; addresses 2001:db8:9::/64, prefixes
  /// 2001:db8:9000::/40 as /56; no options.
  static LinkSettings second_link();
  static ServerSettings two_links();
  /// The same one link, of failover relationship 0. Nobody is answered before `set_rules`.
  static ServerSettings pair_settings();
  static Duid server_duid();
  static Duid client_duid(std::uint32_t number = 1);

  /// From a client's link-local address to ff02::1:2 on port 0, as an ordinary client sends.
  Reply send(const Octets& datagram) { return send(datagram, direct_envelope()); }
  Reply send(const PacketBuilder& packet) { return send(packet.bytes()); }
  Reply send(const Octets& datagram, const Envelope& envelope);
  /// From a relay's address to ff05::1:3.
  Reply send_relayed(const PacketBuilder& packet) { return send(packet.bytes(), relay_envelope()); }

  static Envelope direct_envelope();
  static Envelope relay_envelope();

  /// From a wider-scope or other source on this port.
  static Envelope direct_from(const Ipv6Address& source, std::uint16_t port = 0);

  /// Takes a new configuration with the same pools.
  void reconfigure(const ServerSettings& its_settings);

  /// What the endpoint of relationship 0 would say.
  void set_rules(const ServingRules& rules) { relationships.write(0, rules); }
  /// As an accepting reply to what the partner was told of the lease last: its partner-lifetime is
  /// acked, and nothing else happens.
  void acknowledge(const Ipv6Prefix& lease);

  /// Moves the clock on and lets leases expire, second by second at most `seconds` steps.
  void pass(std::uint32_t seconds);

  WallTime now{800'000'000};
  ServerSettings settings;
  Relationships relationships;
  std::unique_ptr<Pools> pools;
  std::unique_ptr<Service> service;
  std::vector<std::unique_ptr<Shard>> shards;
  std::vector<std::unique_ptr<WireCounters>> counters;
  std::vector<std::unique_ptr<Responder>> responders;
  std::vector<Change> changes;  // all that the shards emitted, in order
  std::size_t buffer_size = 1232;
  bool has_committer = false;  // which takes the changes; then none come here

  [[nodiscard]] Shard& shard() { return *shards[0]; }
  [[nodiscard]] std::uint64_t dropped(DropReason reason) const;
  [[nodiscard]] std::uint64_t odd(OddReason reason) const;
  [[nodiscard]] std::uint64_t live_bindings(BindingStatus status) const;
  /// Every binding with all that it holds, claims included, as text in slab order.
  [[nodiscard]] std::string digest() const;
  /// The binding that holds the lease, else one that held it; fails the test when there is none.
  [[nodiscard]] const Binding& binding_of(const Ipv6Prefix& lease) const;
  /// The same, to be changed as another part of the server would.
  [[nodiscard]] Binding& binding_at(const Ipv6Prefix& lease) {
    return const_cast<Binding&>(binding_of(lease));
  }

  void drain_changes();

 private:
  std::vector<std::unique_ptr<ServerSettings>> later_settings_;
  std::vector<std::unique_ptr<Service>> later_services_;
};

inline Ipv6Address address_of(const char* text) { return Ipv6Address::parse(text).value(); }
inline Ipv6Prefix prefix_of(const char* text) { return Ipv6Prefix::parse(text).value(); }
inline Ipv6Prefix lease_of(const char* address) { return {address_of(address), 128}; }

inline void PrintTo(const Ipv6Prefix& prefix, std::ostream* out) { *out << prefix.to_string(); }
inline void PrintTo(DropReason reason, std::ostream* out) { *out << "drop." << name_of(reason); }

/// The messages that a well-behaved client would send.
PacketBuilder solicit(const Duid& client, std::uint32_t transaction_id = 0x111111);
PacketBuilder to_server(MessageType type, const Duid& client,
                        std::uint32_t transaction_id = 0x222222);

}  // namespace tandem6
