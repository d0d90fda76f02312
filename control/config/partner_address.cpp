#include "control/config/partner_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "control/config/scalars.h"

namespace tandem6 {
namespace {

constexpr std::size_t kZoneSizeMax = 15;  // IFNAMSIZ without its NUL
constexpr std::uint64_t kIpv4Mark = 0x0000'ffff'0000'0000;

std::optional<Ipv6Address> parse_ipv4(const std::string& text) {
  in_addr ipv4{};
  if (inet_pton(AF_INET, text.c_str(), &ipv4) != 1) return std::nullopt;
  return Ipv6Address::from_halves(0, kIpv4Mark | ntohl(ipv4.s_addr));
}

bool is_zone(std::string_view text) {
  return !text.empty() && text.size() <= kZoneSizeMax &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~' && c != '/'; });
}

/// Any numeric address, of one host or not.
std::optional<PartnerAddress> parse(const std::string& text) {
  if (const auto ipv4 = parse_ipv4(text)) return PartnerAddress{*ipv4, ""};
  const std::size_t percent = text.find('%');
  const auto address = Ipv6Address::parse(std::string_view(text).substr(0, percent));
  if (!address) return std::nullopt;
  if (percent == text.npos) return PartnerAddress{*address, ""};
  const std::string zone = text.substr(percent + 1);
  if (!is_zone(zone)) return std::nullopt;
  return PartnerAddress{*address, zone};
}

bool is_one_host(const PartnerAddress& of) {
  if (!of.is_ipv4()) return !of.address.is_multicast() && !of.address.is_unspecified();
  const std::uint8_t first = of.address.octets[12];
  return first != 0 && first < 224;  // multicast, reserved and broadcast from there on
}

}  // namespace

bool PartnerAddress::is_ipv4() const noexcept {
  return address.high() == 0 && (address.low() >> 32) == (kIpv4Mark >> 32);
}

std::string PartnerAddress::to_string() const {
  if (!is_ipv4()) return zone.empty() ? address.to_string() : address.to_string() + '%' + zone;
  std::string text;
  for (std::size_t at = 12; at < 16; ++at) {
    text += (at == 12 ? "" : ".") + std::to_string(address.octets[at]);
  }
  return text;
}

std::optional<PartnerAddress> read_partner_address(const std::optional<Field>& field,
                                                   Faults& faults) {
  constexpr Rule kRule{"the partners find each other without a name service",
                       "write a numeric address in quotes, such as \"2001:db8:0:1::1\" or "
                       "\"192.0.2.1\""};
  const auto text = read_text(field, kRule, faults);
  if (!text) return std::nullopt;
  const auto fault = [&](std::string_view what, const Rule& rule) {
    faults.add(field->position, what_is(*field) + std::string(what), rule);
    return std::nullopt;
  };
  const auto address = parse(*text);
  if (!address) return fault("", kRule);
  if (!is_one_host(*address)) {
    return fault(", a multicast, broadcast or unspecified address",
                 {"each end of the connection is one host", kRule.right});
  }
  if (address->is_ipv4() && text->find(':') != text->npos) {
    return fault(", an IPv4 address in the form of IPv6",
                 {"an address has one form only here", "write " + quoted(address->to_string())});
  }
  if (address->address.is_link_local() && address->zone.empty()) {
    return fault(", link-local without an interface",
                 {"the address alone does not say on which link it is",
                  "write this server's interface behind it, such as \"fe80::1%eth0\""});
  }
  if (!address->address.is_link_local() && !address->zone.empty()) {
    return fault(", not link-local but with an interface",
                 {"the routes say where the address is",
                  "write " + quoted(text->substr(0, text->find('%')))});
  }
  return address;
}

}  // namespace tandem6
