"""How messages reach the server and answers the client: addresses, ports, headers, checksums."""

import ipaddress

import wire_case
from lab import configuration, dhcp6, frames, packets, probe
from lab.scene import PORT
from wire_case import SERVER

GROUP = ipaddress.IPv6Address("ff02::1:2")


class TestDirect(wire_case.WireCase):
    @classmethod
    def set_up_scene(cls):
        super().set_up_scene()
        cls.raw = cls.enterClassContext(frames.RawPort(cls.client.host, "wan"))

    def solicit(self):
        return probe.message(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1))

    def datagram(self, message, destination=GROUP, **how):
        return frames.udp(self.raw.link_local, destination, (546, 547), message.encode(), **how)

    def hears_answer_to(self, message):
        answer = self.client.receive(2)
        return answer is not None and answer.message.transaction_id == message.transaction_id

    def is_ignored(self, packet, mac=frames.ALL_DHCP_SERVERS_MAC, **how):
        return self.client.is_ignored_before(lambda: self.raw.send(packet, mac, **how))

    def test_another_source_port(self):
        """S-002: the answer goes to 546 even when the request had another source port."""
        message = self.solicit()
        with probe.Probe(self.client.host, "wan", 4711) as other:
            other.send(message)
            self.assertTrue(self.hears_answer_to(message))

    def test_a_unicast_frame_to_the_group(self):
        """S-005: the IPv6 destination counts, not the MAC address."""
        message = self.solicit()
        packet = frames.ipv6(self.raw.link_local, GROUP, packets.UDP, self.datagram(message))
        self.raw.send(packet, self.scene.server_host.hardware_address(PORT))
        self.assertTrue(self.hears_answer_to(message))

    def test_extension_headers(self):
        """S-009: behind a hop-by-hop and a destination options header."""
        message = self.solicit()
        padding = bytes([packets.DESTINATION, 0, 1, 4, 0, 0, 0, 0]) + bytes([packets.UDP, 0, 1, 4, 0, 0, 0, 0])
        body = padding + self.datagram(message)
        self.raw.send(frames.ipv6(self.raw.link_local, GROUP, packets.HOP_BY_HOP, body))
        self.assertTrue(self.hears_answer_to(message))

    def test_an_atomic_fragment(self):
        """S-009: a fragment header around a whole packet."""
        message = self.solicit()
        for packet in frames.fragments(self.raw.link_local, GROUP, packets.UDP, self.datagram(message), 2048):
            self.raw.send(packet)
        self.assertTrue(self.hears_answer_to(message))

    def test_several_fragments(self):
        """Today a message in several fragments is dropped and counted, and does no harm to the next one."""
        message = probe.message(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1), dhcp6.Option(0xFE00, bytes(1200)))
        sent = list(frames.fragments(self.raw.link_local, GROUP, packets.UDP, self.datagram(message), 512))
        self.assertGreater(len(sent), 2)
        before = self.counter("drop.fragment")
        self.assertTrue(self.client.is_ignored_before(lambda: [self.raw.send(packet) for packet in sent]))
        self.assertEqual(self.counter("drop.fragment"), before + len(sent))

    def test_a_wrong_checksum(self):
        """S-010"""
        before = self.counter("drop.udp")
        body = self.datagram(self.solicit(), checksum_error=0x0101)
        self.assertTrue(self.is_ignored(frames.ipv6(self.raw.link_local, GROUP, packets.UDP, body)))
        self.assertEqual(self.counter("drop.udp"), before + 1)

    def test_no_checksum(self):
        """S-010: zero is not allowed over IPv6."""
        before = self.counter("drop.udp")
        body = self.datagram(self.solicit(), checksum=0)
        self.assertTrue(self.is_ignored(frames.ipv6(self.raw.link_local, GROUP, packets.UDP, body)))
        self.assertEqual(self.counter("drop.udp"), before + 1)

    def test_unicast_without_a_relay(self):
        """S-012 S-014 S-174 S-175: whatever a client writes to our own address is dropped and counted."""
        destination = ipaddress.IPv6Address(SERVER)
        mac = self.scene.server_host.hardware_address(PORT)
        for kind in (dhcp6.SOLICIT, dhcp6.CONFIRM, dhcp6.REBIND, dhcp6.INFORMATION_REQUEST):
            with self.subTest(kind=dhcp6.NAMES[kind]):
                before = self.counter("drop.unicast")
                body = self.datagram(probe.message(kind, self.new_duid(), dhcp6.ia_na(1)), destination)
                self.assertTrue(self.is_ignored(frames.ipv6(self.raw.link_local, destination, packets.UDP, body), mac))
                self.assertEqual(self.counter("drop.unicast"), before + 1)

    def test_a_request_by_unicast(self):
        """S-174: no UseMulticast any more, silence."""
        destination = ipaddress.IPv6Address(SERVER)
        mac = self.scene.server_host.hardware_address(PORT)
        duid = self.new_duid()
        for kind in (dhcp6.REQUEST, dhcp6.RENEW, dhcp6.RELEASE, dhcp6.DECLINE):
            with self.subTest(kind=dhcp6.NAMES[kind]):
                message = probe.message(kind, duid, dhcp6.ia_na(1), server=self.server_duid)
                body = self.datagram(message, destination)
                self.assertTrue(self.is_ignored(frames.ipv6(self.raw.link_local, destination, packets.UDP, body), mac))

    def test_sources_that_cannot_be_answered(self):
        """The unspecified address, a group, and the server's own address."""
        for source in ("::", "ff02::1", "fe80::1"):
            with self.subTest(source=source):
                address = ipaddress.IPv6Address(source)
                body = frames.udp(address, GROUP, (546, 547), self.solicit().encode())
                before = self.counter("drop.bad_source")
                self.assertTrue(self.is_ignored(frames.ipv6(address, GROUP, packets.UDP, body)))
                self.assertEqual(self.counter("drop.bad_source"), before + 1)

    def test_a_global_source_chooses_the_link(self):
        """S-006: a source of wider scope than link-local means the link of that address."""
        host = self.scene.add_host("global")
        host.ip("address add 2001:db8:9::1234/64 dev wan nodad")
        with probe.Probe(host, "wan", 546, "2001:db8:9::1234") as client:
            answer = client.ask(probe.message(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1)))
        lease = answer.message.ia(dhcp6.IA_NA).leases[0]
        self.assertIn(lease.first, ipaddress.IPv6Network(configuration.RELAYED_LINK["address-pools"][0]))

    def test_an_answer_with_eight_identity_associations(self):
        """S-055: all are served, in one answer with a right checksum (judged by the last test)."""
        ias = [dhcp6.ia_na(number) for number in range(4)] + [dhcp6.ia_pd(number) for number in range(4)]
        answer = self.ask(dhcp6.SOLICIT, self.new_duid(), *ias, dhcp6.oro(dhcp6.DNS_SERVERS, dhcp6.DOMAIN_SEARCH))
        self.assertEqual(len([lease for ia in answer.ias() for lease in ia.leases]), 8)


class TestTags(wire_case.WireCase):
    """VLAN tags: the answer has the tags of the question.

    net_af_packet does not tell the ethertype of an outer tag, so both tags here have that of IEEE 802.1Q."""

    def test_single_and_double_tags(self):
        host = self.client.host
        with frames.RawPort(host, "wan") as raw:
            for tags in (((0x8100, 7),), ((0x8100, 100), (0x8100, 7))):
                with self.subTest(tags=tags):
                    message = probe.message(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1))
                    body = frames.udp(raw.link_local, GROUP, (546, 547), message.encode())
                    raw.send(frames.ipv6(raw.link_local, GROUP, packets.UDP, body), tags=tags)
                    self.assertEqual(raw.tags_of_answer(message.transaction_id), tags)
