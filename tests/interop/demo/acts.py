"""What happens in the demo, act by act."""

import time
from contextlib import contextmanager

from lab import process
from lab.pair import ROLES, Pair

from demo.cast import LATECOMERS, LINKS, STREET, Player, build_paths

# Each with its column in the last table.
ACTS = {"before": "before", "killed": "primary dead", "back": "back", "cut": "cable cut", "after": "after"}
RENEW_TIMEOUT = 45  # T2, and a second try
# A partner-down so soon after the last contact could be a tie between the two.
TIE = 16


class Acts:
    def __init__(self, terminal, lab, cast):
        self.terminal = terminal
        self.lab = lab
        self.cast = cast
        self.pair = None
        self.players = []
        self.times = {}  # act -> its begin and end
        self.went_well = True

    def play(self, is_first_only=False):
        self._set_up()
        with self._act("before"):
            self._start_servers()
            self._clients_ask()
        if is_first_only:
            return
        with self._act("killed"):
            self._primary_dies()
        with self._act("back"):
            self._primary_returns()
        with self._act("cut"):
            self._cable_is_cut()
        with self._act("after"):
            self._cable_is_joined()

    @contextmanager
    def _act(self, name):
        begin = time.time()
        yield
        for player in self.players:
            if player.problem is None:
                player.keep(name)
        self.times[name] = (begin, time.time())

    # --- The acts.

    def _set_up(self):
        self.terminal.step("making a network of namespaces: two servers with a cable of their own, an access switch, "
                           "two relays that forward to both, a host for each client")
        self.pair = Pair(self.lab, LINKS)
        paths = build_paths(self.pair, dict.fromkeys(path for _, path in self.cast))
        for kind, path in self.cast:
            client = self.pair.add_client(kind, f"{kind.program_name}-{path.name}", paths[path])
            self.players.append(Player(client, path.title, "before"))

    def _start_servers(self):
        device = self.pair["primary"].configuration["dataplane"]["ports"][0]["device"]
        self.terminal.step(f"starting two tandem6d, their ports on DPDK devices such as {device}")
        self.pair.start()
        self.terminal.check(True, "they have met: NORMAL and NORMAL. The primary answers, the secondary is told of all")

    def _clients_ask(self):
        self.terminal.step(f"{len(self.players)} clients ask for an address and a delegated prefix each")
        for player in self.players:
            player.client.start()
        self._each(Player.take, lambda player: f"{player.granted.address}  and  {player.granted.prefix}")
        self._both_know_all()

    def _primary_dies(self):
        self.terminal.step("kill -9 of the primary: every client renews, now with the secondary")
        self.pair["primary"].kill()
        self.pair.wait_for(secondary="COMMUNICATIONS-INTERRUPTED")
        died = time.monotonic()
        self._latecomer("killed", "somebody new, from the secondary's own half of the pool")
        self._everybody_renews()
        self._show_status("secondary")
        self.terminal.step("an operator tells the survivor that the partner is really dead")
        time.sleep(max(0.0, died + TIE - time.monotonic()))
        told = self.pair["secondary"].ask("--yes", "failover", "partner-down", "west")
        self._check(told.returncode == 0, "tandem6ctl failover partner-down west: it may give any lease in time")
        self.pair.wait_for(secondary="PARTNER-DOWN")

    def _primary_returns(self):
        self.terminal.step("the dead one returns. It answers nobody before it has heard everything, and has waited for the "
                           "MCLT: so long may what it last promised run, of which nobody else knows")
        self.pair["primary"].start()
        self._follow("primary")
        self.pair.wait_for(90, primary="NORMAL", secondary="NORMAL")
        self._both_know_all()

    def _cable_is_cut(self):
        self.terminal.step("now both live, and the cable between them is cut: each gives new leases from its own half")
        self.pair.cut_core()
        self.pair.wait_for(primary="COMMUNICATIONS-INTERRUPTED", secondary="COMMUNICATIONS-INTERRUPTED")
        self._check(True, "COMMUNICATIONS-INTERRUPTED on both; clients notice nothing")
        self._latecomer("cut", "somebody new")
        self._everybody_renews()

    def _cable_is_joined(self):
        self.terminal.step("the cable is joined again; nobody has to do anything")
        self.pair.join_core()
        self.pair.wait_for(primary="NORMAL", secondary="NORMAL")
        self._check(True, "NORMAL and NORMAL")
        self._both_know_all()
        self._everybody_renews()

    # --- What they are made of.

    def _check(self, is_good, text):
        self.went_well = self.went_well and is_good
        self.terminal.check(is_good, text)

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

    def _latecomer(self, act, text):
        kind, name = LATECOMERS[act]
        player = Player(self.pair.add_client(kind, name).start(), STREET.title, act)
        self.players.append(player)
        try:
            player.take()
        except TimeoutError as problem:
            player.problem = str(problem)
        self._check(player.problem is None, f"{name}: {text}: {player.granted and player.granted.address}")

    def _everybody_renews(self):
        well = [player for player in self.players if player.problem is None]
        before = {player: player.client.renewals() for player in well}

        def late():
            return [player for player in well if player.client.renewals() == before[player]]
        try:
            process.wait_until(lambda: not late(), RENEW_TIMEOUT, "everybody to renew", pause=0.2)
        except TimeoutError:
            for player in late():
                player.problem = f"{player.client.name} could not renew\n{player.client.program.output()[-2000:]}"
        same = [player for player in well if player.client.grant() == player.granted]
        self._check(len(same) == len(self.players), f"{len(same)} of {len(self.players)} have renewed, each the same "
                                                    "address and prefix")

    def _both_know_all(self):
        try:
            self.pair.wait_until_equal()
            self._check(True, f"both servers know the same {len(self.pair.leases('secondary'))} leases")
        except TimeoutError as problem:
            self._check(False, str(problem))

    def _show_status(self, role):
        """What an operator would see first."""
        self.terminal.tell(f"$ tandem6ctl status      on the {role}")
        lines = self.pair[role].ask("status").stdout.splitlines()
        begin = next(i for i, line in enumerate(lines) if line.startswith("west,"))
        for line in lines[begin:]:
            if not line.strip() or line.startswith("  to do"):
                break
            self.terminal.tell("  " + line)

    def _follow(self, role):
        """The states that it goes through, as they come, until NORMAL."""
        seen = 0
        end = time.monotonic() + 90
        while time.monotonic() < end:
            log = self.pair[role].program.output()
            changes = [line.split("west: ")[1] for line in log[log.rindex("server DUID"):].splitlines() if " -> " in line]
            for change in changes[seen:]:
                self.terminal.check(True, change)
            seen = len(changes)
            if changes and changes[-1].split()[2].rstrip(":") == "NORMAL":
                return
            time.sleep(0.1)
        self._check(False, f"the {role} did not come to NORMAL")
