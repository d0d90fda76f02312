"""Debian's relays in front of Debian's clients: one relay each, and a chain of both."""

import ipaddress
import unittest

import case
from lab import clients, configuration, dhcp6, laboratory, relays
from lab.scene import Scene, short_lived

SERVER = "2001:db8:ffff::1"
VILLAGE, FARM, MILL = "2001:db8:9::/64", "2001:db8:a::/64", "2001:db8:b::/64"


def _link(name, subnet, prefix, interface_id=None):
    match = {"link-address": subnet} | ({"interface-id": interface_id} if interface_id else {})
    return short_lived({**configuration.RELAYED_LINK, "name": name, "match": match, "address-pools": [subnet],
                        "prefix-pools": [{"prefix": prefix, "delegated-length": 56}]})


LINKS = [short_lived(configuration.DIRECT_LINK),
         _link("village", VILLAGE, "2001:db8:9000::/40"),
         _link("farm", FARM, "2001:db8:a000::/40"),
         _link("mill", MILL, "2001:db8:b000::/40")]

# (client, place): each place is served by its own path to the server.
PLAN = ((clients.Dhclient, "village"), (clients.Dhcpcd, "village"),
        (clients.DibblerClient, "farm"), (clients.Wide, "farm"),
        (clients.Wide, "mill"), (clients.Dhclient, "mill"))
SUBNETS = {"village": VILLAGE, "farm": FARM, "mill": MILL}

GRANTS, RENEWED, PROBLEMS = {}, {}, {}
VERDICT = None


def setUpModule():
    case.require_namespaces()
    with laboratory.Laboratory() as lab:
        _play(lab)


def _play(lab):
    global VERDICT
    scene = Scene(lab, LINKS).start()
    below = {}
    # dhcrelay sends to ff05::1:3; dibbler-relay writes to the server's address; the mill's relay has the village's
    # relay above it, and reaches it as a client would, by ff02::1:2.
    isc, below["village"] = scene.add_relay(relays.IscRelay, "isc", "2001:db8:9::1", "2001:db8:ffff::2")
    dibbler, below["farm"] = scene.add_relay(relays.DibblerRelay, "dibbler", "2001:db8:a::1", "2001:db8:ffff::3",
                                             server_address=SERVER)
    inner, below["mill"] = scene.add_relay(relays.IscRelay, "inner", "2001:db8:b::1", "2001:db8:9::2",
                                           upper_switch=below["village"], server_address="ff02::1:2")
    for relay in (isc, dibbler, inner):
        relay.start()
    playing = {}
    for kind, place in PLAN:
        client = scene.add_client(kind, f"{kind.program_name}-{place}", below[place])
        playing[(kind, place)] = client.start()
    for step in (_take, _renew, lambda key, client: client.release()):
        for key, client in playing.items():
            if key not in PROBLEMS:
                try:
                    step(key, client)
                except Exception as problem:
                    PROBLEMS[key] = str(problem)
    VERDICT = scene.verdict()


def _take(key, client):
    GRANTS[key] = client.wait_for_grant()


def _renew(key, client):
    RENEWED[key] = client.wait_for_renewal()


class TestPlaces(unittest.TestCase):
    def check(self, place):
        keys = [key for key in PLAN if key[1] == place]
        for key in keys:
            with self.subTest(client=key[0].program_name):
                self.assertIsNone(PROBLEMS.get(key))
                self.assertIn(ipaddress.IPv6Address(GRANTS[key].address), ipaddress.IPv6Network(SUBNETS[place]))
                self.assertEqual(ipaddress.IPv6Network(GRANTS[key].prefix).prefixlen, 56)
                self.assertEqual(RENEWED[key], GRANTS[key])

    def test_dhcrelay_by_multicast(self):
        """S-001 S-013 S-125: dhcrelay sends to ff05::1:3; its clients get, renew and release."""
        self.check("village")

    def test_dibbler_relay_by_unicast(self):
        """S-011 S-013 S-126: dibbler-relay writes to the server's address and wants its Interface-Id back."""
        self.check("farm")

    def test_a_relay_behind_a_relay(self):
        """S-121 S-122 S-123 S-130: two levels; the link is that of the level nearest the client."""
        self.check("mill")
        levels = {len(e.answer.levels) for e in VERDICT.answers()}
        self.assertEqual(levels, {1, 2})


class TestPackets(case.VerdictChecks, unittest.TestCase):
    minimum_of_answers = 24  # six clients, four exchanges each

    @property
    def verdict(self):
        return VERDICT

    def test_interface_ids_come_back(self):
        """S-126: the relays did send Interface-Ids, and lab/form.py has compared them."""
        sent = {level.find(dhcp6.INTERFACE_ID) for e in VERDICT.answers() for level in e.question.levels}
        self.assertGreaterEqual(len(sent - {None}), 2)
