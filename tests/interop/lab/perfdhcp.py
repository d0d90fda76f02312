"""perfdhcp: many clients at a rate, by themselves or as if behind one relay."""

import re
from dataclasses import dataclass

from . import process

ADDRESS, PREFIX, BOTH = "address-only", "prefix-only", "address-and-prefix"


@dataclass(frozen=True)
class Exchange:
    sent: int
    received: int
    rejected: int


@dataclass(frozen=True)
class Result:
    """By kind of exchange ("SOLICIT-ADVERTISE", …), in perfdhcp's own count."""

    exchanges: dict
    malformed: int
    text: str

    def of(self, name):
        return self.exchanges.get(name, Exchange(0, 0, 0))


def run(host, interface, lease_type, rate, seconds, clients, relayed=False, renew_rate=0, release_rate=0, seed=1,
        server="all"):
    """Runs perfdhcp to its end and reads its report."""
    # One thread (-g single) leaves the other core to the server; -W waits for the last answers.
    argv = ["perfdhcp", "-6", "-l", interface, "-e", lease_type, "-r", rate, "-R", clients, "-p", seconds,
            "-g", "single", "-s", seed, "-W", 500000, "-d", 2]
    argv += ["-A", "1"] if relayed else []
    argv += ["-f", renew_rate] if renew_rate else []
    argv += ["-F", release_rate] if release_rate else []
    done = host.run(argv + [server], timeout=seconds + 20, check=False)
    # 3: ended well, with some exchanges not completed; the caller judges by the counts.
    if done.returncode not in (0, 3):
        raise process.CommandFailed(f"perfdhcp: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return read_report(done.stdout)


def read_report(text):
    exchanges = {}
    for name, block in re.findall(r"\*\*\*Statistics for: (\S+)\*\*\*\n(.*?)\n\n", text, re.DOTALL):
        numbers = dict(re.findall(r"^([\w ]+): (\d+)", block, re.MULTILINE))
        exchanges[name] = Exchange(int(numbers["sent packets"]), int(numbers["received packets"]),
                                   int(numbers["rejected leases"]))
    malformed = re.search(r"Malformed packets: (\d+)", text)
    if not exchanges or not malformed:
        raise process.CommandFailed(f"perfdhcp's report is not understood:\n{text}")
    return Result(exchanges, int(malformed[1]), text)
