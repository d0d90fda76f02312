"""Runs unittest modules and prints TAP (Test Anything Protocol), one line per test case, for `meson test`.

    tap.py MODULE…      the modules lie in the folder above this one
"""

import sys
import traceback
import unittest
from pathlib import Path


class TapResult(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.count = 0

    def _line(self, verdict, test, comment=""):
        self.count += 1
        # "#" starts a directive in TAP, so it must not be in a name.
        name = (test if isinstance(test, str) else test.id()).replace("#", "")
        print(f"{verdict} {self.count} - {name}{comment}", flush=True)

    @staticmethod
    def _explain(error):
        for line in "".join(traceback.format_exception(*error)).splitlines():
            print(f"# {line}", flush=True)

    def addSuccess(self, test):
        self._line("ok", test)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._explain(error)
        self._line("not ok", test)

    # An error in setUpClass or setUpModule comes here too, as one case that stands for all of them.
    addError = addFailure

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._line("ok", test, f" # SKIP {reason}")

    def addSubTest(self, test, subtest, error):
        if error is not None:
            self.addFailure(subtest, error)

    def addExpectedFailure(self, test, error):
        self._line("not ok", test, " # TODO expected to fail")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._line("not ok", test, " passed, though it was expected to fail")


def main(names):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    result = TapResult()
    suite.run(result)
    print(f"1..{result.count}", flush=True)
    # Meson takes a bad exit code of a TAP program for a crash, on top of the "not ok" lines that it has read.
    return 0 if result.count else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
