"""The base of the interop tests: a laboratory for each test class (or module), a judge's verdict as assertions."""

import unittest

from lab import laboratory


def require_namespaces():
    """Skips, with the reason, where network namespaces cannot be made."""
    reason = laboratory.can_make_namespaces()
    if reason:
        raise unittest.SkipTest(reason)


class LaboratoryCase(unittest.TestCase):
    """`cls.lab` lives as long as the test class."""

    @classmethod
    def setUpClass(cls):
        require_namespaces()
        cls.lab = cls.enterClassContext(laboratory.Laboratory())
        cls.set_up_scene()

    @classmethod
    def set_up_scene(cls):
        pass


class VerdictChecks:
    """Mixed into a test class whose `cls.verdict` is set: what must be true of every capture."""

    minimum_of_answers = 1

    def test_every_answer_is_well_formed(self):
        """Each message of the server is checked against the rules of lab/form.py, octet by octet.

        S-002 S-003 S-004 S-010 S-011 S-043 S-063 S-070 S-079 S-082 S-089 S-097 S-147 S-160 S-172 S-180 S-181"""
        self.assertGreaterEqual(len(self.verdict.answers()), self.minimum_of_answers)
        self.assertEqual(self.verdict.form_faults[:20], [])

    def test_no_lease_is_given_twice_or_lost(self):
        """From the packets: no lease runs for two holders, a renewed lease is the promised one, a REQUEST gets what
        the ADVERTISE had shown. S-048 S-071 S-081 S-185"""
        self.assertGreater(self.verdict.ledger.leases_ever(), 0)
        self.assertEqual(self.verdict.ledger.faults[:20], [])

    def test_the_dissector_finds_no_fault(self):
        """tshark: nothing malformed and no expert error in what the server sent."""
        self.assertGreater(self.verdict.dissector_count, self.minimum_of_answers)
        self.assertEqual(self.verdict.dissector_faults[:20], [])
