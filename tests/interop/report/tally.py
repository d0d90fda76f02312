"""Adds up runs of `meson test`: single test cases, as GoogleTest and TAP counted them.

    tally.py BUILD…     prints each failed case, what was skipped and why, and as last line "N passed, N failed"

Two reports of each build folder are read. The JUnit one knows the cases; the log has the verdict on each program, so
that one which crashed, hung or failed after its last case is counted too. The exit code is 1 when anything failed,
when a report is missing, or when nothing ran at all.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

LINES_SHOWN = 80
BAD = ("FAIL", "ERROR", "TIMEOUT", "INTERRUPT", "UNEXPECTEDPASS")


def _text(element, *tags):
    return "\n".join(part.text.strip() for tag in tags for part in element.findall(tag) if part.text)


def _cases_of(program, suites):
    """The cases of one program: suites "PROJECT.PROGRAM" or "PROJECT.PROGRAM.FIXTURE"; else one case of its name."""
    for suite in suites:
        # Meson's name of a program has the project in it where the program is in a suite of tests.
        owner = suite.get("name").split(".", 1)[-1]
        if owner == program or owner.startswith(f"{program}."):
            yield from suite.findall("testcase")
        else:
            yield from (case for case in suite.findall("testcase") if case.get("name") == program)


class Tally:
    def __init__(self):
        self.passed = 0
        self.failed = []          # (name, what there is to read about it)
        self.skipped = Counter()  # reason -> cases

    def add(self, build):
        logs = Path(build) / "meson-logs"
        try:
            suites = list(ElementTree.parse(logs / "testlog.junit.xml").getroot().iter("testsuite"))
            programs = [json.loads(line) for line in (logs / "testlog.json").read_text().splitlines()]
        except (OSError, ElementTree.ParseError, json.JSONDecodeError) as problem:
            self.failed.append((str(build), f"no report of its tests: {problem}"))
            return
        for program in programs:
            self._add_program(f"{build}: {program['name']}", program, list(_cases_of(program["name"], suites)))

    def _add_program(self, name, program, cases):
        is_bad = program["result"] in BAD
        output = (program.get("stdout") or "") + (program.get("stderr") or "")
        failed_before = len(self.failed)
        for case in cases:
            # A program without cases of its own appears as one case, to which meson adds no mark when it hangs.
            if case.get("name") == program["name"]:
                if program["result"] == "SKIP":
                    self.skipped[f"{name} says so"] += 1
                elif not is_bad:
                    self.passed += 1
            else:
                self._add_case(f"{name} {case.get('name')}", case)
        if is_bad and len(self.failed) == failed_before:
            self.failed.append((name, f"{program['result']}, exit code {program['returncode']}\n{output}"))
        elif is_bad and not self.failed[-1][1]:
            self.failed[-1] = (self.failed[-1][0], output)  # TAP: the words are in the output

    def _add_case(self, name, case):
        bad = case.find("failure") if case.find("failure") is not None else case.find("error")
        if bad is not None:
            self.failed.append((name, bad.get("message") or _text(case, "failure", "error")))
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            reason = _text(case, "system-out") or (case.find("skipped") is not None and case.find("skipped").get("message"))
            self.skipped[(reason or "disabled, or no reason given").splitlines()[-1]] += 1
        else:
            self.passed += 1


def main(builds):
    tally = Tally()
    for build in builds:
        tally.add(build)
    for name, text in tally.failed:
        lines = text.strip().splitlines()
        print(f"FAILED {name}")
        for line in (["[…]"] if len(lines) > LINES_SHOWN else []) + lines[-LINES_SHOWN:]:
            print(f"    {line}")
    for reason, count in tally.skipped.items():
        print(f"skipped {count}: {reason}")
    print(f"{tally.passed} passed, {len(tally.failed)} failed")
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
