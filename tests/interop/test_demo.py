"""The demo: it succeeds, and however it ends it leaves nothing behind."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import case
from lab import laboratory, process

STORY = Path(__file__).resolve().parent / "demo" / "story.py"


def leftovers(tag):
    """Namespaces and folders that carry the name of a laboratory."""
    return (laboratory.list_of(tag) + [str(folder) for folder in Path(tempfile.gettempdir()).glob(f"t6-{tag}-*")])


def programs_of(tag):
    """Processes whose command line names the laboratory's folder or namespaces."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if f"t6-{tag}-" in words:
                found.append(words.replace("\0", " "))
    return found


class DemoCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        case.require_namespaces()

    def start(self, *options):
        # A process group of its own, as a terminal gives to a command: Ctrl-C reaches all of the group.
        demo = subprocess.Popen([sys.executable, "-B", STORY, "--fast", *options], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
        self.addCleanup(lambda: demo.poll() is None and demo.kill())
        return demo

    def read_until(self, demo, text):
        lines = []
        for line in demo.stdout:
            lines.append(line)
            if text in line:
                return lines
        self.fail(f"the demo ended before it said '{text}':\n{''.join(lines)}")

    def assert_nothing_left(self, tag):
        self.assertEqual(leftovers(tag), [])
        process.wait_until(lambda: not programs_of(tag), 5, f"no program of {tag}: {programs_of(tag)}")


class TestDemo(DemoCase):
    def test_to_the_end(self):
        """Everybody keeps what they had, the exit code says so, nothing is left, no colours in a pipe."""
        demo = self.start()
        output, _ = demo.communicate(timeout=200)
        self.assertEqual(demo.returncode, 0, output)
        self.assertIn("Everybody kept what they had.", output)
        self.assertNotIn("\033", output)
        self.assertNotIn("✘", output)
        self.assert_nothing_left(demo.pid)

    def check_end_by(self, signal_number, when):
        demo = self.start()
        self.read_until(demo, when)
        time.sleep(0.3)
        os.killpg(demo.pid, signal_number)
        demo.communicate(timeout=40)
        self.assertNotEqual(demo.returncode, 0)
        self.assert_nothing_left(demo.pid)

    def test_control_c_while_hosts_are_made(self):
        self.check_end_by(signal.SIGINT, "making a network")

    def test_control_c_while_clients_ask(self):
        self.check_end_by(signal.SIGINT, "ask for an address")

    def test_termination_while_clients_renew(self):
        self.check_end_by(signal.SIGTERM, "every client renews")

    def test_kill_is_swept_up_by_the_next_one(self):
        """SIGKILL lets nobody clean up; the programs die with the demo, the rest goes at the next start."""
        demo = self.start()
        self.read_until(demo, "ask for an address")
        demo.kill()
        demo.communicate(timeout=10)
        process.wait_until(lambda: not programs_of(demo.pid), 10, "the demo's programs to end with it")
        self.assertTrue(leftovers(demo.pid))
        process.run([sys.executable, "-B", STORY, "--clean"], timeout=30)
        self.assertEqual(leftovers(demo.pid), [])


class TestKeep(DemoCase):
    def test_keep_and_clean(self):
        """--keep leaves a pair that answers tandem6ctl as the demo says; --clean ends it."""
        if leftovers("keep"):
            self.skipTest("somebody's kept demo is running")
        self.addCleanup(process.run, [sys.executable, "-B", STORY, "--clean"], timeout=30)
        demo = self.start("--keep")
        output, _ = demo.communicate(timeout=200)
        self.assertEqual(demo.returncode, 0, output)
        told = next(line for line in output.splitlines() if line.strip().endswith(" lease list"))
        words = told.split()[1:]
        words[0] = words[0] if os.path.isabs(words[0]) else str(STORY.parents[3] / words[0])
        leases = process.run(words, timeout=10).stdout
        self.assertGreaterEqual(leases.count("2001:db8:"), 10)
        process.run([sys.executable, "-B", STORY, "--clean"], timeout=30)
        self.assert_nothing_left("keep")
