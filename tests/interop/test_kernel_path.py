"""What is not DHCPv6 still works on the server's port, as seen from another host."""

import ipaddress
import struct
import time

import case
from lab import dhcp6, frames, packets, probe, process
from lab.scene import PORT, Scene

SERVER_ADDRESS, SERVER_LINK_LOCAL = "2001:db8:ffff::1", "fe80::1"


class TestKernelPath(case.LaboratoryCase):
    @classmethod
    def set_up_scene(cls):
        cls.scene = Scene(cls.lab).start()
        cls.other = cls.scene.add_host("other")
        cls.other.ip("address add 2001:db8:ffff::99/64 dev wan nodad")

    def test_ping(self):
        """The addresses of the port answer, both kinds."""
        for address in (SERVER_ADDRESS, f"{SERVER_LINK_LOCAL}%wan"):
            with self.subTest(address=address):
                done = self.other.run(["ping", "-6", "-c", "3", "-i", "0.2", "-W", "2", address], check=False)
                self.assertIn("3 received", done.stdout)

    def test_neighbour_discovery(self):
        """The neighbour cache of another host learns the port's own MAC."""
        self.other.ip("neigh flush dev wan")
        self.other.run(["ping", "-6", "-c", "1", "-W", "2", SERVER_ADDRESS])
        entry = self.other.run(["ip", "-6", "neigh", "show", SERVER_ADDRESS, "dev", "wan"]).stdout
        self.assertIn(self.scene.server_host.hardware_address(PORT), entry)

    def test_multicast_membership(self):
        """S-001: asked by a multicast router (MLDv2, RFC 3810), the server's host reports both groups of DHCPv6."""
        # MLD comes behind a hop-by-hop header of 8 octets: its next header, then its type, are at fixed places.
        watch = self.lab.spawn(self.other, ["tcpdump", "-l", "-n", "-e", "-vv", "--immediate-mode", "-Z", "root", "-i", "wan",
                                            "ip6[6] == 0 and ip6[40] == 58 and ip6[48] == 143"], "membership")
        watch.wait_for_output("listening on", 10)
        self._send_membership_query()
        for group in ("ff02::1:2", "ff05::1:3"):
            with self.subTest(group=group):
                process.wait_until(lambda g=group: self._is_reported(watch.output(), g), 5, f"a report of {group}")

    def _is_reported(self, text, group):
        mac = self.scene.server_host.hardware_address(PORT)
        # "is_ex" is the answer to a query, "to_ex" would be the news of a change.
        return any(f" {mac} > " in line and f"gaddr {group} is_ex" in line for line in text.splitlines())

    def _send_membership_query(self):
        """A general query that wants its answers within a tenth of a second (RFC 3810 section 5.1)."""
        with frames.RawPort(self.other, "wan") as port:
            everybody = ipaddress.IPv6Address("ff02::1")
            query = struct.pack("!BBHHH16sBBH", 130, 0, 0, 100, 0, bytes(16), 0, 0, 0)
            checksum = packets.checksum(port.link_local, everybody, packets.ICMPV6, query)
            query = query[:2] + struct.pack("!H", checksum) + query[4:]
            router_alert = struct.pack("!BBBBHBB", packets.ICMPV6, 0, 5, 2, 0, 1, 0)
            port.send(frames.ipv6(port.link_local, everybody, packets.HOP_BY_HOP, router_alert + query, hop_limit=1),
                      "33:33:00:00:00:01")


class TestPortUnreachable(case.LaboratoryCase):
    @classmethod
    def set_up_scene(cls):
        cls.scene = Scene(cls.lab).start()
        host = cls.scene.add_host("relay")
        host.ip("address add 2001:db8:9::77/64 dev wan nodad", "route add 2001:db8:ffff::/64 dev wan")
        level = dhcp6.RelayLevel(dhcp6.RELAY_FORW, 0, ipaddress.IPv6Address("2001:db8:9::77"),
                                 ipaddress.IPv6Address("fe80::5"))
        with probe.Probe(host, "wan", 547, "2001:db8:9::77") as relay:
            cls.answer = relay.ask(probe.message(dhcp6.SOLICIT, dhcp6.duid_ll(5), dhcp6.ia_na(1)),
                                   to=SERVER_ADDRESS, levels=[level])
        time.sleep(0.3)
        cls.verdict = cls.scene.verdict()

    def test_the_kernel_does_not_answer_port_547(self):
        """The relay is answered by the server, and gets no ICMPv6 "port unreachable" from its kernel."""
        self.assertIsNotNone(self.answer)
        unreachable = [packet for packet in packets.read_packets(self.scene.capture.path)
                       if packet.protocol == packets.ICMPV6 and packet.body[:2] == struct.pack("!BB", 1, 4)]
        self.assertEqual(unreachable, [])
