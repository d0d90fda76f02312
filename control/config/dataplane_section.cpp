#include "control/config/dataplane_section.h"

#include <algorithm>
#include <map>

#include "control/config/scalars.h"

namespace tandem6 {
namespace {

constexpr std::size_t kPortCountMax = 32;  // RTE_MAX_ETHPORTS of Debian's DPDK
constexpr Rule kPortsRule{"the server answers where it has a port",
                          "add at least one: {name: access, device: …, addresses: [\"fe80::1\"]}"};

/// What is given once only: port names, devices.
using Seen = std::map<std::string, FilePosition>;

/// False, and a fault, when the word was there before.
bool is_first(Seen& seen, const std::string& word, const Field& field, std::string_view why,
              Faults& faults) {
  const auto [first, is_new] = seen.emplace(word, field.position);
  if (is_new) return true;
  faults.add(field.position, field.name + ' ' + quoted(word) + " stands twice",
             std::string(why) + "; the first is in " + line_of(first->second),
             "give each port its own");
  return false;
}

void read_addresses(const Section& section, PortSettings& port, Faults& faults) {
  constexpr Rule kRule{"the server answers from these addresses",
                       "write a list with one link-local address at least, such as [\"fe80::1\"]"};
  const auto& field = section.require("addresses", kRule, faults);
  if (!field) return;
  const std::size_t fault_count = faults.count();
  for (const Field& element : read_list(field, kRule, faults)) {
    const auto address = read_unicast_address(element, faults);
    if (!address) continue;
    if (std::ranges::find(port.addresses, *address) != port.addresses.end()) {
      faults.add(element.position, "address " + address->to_string() + " stands twice",
                 "once is enough", "keep one of the two");
      continue;
    }
    port.addresses.push_back(*address);
  }
  if (faults.count() != fault_count) return;
  if (std::ranges::none_of(port.addresses, &Ipv6Address::is_link_local)) {
    faults.add(field->position, "no link-local address among " + field->name,
               "clients on the port itself are answered from one (RFC 8415 section 18.3.10)",
               "add one, such as \"fe80::1\"");
  }
}

void read_vlans(const Section& section, PortSettings& port, Faults& faults) {
  constexpr Rule kRule{"a VLAN id is 1 to 4094 (IEEE 802.1Q), and 0 stands for no tag",
                       "write a list of numbers from 0 to 4094"};
  for (const Field& element : read_list(section.find("vlans"), kRule, faults)) {
    const auto number = read_number(element, 0, 4094, kRule, faults);
    if (!number) continue;
    const auto vlan = static_cast<std::uint16_t>(*number);
    if (std::ranges::find(port.vlans, vlan) != port.vlans.end()) {
      faults.add(element.position, "VLAN " + std::to_string(vlan) + " stands twice",
                 "once is enough", "keep one of the two");
      continue;
    }
    port.vlans.push_back(vlan);
  }
}

void read_next_hop(const Section& section, PortSettings& port, Faults& faults) {
  constexpr Rule kRule{"it is the MAC address of one router",
                       "write it as \"02:00:00:00:00:01\", or remove the key to answer the way "
                       "the request came"};
  const auto& field = section.find("next-hop");
  const auto text = read_text(field, kRule, faults);
  if (!text) return;
  std::string digits;
  bool good = text->size() == 17;
  for (std::size_t at = 0; good && at < text->size(); ++at) {
    if (at % 3 == 2) {
      good = (*text)[at] == ':';
    } else {
      digits += (*text)[at];
    }
  }
  const auto octets = good ? parse_hex(digits) : std::nullopt;
  const bool is_group = octets && ((*octets)[0] & 1) != 0;
  if (!octets || octets->size() != 6 || is_group || std::ranges::count(*octets, 0) == 6) {
    faults.add(field->position, what_is(*field), kRule);
    return;
  }
  std::copy_n(octets->begin(), 6, port.next_hop.emplace().begin());
}

void read_kernel_path(const Section& section, PortSettings& port, Faults& faults) {
  const auto kind = read_choice<KernelPathKind>(
      section.find("kernel-path"),
      {{"auto", KernelPathKind::kAutomatic},
       {"interface", KernelPathKind::kInterface},
       {"tap", KernelPathKind::kTap},
       {"none", KernelPathKind::kNone}},
      "it is how frames that are not for the server reach the kernel", faults);
  if (kind) port.kernel_path = *kind;
}

void read_device(const Section& section, PortSettings& port, Seen& devices, Faults& faults) {
  constexpr Rule kRule{"DPDK takes the port from this device",
                       "write a PCI address (\"0000:01:00.0\") or a virtual device "
                       "(\"net_af_packet0,iface=eth1\")"};
  const auto& field = section.require("device", kRule, faults);
  const auto text = read_text(field, kRule, faults);
  if (!text) return;
  if (std::ranges::any_of(*text, [](char c) { return c == ' ' || c == '\t' || c == '\n'; })) {
    faults.add(field->position, what_is(*field), kRule);
    return;
  }
  // What follows the comma are arguments: two ports cannot share the name before it.
  if (is_first(devices, text->substr(0, text->find(',')), *field, "a device is one port", faults)) {
    port.device = *text;
  }
}

void read_ports(const Section& dataplane, NetSettings& net, std::vector<std::string>& names,
                Faults& faults) {
  const auto& field = dataplane.require("ports", kPortsRule, faults);
  if (!field) return;
  const std::vector<Field> elements = read_list(field, kPortsRule, faults);
  if (elements.empty() && (field->is_empty() || field->node.IsSequence())) {
    faults.add(field->position, field->name + " has no port", kPortsRule);
  }
  if (elements.size() > kPortCountMax) {
    faults.add(elements[kPortCountMax].position,
               std::to_string(elements.size()) + " ports are too many", "DPDK manages 32 at most",
               "leave out the others");
  }
  Seen seen_names;
  Seen seen_devices;
  for (const Field& element : elements) {
    const Section section(element, dataplane.position(),
                          {"name", "device", "addresses", "vlans", "next-hop", "kernel-path"},
                          faults);
    PortSettings port;
    const auto& name_field = section.require(
        "name", {"links and tables refer to the port by it", "add one, such as access"}, faults);
    if (const auto name = read_name(name_field, faults)) {
      port.name = *name;
      (void)is_first(seen_names, *name, *name_field, "links are matched by this name", faults);
      names.push_back(*name);
    }
    read_device(section, port, seen_devices, faults);
    read_addresses(section, port, faults);
    read_vlans(section, port, faults);
    read_next_hop(section, port, faults);
    read_kernel_path(section, port, faults);
    net.ports.push_back(std::move(port));
  }
}

void read_eal(const Section& section, NetSettings& net, Faults& faults) {
  constexpr Rule kRule{"these words go to DPDK as they stand",
                       "write a list of texts, such as [\"--no-pci\", \"-m\", \"512\"]"};
  for (const Field& element : read_list(section.find("eal"), kRule, faults)) {
    if (auto text = read_text(element, kRule, faults)) {
      net.eal_arguments.push_back(std::move(*text));
    }
  }
}

}  // namespace

std::vector<std::string> read_dataplane_section(const std::optional<Field>& field, NetSettings& net,
                                                Faults& faults) {
  const Section section(field, {}, {"eal", "workers", "idle", "leases-max", "ports"}, faults);
  read_eal(section, net, faults);
  const auto workers = read_number(
      section.find("workers"), 1, 254,
      {"a lease remembers its worker in one octet", "write a number from 1 to 254"}, faults);
  if (workers) net.worker_count = static_cast<unsigned>(*workers);
  const auto idle = read_choice<IdleMode>(
      section.find("idle"), {{"poll", IdleMode::kPoll}, {"sleep", IdleMode::kSleep}},
      "a worker without work polls (a core of its own) or sleeps (a shared one)", faults);
  if (idle) net.idle = *idle;
  const auto leases = read_number(
      section.find("leases-max"), 1, 1'000'000'000,
      {"memory for so many leases is taken at start", "write a number from 1 to 1000000000"},
      faults);
  if (leases) net.binding_count_max = static_cast<std::uint32_t>(*leases);
  std::vector<std::string> port_names;
  if (field) {
    read_ports(section, net, port_names, faults);
  } else {
    faults.add({}, "dataplane.ports is missing", kPortsRule);
  }
  return port_names;
}

}  // namespace tandem6
