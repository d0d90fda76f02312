"""A minute of chaos: real daemons under load and faults by a seed. The long form is chaos/run.py."""

import unittest

import case
from chaos.campaign import Campaign

SEED, SECONDS = 4, 60


class TestAMinute(case.LaboratoryCase):
    @classmethod
    def set_up_scene(cls):
        cls.findings = Campaign(cls.lab, SEED, SECONDS).run()

    def test_no_rule_is_broken(self):
        self.assertEqual(self.findings.broken, [], self.findings.summary())

    def test_something_happened(self):
        self.assertGreaterEqual(len(self.findings.faults), 4)
        self.assertGreater(self.findings.renewed, 500)
        # How many the secondary gives in the few seconds that it is alone is up to when its clients ask.
        self.assertTrue(all(self.findings.answers.values()), self.findings.answers)


if __name__ == "__main__":
    unittest.main()
