"""The demo: a server on virtual links, real clients that take, renew and release, and what the packets say of it.

    story.py [--fast] [--keep]      run by tools/demo, as root, with the programs built
    story.py --clean                removes what --keep left
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from demo.cast import CAST, FAST_CAST, LINKS, Player, build_paths  # noqa: E402
from demo.terminal import Terminal  # noqa: E402
from lab import laboratory, process  # noqa: E402
from lab.scene import Scene  # noqa: E402
from lab.server import CONTROL  # noqa: E402

KEPT = "keep"  # the name of the laboratory that --keep leaves


class Story:
    def __init__(self, terminal, lab, cast, keep):
        self.terminal = terminal
        self.lab = lab
        self.keep = keep
        self.cast = cast
        self.players = []
        self.scene = None
        self.verdict = None

    def play(self):
        self._set_up()
        self._start_server()
        self._clients_ask()
        self._clients_renew()
        if not self.keep:
            self._clients_release()
        self._read_packets()
        self._show_table()
        return self._everybody_got_it()

    def _set_up(self):
        self.terminal.step("making a network of namespaces: a server, a switch, a host for each client, two relays")
        self.scene = Scene(self.lab, LINKS)
        paths = build_paths(self.scene, {path for _, path in self.cast})
        for kind, path in self.cast:
            client = self.scene.add_client(kind, f"{kind.program_name}-{path.name}", paths[path])
            self.players.append(Player(client, path.title))

    def _start_server(self):
        port = self.scene.server.configuration["dataplane"]["ports"][0]["device"]
        self.terminal.step(f"starting one tandem6d, its port on DPDK device {port}")
        begin = time.monotonic()
        self.scene.start()
        self.terminal.check(True, f"ready after {time.monotonic() - begin:.1f} s, "
                                  f"serving {len(LINKS)} links, each with an address pool and a prefix pool")

    def _each(self, act, describe):
        """Lets every player who is still well do one thing; says how it went, one line each."""
        for player in self.players:
            if player.problem is None:
                try:
                    act(player)
                except (TimeoutError, process.CommandFailed) as problem:
                    player.problem = str(problem)
            text = describe(player) if player.problem is None else player.problem.splitlines()[0]
            self.terminal.check(player.problem is None, f"{player.client.name:<24} {text}")

    def _clients_ask(self):
        self.terminal.step(f"{len(self.players)} clients ask for an address and a delegated prefix each")
        for player in self.players:
            player.client.start()
        self._each(Player.take, lambda player: f"{player.granted.address}  and  {player.granted.prefix}")

    def _clients_renew(self):
        self.terminal.step("T1 is 6 s here: every client renews, and must keep what it has")
        self._each(Player.renew, lambda player: "renewed, the same address and prefix")

    def _clients_release(self):
        self.terminal.step("every client gives its leases back")
        self._each(Player.release, lambda player: "released")

    def _read_packets(self):
        self.terminal.step("reading the packets on the server's cable")
        self.verdict = self.scene.verdict()
        for player in self.players:
            player.read_packets(self.verdict)
        book = self.verdict.ledger
        self.terminal.check(not book.faults, f"{book.leases_ever()} leases promised, {book.renewed} renewals, "
                                             f"{book.released} releases: none given twice, none lost")
        self.terminal.check(not self.verdict.form_faults and not self.verdict.dissector_faults,
                            f"{len(self.verdict.answers())} answers of the server: all well-formed, for our own "
                            "decoder and for Wireshark's")
        for fault in (book.faults + self.verdict.form_faults + self.verdict.dissector_faults)[:10]:
            self.terminal.tell(fault)

    def _show_table(self):
        self.terminal.title("Who got what")
        headings = ("client", "DUID", "path", "address", "prefix", "renewed", "released")
        self.terminal.table(headings, [player.row(self.keep) for player in self.players], aside=1)
        for player in self.players:
            if player.problem:
                self.terminal.line(f"{player.client.name}:")
                self.terminal.tell(player.problem)

    def _everybody_got_it(self):
        return (all(player.is_content(self.keep) for player in self.players) and not self.verdict.ledger.faults
                and not self.verdict.form_faults and not self.verdict.dissector_faults)


def explain_kept(terminal, story):
    scene = story.scene
    host = story.players[0].client.host.name
    relative = Path(sys.argv[0]).resolve().parents[3]
    control = CONTROL.relative_to(relative) if CONTROL.is_relative_to(relative) else CONTROL
    terminal.title("It goes on running. To talk to it:")
    for command in ("status", "pool show", "lease list", "stats"):
        terminal.tell(f"sudo {control} --socket {scene.server.socket} {command}")
    terminal.tell(f"sudo ip netns exec {host} ip -6 address      # one of the clients' hosts")
    terminal.tell(f"sudo ip netns exec {scene.switch.host.name} tcpdump -ni port1 udp port 547")
    terminal.title("To end it and remove everything:")
    terminal.tell("sudo tools/demo --clean")


def clean(terminal):
    removed = laboratory.sweep((KEPT,))
    terminal.line(f"removed {len(removed)} namespaces and what ran in them" if removed else "nothing was left")
    return 0


def main():
    parser = argparse.ArgumentParser(prog="tools/demo", description="tandem6 with real clients on virtual links")
    parser.add_argument("--fast", action="store_true", help="fewer clients")
    parser.add_argument("--keep", action="store_true", help="leave it running, and say how to talk to it")
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
    terminal.title("tandem6: real DHCPv6 clients, served through DPDK")
    terminal.line(terminal.dim("One server today; the failover pair joins this story with a later issue."))
    with laboratory.Laboratory(tag=KEPT if options.keep else None, keep=options.keep) as lab:
        story = Story(terminal, lab, FAST_CAST if options.fast else CAST, options.keep)
        done = story.play()
        if options.keep:
            explain_kept(terminal, story)
    terminal.line()
    terminal.line(terminal.good("Everybody got what they asked for.") if done
                  else terminal.bad("Not everybody got what they asked for."))
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
