"""Programs with a bound on their time: short ones that are awaited, long ones that are watched."""

import ctypes
import os
import signal
import subprocess
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class CommandFailed(RuntimeError):
    """A short command ended with another exit code than 0, or did not end in time."""


def run(argv, timeout=20, check=True, text_input=None, environment=None):
    """Runs a short command to its end; its stdout and stderr come back as text."""
    argv = [str(word) for word in argv]
    try:
        done = subprocess.run(argv, input=text_input, capture_output=True, text=True, errors="replace",
                              timeout=timeout, env=environment,
                              stdin=subprocess.DEVNULL if text_input is None else None)
    except subprocess.TimeoutExpired as late:
        raise CommandFailed(f"{' '.join(argv)}: not done after {timeout} s") from late
    if check and done.returncode != 0:
        raise CommandFailed(f"{' '.join(argv)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def wait_until(condition, timeout, what, pause=0.05):
    """Polls `condition` until it returns something true, and returns that; says `what` was awaited in vain."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"waited {timeout} s for {what}")
        time.sleep(pause)


def _die_with_parent():
    # A laboratory that is killed with SIGKILL cannot clean up; its programs must not outlive it.
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Program:
    """A program in the background; what it prints goes to a file."""

    def __init__(self, argv, log: Path, outlive=False):
        self.argv = [str(word) for word in argv]
        self.log = Path(log)
        with open(self.log, "ab") as output:
            self._process = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True, preexec_fn=None if outlive else _die_with_parent)

    @property
    def pid(self):
        return self._process.pid

    def is_running(self):
        return self._process.poll() is None

    def exit_code(self):
        """None while it runs; negative: the number of the signal that ended it."""
        return self._process.poll()

    def output(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def send(self, signal_number):
        if self.is_running():
            os.kill(self.pid, signal_number)

    def wait(self, timeout):
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired as late:
            raise TimeoutError(f"{self.argv[0]}: still running after {timeout} s\n{self.output()[-2000:]}") from late

    def wait_for_output(self, text, timeout):
        def seen():
            if text in self.output():
                return True
            if not self.is_running():
                raise CommandFailed(f"{' '.join(self.argv)} ended ({self.exit_code()}) before it said "
                                    f"'{text}':\n{self.output()[-2000:]}")
            return False
        wait_until(seen, timeout, f"'{text}' from {self.argv[0]}")

    def stop(self, timeout=5):
        """SIGTERM, then SIGKILL when that does not help; the exit code comes back."""
        self.send(signal.SIGTERM)
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self):
        self.send(signal.SIGKILL)
        return self._process.wait(10)
