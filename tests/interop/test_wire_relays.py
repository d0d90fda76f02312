"""Relay-forward and Relay-reply, RFC 8415 section 19 and its extensions, from a relay of our own."""

import ipaddress
import struct

import wire_case
from lab import configuration, dhcp6, probe
from lab.dhcp6 import IA_NA, Option
from wire_case import RELAY, SERVER, level

VILLAGE = ipaddress.IPv6Network(configuration.RELAYED_LINK["address-pools"][0])
STREET = ipaddress.IPv6Network(configuration.DIRECT_LINK["address-pools"][0])
BY_NAME = {"name": "tower", "match": {"interface-id": "0x00ff00"}, "address-pools": ["2001:db8:c::/64"]}
BY_LINK_LOCAL = {"name": "cellar", "match": {"link-address": "fe80::aaaa/128"}, "address-pools": ["2001:db8:d::/64"]}


class TestRelayed(wire_case.WireCase):
    links = [configuration.DIRECT_LINK, configuration.RELAYED_LINK, BY_NAME, BY_LINK_LOCAL]

    def solicit(self):
        return probe.message(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1))

    def lease_through(self, *levels):
        answer = self.relay.ask(self.solicit(), to=SERVER, levels=levels)
        return answer.message.ia(IA_NA).leases[0].first

    def test_each_level_is_copied(self):
        """S-121 S-122 S-123 S-126: addresses, hop-counts and Interface-Ids of three levels, reversed."""
        forth = [level("2001:db8:1::1", "2001:db8:2::1", 2, Option(dhcp6.INTERFACE_ID, b"outer")),
                 level("::", "2001:db8:3::1", 1, Option(dhcp6.INTERFACE_ID, bytes(40))),
                 level(RELAY, "fe80::77", 0, Option(dhcp6.INTERFACE_ID, b"\0\xff\0inner"))]
        back = self.relay.ask(self.solicit(), to=SERVER, levels=forth).levels
        self.assertEqual([(b.hop_count, b.link_address, b.peer_address, b.find(dhcp6.INTERFACE_ID)) for b in back],
                         [(f.hop_count, f.link_address, f.peer_address, f.find(dhcp6.INTERFACE_ID)) for f in forth])

    def test_nine_levels_and_not_ten(self):
        """S-134"""
        def levels(count):
            return [level(RELAY if hops == 0 else "::", f"fe80::{hops}", hops) for hops in reversed(range(count))]
        self.assertIn(self.lease_through(*levels(9)), VILLAGE)
        self.assert_dropped(self.solicit(), "relay_depth", levels=levels(10))

    def test_the_link_nearest_the_client(self):
        """S-129 S-130: the non-zero link-address closest to the client decides; zero is ignored at any level."""
        outer = level("2001:db8:c::1", "2001:db8:2::1", 1)
        self.assertIn(self.lease_through(outer, level()), VILLAGE)
        self.assertIn(self.lease_through(level(RELAY, "fe80::2", 1), level("::", "fe80::77")), VILLAGE)

    def test_all_link_addresses_zero(self):
        """S-131: the receiving link, or that of the Interface-Id; S-128: opaque, with binary zeros."""
        self.assertIn(self.lease_through(level("::")), STREET)
        by_name = level("::", "fe80::77", 0, Option(dhcp6.INTERFACE_ID, b"\0\xff\0"))
        self.assertIn(self.lease_through(by_name), ipaddress.IPv6Network("2001:db8:c::/64"))
        longer = level("::", "fe80::77", 0, Option(dhcp6.INTERFACE_ID, b"\0\xff\0\0"))
        self.assertIn(self.lease_through(longer), STREET)

    def test_a_link_local_link_address(self):
        """S-133: with a mapping it is a link; without one there is no answer."""
        self.assertIn(self.lease_through(level("fe80::aaaa")), ipaddress.IPv6Network("2001:db8:d::/64"))
        self.assert_dropped(self.solicit(), "no_link", levels=[level("fe80::bbbb")])

    def test_an_unknown_link(self):
        """S-075: silence for a link that is not ours, for a CONFIRM as well."""
        for kind in (dhcp6.SOLICIT, dhcp6.CONFIRM):
            message = probe.message(kind, self.new_duid(), dhcp6.ia_na(1, "2001:db8:77::1"))
            self.assert_dropped(message, "no_link", levels=[level("2001:db8:77::1")])

    def test_a_relay_on_the_link(self):
        """S-132: a Relay-forward from a link-local source to ff02::1:2 is answered there, to port 547."""
        with probe.Probe(self.relay.host, "wan", 547) as neighbour:
            answer = neighbour.ask(self.solicit(), levels=[level("::")])
        self.assertIn(answer.message.ia(IA_NA).leases[0].first, STREET)

    def test_relay_message_missing_or_cut(self):
        """S-124"""
        head = level().encode(b"")[:34]
        cut = head + struct.pack("!HH", dhcp6.RELAY_MSG, 60) + self.solicit().encode()
        twice = level().encode(self.solicit().encode()) + Option(dhcp6.RELAY_MSG, self.solicit().encode()).encode()
        for name, octets, reason in (("none", head, "relay_msg"), ("empty", level().encode(b""), "relay_msg"),
                                     ("twice", twice, "relay_msg"), ("cut", cut, "relay_msg"),
                                     ("header cut", head[:20], "truncated")):
            with self.subTest(name):
                before = self.counter(f"drop.{reason}")
                self.assertTrue(self.relay_is_ignored(lambda o=octets: self.relay.send_octets(o, SERVER)))
                self.assertEqual(self.counter(f"drop.{reason}"), before + 1)

    def test_relay_source_port(self):
        """S-136 S-137: option 135 is copied, and the answer goes to the port of the question."""
        port = Option(dhcp6.RELAY_SOURCE_PORT, bytes(2))
        with probe.Probe(self.relay.host, "wan", 10547, RELAY) as relay:
            answer = relay.ask(self.solicit(), to=SERVER, levels=[level(RELAY, "fe80::77", 0, port)])
        self.assertEqual(answer.levels[0].find(dhcp6.RELAY_SOURCE_PORT), bytes(2))

    def test_what_relays_tell_of_a_client(self):
        """S-138 S-139: Remote-Id and Subscriber-Id are no reason not to serve, and the Remote-Id finds the lease."""
        remote = Option(dhcp6.REMOTE_ID, struct.pack("!I", 3561) + b"house-12")
        through = level(RELAY, "fe80::77", 0, remote, Option(38, b"subscriber"))
        duid = self.new_duid()
        _, reply = probe.acquire(self.relay, duid, dhcp6.ia_na(1), to=SERVER, levels=[through])
        found = self.scene.server.call("lease.find", remote_id="house-12")["leases"]
        self.assertEqual([row["lease"] for row in found], [str(reply.ia(IA_NA).leases[0])])

    def test_relay_options_in_a_clients_message(self):
        """S-127 S-141: ignored there, and never in an answer."""
        options = [Option(dhcp6.INTERFACE_ID, b"me"), Option(dhcp6.CLIENT_LINKLAYER, b"\0\1abcdef"),
                   Option(dhcp6.REMOTE_ID, b"\0\0\0\1x")]
        self.assertTrue(self.ask(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1), *options).ia(IA_NA).leases)

    def test_replayed(self):
        """S-254: the same datagram again changes nothing."""
        message = probe.message(dhcp6.REQUEST, self.new_duid(), dhcp6.ia_na(1), server=self.server_duid)
        answers = [self.relay.ask(message, to=SERVER, levels=[level()]).message for _ in range(3)]
        self.assertEqual(len({answer.ia(IA_NA).leases[0].first for answer in answers}), 1)


class TestListedRelays(wire_case.WireCase):
    settings = {"relays": [RELAY]}

    def test_another_relay_is_dropped(self):
        """S-255"""
        self.assertIsNotNone(self.relayed(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1)))
        host = self.scene.add_host("stranger")
        host.ip("address add 2001:db8:9::66/64 dev wan nodad", "route add 2001:db8:ffff::/64 dev wan")
        before = self.counter("drop.relay_unlisted")
        with probe.Probe(host, "wan", 547, "2001:db8:9::66") as stranger:
            self.assertIsNone(stranger.ask(probe.message(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1)), SERVER,
                                           [level("2001:db8:9::66")], timeout=0.5))
        self.assertEqual(self.counter("drop.relay_unlisted"), before + 1)
