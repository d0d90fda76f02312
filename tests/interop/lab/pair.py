"""Two servers of one failover relationship: on one access switch, and with a cable of their own between them.

    clients -- switch -- access [primary]   core -- core   [secondary] access -- switch
"""

import json

from . import configuration, laboratory, process, relays
from .capture import Capture
from .clients.base import WAN
from .scene import PORT
from .server import Server
from .verdict import judge

CORE = "core"  # the interface towards the partner
ROLES = ("primary", "secondary")
ADDRESSES = {"primary": "fd00::1", "secondary": "fd00::2"}
# Short ones, so that a test need not wait for what in a network takes minutes.
TIMES = {"mclt": "30s", "keepalive": "4s", "startup": "2s", "connect-retry": "1s"}


class Pair:
    def __init__(self, lab, links=None, capture=True, tls=None, **relationship):
        """`tls`: the mapping of each role; in clear without."""
        self.lab = lab
        self.switch = lab.switch("switch")
        self.servers = {}
        self._ports = {}
        links = [{**link, "relationship": "west"} for link in links or [configuration.DIRECT_LINK]]
        for number, role in enumerate(ROLES):
            host = lab.host(role)
            self._ports[role] = self.switch.plug(host, PORT)
            server = Server(lab, host, PORT, links, role, [f"fe80::{number + 1}", f"2001:db8:ffff::{number + 1}"],
                            duid=f"00:03:00:01:02:00:00:00:00:0{number + 1}")
            server.configuration["failover"] = [{
                "name": "west", "role": role, "local": ADDRESSES[role], "partner": ADDRESSES[other(role)],
                **({"tls": tls[role]} if tls else {"insecure": True}), **TIMES, **relationship}]
            self.servers[role] = server
        laboratory.cable(self["primary"].host, CORE, self["secondary"].host, CORE)
        for role in ROLES:
            self[role].host.ip(f"address add {ADDRESSES[role]}/64 dev {CORE} nodad")
        self.capture = Capture(lab, self.switch.host, "bridge") if capture else None

    def __getitem__(self, role):
        return self.servers[role]

    def start(self):
        for role in ROLES:
            self[role].start()
        return self.wait_for(primary="NORMAL", secondary="NORMAL")

    # What operators see.

    def relationship(self, role):
        done = self[role].ask("failover", "show", as_json=True)
        return json.loads(done.stdout)["relationships"][0] if done.returncode == 0 else {"state": "none"}

    def state(self, role):
        return self.relationship(role)["state"]

    def wait_for(self, timeout=60, **states):
        """Until the servers named are in these states."""
        def reached():
            return all(self.state(role) == state for role, state in states.items())
        try:
            process.wait_until(reached, timeout, f"states {states}")
        except Exception as error:
            seen = {role: self.relationship(role) for role in states if self[role].program.is_running()}
            logs = "\n".join(f"{role}:\n{self[role].program.output()[-3000:]}" for role in ROLES if self[role].program)
            raise TimeoutError(f"{error}: {json.dumps(seen, indent=1)}\n{logs}") from error
        return self

    def leases(self, role):
        """ACTIVE ones: lease -> DUID, as the server lists them."""
        done = self[role].ask("lease", "list", "--limit", "100000", as_json=True, timeout=30)
        return {row["lease"]: row["duid"] for row in json.loads(done.stdout)["leases"] if row["status"] == "ACTIVE"}

    def wait_until_equal(self, timeout=30):
        """Both know the same leases of the same clients."""
        process.wait_until(lambda: self.leases("primary") == self.leases("secondary"), timeout, "both to know the same")
        return self

    # Troubles.

    def cut_core(self):
        self[ROLES[0]].host.ip(f"link set {CORE} down")

    def join_core(self):
        self[ROLES[0]].host.ip(f"link set {CORE} up", f"address add {ADDRESSES[ROLES[0]]}/64 dev {CORE} nodad")

    def cut_access(self, role):
        self.switch.host.ip(f"link set {self._ports[role]} down")

    def join_access(self, role):
        self.switch.host.ip(f"link set {self._ports[role]} up")

    # Clients.

    def add_host(self, name, switch=None, interface=WAN):
        host = self.lab.host(name)
        (switch or self.switch).plug(host, interface)
        host.link_local(interface)
        return host

    def add_client(self, kind, name=None, switch=None):
        name = name or kind.program_name
        return kind(self.lab, self.add_host(name, switch), name)

    def add_relay(self, kind, name, lower_address, upper_address):
        """A relay that forwards to both servers, and the switch below it."""
        return relays.between(self.lab, kind, name, self.switch, lower_address, upper_address)

    def verdict(self):
        return judge(self.capture.stop())


def other(role):
    return ROLES[1 - ROLES.index(role)]
