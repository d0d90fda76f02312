#!/usr/bin/python3 -B
"""How soon the survivor answers: two daemons, the primary taken away under clients that ask all the time.

    sudo perf/failover/takeover.py [--repeat N]      after a build in build/, or in TANDEM6_BUILD; default: 7

`killed`: kill -9, so that the partner's TCP says it. `vanished`: both cables of the primary are cut, so that only the
keepalive tells; it is 4 s here. Each 5 ms a new client sends a SOLICIT and one that holds a lease a REBIND (a RENEW is for
the server that gave the lease, whoever is there). Prints the time from the loss to the first ADVERTISE and to the first
REPLY of the survivor: median and worst of the runs.
"""

import argparse
import itertools
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "interop"))

from lab import dhcp6, laboratory, probe  # noqa: E402
from lab.newcomers import Newcomers  # noqa: E402
from lab.pair import Pair  # noqa: E402

HOLDERS = 50
PAUSE = 0.005
PATIENCE = 30
KEEPALIVE = "4s"
ANSWERS = {"new": dhcp6.ADVERTISE, "renewing": dhcp6.REPLY}


class Askers:
    """New clients and holders of leases, each of whom asks once."""

    def __init__(self, host):
        self.mouth = probe.Probe(host, "wan")
        self.host = host
        flow = Newcomers(host, "wan", 0x10000, with_prefix=False).play(count=HOLDERS, rate=500).finish()
        flow.close()
        self._lost = flow.served()[0].server  # of the primary, which served them
        self._holders = itertools.cycle(flow.served())
        self._numbers = itertools.count(0x20000)

    def ask(self):
        self.mouth.send(probe.message(dhcp6.SOLICIT, dhcp6.duid_ll(next(self._numbers)), dhcp6.elapsed(),
                                      dhcp6.ia_na(1)))
        holder = next(self._holders)
        self.mouth.send(probe.message(dhcp6.REBIND, holder.duid, dhcp6.elapsed(), dhcp6.ia_na(1, holder.leases[0].first)))

    def first_answers_of_survivor(self, since):
        """Seconds from then to the first answer of each kind; the question may have been asked before."""
        found = {}
        asked = 0.0
        while len(found) < len(ANSWERS):
            now = time.monotonic()
            if now > since + PATIENCE:
                raise TimeoutError(f"the survivor answered only {sorted(found)}")
            if now > asked + PAUSE:
                asked = now
                self.ask()
            answer = self.mouth.receive(PAUSE / 5)
            if answer is None or answer.message.server_duid == self._lost:
                continue
            for kind, kind_of_answer in ANSWERS.items():
                if answer.message.type == kind_of_answer:
                    found.setdefault(kind, time.monotonic() - since)
        return found

    def hush(self):
        while self.mouth.receive(0.05):
            pass


def kill(pair):
    pair["primary"].kill()


def vanish(pair):
    pair.cut_core()
    pair.cut_access("primary")


def bring_back(pair):
    if not pair["primary"].program.is_running():
        pair["primary"].start()
    else:
        pair.join_core()
        pair.join_access("primary")
    pair.wait_for(primary="NORMAL", secondary="NORMAL")


def main():
    parser = argparse.ArgumentParser(description="how soon the survivor of a pair answers")
    parser.add_argument("--repeat", type=int, default=7)
    options = parser.parse_args()
    reason = laboratory.can_make_namespaces()
    if reason:
        sys.exit(f"takeover: {reason}")
    with laboratory.Laboratory() as lab:
        pair = Pair(lab, capture=False, keepalive=KEEPALIVE).start()
        askers = Askers(pair.add_host("clients"))
        for name, lose in (("killed", kill), ("vanished", vanish)):
            runs = []
            for _ in range(options.repeat):
                time.sleep(1)
                askers.hush()
                since = time.monotonic()
                lose(pair)
                runs.append(askers.first_answers_of_survivor(since))
                bring_back(pair)
            for kind in ANSWERS:
                took = [run[kind] for run in runs]
                print(f"{name:<9} {kind:<9} median {statistics.median(took):6.3f} s   worst {max(took):6.3f} s", flush=True)


if __name__ == "__main__":
    main()
