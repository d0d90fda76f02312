"""perfdhcp: some thousand clients with addresses, prefixes and both, direct and relayed, renewing and releasing."""

import unittest

import case
from lab import laboratory, perfdhcp
from lab.scene import Scene

RATE, SECONDS, CLIENTS = 400, 4, 5000
RENEW_RATE, RELEASE_RATE = 100, 100
# A few answers may be late on a machine that is busy with something else; a lease may never be.
UNANSWERED_SHARE_MAX = 0.01

RESULTS = {}
VERDICT = None


def setUpModule():
    """Six runs, one after the other, against one server: what earlier runs hold must not be given to later ones."""
    case.require_namespaces()
    with laboratory.Laboratory() as lab:
        _play(lab)


def _play(lab):
    global VERDICT
    scene = Scene(lab).start()
    direct = scene.add_host("direct")
    relay = scene.add_host("relay")
    # perfdhcp -A1 puts its own global address into link-address and peer-address.
    relay.ip("address add 2001:db8:9::77/64 dev wan nodad")
    seed = 0
    for relayed, host in ((False, direct), (True, relay)):
        for lease_type in (perfdhcp.ADDRESS, perfdhcp.PREFIX, perfdhcp.BOTH):
            seed += 1
            RESULTS[(lease_type, relayed)] = perfdhcp.run(
                host, "wan", lease_type, RATE, SECONDS, CLIENTS, relayed, RENEW_RATE, RELEASE_RATE, seed)
    VERDICT = scene.verdict()


class TestRuns(unittest.TestCase):
    def check(self, lease_type, relayed):
        result = RESULTS[(lease_type, relayed)]
        self.assertEqual(result.malformed, 0)
        for name, least in (("SOLICIT-ADVERTISE", 0.9 * RATE * SECONDS), ("REQUEST-REPLY", 0.9 * RATE * SECONDS),
                            ("RENEW-REPLY", 0.7 * RENEW_RATE * SECONDS),
                            ("RELEASE-REPLY", 0.7 * RELEASE_RATE * SECONDS)):
            with self.subTest(exchange=name):
                exchange = result.of(name)
                self.assertGreater(exchange.sent, least)
                self.assertEqual(exchange.rejected, 0)
                self.assertLessEqual(exchange.sent - exchange.received, UNANSWERED_SHARE_MAX * exchange.sent)

    def test_addresses_direct(self):
        """S-058 S-081 S-098"""
        self.check(perfdhcp.ADDRESS, False)

    def test_prefixes_direct(self):
        """S-058 S-081 S-098"""
        self.check(perfdhcp.PREFIX, False)

    def test_both_direct(self):
        """S-055 S-058 S-081 S-098"""
        self.check(perfdhcp.BOTH, False)

    def test_addresses_relayed(self):
        """S-121 S-125"""
        self.check(perfdhcp.ADDRESS, True)

    def test_prefixes_relayed(self):
        """S-121 S-125"""
        self.check(perfdhcp.PREFIX, True)

    def test_both_relayed(self):
        """S-121 S-125"""
        self.check(perfdhcp.BOTH, True)


class TestPackets(case.VerdictChecks, unittest.TestCase):
    minimum_of_answers = 6 * RATE * SECONDS

    @property
    def verdict(self):
        return VERDICT

    def test_the_ledger_saw_the_whole_load(self):
        """S-071: thousands of leases, renewals and releases were followed packet by packet."""
        book = VERDICT.ledger
        self.assertGreater(book.leases_ever(), 6 * RATE * SECONDS)
        self.assertGreater(book.renewed, 4 * RENEW_RATE * SECONDS)
        self.assertGreater(book.released, 4 * RELEASE_RATE * SECONDS)
