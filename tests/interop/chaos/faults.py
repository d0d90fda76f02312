"""What goes wrong, when and for how long: a function of the seed."""

import random
from dataclasses import dataclass

from lab.pair import ROLES

BOTH = "both"
CABLE = "core"  # the target of a cut between the servers


@dataclass(frozen=True)
class Fault:
    at: float  # seconds from the beginning
    kind: str
    target: str
    lasts: float

    @property
    def end(self):
        return self.at + self.lasts

    def __str__(self):
        return f"{self.kind} {self.target} for {self.lasts:.1f} s"


# kind: (its share, shortest, longest, how long nothing else happens afterwards)
KINDS = {
    "kill": (4, 0.5, 12, 3),
    "kill-both": (2, 0.5, 5, 8),      # `target` returns first, the other one that much later
    "stand-still": (3, 1, 12, 4),     # SIGSTOP
    "cut-core": (4, 1, 15, 3),
    "cut-access": (2, 1, 8, 3),
    "shut-down": (3, 1, 10, 3),
    "lose-disk": (1, 0.5, 5, 60),     # RECOVER-WAIT, of an MCLT of 30 s, is over
}
QUIET_BEFORE_LOSS = 15  # both are NORMAL and know everything
OVERLAP_SHARE = 0.25
GAP = (2, 10)  # seconds between two troubles


def script(seed, seconds):
    """The faults that are over by then, in their order. Two that overlap have different targets."""
    dice = random.Random(seed)
    faults, at = [], dice.uniform(2, 5)
    while True:
        kind = dice.choices(list(KINDS), [share for share, *_ in KINDS.values()])[0]
        fault = _fault(dice, at + (QUIET_BEFORE_LOSS if kind == "lose-disk" else 0), kind)
        trouble = [fault]
        if kind in ("kill", "stand-still", "cut-core") and dice.random() < OVERLAP_SHARE:
            trouble.append(_another(dice, fault))
        end = max(each.end + KINDS[each.kind][3] for each in trouble)
        if end > seconds and kind == "lose-disk":
            continue  # there is time for something shorter
        if end > seconds:
            return faults
        faults += trouble
        at = end + dice.uniform(*GAP)


def _fault(dice, at, kind, target=None):
    _, shortest, longest, _ = KINDS[kind]
    target = target or (CABLE if kind == "cut-core" else dice.choice(ROLES))
    return Fault(at, kind, target, dice.uniform(shortest, longest))


def _another(dice, fault):
    """While the first one lasts."""
    at = fault.at + dice.uniform(0, fault.lasts)
    if fault.target == CABLE:
        return _fault(dice, at, dice.choice(("kill", "stand-still")))
    if dice.random() < 0.5:
        return _fault(dice, at, "cut-core")
    return _fault(dice, at, "kill", ROLES[1 - ROLES.index(fault.target)])
