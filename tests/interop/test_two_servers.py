"""RFC 6853: two servers on one link that do not talk to each other, in its three models."""

import ipaddress
import time

import case
from lab import configuration, dhcp6, probe, verdict
from lab.capture import Capture
from lab.clients import Dhclient
from lab.scene import PORT
from lab.server import Server

CLIENTS = 40
KEY = "00112233445566778899aabbccddeeff"
NAMES = ("left", "right")


class _TwoServers(case.VerdictChecks, case.LaboratoryCase):
    """Many clients ask both servers and take the offer of one of them, in turns."""

    minimum_of_answers = 3 * CLIENTS
    pools = None   # for each server: (address pools, prefix pools)
    settings = {}  # of the server section, the same on both

    @classmethod
    def set_up_scene(cls):
        switch = cls.lab.switch("switch")
        cls.servers = {}
        for number, (name, (addresses, prefixes)) in enumerate(zip(NAMES, cls.pools)):
            link = {**configuration.DIRECT_LINK, "address-pools": addresses, "rapid-commit": True,
                    "prefix-pools": [{"prefix": prefix, "delegated-length": 56} for prefix in prefixes]}
            host = cls.lab.host(name)
            switch.plug(host, PORT)
            cls.servers[name] = Server(cls.lab, host, PORT, [link], name, [f"fe80::{number + 1}"],
                                       duid=f"00:03:00:01:02:00:00:00:00:0{number + 1}", **cls.settings).start()
        cls.server_duids = {bytes.fromhex(f"000300010200000000{number + 1:02x}"): name
                            for number, name in enumerate(NAMES)}
        host = cls.lab.host("client")
        capture = Capture(cls.lab, switch.host, switch.plug(host, "wan"))
        host.link_local("wan")
        cls.offers, cls.replies = {}, {}
        with probe.Probe(host, "wan") as client:
            for number in range(CLIENTS):
                cls._one_client(client, number)
            cls.play_more(client)
        cls.verdict = verdict.judge(capture.stop())

    @classmethod
    def _one_client(cls, client, number):
        duid = dhcp6.duid_ll(number)
        client.send(probe.message(dhcp6.SOLICIT, duid, dhcp6.ia_na(1), dhcp6.ia_pd(1)))
        offers = {}
        end = time.monotonic() + 3
        while len(offers) < 2 and time.monotonic() < end:
            answer = client.receive(0.5)
            if answer and answer.message.type == dhcp6.ADVERTISE and answer.message.client_duid == duid:
                offers[cls.server_duids[answer.message.server_duid]] = answer.message
        cls.offers[number] = {name: leases_of(message) for name, message in offers.items()}
        chosen = offers[NAMES[number % 2]]
        taken = [option for option in chosen.options if option.code in (dhcp6.IA_NA, dhcp6.IA_PD)]
        cls.replies[number] = client.ask(
            probe.message(dhcp6.REQUEST, duid, *taken, server=chosen.server_duid)).message

    @classmethod
    def play_more(cls, client):
        """What a model shows beyond the exchange of every client."""

    def test_both_servers_offer_and_the_chosen_one_grants(self):
        """S-018 S-048: a REQUEST is heard by both servers; only the one that it names answers."""
        for number in range(CLIENTS):
            self.assertEqual(set(self.offers[number]), set(NAMES))
            chosen = NAMES[number % 2]
            self.assertEqual(self.server_duids[self.replies[number].server_duid], chosen)
            self.assertEqual(leases_of(self.replies[number]), self.offers[number][chosen])

    def test_leases_come_from_the_pools_of_their_server(self):
        for offers in self.offers.values():
            for name, (address, prefix) in offers.items():
                addresses, prefixes = self.pools[NAMES.index(name)]
                self.assertTrue(any(address in ipaddress.IPv6Network(pool) for pool in addresses))
                self.assertTrue(any(prefix.subnet_of(ipaddress.IPv6Network(pool)) for pool in prefixes))

    def test_no_two_clients_share_a_lease(self):
        """S-071, over both servers together."""
        leases = [lease for reply in self.replies.values() for lease in leases_of(reply)]
        self.assertEqual(len(set(leases)), 2 * CLIENTS)


def leases_of(message):
    """(address, prefix) of a message with one of each."""
    address = message.ia(dhcp6.IA_NA).leases[0]
    prefix = message.ia(dhcp6.IA_PD).leases[0]
    return address.first, ipaddress.IPv6Network((prefix.first, prefix.length))


class TestSplitPrefixes(_TwoServers):
    """RFC 6853 section 6.1: one prefix, each server has a part of it."""

    pools = ((["2001:db8:7::/65"], ["2001:db8:8000::/41"]), (["2001:db8:7:0:8000::/65"], ["2001:db8:8080::/41"]))


class TestUniquePrefixes(_TwoServers):
    """RFC 6853 section 6.2: each server has prefixes of its own on the link."""

    pools = ((["2001:db8:a::/64"], ["2001:db8:a000::/40"]), (["2001:db8:b::/64"], ["2001:db8:b000::/40"]))


class TestIdenticalPrefixes(_TwoServers):
    """RFC 6853 section 6.3: the same prefixes, and the same key: both compute the same leases for a client."""

    pools = ((["2001:db8:7::/64"], ["2001:db8:8000::/36"]),) * 2
    settings = {"allocation-key": KEY}

    @classmethod
    def play_more(cls, client):
        """One server dies; its clients REBIND to the other one, which has never seen them."""
        cls.servers["left"].kill()
        cls.rebound = {}
        for number in range(0, CLIENTS, 2):  # those who had chosen "left"
            taken = [o for o in cls.replies[number].options if o.code in (dhcp6.IA_NA, dhcp6.IA_PD)]
            answer = client.ask(probe.message(dhcp6.REBIND, dhcp6.duid_ll(number), *taken))
            cls.rebound[number] = answer and answer.message

    def test_both_offer_the_same_leases(self):
        for number, offers in self.offers.items():
            self.assertEqual(offers["left"], offers["right"], f"client {number}")

    def test_the_other_one_goes_on_with_them(self):
        """S-090 S-094 S-096: creation on Rebind is on, because rapid commit is."""
        for number, reply in self.rebound.items():
            self.assertIsNotNone(reply, f"client {number}")
            self.assertEqual(self.server_duids[reply.server_duid], "right")
            self.assertEqual(leases_of(reply), leases_of(self.replies[number]))


class TestARealClient(case.LaboratoryCase):
    """dhclient between two servers of the split model, one of which has the higher preference."""

    @classmethod
    def set_up_scene(cls):
        switch = cls.lab.switch("switch")
        for number, (name, pool, preference) in enumerate((("left", "2001:db8:a::/64", 10),
                                                           ("right", "2001:db8:b::/64", 200))):
            link = {**configuration.DIRECT_LINK, "address-pools": [pool],
                    "prefix-pools": [{"prefix": f"2001:db8:{number + 1}000::/40", "delegated-length": 56}]}
            host = cls.lab.host(name)
            switch.plug(host, PORT)
            Server(cls.lab, host, PORT, [link], name, [f"fe80::{number + 1}"], preference=preference).start()
        host = cls.lab.host("client")
        switch.plug(host, "wan")
        host.link_local("wan")
        cls.grant = Dhclient(cls.lab, host, "dhclient").start().wait_for_grant()

    def test_the_higher_preference_wins(self):
        """S-044 S-045"""
        self.assertIn(ipaddress.IPv6Address(self.grant.address), ipaddress.IPv6Network("2001:db8:b::/64"))


del _TwoServers  # it is no test by itself
