#include <algorithm>
#include <map>
#include <utility>

#include "control/config/link_match.h"
#include "control/config/link_pools.h"
#include "control/config/scalars.h"
#include "dataplane/lease/address_pool.h"

namespace tandem6 {
namespace {

/// The IA that a reservation is for: a DUID as text, and an IAID or none.
using Owner = std::pair<std::string, std::optional<Iaid>>;

/// True where nothing tells what is on the link, too.
bool is_on_link(const Ipv6Address& address, const LinkSettings& link) {
  const auto holds = [&](const Ipv6Prefix& prefix) { return prefix.contains(address); };
  const auto prefixes = link_prefixes(link.matches);
  if (prefixes.empty() && link.address_pools.empty()) return true;
  return std::ranges::any_of(prefixes, holds) || std::ranges::any_of(link.address_pools, holds);
}

std::optional<Ipv6Address> read_reserved_address(const std::optional<Field>& field,
                                                 LinkBeingRead& reading) {
  Faults& faults = reading.faults;
  const auto address = read_unicast_address(field, faults);
  if (!address) return std::nullopt;
  if (!check_leasable({*address, 128}, field->position, faults)) return std::nullopt;
  if (is_reserved_interface_identifier(*address)) {
    faults.add(field->position, what_is(*field) + ", with a reserved interface identifier",
               "RFC 5453 keeps these for anycast, the router's ::0 among them",
               "write an address that ends otherwise");
    return std::nullopt;
  }
  if (!is_on_link(*address, reading.link)) {
    faults.add(field->position, what_is(*field) + ", outside of the link",
               "the client could not use it there",
               "write an address inside of an address pool or a link-address of the link");
    return std::nullopt;
  }
  reading.ranges.push_back(
      {{*address, 128}, LeaseRange::Kind::kReservedAddress, 128, reading.index, field->position});
  return address;
}

std::optional<Ipv6Prefix> read_reserved_prefix(const std::optional<Field>& field,
                                               LinkBeingRead& reading) {
  Faults& faults = reading.faults;
  const auto prefix = read_prefix(field, faults);
  if (!prefix) return std::nullopt;
  if (!check_leasable(*prefix, field->position, faults)) return std::nullopt;
  reading.ranges.push_back(
      {*prefix, LeaseRange::Kind::kReservedPrefix, prefix->length, reading.index, field->position});
  return prefix;
}

std::optional<Iaid> read_iaid(const std::optional<Field>& field, Faults& faults) {
  const auto number =
      read_number(field, 0, 0xffffffff,
                  {"an IAID has four octets", "write a number, such as 7 or 0x0a000001"}, faults);
  if (!number) return std::nullopt;
  return Iaid{static_cast<std::uint32_t>(*number)};
}

void read_reservation(const Field& element, std::map<Owner, FilePosition>& owners,
                      LinkBeingRead& reading) {
  Faults& faults = reading.faults;
  const Section section(element, element.position, {"duid", "iaid", "address", "prefix"}, faults);
  const auto& duid_field =
      section.require("duid", {"a lease is kept for one client", "add the client's DUID"}, faults);
  const auto duid = read_duid(duid_field, faults);
  Reservation reservation;
  reservation.iaid = read_iaid(section.find("iaid"), faults);
  reservation.address = read_reserved_address(section.find("address"), reading);
  reservation.prefix = read_reserved_prefix(section.find("prefix"), reading);
  if (!section.find("address") && !section.find("prefix")) {
    faults.add(element.position, "the reservation has neither address nor prefix",
               "nothing would be kept for the client", "add one of them, or both");
  }
  if (!duid) return;
  const bool iaid_is_read = reservation.iaid.has_value() == section.find("iaid").has_value();
  if (iaid_is_read) {
    const auto [first, is_new] =
        owners.emplace(Owner{duid->to_string(), reservation.iaid}, duid_field->position);
    if (!is_new) {
      faults.add(duid_field->position, "this client and IAID have two reservations",
                 "only one could be given; the first is in " + line_of(first->second),
                 "write address and prefix into one, or give each an iaid");
    }
  }
  reservation.duid = *duid;
  if (reservation.address || reservation.prefix) {
    reading.link.reservations.push_back(reservation);
  }
}

}  // namespace

void read_reservations(const std::optional<Field>& field, LinkBeingRead& reading) {
  constexpr Rule kRule{"it is a list of reservations",
                       "write [{duid: \"00:03:…\", address: \"2001:db8:7::100\"}]"};
  std::map<Owner, FilePosition> owners;
  for (const Field& element : read_list(field, kRule, reading.faults)) {
    read_reservation(element, owners, reading);
  }
}

}  // namespace tandem6
