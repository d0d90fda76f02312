"""One run: the load, the faults as the script has them, and what is found afterwards."""

import shutil
import signal
import time
from collections import Counter
from dataclasses import dataclass, field, replace

from lab import configuration, process
from lab.pair import ROLES, Pair, other

from . import silence
from .faults import script
from .subscribers import Subscribers

CLIENTS = 250
LIFETIMES = {"preferred": "60s", "valid": "90s"}
HEAL_TIMEOUT = 90
FIRST_SECONDS = 3  # everybody has asked before something happens


@dataclass
class Findings:
    seed: int
    faults: list = field(default_factory=list)  # as they were, by the clock
    broken: list = field(default_factory=list)  # rules, as texts
    counts: Counter = field(default_factory=Counter)
    answers: dict = field(default_factory=dict)  # role -> how many
    longest_wait: float = 0.0  # of a SOLICIT or REBIND, excused or not
    promises: int = 0
    renewed: int = 0

    def summary(self):
        kinds = Counter(fault.kind for fault in self.faults)
        lines = [f"seed {self.seed}: {len(self.faults)} faults: "
                 + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())),
                 f"{self.promises} leases promised, {self.renewed} renewals; answers: "
                 + ", ".join(f"{role} {count}" for role, count in self.answers.items()),
                 "clients: " + ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items())),
                 f"the longest wait, excused ones included: {self.longest_wait:.1f} s",
                 f"{len(self.broken)} rules broken" if self.broken else "no rule broken"]
        return "\n".join(lines + [f"  {text}" for text in self.broken[:20]])


class Campaign:
    def __init__(self, lab, seed, seconds, tell=lambda text: None):
        self.findings = Findings(seed)
        self.script = script(seed, seconds)
        self.seconds = seconds
        self.tell = tell
        self.pair = Pair(lab, [{**configuration.DIRECT_LINK, "lifetimes": LIFETIMES}])

    def run(self):
        self.pair.start()
        load = Subscribers(self.pair.add_host("clients"), "wan", CLIENTS, self.findings.seed).start()
        time.sleep(FIRST_SECONDS)
        self._play()
        self._heal()
        load.stop()
        self.findings.counts = load.counts
        self._judge(load.questions)
        return self.findings

    # --- Faults.

    def _play(self):
        """Begins and mends, each at its time, or as soon after it as the one before allows."""
        began = time.time()
        steps = sorted([(fault.at, 0, fault) for fault in self.script] + [(fault.end, 1, fault) for fault in self.script],
                       key=lambda step: step[:2])
        really = {}
        for at, is_end, fault in steps:
            time.sleep(max(0.0, began + at - time.time()))
            if not is_end:
                self.tell(f"{time.time() - began:7.1f} s  {fault}")
                before = time.time()
                really[fault] = getattr(self, f"_begin_{fault.kind.replace('-', '_')}")(fault.target) or before
            else:
                getattr(self, f"_end_{fault.kind.replace('-', '_')}")(fault.target)
                self.findings.faults.append(replace(fault, at=really[fault], lasts=time.time() - really[fault]))
        time.sleep(max(0.0, began + self.seconds - time.time()))

    def _begin_kill(self, role):
        self.pair[role].kill()

    def _end_kill(self, role):
        self.pair[role].start()

    def _begin_kill_both(self, _):
        for role in ROLES:
            self.pair[role].kill()

    def _end_kill_both(self, first):
        self.pair[first].start()
        self.pair[other(first)].start()

    def _begin_stand_still(self, role):
        self.pair[role].program.send(signal.SIGSTOP)

    def _end_stand_still(self, role):
        self.pair[role].program.send(signal.SIGCONT)

    def _begin_cut_core(self, _):
        self.pair.cut_core()

    def _end_cut_core(self, _):
        self.pair.join_core()

    def _begin_cut_access(self, role):
        self.pair.cut_access(role)

    def _end_cut_access(self, role):
        self.pair.join_access(role)

    def _begin_shut_down(self, role):
        if (code := self.pair[role].stop()) != 0:
            self.findings.broken.append(f"the {role} ended with {code} when it was asked to")

    def _end_shut_down(self, role):
        self.pair[role].start()

    def _begin_lose_disk(self, role):
        self.pair.wait_for(HEAL_TIMEOUT, primary="NORMAL", secondary="NORMAL").wait_until_equal()
        when = time.time()
        self.pair[role].kill()
        shutil.rmtree(self.pair[role].folder / "leases")
        return when

    def _end_lose_disk(self, role):
        self.pair[role].start()

    # --- Rules.

    def _heal(self):
        try:
            self.pair.wait_for(HEAL_TIMEOUT, primary="NORMAL", secondary="NORMAL")
            self.pair.wait_until_equal()
        except TimeoutError as problem:
            self.findings.broken.append(f"not healed: {problem}")

    def _judge(self, questions):
        findings = self.findings
        for role in ROLES:
            program = self.pair[role].program
            code = self.pair[role].stop() if program.is_running() else program.exit_code()
            if code != 0 or "Sanitizer" in program.output():
                findings.broken.append(f"the {role} ended with {code}: {program.output()[-2000:]}")
        verdict = self.pair.verdict()
        findings.broken += verdict.ledger.faults + verdict.form_faults + verdict.dissector_faults
        findings.broken += silence.faults_of(questions, silence.excuses(findings.faults))
        findings.longest_wait = max((each.end - each.asked for each in questions if each.end), default=0.0)
        findings.promises, findings.renewed = verdict.ledger.leases_ever(), verdict.ledger.renewed
        duids = [exchange.answer.message.server_duid for exchange in verdict.answers()]
        findings.answers = {role: sum(duid[-1] == number + 1 for duid in duids) for number, role in enumerate(ROLES)}
