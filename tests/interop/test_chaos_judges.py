"""The chaos run's own judges: what they are to find is made, and found. No daemon."""

import unittest

from chaos import silence
from chaos.faults import KINDS, Fault, script
from chaos.silence import NOTICE, RETURN, Question

SEEDS = range(200)
LENGTH = 600


class TestScript(unittest.TestCase):
    def test_the_same_seed_is_the_same_script(self):
        for seed in SEEDS:
            self.assertEqual(script(seed, LENGTH), script(seed, LENGTH))
        self.assertNotEqual(script(1, LENGTH), script(2, LENGTH))

    def test_everything_happens_and_is_over_in_time(self):
        faults = [fault for seed in SEEDS for fault in script(seed, LENGTH)]
        self.assertEqual({fault.kind for fault in faults}, set(KINDS))
        self.assertTrue(all(fault.end <= LENGTH for fault in faults))

    def test_what_overlaps_has_different_targets(self):
        overlaps = 0
        for seed in SEEDS:
            faults = script(seed, LENGTH)
            for one, other in zip(faults, faults[1:]):
                if other.at < one.end:
                    overlaps += 1
                    self.assertNotEqual(one.target, other.target)
        self.assertGreater(overlaps, 100)

    def test_a_disk_is_lost_alone(self):
        """Else what only it knew is nobody's."""
        for seed in SEEDS:
            faults = script(seed, LENGTH)
            for number, fault in enumerate(faults):
                if fault.kind == "lose-disk":
                    self.assertTrue(all(fault.at - other.end > 15 for other in faults[:number]))
                    self.assertTrue(all(other.at > fault.end + 60 for other in faults[number + 1:]))


def asked(at, answered=None, tries=1, given_up=None):
    return Question("SOLICIT", "aa", at, answered, tries, given_up)


class TestSilence(unittest.TestCase):
    def found(self, question, *faults):
        return silence.faults_of([question], silence.excuses(faults))

    def test_two_tries_are_no_silence(self):
        self.assertEqual(self.found(asked(100, 101.5, 2)), [])

    def test_a_third_try_is_one(self):
        self.assertIn("is answered late: 3 tries", self.found(asked(100, 102.5, 3))[0])
        self.assertIn("is never answered", self.found(asked(100, None, 5, given_up=105))[0])

    def test_who_still_waits_at_the_end_has_no_verdict(self):
        self.assertEqual(self.found(asked(100, None, 9)), [])

    def test_a_death_excuses_for_a_moment_only(self):
        death = Fault(100, "kill", "primary", 60)
        self.assertEqual(self.found(asked(101, 105, 5), death), [])
        self.assertEqual(len(self.found(asked(100 + NOTICE + 1, 100 + NOTICE + 5, 5), death)), 1)

    def test_a_cut_between_the_servers_excuses_nothing(self):
        self.assertEqual(len(self.found(asked(101, 105, 5), Fault(100, "cut-core", "core", 30))), 1)

    def test_a_server_without_clients_excuses_as_long_as_it_has_none(self):
        """R-59: nobody tells the partner."""
        cut = Fault(100, "cut-access", "primary", 30)
        self.assertEqual(self.found(asked(120, 128, 9), cut), [])
        self.assertEqual(len(self.found(asked(140, 148, 9), cut)), 1)

    def test_both_dead_excuse_until_one_is_back(self):
        both = Fault(100, "kill-both", "primary", 10)
        self.assertEqual(self.found(asked(105, 114, 9), both), [])
        self.assertEqual(len(self.found(asked(111 + RETURN, 120 + RETURN, 9), both)), 1)
        one, other = Fault(100, "kill", "primary", 20), Fault(110, "stand-still", "secondary", 20)
        self.assertEqual(self.found(asked(118, 125, 7), one, other), [])
        self.assertEqual(len(self.found(asked(131 + RETURN, 140 + RETURN, 9), one, other)), 1)


if __name__ == "__main__":
    unittest.main()
