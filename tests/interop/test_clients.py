"""Debian's DHCPv6 clients on the server's own link: address and delegated prefix, renewal, release."""

import ipaddress
import time
import unittest

import case
from lab import clients, configuration, dhcp6, laboratory
from lab.scene import Scene, short_lived

LINK = short_lived(configuration.DIRECT_LINK)
POOL = ipaddress.IPv6Network(LINK["address-pools"][0])
PREFIX_POOL = ipaddress.IPv6Network(LINK["prefix-pools"][0]["prefix"])


class Outcome:
    """What one client went through."""

    def __init__(self, client):
        self.client = client
        self.link_local = client.host.link_local("wan")
        self.granted = self.renewed = self.held_at = self.released_at = self.problem = None


OUTCOMES = {}
VERDICT = None


def setUpModule():
    """All clients at once: each takes, renews and releases; the tests below look at what came of it."""
    case.require_namespaces()
    with laboratory.Laboratory() as lab:
        _play(lab)


def _play(lab):
    global VERDICT
    scene = Scene(lab, [LINK]).start()
    for kind in clients.ALL:
        OUTCOMES[kind] = Outcome(scene.add_client(kind))
        OUTCOMES[kind].client.start()
    for step in (_take, _renew, _release):
        for outcome in OUTCOMES.values():
            if outcome.problem is None:
                try:
                    step(outcome)
                except Exception as problem:
                    outcome.problem = f"{step.__name__}: {problem}"
    VERDICT = scene.verdict()


def _take(outcome):
    outcome.granted = outcome.client.wait_for_grant()


def _renew(outcome):
    outcome.renewed = outcome.client.wait_for_renewal()
    outcome.held_at = time.time()


def _release(outcome):
    outcome.client.release()
    outcome.released_at = time.time()


class _OneClient:
    kind = None

    def setUp(self):
        self.outcome = OUTCOMES[self.kind]
        if self.outcome.problem:
            self.fail(self.outcome.problem)

    def test_it_gets_an_address_and_a_prefix(self):
        """S-041 S-055 S-058: one exchange gives both, from the pools of the link."""
        grant = self.outcome.granted
        self.assertIn(ipaddress.IPv6Address(grant.address), POOL)
        prefix = ipaddress.IPv6Network(grant.prefix)
        self.assertTrue(prefix.subnet_of(PREFIX_POOL))
        self.assertEqual(prefix.prefixlen, LINK["prefix-pools"][0]["delegated-length"])

    def test_it_renews_what_it_had(self):
        """S-081: after the renewal the client holds the same address and the same prefix."""
        self.assertEqual(self.outcome.renewed, self.outcome.granted)

    def test_the_packets_say_the_same_as_the_client(self):
        """S-062: what the client believes to hold is what the server promised on the wire, no more and no less."""
        duid = VERDICT.duid_of(self.outcome.link_local)
        held = {str(lease) for lease in VERDICT.ledger.held_by(duid, self.outcome.held_at)}
        self.assertEqual(held, {self.outcome.renewed.address, self.outcome.renewed.prefix})
        self.assertEqual(VERDICT.ledger.held_by(duid, self.outcome.released_at), [], "after its release")

    def test_its_release_is_answered(self):
        """S-098 S-100: every RELEASE gets a REPLY with Success at top level."""
        duid = VERDICT.duid_of(self.outcome.link_local)
        replies = [e.answer.message for e in VERDICT.conversation.exchanges
                   if e.question and e.question.message.type == dhcp6.RELEASE and e.answer.duid == duid]
        self.assertTrue(replies)
        self.assertEqual({reply.status().code for reply in replies}, {dhcp6.SUCCESS})
        self.assertTrue(all(reply.has(dhcp6.SERVER_ID) for reply in replies))

    def test_it_gets_the_options_that_it_asked_for(self):
        """S-047 S-160: name servers and search list come because this client requested them."""
        duid = VERDICT.duid_of(self.outcome.link_local)
        replies = [e for e in VERDICT.answers(dhcp6.REPLY) if e.question and e.answer.duid == duid
                   and e.question.message.type == dhcp6.REQUEST]
        self.assertTrue(replies)
        for exchange in replies:
            asked = exchange.question.message.requested_codes()
            for code, value in ((dhcp6.DNS_SERVERS, ipaddress.IPv6Address("2001:db8::53").packed),
                                (dhcp6.DOMAIN_SEARCH, b"\x07example\x03net\x00")):
                self.assertIn(code, asked)
                self.assertEqual(exchange.answer.message.find(code), value)


class TestDhclient(_OneClient, unittest.TestCase):
    kind = clients.Dhclient


class TestDhcpcd(_OneClient, unittest.TestCase):
    kind = clients.Dhcpcd


class TestDibblerClient(_OneClient, unittest.TestCase):
    kind = clients.DibblerClient


class TestWide(_OneClient, unittest.TestCase):
    kind = clients.Wide


class TestPackets(case.VerdictChecks, unittest.TestCase):
    minimum_of_answers = 16  # four clients: ADVERTISE, and REPLY to REQUEST, RENEW, RELEASE

    @property
    def verdict(self):
        return VERDICT
