"""Two servers, one service: RFC 8156 on the wire, with the plug pulled in every way that needs no long wait."""

import shutil
import signal
import time
import unittest

import case
from lab import certificates, dissector, process
from lab.capture import Capture
from lab.certificates import Authority
from lab.newcomers import Newcomers, given_twice
from lab.pair import CORE, ROLES, Pair, other

SPLIT_CLIENTS = 1501  # as many on each side as gave the usual choice 1,500 addresses twice


class TestPrimaryKilled(case.VerdictChecks, case.LaboratoryCase):
    """The primary is killed (-9) under a steady flow of new clients, and comes back."""

    minimum_of_answers = 500

    @classmethod
    def set_up_scene(cls):
        cls.pair = Pair(cls.lab)
        core = Capture(cls.lab, cls.pair["secondary"].host, CORE, "core")
        cls.pair.start()
        cls.flow = Newcomers(cls.pair.add_host("clients"), "wan", 0x20000)
        cls.flow.play(3)
        cls.pair["primary"].kill()
        cls.flow.play(4).finish()
        cls.survivor = cls.pair.relationship("secondary")
        cls.pair["primary"].start()
        cls.pair.wait_for(primary="NORMAL", secondary="NORMAL")
        cls.flow.play(2).finish()
        cls.pair.wait_until_equal()
        cls.known = cls.pair.leases("primary")
        cls.flow.close()
        cls.verdict = cls.pair.verdict()
        core_capture = core.stop()
        cls.between = dissector.failover(core_capture)
        cls.malformed_between = dissector.failover(core_capture, "dhcpv6_failover.malformed")

    def test_everybody_is_served_with_one_retransmission_at_most(self):
        self.assertEqual(len(self.flow.served()), len(self.flow.everybody))
        self.assertLessEqual(self.flow.most_retransmissions(), 1)

    def test_hardly_anybody_was_in_the_middle(self):
        self.assertLessEqual(len(self.flow.began_again()), 5)

    def test_nobody_shares_a_lease(self):
        self.assertEqual(given_twice(self.flow), [])

    def test_the_survivor_says_that_it_is_alone(self):
        self.assertEqual(self.survivor["state"], "COMMUNICATIONS-INTERRUPTED")
        self.assertFalse(self.survivor["in_contact"])

    def test_what_partners_say_is_read_by_wireshark(self):
        """F-013 to F-030 on the wire: every message has its name, and nothing is malformed."""
        self.assertEqual(self.malformed_between, [])
        said = "\n".join(self.between)
        for word in ("CONNECT west", "CONNECTREPLY", "STATE NORMAL", "BNDUPD", "BNDREPLY", "UPDREQ", "UPDDONE", "CONTACT"):
            self.assertIn(word, said)

    def test_both_know_every_lease_afterwards(self):
        for newcomer in self.flow.served():
            for lease in newcomer.leases:
                self.assertEqual(self.known[str(lease)].replace(":", ""), newcomer.duid.hex())


class TestSplit(case.LaboratoryCase):
    """The servers cannot reach each other, and each is reached by clients of its own: 1,501 new ones on each side."""

    @classmethod
    def set_up_scene(cls):
        cls.pair = Pair(cls.lab, capture=False).start()
        cls.pair.cut_core()
        cls.pair.wait_for(primary="COMMUNICATIONS-INTERRUPTED", secondary="COMMUNICATIONS-INTERRUPTED")
        cls.flows = []
        for number, role in enumerate(ROLES):
            away = ROLES[1 - number]
            cls.pair.cut_access(away)
            flow = Newcomers(cls.pair.add_host(f"clients-{role}"), "wan", 0x30000 + 0x10000 * number)
            flow.play(count=SPLIT_CLIENTS, rate=400).finish(20)
            flow.close()
            cls.pair.join_access(away)
            cls.flows.append(flow)
        cls.pair.join_core()
        cls.pair.wait_for(primary="NORMAL", secondary="NORMAL")
        cls.pair.wait_until_equal()

    def test_each_side_serves_its_clients(self):
        for flow in self.flows:
            self.assertEqual(len(flow.served()), SPLIT_CLIENTS)
            self.assertEqual(len({each.server for each in flow.served()}), 1)

    def test_no_lease_is_given_twice(self):
        self.assertEqual(given_twice(*self.flows), [])

    def test_afterwards_both_know_all_of_them(self):
        known = self.pair.leases("secondary")
        for flow in self.flows:
            for newcomer in flow.served():
                for lease in newcomer.leases:
                    self.assertEqual(known[str(lease)].replace(":", ""), newcomer.duid.hex())


class TestPlannedStop(case.LaboratoryCase):
    """The primary is stopped as an operator stops it, under a flow of new clients."""

    @classmethod
    def set_up_scene(cls):
        cls.pair = Pair(cls.lab, capture=False).start()
        cls.flow = Newcomers(cls.pair.add_host("clients"), "wan", 0x50000)
        cls.flow.play(2)
        cls.pair["primary"].program.send(signal.SIGTERM)
        cls.flow.play(3).finish()
        cls.exit_code = cls.pair["primary"].program.wait(10)
        cls.pair["primary"].start()
        cls.pair.wait_for(primary="NORMAL", secondary="NORMAL")
        cls.flow.close()

    def test_the_stopped_one_ends_well(self):
        self.assertEqual(self.exit_code, 0)

    def test_nobody_notices_more_than_one_retransmission(self):
        self.assertEqual(len(self.flow.served()), len(self.flow.everybody))
        self.assertLessEqual(self.flow.most_retransmissions(), 1)
        self.assertEqual(given_twice(self.flow), [])


class TestTroubles(case.LaboratoryCase):
    """One after the other: a server stands still, both die, a disk is lost, an operator says that the partner is down.
    After each the pair is NORMAL by itself, both know every lease, and no client was given another one's."""

    @classmethod
    def set_up_scene(cls):
        cls.pair = Pair(cls.lab, capture=False).start()
        cls.flow = Newcomers(cls.pair.add_host("clients"), "wan", 0x70000)
        cls.seen = {}
        for trouble in (cls._one_stands_still, cls._both_die, cls._a_disk_is_lost, cls._the_operator_says_down):
            cls.flow.play(count=20).finish()
            trouble()
            cls.pair.wait_for(90, primary="NORMAL", secondary="NORMAL")
            cls.flow.play(count=20).finish()
            cls.pair.wait_until_equal()
        cls.known = cls.pair.leases("primary")
        cls.running = cls.flow.running()
        cls.flow.close()

    @classmethod
    def _one_stands_still(cls):
        """SIGSTOP, for longer than the keepalive."""
        cls.pair["secondary"].program.send(signal.SIGSTOP)
        cls.pair.wait_for(primary="COMMUNICATIONS-INTERRUPTED")
        cls.flow.play(count=20).finish()
        cls.pair["secondary"].program.send(signal.SIGCONT)

    @classmethod
    def _both_die(cls):
        for role in ROLES:
            cls.pair[role].kill()
        for role in reversed(ROLES):
            cls.pair[role].start()

    @classmethod
    def _a_disk_is_lost(cls):
        """It hears everything from its partner, waits for the MCLT, and answers nobody before."""
        cls.pair["primary"].kill()
        shutil.rmtree(cls.pair["primary"].folder / "leases")
        cls.pair["primary"].start()
        cls.pair.wait_for(primary="RECOVER-WAIT")
        cls.seen["recovered"] = cls.pair.leases("primary")
        cls.flow.play(count=20).finish()

    @classmethod
    def _the_operator_says_down(cls):
        cls.pair["primary"].kill()
        cls.pair.wait_for(secondary="COMMUNICATIONS-INTERRUPTED")
        cls.seen["plan"] = cls.pair["secondary"].ask("failover", "plan", "west").stdout
        cls.seen["refused"] = cls.pair["secondary"].ask("--yes", "failover", "partner-down", "east")
        time.sleep(16)  # so that nobody doubts which came first
        cls.seen["told"] = cls.pair["secondary"].ask("--yes", "failover", "partner-down", "west")
        cls.pair.wait_for(secondary="PARTNER-DOWN")
        cls.flow.play(count=20).finish()
        cls.pair["primary"].start()
        cls.pair.wait_for(primary="RECOVER-WAIT")

    def test_everybody_is_served(self):
        self.assertEqual(len(self.flow.served()), len(self.flow.everybody))
        self.assertEqual(given_twice(self.flow), [])

    def test_both_know_every_lease(self):
        self.assertGreaterEqual(len(self.running), 2 * 20)
        for newcomer, lease in self.running:
            self.assertEqual(self.known[str(lease)].replace(":", ""), newcomer.duid.hex())

    def test_a_lost_disk_is_made_good_by_the_partner(self):
        """F-326, F-328: with UPDREQALL, before the server answers anybody."""
        self.assertGreaterEqual(len(self.seen["recovered"]), 2 * 20)

    def test_the_operator_is_told_and_obeyed(self):
        self.assertIn("DANGER", self.seen["plan"])
        self.assertEqual(self.seen["refused"].returncode, 1)
        self.assertEqual(self.seen["told"].returncode, 0, self.seen["told"].stderr)


def certificates_of(lab, authorities=None):
    """The `tls` of both; each by its own authority, if two are given."""
    authorities = authorities or [Authority(lab.work_folder("certificates"))] * 2
    names = {"primary": "a.example", "secondary": "b.example"}
    return {role: certificates.settings_of(authority, names[role], names[other(role)])
            for role, authority in zip(ROLES, authorities)}


class TestTls(case.LaboratoryCase):
    """STARTTLS with certificates on both sides; they are replaced while the servers run."""

    @classmethod
    def set_up_scene(cls):
        cls.pair = Pair(cls.lab, capture=False, tls=certificates_of(cls.lab))
        core = Capture(cls.lab, cls.pair["secondary"].host, CORE, "core")
        cls.pair.start()
        cls.connection = cls.pair.relationship("primary")["connection"]
        for role in ROLES:
            cls.pair[role].program.send(signal.SIGHUP)
        process.wait_until(lambda: all("certificates are read anew" in cls.pair[role].program.output()
                                       for role in ROLES), 5, "both to read their certificates")
        cls.pair.cut_core()
        cls.pair.wait_for(primary="COMMUNICATIONS-INTERRUPTED", secondary="COMMUNICATIONS-INTERRUPTED")
        cls.pair.join_core()
        cls.pair.wait_for(primary="NORMAL", secondary="NORMAL")
        cls.between = dissector.failover(core.stop())

    def test_the_connection_is_a_tls_one(self):
        self.assertIn("TLS", self.connection)
        self.assertIn("b.example", self.connection)

    def test_nothing_of_failover_goes_in_clear(self):
        said = "\n".join(self.between)
        self.assertIn("STARTTLS", said)
        for word in ("CONNECT ", "STATE", "BNDUPD", "CONTACT"):
            self.assertNotIn(word, said)


class TestWrongCertificate(case.LaboratoryCase):
    """Each has a certificate of an authority that the other one does not know: no partner, and clients are served."""

    @classmethod
    def set_up_scene(cls):
        authorities = [Authority(cls.lab.work_folder(f"certificates-{role}")) for role in ROLES]
        cls.pair = Pair(cls.lab, capture=False, tls=certificates_of(cls.lab, authorities), **{"start-alone": True})
        for role in ROLES:
            cls.pair[role].start()
        cls.pair.wait_for(primary="PARTNER-DOWN")
        cls.flow = Newcomers(cls.pair.add_host("clients"), "wan", 0x60000).play(count=20).finish()
        cls.flow.close()

    def test_they_do_not_talk(self):
        for role in ROLES:
            self.assertFalse(self.pair.relationship(role)["in_contact"])

    def test_the_log_says_why(self):
        self.assertIn("certificate", self.pair["primary"].program.output())

    def test_clients_are_served(self):
        self.assertEqual(len(self.flow.served()), 20)


if __name__ == "__main__":
    unittest.main()
