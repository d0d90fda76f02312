"""The demo: two servers on virtual links, real clients, and what happens to their leases when a server dies and when the
cable between the two is cut.

    story.py [--fast]       run by tools/demo, as root, with the programs built
    story.py --keep         plays the beginning only, and leaves the pair for the one who watches to pull plugs
    story.py --clean        removes what --keep left
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from demo.acts import ACTS, Acts  # noqa: E402
from demo.cast import CAST, FAST_CAST  # noqa: E402
from demo.terminal import Terminal  # noqa: E402
from lab import laboratory  # noqa: E402
from lab.pair import ADDRESSES, CORE, ROLES  # noqa: E402
from lab.server import CONTROL  # noqa: E402

KEPT = "keep"  # the name of the laboratory that --keep leaves


class Story:
    def __init__(self, terminal, lab, cast):
        self.terminal = terminal
        self.acts = Acts(terminal, lab, cast)
        self.verdict = None

    @property
    def pair(self):
        return self.acts.pair

    @property
    def players(self):
        return self.acts.players

    def play(self, is_first_only):
        self.acts.play(is_first_only)
        self._read_packets()
        self._show_table()
        return self._is_good()

    def _read_packets(self):
        self.terminal.step("reading the packets on the switch: what did the two tell the clients?")
        self.verdict = self.pair.verdict()
        book = self.verdict.ledger
        self.terminal.check(not book.faults, f"{book.leases_ever()} leases promised, {book.renewed} times renewed: "
                                             "none to two clients, none lost")
        self.terminal.check(not self.verdict.form_faults and not self.verdict.dissector_faults,
                            f"{len(self.verdict.answers())} answers, all well-formed, for our own decoder and for "
                            "Wireshark's")
        for fault in (book.faults + self.verdict.form_faults + self.verdict.dissector_faults)[:10]:
            self.terminal.tell(fault)

    def _answers_of(self, act):
        """How many each server gave in this act, by its DUID."""
        begin, end = self.acts.times[act]
        duids = [exchange.answer.message.server_duid for exchange in self.verdict.answers()
                 if begin <= exchange.answer.time < end]
        return [sum(duid[-1] == number + 1 for duid in duids) for number in range(len(ROLES))]

    def _show_table(self):
        acts = [act for act in ACTS if act in self.acts.times]
        self.terminal.title("Who has kept what")
        rows = [player.row(acts) for player in self.players]
        if all(act in self.acts.times for act in ACTS):
            counts = [self._answers_of(act) for act in acts]
            for number, role in enumerate(ROLES):
                rows.append((f"answers of the {role}", "", "", "", *[str(count[number]) for count in counts]))
        self.terminal.table(("client", "path", "address", "prefix", *[ACTS[act] for act in acts]), rows, aside=3)
        for player in self.players:
            if player.problem:
                self.terminal.line(f"{player.client.name}:")
                self.terminal.tell(player.problem)

    def _is_good(self):
        return (self.acts.went_well and all(player.is_content() for player in self.players)
                and not self.verdict.ledger.faults and not self.verdict.form_faults
                and not self.verdict.dissector_faults)


def explain_kept(terminal, story):
    root = Path(sys.argv[0]).resolve().parents[3]
    control = CONTROL.relative_to(root) if CONTROL.is_relative_to(root) else CONTROL
    terminal.title("Both go on running. To talk to them:")
    for role in ROLES:
        for command in ("status", "failover show", "lease list"):
            terminal.tell(f"sudo {control} --socket {story.pair[role].socket} {command}")
    terminal.tell(f"sudo ip netns exec {story.players[0].client.host.name} ip -6 address      # one of the clients' hosts")
    terminal.tell(f"sudo ip netns exec {story.pair.switch.host.name} tcpdump -ni bridge udp port 547")
    terminal.title("To see what they do without each other:")
    primary = story.pair["primary"].host.name
    terminal.tell(f"sudo ip netns exec {primary} ip link set {CORE} down      # the cable between them; to join it:")
    terminal.tell(f"sudo ip netns exec {primary} sh -c 'ip link set {CORE} up; "
                  f"ip address add {ADDRESSES['primary']}/64 dev {CORE} nodad'")
    terminal.tell(f"sudo kill -9 {story.pair['primary'].program.pid}      # the primary")
    terminal.title("To end it and remove everything:")
    terminal.tell("sudo tools/demo --clean")


def clean(terminal):
    removed = laboratory.sweep((KEPT,))
    terminal.line(f"removed {len(removed)} namespaces and what ran in them" if removed else "nothing was left")
    return 0


def main():
    parser = argparse.ArgumentParser(prog="tools/demo", description="a pair of tandem6 with real clients on virtual links")
    parser.add_argument("--fast", action="store_true", help="fewer clients")
    parser.add_argument("--keep", action="store_true", help="only the beginning; leave it running, and say how to talk to it")
    parser.add_argument("--clean", action="store_true", help="remove what --keep left")
    options = parser.parse_args()
    terminal = Terminal()
    reason = laboratory.can_make_namespaces()
    if reason:
        print(f"demo: {reason}", file=sys.stderr)
        return 1
    if options.clean:
        return clean(terminal)
    laboratory.sweep()
    if options.keep and laboratory.list_of(KEPT):
        print("demo: an earlier demo is still running; end it with: sudo tools/demo --clean", file=sys.stderr)
        return 1
    terminal.title("tandem6: two DHCPv6 servers that work as one")
    began = time.monotonic()
    with laboratory.Laboratory(tag=KEPT if options.keep else None, keep=options.keep) as lab:
        story = Story(terminal, lab, FAST_CAST if options.fast else CAST)
        done = story.play(options.keep)
        if options.keep:
            explain_kept(terminal, story)
    terminal.line()
    terminal.line(terminal.good("Everybody kept what they had.") if done
                  else terminal.bad("Not everybody kept what they had."))
    terminal.line(terminal.dim(f"{time.monotonic() - began:.0f} s"))
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
