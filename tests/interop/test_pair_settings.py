"""A pair whose servers do not fit together: what they do, and what they tell the operator."""

import unittest

import case
from lab import certificates, process, shifted_clock
from lab.certificates import Authority
from lab.newcomers import Newcomers, given_twice
from lab.pair import ROLES, Pair


class _DoNotMeet(case.LaboratoryCase):
    """Both start; they do not become partners. The primary serves alone, as `start-alone` says."""

    in_status = ()  # words that the status of one of them has

    @classmethod
    def set_up_scene(cls):
        cls.pair = cls.make_pair()
        for role in ROLES:
            cls.pair[role].start()
        cls.pair.wait_for(primary="PARTNER-DOWN")
        cls.flow = Newcomers(cls.pair.add_host("clients"), "wan", 0x60000).play(count=10, rate=100).finish()
        cls.flow.close()
        cls.status = "\n".join(cls.pair[role].ask("status").stdout for role in ROLES)
        cls.contacts = [cls.pair.relationship(role)["in_contact"] for role in ROLES]
        cls.exit_codes = [cls.pair[role].stop() for role in ROLES]

    def test_they_are_no_partners(self):
        self.assertEqual(self.contacts, [False, False])

    def test_clients_are_served(self):
        self.assertEqual(len(self.flow.served()), 10)
        self.assertEqual(given_twice(self.flow), [])

    def test_the_status_says_why(self):
        words = " ".join(self.status.split())
        for word in self.in_status:
            self.assertIn(word, words)

    def test_they_end_well(self):
        self.assertEqual(self.exit_codes, [0, 0])


def lonely_pair(lab, **settings):
    # The secondary waits: only one of the two may begin alone.
    pair = Pair(lab, capture=False, **settings)
    pair["primary"].configuration["failover"][0]["start-alone"] = True
    return pair


class TestWrongName(_DoNotMeet):
    """F-109: the partner's relationship has another name."""

    in_status = ("FAULT", "no relationship")

    @classmethod
    def make_pair(cls):
        pair = lonely_pair(cls.lab)
        section = pair["secondary"].configuration
        section["failover"][0]["name"] = "east"
        section["links"] = [{**link, "relationship": "east"} for link in section["links"]]
        return pair


class TestTlsRefused(_DoNotMeet):
    """F-072 F-077: the primary asks for TLS, the secondary has none."""

    in_status = ("FAULT", "TLS")

    @classmethod
    def make_pair(cls):
        pair = lonely_pair(cls.lab)
        relationship = pair["primary"].configuration["failover"][0]
        del relationship["insecure"]
        authority = Authority(cls.lab.work_folder("certificates"))
        relationship["tls"] = certificates.settings_of(authority, "a.example", "b.example")
        return pair


class TestClockFarAhead(_DoNotMeet):
    """F-067 F-091: 8 s apart is too much."""

    in_status = ("FAULT", "the clocks are more than 5 s apart")

    @classmethod
    def make_pair(cls):
        pair = lonely_pair(cls.lab)
        pair["secondary"].environment = shifted_clock.environment_of(cls.lab.work_folder("clock"), 8)
        return pair


class TestClockAhead(case.LaboratoryCase):
    """F-132: 4 s apart is no trouble: they are partners, and a lease that both know is the same client's."""

    @classmethod
    def set_up_scene(cls):
        cls.pair = Pair(cls.lab, capture=False)
        cls.pair["secondary"].environment = shifted_clock.environment_of(cls.lab.work_folder("clock"), 4)
        cls.pair.start()
        cls.flow = Newcomers(cls.pair.add_host("clients"), "wan", 0x61000).play(count=10, rate=100).finish()
        cls.pair["primary"].kill()
        cls.flow.play(count=10, rate=100).finish()
        cls.pair["primary"].start()
        cls.pair.wait_for(primary="NORMAL", secondary="NORMAL")
        cls.pair.wait_until_equal()
        cls.flow.close()

    def test_everybody_is_served(self):
        self.assertEqual(len(self.flow.served()), 20)
        self.assertEqual(given_twice(self.flow), [])


class TestMcltChanged(case.LaboratoryCase):
    """R-23: the primary's MCLT is changed, up and then down; the secondary's counts for nothing."""

    @classmethod
    def set_up_scene(cls):
        cls.pair = Pair(cls.lab, capture=False, mclt="60s").start()
        cls.flow = Newcomers(cls.pair.add_host("clients"), "wan", 0x62000)
        cls.given = {}
        for mclt in (60, 90, 30):
            if mclt != 60:
                cls.pair["primary"].stop()
                cls.pair["primary"].configuration["failover"][0]["mclt"] = f"{mclt}s"
                cls.pair["primary"].start()
                cls.pair.wait_for(primary="NORMAL", secondary="NORMAL")
            cls.flow.play(count=5, rate=100).finish()
            cls.given[mclt] = max(lease.valid for each in cls.flow.served()[-5:] for lease in each.leases)
        cls.mclt = [cls.pair.relationship(role)["mclt_seconds"] for role in ROLES]
        cls.pair.wait_until_equal()
        cls.flow.close()

    def test_a_new_lease_is_as_long_as_it_may_be(self):
        """MCLT, and no longer."""
        self.assertEqual(self.given, {60: 60, 90: 90, 30: 30})

    def test_both_agree_on_the_primarys(self):
        self.assertEqual(self.mclt, [30, 30])

    def test_nobody_shares_a_lease(self):
        self.assertEqual(given_twice(self.flow), [])


class TestUpgradeOfBoth(case.LaboratoryCase):
    """One after the other, with the commands of the README, under a flow of new clients."""

    @classmethod
    def set_up_scene(cls):
        cls.pair = Pair(cls.lab, capture=False).start()
        cls.flow = Newcomers(cls.pair.add_host("clients"), "wan", 0x63000).play(1)
        cls.exit_codes = []
        for role in ("secondary", "primary"):
            cls.pair[role].ask("--yes", "shutdown").check_returncode()
            cls.flow.play(2).finish()
            cls.exit_codes.append(cls.pair[role].program.wait(10))
            cls.pair[role].start()
            process.wait_until(lambda: all(cls.pair.state(each) == "NORMAL" for each in ROLES), 30, "NORMAL")
            cls.flow.play(1).finish()
        cls.pair.wait_until_equal()
        cls.flow.close()

    def test_nobody_notices_more_than_one_retransmission(self):
        self.assertEqual(len(self.flow.served()), len(self.flow.everybody))
        self.assertLessEqual(self.flow.most_retransmissions(), 1)
        self.assertEqual(given_twice(self.flow), [])

    def test_both_end_well(self):
        self.assertEqual(self.exit_codes, [0, 0])


del _DoNotMeet  # it is no test by itself

if __name__ == "__main__":
    unittest.main()
