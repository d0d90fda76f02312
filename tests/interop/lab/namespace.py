"""A host of the laboratory: one network namespace, and programs that run in it with files of their own."""

import os
import signal
import time

from . import process

# Mounts each "source:target" pair over the host's path (which stays as it is outside), then becomes the program.
# `ip netns exec` has already given us a mount namespace that does not propagate back.
_WITH_PRIVATE_FILES = r'''
mount -t tmpfs tmpfs /run
while [ "$1" != -- ]; do mount --bind "${1%%:*}" "${1#*:}" || exit 125; shift; done
shift
exec "$@"
'''


class Namespace:
    def __init__(self, name):
        self.name = name
        process.run(["ip", "netns", "add", name])
        # Addresses are usable at once: the laboratory numbers its hosts itself, there is nobody to collide with.
        # No router speaks here, so nobody waits for router advertisements.
        settings = ("disable_ipv6=0", "accept_dad=0", "dad_transmits=0", "accept_ra=0", "router_solicitations=0")
        self.run(["sysctl", "-qw"] + [f"net.ipv6.conf.{scope}.{setting}"
                                      for scope in ("all", "default") for setting in settings])
        self.ip("link set lo up")

    def ip(self, *commands):
        """Runs each `ip` command line in this namespace."""
        process.run(["ip", "-n", self.name, "-batch", "-"], text_input="\n".join(commands) + "\n")

    def command(self, argv, private_files=None):
        """The command line that runs `argv` here; `private_files` maps paths of the host to folders shown there."""
        prefix = ["ip", "netns", "exec", self.name]
        if private_files is None:
            return prefix + [str(word) for word in argv]
        binds = [f"{source}:{target}" for target, source in private_files.items()]
        return prefix + ["sh", "-c", _WITH_PRIVATE_FILES, "private"] + binds + ["--"] + [str(word) for word in argv]

    def run(self, argv, timeout=20, check=True, private_files=None):
        return process.run(self.command(argv, private_files), timeout=timeout, check=check)

    def spawn(self, argv, log, private_files=None, outlive=False):
        return process.Program(self.command(argv, private_files), log, outlive)

    def interfaces(self):
        """The names of its interfaces."""
        lines = self.run(["ip", "-o", "link", "show"]).stdout.splitlines()
        return [line.split(": ")[1].split("@")[0] for line in lines]

    def kill_programs(self):
        """SIGKILL to every program that runs here."""
        for pid in programs_in(self.name):
            _signal(pid, signal.SIGKILL)
        process.wait_until(lambda: not programs_in(self.name), 5, f"the programs of {self.name} to end")

    def addresses(self, interface):
        """The IPv6 addresses of an interface, as text without the prefix length."""
        lines = self.run(["ip", "-6", "-o", "address", "show", "dev", interface]).stdout.splitlines()
        return [line.split()[3].split("/")[0] for line in lines]

    def link_local(self, interface):
        return process.wait_until(
            lambda: next((a for a in self.addresses(interface) if a.startswith("fe80:")), None),
            5, f"a link-local address of {interface}")

    def hardware_address(self, interface):
        return self.run(["cat", f"/sys/class/net/{interface}/address"]).stdout.strip()


def list_namespaces():
    return [line.split()[0] for line in process.run(["ip", "netns", "list"]).stdout.splitlines() if line.strip()]


def programs_in(name):
    """The process ids of what runs in a namespace."""
    return [int(pid) for pid in process.run(["ip", "netns", "pids", name], check=False).stdout.split()]


def _signal(pid, signal_number):
    try:
        os.kill(pid, signal_number)
    except ProcessLookupError:
        pass


def remove_namespace(name):
    """Ends every program in the namespace, then the namespace and with it its links."""
    for signal_number, patience in ((signal.SIGTERM, 1.0), (signal.SIGKILL, 2.0)):
        end = time.monotonic() + patience
        while pids := programs_in(name):
            for pid in pids:
                _signal(pid, signal_number)
            if time.monotonic() > end:
                break
            time.sleep(0.05)
    process.run(["ip", "netns", "delete", name], check=False)
