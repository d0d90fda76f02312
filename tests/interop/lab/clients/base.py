"""What all clients have in common: an address and a prefix asked for, a grant read back from the client itself."""

import os
from dataclasses import dataclass
from pathlib import Path

from .. import process

WAN = "wan"


@dataclass(frozen=True)
class Grant:
    """What a client says that it holds, in the client's own words, brought to one form."""

    address: str | None = None
    prefix: str | None = None

    def is_whole(self):
        return self.address is not None and self.prefix is not None


class Client:
    """One client program on one host, on the interface `wan` there.

    `settle` time budgets are the client's: random delays of RFC 8415 18.2.1 (up to 1 s) and its own start.
    """

    program_name = "?"
    package = "?"

    def __init__(self, laboratory, host, name):
        self.laboratory = laboratory
        self.host = host
        self.name = name
        self.folder = laboratory.work_folder(name)
        self.events_folder = laboratory.work_folder(f"{name}/events")
        self.program = None

    # What each client does its own way.

    def start(self):
        raise NotImplementedError

    def grant(self):
        """The grant that the client holds now."""
        raise NotImplementedError

    def renewals(self):
        """How many times the client says that a server has extended its address, and its prefix: the smaller one."""
        raise NotImplementedError

    def release(self, timeout=15):
        """Lets the client give back what it holds and end; returns when it is done."""
        raise NotImplementedError

    # What they share.

    def wait_for_grant(self, timeout=25):
        def whole():
            grant = self.grant()
            return grant if grant.is_whole() else None
        try:
            return process.wait_until(whole, timeout, f"{self.name} to get an address and a prefix", pause=0.1)
        except TimeoutError as late:
            raise TimeoutError(f"{late}; it has {self.grant()}\n{self.program.output()[-3000:]}") from late

    def wait_for_renewal(self, timeout=40):
        process.wait_until(lambda: self.renewals() > 0, timeout, f"{self.name} to renew", pause=0.1)
        return self.grant()

    def crash(self):
        """Ends the client as a power cut would, its files stay; forgets what it has said so far."""
        self.host.kill_programs()
        self.program.wait(5)
        self.program.log.unlink()
        for file in self.events_folder.iterdir():
            file.unlink()

    def make_lan(self):
        """An interface `lan` for the delegated prefix to be used on; a veth pair, so that it has a carrier."""
        if "lan" not in self.host.interfaces():
            self.host.ip("link add lan type veth peer name lan-far", "link set lan up", "link set lan-far up")

    def hook(self):
        """A script for the client to call: it keeps the whole environment of each call in a file of its own."""
        script = self.folder / "hook.sh"
        # The name sorts by time; written under another name first, so that a reader never sees half of it.
        script.write_text("#!/bin/sh\n"
                          f"file={self.events_folder}/$(date +%s.%N).$$\n"
                          'env -0 > "$file.new" && mv "$file.new" "$file"\n')
        script.chmod(0o755)
        return script

    def events(self):
        """The environments of the calls of the hook so far, oldest first."""
        found = []
        for file in sorted(Path(self.events_folder).iterdir()):
            if file.suffix != ".new":
                pairs = file.read_bytes().decode(errors="replace").split("\0")
                found.append(dict(pair.split("=", 1) for pair in pairs if "=" in pair))
        return found


def private_copy(program, folder):
    """A copy of a program: an AppArmor profile goes by the path, and would keep it from the laboratory's files."""
    source = next(Path(place) / program for place in ("/usr/sbin", "/sbin", "/usr/bin")
                  if (Path(place) / program).exists())
    copy = Path(folder) / program
    if not copy.exists():
        copy.write_bytes(source.read_bytes())
        os.chmod(copy, 0o755)
    return copy
