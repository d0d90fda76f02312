"""The base of the tests that speak to the daemon octet by octet, through real frames."""

import ipaddress

import case
from lab import dhcp6, probe
from lab.scene import Scene

SERVER = "2001:db8:ffff::1"
RELAY = "2001:db8:9::77"


def level(link=RELAY, peer="fe80::77", hops=0, *options):
    """A Relay-forward header with its options."""
    return dhcp6.RelayLevel(dhcp6.RELAY_FORW, hops, ipaddress.IPv6Address(link), ipaddress.IPv6Address(peer),
                            tuple(options))


class WireCase(case.LaboratoryCase):
    """`cls.client` speaks as a direct client, `cls.relay` as a relay; the whole conversation is judged at the end."""

    links = None
    settings = {}

    @classmethod
    def set_up_scene(cls):
        cls.scene = Scene(cls.lab, cls.links, **cls.settings).start()
        cls.client = cls.enterClassContext(probe.Probe(cls.scene.add_host("client"), "wan"))
        relay_host = cls.scene.add_host("relay")
        relay_host.ip(f"address add {RELAY}/64 dev wan nodad", "route add 2001:db8:ffff::/64 dev wan")
        cls.relay = cls.enterClassContext(probe.Probe(relay_host, "wan", 547, RELAY))
        # Any client of the server learns its identifier first.
        cls.server_duid = cls.client.ask(probe.message(dhcp6.INFORMATION_REQUEST)).message.server_duid
        cls._next_client = 0x100

    @classmethod
    def new_duid(cls):
        cls._next_client += 1
        return dhcp6.duid_ll(cls._next_client)

    # What tests say.

    def ask(self, kind, duid, *options, server=None):
        """The answer to a direct message, or None."""
        answer = self.client.ask(probe.message(kind, duid, *options, server=server))
        return answer and answer.message

    def ask_ours(self, kind, duid, *options):
        """The answer to a direct message that names our server."""
        return self.ask(kind, duid, *options, server=self.server_duid)

    def relayed(self, kind, duid, *options, levels=None, server=None):
        """The answer to a relayed message, with its relay levels, or None."""
        return self.relay.ask(probe.message(kind, duid, *options, server=server), to=SERVER,
                              levels=levels if levels is not None else [level()])

    def bind(self, duid, *options):
        """A REPLY with leases for the IAs among the options."""
        return probe.acquire(self.client, duid, *options)[1]

    def counter(self, name):
        return self.scene.server.call("stats")["counters"][name]["sum"]

    # What tests assert.

    def assert_dropped(self, message, reason, levels=None):
        """No answer, direct or through relay levels, and the drop is counted under its reason."""
        before = self.counter(f"drop.{reason}")
        if levels is None:
            self.assertTrue(self.client.is_ignored(message))
        else:
            self.assertTrue(self.relay_is_ignored(lambda: self.relay.send(message, SERVER, levels)))
        self.assertEqual(self.counter(f"drop.{reason}"), before + 1)

    def relay_is_ignored(self, say):
        """What `say` sends as the relay goes unanswered."""
        return self.relay.is_ignored_before(say, [level()])

    def assert_status(self, status, code):
        self.assertIsNotNone(status)
        self.assertEqual(status.code, code, status.text)

    # The last test of each class by its name.

    def test_zzz_the_packets_of_this_class(self):
        """All answers of the server in this class were well-formed, and no lease was given twice or lost.

        S-043 S-063 S-070 S-071 S-079 S-082 S-097 S-160"""
        verdict = self.scene.verdict({SERVER, "fe80::1"})
        self.assertGreater(len(verdict.answers()), 0)
        self.assertEqual(verdict.form_faults[:10], [])
        self.assertEqual(verdict.ledger.faults[:10], [])
        self.assertEqual(verdict.dissector_faults[:10], [])
