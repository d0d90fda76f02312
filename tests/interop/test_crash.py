"""The daemon under load is killed (-9) at random moments, again and again: whatever a REPLY has promised is there.

    sudo TANDEM6_CRASHES=300 [TANDEM6_SEED=7] TANDEM6_BUILD=build /usr/bin/python3 -B tests/interop/report/tap.py test_crash

kills it 300 times for each durability, for about two seconds each; without TANDEM6_CRASHES it is a few times.
Some kills hit the start after the kill before. The load pauses while the leases are looked at.
"""

import ipaddress
import json
import os
import random
import statistics
import time
import unittest

import case
from lab import dhcp6, probe
from lab.population import Population, Promise, faults_of_leases
from lab.scene import Scene
from lab.server import DAEMON

CRASHES = int(os.environ.get("TANDEM6_CRASHES", 6))
SEED = int(os.environ.get("TANDEM6_SEED", 1))
CLIENTS = 800
START_TIMEOUT = 20
REFUSAL_NEAR = 1.0  # seconds between a grant and the refusal that it caused

# Pools that the clients nearly fill, so that a forgotten lease is soon given to another. A lease that was forgotten
# must not come back with the RENEW that asks for it.
LINK = {
    "name": "street",
    "match": {"port": "access"},
    "address-pools": ["2001:db8:7::/117"],
    "prefix-pools": [{"prefix": "2001:db8:8000::/46", "delegated-length": 56}],
    "lifetimes": {"preferred": "1h", "valid": "2h"},
    "create-on-renew": False,
}


class _Crashes(case.VerdictChecks, case.LaboratoryCase):
    durability = None
    minimum_of_answers = 300 * CRASHES

    @classmethod
    def set_up_scene(cls):
        cls.random = random.Random(SEED)
        cls.scene = Scene(cls.lab, [LINK])
        cls.server = cls.scene.server
        cls.server.configuration["storage"]["durability"] = cls.durability
        cls.population = Population(cls.scene.add_host("clients"), "wan", CLIENTS, SEED)
        cls.witness = cls.enterClassContext(probe.Probe(cls.scene.add_host("witness"), "wan"))
        cls.witness_count = 0
        cls.starts, cls.faults, cls.looked_at = [], [], 0
        cls.server.start()
        for crash in range(CRASHES):
            cls._crash_once(crash)
        cls.population.play(0.5)
        cls.population.finish()
        cls._look_at_leases(CRASHES)
        cls.population.close()
        cls.verdict = cls.scene.verdict()
        cls._print_figures()

    @classmethod
    def _crash_once(cls, crash):
        cls.population.play(cls.random.uniform(0.1, 0.8))
        cls.server.kill()
        cls.population.drain()
        if cls.random.random() < 0.3:  # once more, in the middle of the start
            cls._spawn()
            time.sleep(cls.random.uniform(0, 0.5))
            cls.server.kill()
        cls.starts.append(cls._start_to_first_answer())
        cls._look_at_leases(crash)

    @classmethod
    def _spawn(cls):
        file = cls.server.folder / "tandem6.yaml"
        cls.server.program = cls.lab.spawn(cls.server.host, [DAEMON, "--config", file], cls.server.name,
                                           private_files={})

    @classmethod
    def _start_to_first_answer(cls):
        """Seconds from the start of the process to the first ADVERTISE, which a new client hears."""
        cls.witness_count += 1
        duid = dhcp6.duid_ll(0x900000 + cls.witness_count)
        while cls.witness.receive(0):
            pass  # late answers to the witness before
        began = time.monotonic()
        cls._spawn()
        while not (heard := cls._ask_as(duid)):
            if time.monotonic() > began + START_TIMEOUT or not cls.server.program.is_running():
                raise TimeoutError(f"no answer after a crash:\n{cls.server.program.output()[-3000:]}")
        took = time.monotonic() - began
        cls.population.check_that_free(heard.message)
        return took

    @classmethod
    def _ask_as(cls, duid):
        cls.witness.send(probe.message(dhcp6.SOLICIT, duid, dhcp6.elapsed(), dhcp6.ia_na(1), dhcp6.ia_pd(1)))
        return cls.witness.receive(0.005)

    @classmethod
    def _look_at_leases(cls, crash):
        """Every running promise against what the server says that it has."""
        done = cls.server.ask("lease", "list", as_json=True, timeout=30)
        if done.returncode != 0:
            raise RuntimeError(f"lease list: {done.stdout}{done.stderr}")
        promises = cls.population.promises.values()
        found = faults_of_leases(promises, json.loads(done.stdout)["leases"], time.time())
        cls.faults += [f"crash {crash}: {fault}" for fault in found[:10]]
        cls.looked_at += len(promises)

    @classmethod
    def _print_figures(cls):
        starts = sorted(cls.starts)
        print(f"# {cls.durability}: {len(starts)} crashes; start to first answer, ms: median "
              f"{statistics.median(starts) * 1e3:.0f}, best {starts[0] * 1e3:.0f}, worst {starts[-1] * 1e3:.0f}; "
              f"{sum(cls.population.heard.values())} answers, {cls.looked_at} promises looked up, "
              f"{cls.population.unanswered} questions of the living unanswered")

    def test_no_lease_is_given_twice_or_lost(self):
        """From the packets: no lease runs for two holders, a renewed lease is the promised one; what an ADVERTISE had
        shown and a REQUEST did not get went to another client. S-048 S-071 S-081 S-185"""
        faults = self.verdict.ledger.faults
        self.assertEqual([fault for fault in faults if not fault.startswith("broken")][:20], [])
        self.assertEqual(self._refused_for_nobody()[:20], [])

    def _refused_for_nobody(self):
        """REQUESTs that did not get a lease which nobody else got about then. The ledger sees less: clients compete
        for few leases here, and a refusal leaves at once while the grant that it lost to waits for the disk."""
        grants, refusals = {}, []
        for exchange in self.verdict.answers(dhcp6.REPLY):
            answer, question = exchange.answer, exchange.question
            if question is None or question.message.type != dhcp6.REQUEST:
                continue
            given = {lease.key for ia in answer.message.ias() for lease in ia.leases if lease.valid}
            asked = {lease.key for ia in question.message.ias() for lease in ia.leases}
            for key in given:
                grants.setdefault(key, []).append(answer)
            refusals += [(key, answer) for key in asked - given]
        return [str(refusal) for key, refusal in refusals
                if not any(grant.duid != refusal.duid and abs(grant.time - refusal.time) < REFUSAL_NEAR
                           for grant in grants.get(key, ()))]

    def test_every_promised_lease_is_there(self):
        """After each restart, with its client and for as long as promised; none is held by two. S-068 S-117"""
        self.assertGreater(self.looked_at, 100 * CRASHES)
        self.assertEqual(self.faults[:20], [])

    def test_clients_get_again_what_they_had_and_nobody_else_does(self):
        """A RENEW brings the lease back, and no ADVERTISE or REPLY shows it to another client. S-068 S-081"""
        for kind in (dhcp6.SOLICIT, dhcp6.REQUEST, dhcp6.RENEW, dhcp6.RELEASE):
            self.assertGreater(self.population.heard[kind], 10 * CRASHES, dhcp6.NAMES[kind])
        self.assertEqual(self.population.faults[:20], [])

    def test_the_living_server_answers(self):
        """Hardly a question goes unanswered while the server lives."""
        self.assertLess(self.population.unanswered, 0.01 * sum(self.population.heard.values()) + 1)


class TestTheJudge(unittest.TestCase):
    """Each fault that a crash may leave is found."""

    duid = dhcp6.duid_ll(1)

    def faults(self, **changes):
        lease = dhcp6.Lease(ipaddress.IPv6Address("2001:db8:7::1"), 128, 3600, 7200)
        row = {"lease": "2001:db8:7::1", "status": "ACTIVE", "duid": self.duid.hex(":"), "ia_type": "IA_NA",
               "state_expiration_time": {"left": 7200}, **changes}
        return faults_of_leases([Promise(lease, (self.duid, dhcp6.IA_NA), 1000.0 + 7200)], [row], 1000.0)

    def test_what_is_right_is_no_fault(self):
        self.assertEqual(self.faults(), [])

    def test_each_fault_is_found(self):
        for changes in ({"status": "EXPIRED"}, {"lease": "2001:db8:7::2"}, {"duid": "00:03:00:01:02"},
                        {"ia_type": "IA_PD"}, {"state_expiration_time": {"left": 7197}}):
            with self.subTest(**changes):
                self.assertEqual(len(self.faults(**changes)), 1)


class TestPower(_Crashes):
    durability = "power"


class TestProcess(_Crashes):
    durability = "process"


del _Crashes  # it is no test by itself
