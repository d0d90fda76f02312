"""The laboratory: makes hosts, cables and switches, and takes all of it away again, whatever happens."""

import os
import re
import shutil
import signal
import tempfile
from pathlib import Path

from . import namespace, process

# What a program says that was built with a sanitizer and has a fault.
SANITIZER_REPORT = re.compile(r"Sanitizer|: runtime error: ")
LEAK_SEARCH_TIMEOUT = 10
NAME_PATTERN = re.compile(r"t6-([0-9]+|keep)-")


def can_make_namespaces():
    """None, or the reason why this process cannot make network namespaces."""
    if os.geteuid() != 0:
        return "not root: network namespaces cannot be made"
    probe = process.run(["unshare", "--net", "--mount", "true"], check=False)
    return None if probe.returncode == 0 else f"unshare --net --mount: {probe.stderr.strip()}"


def sweep(tags=()):
    """Removes what laboratories left whose process is gone (SIGKILL, power), and those named in `tags`."""
    removed = []
    for name in namespace.list_namespaces():
        found = NAME_PATTERN.match(name)
        if found and (found[1] in tags or (found[1].isdigit() and not Path(f"/proc/{found[1]}").exists())):
            namespace.remove_namespace(name)
            removed.append(name)
    for folder in Path(tempfile.gettempdir()).glob("t6-*-*"):
        found = NAME_PATTERN.match(folder.name)
        if found and (found[1] in tags or (found[1].isdigit() and not Path(f"/proc/{found[1]}").exists())):
            shutil.rmtree(folder, ignore_errors=True)
    return removed


def list_of(tag):
    """The namespaces of one laboratory."""
    return [name for name in namespace.list_namespaces() if name.startswith(f"t6-{tag}-")]


class _Ended(SystemExit):
    """Raised by a signal, so that `with` blocks run their end."""


def _raise_ended(signal_number, frame):
    raise _Ended(128 + signal_number)


class Laboratory:
    """Use as `with Laboratory() as laboratory:`; names carry the process id, so two runs never collide.

    Owned by the main thread: it takes SIGTERM, SIGHUP and SIGINT while it lives.
    """

    def __init__(self, tag=None, keep=False):
        self.tag = tag or str(os.getpid())
        self.keep = keep
        self.folder = None
        self._programs = []
        self._at_end = []
        self._old_handlers = {}

    def __enter__(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            self._old_handlers[number] = signal.signal(number, _raise_ended)
        self.folder = Path(tempfile.mkdtemp(prefix=f"t6-{self.tag}-"))
        self.folder.chmod(0o755)  # clients that drop their privileges read and write below it
        return self

    def __exit__(self, kind, error, trace):
        # A second Ctrl-C must not stop the clean-up half way.
        for number in self._old_handlers:
            signal.signal(number, signal.SIG_IGN)
        try:
            if not (self.keep and kind is None):
                reports = self._clean_up()
                if reports and kind is None:
                    raise AssertionError("\n".join(reports))
        finally:
            for number, handler in self._old_handlers.items():
                signal.signal(number, handler)

    def _clean_up(self):
        for action in reversed(self._at_end):
            try:
                action()
            except Exception as problem:  # the rest must still go
                print(f"# clean-up: {problem}")
        for program in reversed(self._programs):
            is_ours = any(word.endswith("/tandem6d") for word in program.argv)
            program.stop(timeout=LEAK_SEARCH_TIMEOUT if is_ours else 2)
        reports = [program.output()[-6000:] for program in self._programs if SANITIZER_REPORT.search(program.output())]
        # By name, not from a list of ours: a signal may have come while one was being made.
        for name in list_of(self.tag):
            namespace.remove_namespace(name)
        shutil.rmtree(self.folder, ignore_errors=True)
        return reports

    def at_end(self, action):
        self._at_end.append(action)

    def host(self, name):
        return namespace.Namespace(f"t6-{self.tag}-{name}")

    def switch(self, name):
        return Switch(self.host(name))

    def spawn(self, host, argv, name, private_files=None):
        """Starts a program on a host; it ends with the laboratory at the latest."""
        program = host.spawn(argv, self.folder / f"{name}.log", private_files, outlive=self.keep)
        self._programs.append(program)
        return program

    def work_folder(self, name):
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o777)
        return folder


def cable(left, left_interface, right, right_interface):
    """A veth pair between two hosts, up at both ends."""
    process.run(["ip", "link", "add", left_interface, "netns", left.name,
                 "type", "veth", "peer", "name", right_interface, "netns", right.name])
    for host, interface in ((left, left_interface), (right, right_interface)):
        # A veth passes packets on with the checksum still to be filled in; a reader of raw frames would see it wrong.
        host.run(["ethtool", "-K", interface, "tx", "off"])
        host.ip(f"link set {interface} up")


class Switch:
    """An Ethernet switch: a bridge in a namespace of its own, that floods multicast like a plain one."""

    def __init__(self, host):
        self.host = host
        self._ports = 0
        host.ip("link add bridge type bridge mcast_snooping 0 forward_delay 0", "link set bridge up")

    def plug(self, host, interface):
        """A cable from a new port of the switch to `interface`, which is made on `host`."""
        self._ports += 1
        port = f"port{self._ports}"
        cable(self.host, port, host, interface)
        self.host.ip(f"link set {port} master bridge")
        return port
