"""Clients that lose power: started again, each asks in its own way for what it had, and gets it."""

import time
import unittest

import case
from lab import clients, configuration, dhcp6, laboratory
from lab.scene import Scene, short_lived

BEFORE, AFTER, PROBLEMS, ASKED = {}, {}, {}, {}
VERDICT = None


def setUpModule():
    case.require_namespaces()
    with laboratory.Laboratory() as lab:
        _play(lab)


def _play(lab):
    global VERDICT
    scene = Scene(lab, [short_lived(configuration.DIRECT_LINK)]).start()
    playing = [scene.add_client(kind) for kind in clients.ALL]
    for client in playing:
        client.start()
    _each(playing, BEFORE)
    power_cut = time.time()
    for client in playing:
        client.crash()
    for client in playing:
        client.start()
    _each(playing, AFTER)
    VERDICT = scene.verdict()
    for client in playing:
        duid = VERDICT.duid_of(client.host.link_local("wan"))
        ASKED[type(client)] = [heard.message.type for heard in VERDICT.conversation.heard
                               if heard.duid == duid and heard.time > power_cut and not heard.is_from_server]


def _each(playing, into):
    for client in playing:
        try:
            into[type(client)] = client.wait_for_grant()
        except Exception as problem:
            PROBLEMS[type(client)] = str(problem)


class TestReturning(unittest.TestCase):
    def check(self, kind, *ways):
        self.assertIsNone(PROBLEMS.get(kind))
        self.assertEqual(AFTER[kind], BEFORE[kind])
        for way in ways:
            self.assertIn(way, ASKED[kind])

    def test_dhclient(self):
        """S-090: it REBINDs both."""
        self.check(clients.Dhclient, dhcp6.REBIND)

    def test_dhcpcd(self):
        """S-090: it REBINDs both."""
        self.check(clients.Dhcpcd, dhcp6.REBIND)

    def test_dibbler(self):
        """S-048 S-065 S-074: it CONFIRMs the address and asks anew for the prefix that it has."""
        self.check(clients.DibblerClient, dhcp6.CONFIRM, dhcp6.SOLICIT)

    def test_wide(self):
        """S-048 S-065: it knows nothing any more, asks like a new client, and has its bindings still."""
        self.check(clients.Wide, dhcp6.SOLICIT)


class TestPackets(case.VerdictChecks, unittest.TestCase):
    minimum_of_answers = 12

    @property
    def verdict(self):
        return VERDICT
