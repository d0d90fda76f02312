// Builds Ethernet frames for tests, good ones and bad ones.
//
//     const Octets frame = FrameBuilder(payload).source(client).tag(0x8100, 7).bytes();
//
// Everything has a default: a client's link-local address and port 546 to ff02::1:2 and port 547.
// Nothing here checks anything, and the checksum is computed on its own, not by the code tested.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "dataplane/net/port_identity.h"
#include "tests/wire/packet_builder.h"

namespace tandem6 {

inline Ipv6Address address_of(const char* text) { return Ipv6Address::parse(text).value(); }

inline constexpr MacAddress kClientMac{0x02, 0, 0, 0, 0, 0xc1};
inline constexpr MacAddress kServerMac{0x02, 0, 0, 0, 0, 0x01};
inline constexpr MacAddress kGroupMac{0x33, 0x33, 0, 1, 0, 2};

/// RFC 1071 over the pseudo header of RFC 8200 section 8.1; `udp` with zero as checksum.
inline std::uint16_t checksum_of(const Ipv6Address& source, const Ipv6Address& destination,
                                 const Octets& udp) {
  Octets all(source.octets.begin(), source.octets.end());
  put_octets(all, destination.octets);
  put_number(all, udp.size(), 4);
  put_number(all, 17, 4);
  put_octets(all, udp);
  if (all.size() % 2 != 0) all.push_back(0);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < all.size(); i += 2) sum += all[i] * 256U + all[i + 1];
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  const auto checksum = static_cast<std::uint16_t>(~sum);
  return checksum == 0 ? 0xffff : checksum;
}

class FrameBuilder {
 public:
  explicit FrameBuilder(Octets payload) : payload_(std::move(payload)) {}

  FrameBuilder& to_mac(const MacAddress& mac) { return to_mac_ = mac, *this; }
  FrameBuilder& from_mac(const MacAddress& mac) { return from_mac_ = mac, *this; }
  FrameBuilder& tag(std::uint16_t ether_type, std::uint16_t control) {
    put_number(tags_, ether_type, 2);
    put_number(tags_, control, 2);
    return *this;
  }
  FrameBuilder& source(const char* address) { return source_ = address_of(address), *this; }
  FrameBuilder& destination(const char* address) {
    return destination_ = address_of(address), *this;
  }
  FrameBuilder& ports(std::uint16_t source, std::uint16_t destination) {
    source_port_ = source;
    destination_port_ = destination;
    return *this;
  }
  /// `body`: the extension header from its third octet on; its size plus two is a multiple of 8.
  FrameBuilder& extension_header(std::uint8_t number, const Octets& body) {
    numbers_.push_back(number);
    Octets header{0, static_cast<std::uint8_t>((body.size() + 2) / 8 - 1)};
    headers_.push_back(header + body);
    return *this;
  }
  FrameBuilder& fragment_header(std::uint16_t offset_in_octets, bool more) {
    Octets body;
    put_number(body, offset_in_octets | (more ? 1 : 0), 2);
    put_number(body, 0x1234, 4);
    extension_header(44, body);
    headers_.back()[1] = 0;
    return *this;
  }
  FrameBuilder& protocol(std::uint8_t number) { return protocol_ = number, *this; }
  FrameBuilder& checksum(std::uint16_t value) {
    return checksum_ = value, has_checksum_ = true, *this;
  }
  FrameBuilder& flip_checksum_bit() { return flip_ = 0x0400, *this; }
  FrameBuilder& udp_length_off_by(int octets) { return udp_length_error_ = octets, *this; }
  FrameBuilder& ipv6_length_off_by(int octets) { return ipv6_length_error_ = octets, *this; }
  FrameBuilder& padding(std::size_t octets) { return padding_ = octets, *this; }

  [[nodiscard]] Octets bytes() const {
    Octets udp;
    put_number(udp, source_port_, 2);
    put_number(udp, destination_port_, 2);
    put_number(
        udp, static_cast<std::uint64_t>(static_cast<int>(payload_.size()) + 8 + udp_length_error_),
        2);
    put_number(udp, 0, 2);
    put_octets(udp, payload_);
    const std::uint16_t sum =
        has_checksum_ ? checksum_
                      : static_cast<std::uint16_t>(checksum_of(source_, destination_, udp) ^ flip_);
    udp[6] = static_cast<std::uint8_t>(sum >> 8);
    udp[7] = static_cast<std::uint8_t>(sum);

    Octets upper;
    for (std::size_t i = 0; i < headers_.size(); ++i) {
      Octets header = headers_[i];
      header[0] = i + 1 < numbers_.size() ? numbers_[i + 1] : protocol_;
      put_octets(upper, header);
    }
    put_octets(upper, udp);

    Octets frame(to_mac_.begin(), to_mac_.end());
    put_octets(frame, from_mac_);
    put_octets(frame, tags_);
    put_number(frame, 0x86dd, 2);
    put_number(frame, 0x60000000, 4);
    put_number(frame,
               static_cast<std::uint64_t>(static_cast<int>(upper.size()) + ipv6_length_error_), 2);
    frame.push_back(numbers_.empty() ? protocol_ : numbers_.front());
    frame.push_back(1);  // any hop limit is served
    put_octets(frame, source_.octets);
    put_octets(frame, destination_.octets);
    put_octets(frame, upper);
    frame.resize(frame.size() + padding_, 0xee);
    return frame;
  }

 private:
  Octets payload_;
  MacAddress to_mac_ = kGroupMac;
  MacAddress from_mac_ = kClientMac;
  Octets tags_;
  Ipv6Address source_ = address_of("fe80::c1");
  Ipv6Address destination_ = address_of("ff02::1:2");
  std::uint16_t source_port_ = 546;
  std::uint16_t destination_port_ = 547;
  std::vector<std::uint8_t> numbers_;
  std::vector<Octets> headers_;
  std::uint8_t protocol_ = 17;
  std::uint16_t checksum_ = 0;
  bool has_checksum_ = false;
  std::uint16_t flip_ = 0;
  int udp_length_error_ = 0;
  int ipv6_length_error_ = 0;
  std::size_t padding_ = 0;
};

}  // namespace tandem6
