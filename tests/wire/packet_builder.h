// Builds DHCPv6 datagrams for tests, good ones and bad ones; says what stands in each line.
//
//     const Octets datagram = PacketBuilder(MessageType::kSolicit, 0x123456)
//                                 .client_id(duid)
//                                 .ia_na(Iaid{1}, {address})
//                                 .oro({23, 24})
//                                 .relay(0, link, peer)          // wraps what stands above
//                                 .interface_id({'e', 't', 'h'})  // of that relay
//                                 .relay(1, {}, peer)             // the next relay outwards
//                                 .bytes();
//
// Relays are written in the order in which a packet meets them: the last one is the outermost.
// An option goes into the message or relay begun last. The Relay Message option is last at its
// level unless `relay_message_first()` was called. Nothing here checks anything.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "dataplane/wire/duid.h"
#include "dataplane/wire/identity_association.h"
#include "dataplane/wire/ipv6.h"
#include "dataplane/wire/message_type.h"
#include "dataplane/wire/option_table.h"

namespace tandem6 {

using Octets = std::vector<std::uint8_t>;

inline void put_number(Octets& out, std::uint64_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

// Not inlined: at -O3 g++ 12 warns of overruns in growing literals that are not there.
[[gnu::noinline]] inline void put_octets(Octets& out, std::span<const std::uint8_t> more) {
  out.insert(out.end(), more.begin(), more.end());
}

[[gnu::noinline]] inline Octets operator+(Octets left, const Octets& right) {
  put_octets(left, right);
  return left;
}

/// One option: code, length, value.
inline Octets encoded_option(std::uint16_t code, const Octets& value) {
  Octets out;
  put_number(out, code, 2);
  put_number(out, value.size(), 2);
  return out + value;
}

inline Octets encoded_option(OptionCode code, const Octets& value) {
  return encoded_option(static_cast<std::uint16_t>(code), value);
}

/// IAADDR with its lifetimes, and the options inside it.
inline Octets encoded_address(const Ipv6Address& address, std::uint32_t preferred = 0,
                              std::uint32_t valid = 0, const Octets& options = {}) {
  Octets value(address.octets.begin(), address.octets.end());
  put_number(value, preferred, 4);
  put_number(value, valid, 4);
  return encoded_option(OptionCode::kIaAddr, value + options);
}

/// IAPREFIX with its lifetimes, and the options inside it.
inline Octets encoded_prefix(const Ipv6Prefix& prefix, std::uint32_t preferred = 0,
                             std::uint32_t valid = 0, const Octets& options = {}) {
  Octets value;
  put_number(value, preferred, 4);
  put_number(value, valid, 4);
  value.push_back(prefix.length);
  put_octets(value, prefix.address.octets);
  return encoded_option(OptionCode::kIaPrefix, value + options);
}

inline Octets encoded_ia(IaType type, Iaid iaid, const Octets& options, std::uint32_t t1 = 0,
                         std::uint32_t t2 = 0) {
  Octets value;
  put_number(value, iaid.value, 4);
  put_number(value, t1, 4);
  put_number(value, t2, 4);
  return encoded_option(
      type == IaType::kNonTemporaryAddress ? OptionCode::kIaNa : OptionCode::kIaPd,
      value + options);
}

class PacketBuilder {
 public:
  PacketBuilder(MessageType type, std::uint32_t transaction_id)
      : PacketBuilder(static_cast<std::uint8_t>(type), transaction_id) {}
  PacketBuilder(std::uint8_t type, std::uint32_t transaction_id) {
    Level message;
    message.header.push_back(type);
    put_number(message.header, transaction_id, 3);
    levels_.push_back(message);
  }

  PacketBuilder& option(std::uint16_t code, const Octets& value = {}) {
    return raw(encoded_option(code, value));
  }
  PacketBuilder& option(OptionCode code, const Octets& value = {}) {
    return raw(encoded_option(code, value));
  }
  /// Octets as they stand, at the place where an option would go.
  PacketBuilder& raw(const Octets& octets) {
    put_octets(levels_.back().options, octets);
    return *this;
  }

  PacketBuilder& client_id(const Octets& duid) { return option(OptionCode::kClientId, duid); }
  PacketBuilder& client_id(const Duid& duid) { return client_id(octets_of(duid.bytes())); }
  PacketBuilder& server_id(const Octets& duid) { return option(OptionCode::kServerId, duid); }
  PacketBuilder& server_id(const Duid& duid) { return server_id(octets_of(duid.bytes())); }

  PacketBuilder& ia_na(Iaid iaid, const std::vector<Ipv6Address>& addresses = {}) {
    Octets options;
    for (const Ipv6Address& address : addresses) put_octets(options, encoded_address(address));
    return ia(IaType::kNonTemporaryAddress, iaid, options);
  }
  PacketBuilder& ia_pd(Iaid iaid, const std::vector<Ipv6Prefix>& prefixes = {}) {
    Octets options;
    for (const Ipv6Prefix& prefix : prefixes) put_octets(options, encoded_prefix(prefix));
    return ia(IaType::kPrefixDelegation, iaid, options);
  }
  /// An IA around options as they stand.
  PacketBuilder& ia(IaType type, Iaid iaid, const Octets& options) {
    return raw(encoded_ia(type, iaid, options));
  }

  PacketBuilder& oro(const std::vector<std::uint16_t>& codes) {
    Octets value;
    for (const std::uint16_t code : codes) put_number(value, code, 2);
    return option(OptionCode::kOptionRequest, value);
  }
  PacketBuilder& rapid_commit() { return option(OptionCode::kRapidCommit); }
  PacketBuilder& reconfigure_accept() { return option(OptionCode::kReconfigureAccept); }
  PacketBuilder& elapsed_time(std::uint16_t hundredths) {
    Octets value;
    put_number(value, hundredths, 2);
    return option(OptionCode::kElapsedTime, value);
  }
  /// `name`: octets of the wire, see domain_name.h.
  PacketBuilder& client_fqdn(std::uint8_t flags, const Octets& name) {
    return option(OptionCode::kClientFqdn, Octets{flags} + name);
  }

  /// Wraps everything so far in a RELAY-FORW; options from here on are this relay's.
  PacketBuilder& relay(std::uint8_t hop_count, const Ipv6Address& link_address,
                       const Ipv6Address& peer_address,
                       MessageType type = MessageType::kRelayForward) {
    Level level;
    level.header = {static_cast<std::uint8_t>(type), hop_count};
    put_octets(level.header, link_address.octets);
    put_octets(level.header, peer_address.octets);
    levels_.push_back(level);
    return *this;
  }
  PacketBuilder& interface_id(const Octets& value) {
    return option(OptionCode::kInterfaceId, value);
  }
  PacketBuilder& remote_id(std::uint32_t enterprise_number, std::string_view id) {
    Octets value;
    put_number(value, enterprise_number, 4);
    return option(OptionCode::kRemoteId, value + octets_of(id));
  }
  PacketBuilder& subscriber_id(std::string_view id) {
    return option(OptionCode::kSubscriberId, octets_of(id));
  }
  PacketBuilder& link_layer_address(std::uint16_t type, const Octets& address) {
    Octets value;
    put_number(value, type, 2);
    return option(OptionCode::kClientLinkLayerAddress, value + address);
  }
  PacketBuilder& relay_source_port(std::uint16_t port) {
    Octets value;
    put_number(value, port, 2);
    return option(OptionCode::kRelaySourcePort, value);
  }
  /// The Relay Message option goes before the other options of the relay begun last.
  PacketBuilder& relay_message_first() {
    levels_.back().message_first = true;
    return *this;
  }

  [[nodiscard]] Octets bytes() const {
    Octets inner = levels_.front().header + levels_.front().options;
    for (std::size_t at = 1; at < levels_.size(); ++at) {
      const Level& level = levels_[at];
      const Octets message = encoded_option(OptionCode::kRelayMessage, inner);
      inner =
          level.header + (level.message_first ? message + level.options : level.options + message);
    }
    return inner;
  }

 private:
  struct Level {
    Octets header;
    Octets options;
    bool message_first = false;
  };

  static Octets octets_of(std::span<const std::uint8_t> bytes) {
    return {bytes.begin(), bytes.end()};
  }
  [[gnu::noinline]] static Octets octets_of(std::string_view text) {
    return {text.begin(), text.end()};
  }

  std::vector<Level> levels_;  // [0] is the client's message, back() the outermost relay
};

}  // namespace tandem6
