"""Real clients, directly and behind relays that forward to both servers, through one trouble after the other: each keeps
its leases the whole time, and the servers are NORMAL again by themselves."""

import time
import unittest

import case
from lab import clients, configuration, dhcp6, process, relays
from lab.pair import ROLES, Pair

# T1 and T2 so soon that a client notices each trouble; the MCLT is no shorter than a lease, so that it bounds none.
LIFETIMES = {"preferred": "40s", "valid": "60s", "t1": "4s", "t2": "8s"}
MCLT = "60s"
VILLAGE = {**configuration.RELAYED_LINK, "name": "village"}
FARM = {**configuration.RELAYED_LINK, "name": "farm", "match": {"link-address": "2001:db8:a::/64"},
        "address-pools": ["2001:db8:a::/64"],
        "prefix-pools": [{"prefix": "2001:db8:a000::/40", "delegated-length": 56}]}
LINKS = [{**link, "lifetimes": LIFETIMES} for link in (configuration.DIRECT_LINK, VILLAGE, FARM)]
REBIND_TIME = 30  # T2, then a second try


class TestRealClients(case.VerdictChecks, case.LaboratoryCase):
    minimum_of_answers = 60

    @classmethod
    def set_up_scene(cls):
        cls.pair = Pair(cls.lab, LINKS, mclt=MCLT)
        cls.pair.start()
        village, below_village = cls.pair.add_relay(relays.IscRelay, "village", "2001:db8:9::1", "2001:db8:ffff::11")
        farm, below_farm = cls.pair.add_relay(relays.DibblerRelay, "farm", "2001:db8:a::1", "2001:db8:ffff::12")
        village.start()
        farm.start()
        cls.players = [cls.pair.add_client(clients.Dhclient), cls.pair.add_client(clients.Dhcpcd),
                       cls.pair.add_client(clients.DibblerClient),
                       cls.pair.add_client(clients.Dhclient, "villager", below_village),
                       cls.pair.add_client(clients.Dhcpcd, "farmer", below_farm)]
        cls.granted, cls.kept, cls.marks, cls.seen = {}, {}, {}, {}
        for client in cls.players:
            client.start()
        for client in cls.players:
            cls.granted[client.name] = client.wait_for_grant()
        cls.pair.wait_until_equal()
        for trouble in (cls._primary_killed, cls._secondary_without_clients, cls._primary_without_clients, cls._both_die):
            cls.marks[trouble.__name__] = time.time()
            trouble()
            cls.pair.wait_for(primary="NORMAL", secondary="NORMAL")
            cls.pair.wait_until_equal()
        cls.marks["end"] = time.time()
        cls.exit_codes = {role: cls.pair[role].stop() for role in ROLES}
        cls.verdict = cls.pair.verdict()

    @classmethod
    def _everybody_renews(cls, trouble):
        """Twice: the first renewal may have been under way before."""
        before = {client.name: client.renewals() for client in cls.players}
        process.wait_until(lambda: all(client.renewals() >= before[client.name] + 2 for client in cls.players),
                           2 * REBIND_TIME, f"everybody to renew after {trouble}", pause=0.2)
        cls.kept[trouble] = {client.name: client.grant() for client in cls.players}

    @classmethod
    def _primary_killed(cls):
        """Kill -9: clients of the dead one REBIND, and somebody new is served from the survivor's own half."""
        cls.pair["primary"].kill()
        newcomer = cls.pair.add_client(clients.Dhcpcd, "newcomer").start()
        cls._everybody_renews("the primary's death")
        cls.granted["newcomer"] = newcomer.wait_for_grant()
        cls.players.append(newcomer)
        cls.seen["status"] = cls.pair["secondary"].ask("status").stdout
        cls.pair["primary"].start()

    @classmethod
    def _secondary_without_clients(cls):
        """The access cable of the secondary, which serves them all by now; the servers still talk."""
        cls.pair.cut_access("secondary")
        cls._everybody_renews("the secondary's cut")
        cls.pair.join_access("secondary")

    @classmethod
    def _primary_without_clients(cls):
        """The primary's. It still talks to the secondary, which leaves new and lost clients to it (R-59): only a
        person can know better, and says so with `shutdown`."""
        cls.pair.cut_access("primary")
        cls.seen["cut"] = process.wait_until(lambda: cls._status_that_says("primary", "no port"), 5, "the port's state")
        cls.pair["primary"].ask("--yes", "shutdown").check_returncode()
        cls.seen["exit"] = cls.pair["primary"].program.wait(10)
        cls._everybody_renews("the primary's cut")
        cls.pair.join_access("primary")
        cls.pair["primary"].start()

    @classmethod
    def _both_die(cls):
        """In both orders of coming back."""
        for first, second in (ROLES, ROLES[::-1]):
            for role in ROLES:
                cls.pair[role].kill()
            cls.pair[first].start()
            time.sleep(1)
            cls.pair[second].start()
            cls.pair.wait_for(primary="NORMAL", secondary="NORMAL")
        cls._everybody_renews("both deaths")

    def test_everybody_keeps_the_same_leases(self):
        for trouble, kept in self.kept.items():
            for name, grant in kept.items():
                self.assertEqual(grant, self.granted[name], f"{name} after {trouble}")
                self.assertTrue(grant.is_whole())

    def test_who_answered_renewals(self):
        """By the identifiers in the packets: the survivor, and after its own cut the other one."""
        self.assertEqual(self._answerers("_primary_killed", "_secondary_without_clients", dhcp6.REBIND), {"secondary"})
        self.assertEqual(self._answerers("_secondary_without_clients", "_primary_without_clients", dhcp6.REBIND),
                         {"primary"})
        self.assertEqual(self._answerers("_primary_without_clients", "_both_die", dhcp6.REBIND), {"secondary"})

    def _answerers(self, begin, end, question):
        found = set()
        for exchange in self.verdict.answers(dhcp6.REPLY):
            if (exchange.question and exchange.question.message.type == question
                    and self.marks[begin] < exchange.answer.time < self.marks[end]):
                found.add(ROLES[exchange.answer.message.server_duid[-1] - 1])
        return found

    def test_the_newcomer_is_served_from_the_survivors_half(self):
        """R-03: even addresses are the secondary's."""
        self.assertEqual(int(self.granted["newcomer"].address[-1], 16) % 2, 0)

    def test_they_end_well(self):
        self.assertEqual(self.exit_codes, dict.fromkeys(ROLES, 0))
        self.assertEqual(self.seen["exit"], 0)

    @classmethod
    def _status_that_says(cls, role, words):
        text = " ".join(cls.pair[role].ask("status").stdout.split())
        return text if words in text else None

    def test_the_status_says_what_happens(self):
        self.assertIn("COMMUNICATIONS-INTERRUPTED", self.seen["status"])
        self.assertIn("both servers may answer all clients, this one does", " ".join(self.seen["status"].split()))
        self.assertIn("NOBODY answers new clients", self.seen["cut"])
        self.assertIn("`tandem6ctl shutdown` here lets the secondary answer all clients", self.seen["cut"])


if __name__ == "__main__":
    unittest.main()
