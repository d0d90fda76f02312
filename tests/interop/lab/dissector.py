"""The second opinion: Wireshark's dissector over a capture."""

from pathlib import Path

from . import process

_FAILOVER = Path(__file__).resolve().parents[3] / "tools" / "wireshark" / "tandem6_failover.lua"

# The dissector's own doubts that are no fault of a sender are not asked for: only errors and malformed packets.
_FAULTY = "dhcpv6 && (_ws.malformed || _ws.expert.severity == error)"


def faults(path, server_addresses=None, timeout=60):
    """One line per DHCPv6 packet that tshark finds malformed or erroneous; of the servers only, if they are named."""
    condition = _FAULTY
    if server_addresses:
        senders = " || ".join(f"ipv6.src == {address}" for address in server_addresses)
        condition = f"({_FAULTY}) && ({senders})"
    done = process.run(["tshark", "-n", "-r", path, "-Y", condition, "-T", "fields", "-E", "separator= ",
                        "-e", "frame.number", "-e", "_ws.col.Info", "-e", "_ws.expert.message"], timeout=timeout)
    return done.stdout.splitlines()


def count(path, condition="dhcpv6", timeout=60):
    """How many packets fulfil a condition: shows that the dissector did see something."""
    done = process.run(["tshark", "-n", "-r", path, "-Y", condition, "-T", "fields", "-e", "frame.number"], timeout=timeout)
    return len(done.stdout.splitlines())


def failover(path, condition="dhcpv6_failover", timeout=60):
    """What our own dissector says of the packets between partners: the Info column of each, in order."""
    done = process.run(["tshark", "-n", "-r", path, "-X", f"lua_script:{_FAILOVER}", "-Y", condition, "-T", "fields",
                        "-e", "_ws.col.Info"], timeout=timeout)
    if "Lua" in done.stderr:
        raise process.CommandFailed(done.stderr)
    return done.stdout.splitlines()
