"""Who plays in the demo: the clients, the paths to the servers, and the links that these serve."""

from dataclasses import dataclass

from lab import clients, configuration, relays

# So short that within the demo everybody renews, and notices when its server is gone.
LIFETIMES = {"preferred": "40s", "valid": "60s", "t1": "4s", "t2": "8s"}


@dataclass(frozen=True)
class Path:
    name: str
    title: str
    relay: type | None = None
    lower_address: str = ""
    upper_address: str = ""
    prefix_pool: str = ""

    def link(self):
        if self.relay is None:
            return {**configuration.DIRECT_LINK, "lifetimes": LIFETIMES}
        subnet = self.lower_address.removesuffix("1") + "/64"
        return {**configuration.RELAYED_LINK, "name": self.name, "match": {"link-address": subnet},
                "address-pools": [subnet], "prefix-pools": [{"prefix": self.prefix_pool, "delegated-length": 56}],
                "lifetimes": LIFETIMES}


STREET = Path("street", "direct")
VILLAGE = Path("village", "dhcrelay", relays.IscRelay, "2001:db8:9::1", "2001:db8:ffff::11", "2001:db8:9000::/40")
FARM = Path("farm", "dibbler-relay", relays.DibblerRelay, "2001:db8:a::1", "2001:db8:ffff::12", "2001:db8:a000::/40")
PATHS = (STREET, VILLAGE, FARM)
LINKS = [path.link() for path in PATHS]

FAST_CAST = ((clients.Dhclient, STREET), (clients.Dhcpcd, STREET), (clients.DibblerClient, STREET),
             (clients.Dhclient, VILLAGE), (clients.Dhcpcd, FARM))
CAST = FAST_CAST + ((clients.Dhcpcd, VILLAGE), (clients.DibblerClient, FARM))
LATECOMERS = {"killed": (clients.Dhcpcd, "late-1"), "cut": (clients.Dhclient, "late-2")}  # by the act they come in


def build_paths(pair, wanted):
    """The switch that clients of each path plug into; relays are made and started."""
    switches = {}
    for path in wanted:
        if path.relay is None:
            switches[path] = pair.switch
        else:
            relay, switches[path] = pair.add_relay(path.relay, f"relay-{path.name}", path.lower_address,
                                                   path.upper_address)
            relay.start()
    return switches


class Player:
    """One client and what became of it."""

    def __init__(self, client, path, came_in):
        self.client = client
        self.path = path
        self.came_in = came_in  # which act
        self.granted = None
        self.kept = {}  # act -> whether it had, at its end, what it was given first
        self.problem = None

    def take(self):
        self.granted = self.client.wait_for_grant()
        self.kept[self.came_in] = self.granted.is_whole()

    def keep(self, act):
        self.kept[act] = self.client.grant() == self.granted

    def is_content(self):
        return self.problem is None and self.granted is not None and self.granted.is_whole() and all(self.kept.values())

    def row(self, acts):
        mark = {True: "✔", False: "✘", None: "·"}
        return (self.client.name, self.path, (self.granted and self.granted.address) or "✘",
                (self.granted and self.granted.prefix) or "✘", *[mark[self.kept.get(act)] for act in acts])
