#include <gtest/gtest.h>

#include "tests/config/configuration_text.h"

namespace tandem6 {
namespace {

TEST(DataplaneFault, NoPorts) {
  EXPECT_EQ(port_faults("dataplane: {}\n"),
            "1:1: dataplane.ports is missing: the server answers where it has a port; add at least "
            "one: {name: access, device: …, addresses: [\"fe80::1\"]}");
}

TEST(DataplaneFault, EmptyPorts) {
  EXPECT_EQ(port_faults("dataplane: {ports: []}\n"),
            "1:20: dataplane.ports has no port: the server answers where it has a port; add at "
            "least one: {name: access, device: …, addresses: [\"fe80::1\"]}");
}

TEST(DataplaneFault, PortsNoList) {
  EXPECT_EQ(port_faults("dataplane: {ports: access}\n"),
            "1:20: dataplane.ports is \"access\": the server answers where it has a port; add at "
            "least one: {name: access, device: …, addresses: [\"fe80::1\"]}");
}

TEST(DataplaneFault, EalArgumentsThatAreNoTexts) {
  EXPECT_EQ(port_faults("dataplane:\n"
                        "  eal: [a, [b], {c: d}, \"\"]\n"
                        "  ports: [{name: access, device: net_null0, addresses: [\"fe80::1\"]}]\n"),
            "2:12: dataplane.eal is a list: these words go to DPDK as they stand; write a list of "
            "texts, such as [\"--no-pci\", \"-m\", \"512\"]\n"
            "2:17: dataplane.eal is a mapping: these words go to DPDK as they stand; write a list "
            "of texts, such as [\"--no-pci\", \"-m\", \"512\"]\n"
            "2:25: dataplane.eal is empty: these words go to DPDK as they stand; write a list of "
            "texts, such as [\"--no-pci\", \"-m\", \"512\"]");
}

TEST(DataplaneFault, EalNoList) {
  EXPECT_EQ(port_faults("dataplane:\n"
                        "  eal: --no-huge\n"
                        "  ports: [{name: access, device: net_null0, addresses: [\"fe80::1\"]}]\n"),
            "2:8: dataplane.eal is \"--no-huge\": these words go to DPDK as they stand; write a "
            "list of texts, such as [\"--no-pci\", \"-m\", \"512\"]");
}

TEST(DataplaneFault, NumbersAndWords) {
  EXPECT_EQ(port_faults("dataplane:\n"
                        "  workers: 255\n"
                        "  idle: doze\n"
                        "  leases-max: 0\n"
                        "  ports: [{name: access, device: net_null0, addresses: [\"fe80::1\"]}]\n"),
            "2:12: dataplane.workers is \"255\": a lease remembers its worker in one octet; write "
            "a number from 1 to 254\n"
            "3:9: dataplane.idle is \"doze\": a worker without work polls (a core of its own) or "
            "sleeps (a shared one); write poll or sleep\n"
            "4:15: dataplane.leases-max is \"0\": memory for so many leases is taken at start; "
            "write a number from 1 to 1000000000");
}

TEST(DataplaneFault, PortWithNothing) {
  EXPECT_EQ(port_faults("dataplane:\n"
                        "  ports:\n"
                        "    - {}\n"
                        "    - {name: access, device: net_null0, addresses: [\"fe80::1\"]}\n"),
            "3:7: dataplane.ports.name is missing: links and tables refer to the port by it; add "
            "one, such as access\n"
            "3:7: dataplane.ports.device is missing: DPDK takes the port from this device; write a "
            "PCI address (\"0000:01:00.0\") or a virtual device (\"net_af_packet0,iface=eth1\")\n"
            "3:7: dataplane.ports.addresses is missing: the server answers from these addresses; "
            "write a list with one link-local address at least, such as [\"fe80::1\"]");
}

TEST(DataplaneFault, PortNameAndDeviceWithSpaces) {
  EXPECT_EQ(port_faults("dataplane:\n"
                        "  ports:\n"
                        "    - {name: a b, device: \"x y\", addresses: [\"fe80::1\"]}\n"
                        "    - {name: access, device: net_null0, addresses: [\"fe80::1\"]}\n"),
            "3:14: dataplane.ports.name is \"a b\": commands, tables and metrics show this name; "
            "write 1 to 63 letters, digits, '-', '_' or '.', no spaces\n"
            "3:27: dataplane.ports.device is \"x y\": DPDK takes the port from this device; write "
            "a PCI address (\"0000:01:00.0\") or a virtual device (\"net_af_packet0,iface=eth1\")");
}

TEST(DataplaneFault, NoLinkLocalAddress) {
  EXPECT_EQ(
      port_faults("dataplane: {ports: [{name: access, device: net_null0, addresses: "
                  "[\"2001:db8::1\"]}]}\n"),
      "1:66: no link-local address among dataplane.ports.addresses: clients on the port itself are "
      "answered from one (RFC 8415 section 18.3.10); add one, such as \"fe80::1\"");
}

TEST(DataplaneFault, NoAddressAtAll) {
  EXPECT_EQ(
      port_faults("dataplane: {ports: [{name: access, device: net_null0, addresses: []}]}\n"),
      "1:66: no link-local address among dataplane.ports.addresses: clients on the port itself are "
      "answered from one (RFC 8415 section 18.3.10); add one, such as \"fe80::1\"");
}

TEST(DataplaneFault, AddressesOfNoHost) {
  EXPECT_EQ(port_faults("dataplane: {ports: [{name: access, device: net_null0, addresses: "
                        "[\"fe80::1\", \"fe80::1\", \"::1\", \"ff02::1\", \"fe80:\"]}]}\n"),
            "1:78: address fe80::1 stands twice: once is enough; keep one of the two\n"
            "1:89: dataplane.ports.addresses is \"::1\", a multicast, unspecified or loopback "
            "address: it is the address of one host; write a unicast IPv6 address in quotes, such "
            "as \"2001:db8::1\"\n"
            "1:96: dataplane.ports.addresses is \"ff02::1\", a multicast, unspecified or loopback "
            "address: it is the address of one host; write a unicast IPv6 address in quotes, such "
            "as \"2001:db8::1\"\n"
            "1:107: dataplane.ports.addresses is \"fe80:\": it is the address of one host; write a "
            "unicast IPv6 address in quotes, such as \"2001:db8::1\"");
}

TEST(DataplaneFault, Vlans) {
  EXPECT_EQ(port_faults("dataplane: {ports: [{name: access, device: net_null0, addresses: "
                        "[\"fe80::1\"], vlans: [4095, 5, 5]}]}\n"),
            "1:87: dataplane.ports.vlans is \"4095\": a VLAN id is 1 to 4094 (IEEE 802.1Q), and 0 "
            "stands for no tag; write a list of numbers from 0 to 4094\n"
            "1:96: VLAN 5 stands twice: once is enough; keep one of the two");
}

TEST(DataplaneFault, NextHop) {
  EXPECT_EQ(
      port_faults("dataplane:\n"
                  "  ports:\n"
                  "    - {name: access, device: net_null0, addresses: [\"fe80::1\"], next-hop: "
                  "\"01:00:00:00:00:00\"}\n"
                  "    - {name: b, device: net_null1, addresses: [\"fe80::1\"], next-hop: "
                  "\"02:00:00:00:00\"}\n"
                  "    - {name: c, device: net_null2, addresses: [\"fe80::1\"], next-hop: "
                  "\"00:00:00:00:00:00\"}\n"
                  "    - {name: d, device: net_null3, addresses: [\"fe80::1\"], next-hop: "
                  "\"02-00-00-00-00-01\"}\n"),
      "3:75: dataplane.ports.next-hop is \"01:00:00:00:00:00\": it is the MAC address of one "
      "router; write it as \"02:00:00:00:00:01\", or remove the key to answer the way the request "
      "came\n"
      "4:70: dataplane.ports.next-hop is \"02:00:00:00:00\": it is the MAC address of one router; "
      "write it as \"02:00:00:00:00:01\", or remove the key to answer the way the request came\n"
      "5:70: dataplane.ports.next-hop is \"00:00:00:00:00:00\": it is the MAC address of one "
      "router; write it as \"02:00:00:00:00:01\", or remove the key to answer the way the request "
      "came\n"
      "6:70: dataplane.ports.next-hop is \"02-00-00-00-00-01\": it is the MAC address of one "
      "router; write it as \"02:00:00:00:00:01\", or remove the key to answer the way the request "
      "came");
}

TEST(DataplaneFault, KernelPath) {
  EXPECT_EQ(port_faults("dataplane: {ports: [{name: access, device: net_null0, addresses: "
                        "[\"fe80::1\"], kernel-path: bridge}]}\n"),
            "1:92: dataplane.ports.kernel-path is \"bridge\": it is how frames that are not for "
            "the server reach the kernel; write auto, interface, tap or none");
}

TEST(DataplaneFault, SameNameTwice) {
  EXPECT_EQ(port_faults("dataplane:\n"
                        "  ports:\n"
                        "    - {name: access, device: net_null0, addresses: [\"fe80::1\"]}\n"
                        "    - {name: access, device: net_null1, addresses: [\"fe80::1\"]}\n"),
            "4:14: dataplane.ports.name \"access\" stands twice: links are matched by this name; "
            "the first is in line 3; give each port its own");
}

TEST(DataplaneFault, SameDeviceTwice) {
  EXPECT_EQ(
      port_faults("dataplane:\n"
                  "  ports:\n"
                  "    - {name: access, device: \"net_null0,copy=1\", addresses: [\"fe80::1\"]}\n"
                  "    - {name: b, device: \"net_null0,copy=0\", addresses: [\"fe80::1\"]}\n"),
      "4:25: dataplane.ports.device \"net_null0\" stands twice: a device is one port; the first is "
      "in line 3; give each port its own");
}

TEST(DataplaneFault, TooManyPorts) {
  EXPECT_EQ(port_faults("dataplane:\n"
                        "  ports:\n"
                        "    - {name: access, device: net_null0, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p1, device: net_null1, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p2, device: net_null2, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p3, device: net_null3, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p4, device: net_null4, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p5, device: net_null5, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p6, device: net_null6, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p7, device: net_null7, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p8, device: net_null8, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p9, device: net_null9, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p10, device: net_null10, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p11, device: net_null11, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p12, device: net_null12, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p13, device: net_null13, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p14, device: net_null14, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p15, device: net_null15, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p16, device: net_null16, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p17, device: net_null17, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p18, device: net_null18, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p19, device: net_null19, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p20, device: net_null20, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p21, device: net_null21, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p22, device: net_null22, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p23, device: net_null23, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p24, device: net_null24, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p25, device: net_null25, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p26, device: net_null26, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p27, device: net_null27, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p28, device: net_null28, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p29, device: net_null29, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p30, device: net_null30, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p31, device: net_null31, addresses: [\"fe80::1\"]}\n"
                        "    - {name: p32, device: net_null32, addresses: [\"fe80::1\"]}\n"),
            "35:7: 33 ports are too many: DPDK manages 32 at most; leave out the others");
}

}  // namespace
}  // namespace tandem6
