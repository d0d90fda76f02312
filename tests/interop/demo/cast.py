"""Who plays in the demo: the clients, the paths to the server, and the links that it serves."""

from dataclasses import dataclass

from lab import clients, configuration, relays
from lab.scene import short_lived

SERVER_ADDRESS = "2001:db8:ffff::1"


@dataclass(frozen=True)
class Path:
    name: str
    title: str
    relay: type | None = None
    lower_address: str = ""
    upper_address: str = ""
    server_address: str | None = None
    prefix_pool: str = ""

    def link(self):
        if self.relay is None:
            return short_lived(configuration.DIRECT_LINK)
        subnet = self.lower_address.removesuffix("1") + "/64"
        return short_lived({**configuration.RELAYED_LINK, "name": self.name, "match": {"link-address": subnet},
                            "address-pools": [subnet],
                            "prefix-pools": [{"prefix": self.prefix_pool, "delegated-length": 56}]})


STREET = Path("street", "direct")
VILLAGE = Path("village", "dhcrelay", relays.IscRelay, "2001:db8:9::1", "2001:db8:ffff::2",
               prefix_pool="2001:db8:9000::/40")
FARM = Path("farm", "dibbler-relay", relays.DibblerRelay, "2001:db8:a::1", "2001:db8:ffff::3", SERVER_ADDRESS,
            prefix_pool="2001:db8:a000::/40")
PATHS = (STREET, VILLAGE, FARM)
LINKS = [path.link() for path in PATHS]

FAST_CAST = ((clients.Dhclient, STREET), (clients.Dhcpcd, STREET), (clients.DibblerClient, STREET),
             (clients.Wide, STREET), (clients.Dhclient, VILLAGE), (clients.Wide, FARM))
CAST = FAST_CAST[:4] + ((clients.Dhclient, VILLAGE), (clients.Dhcpcd, VILLAGE),
                        (clients.DibblerClient, FARM), (clients.Wide, FARM))


def build_paths(scene, wanted):
    """The switch that clients of each path plug into; relays are made and started."""
    switches = {}
    for path in wanted:
        if path.relay is None:
            switches[path] = scene.switch
        else:
            relay, switches[path] = scene.add_relay(path.relay, f"relay-{path.name}", path.lower_address,
                                                    path.upper_address, server_address=path.server_address)
            relay.start()
    return switches


class Player:
    """One client and what became of it."""

    def __init__(self, client, path):
        self.client = client
        self.path = path
        self.link_local = client.host.link_local("wan")
        self.granted = self.renewed = None
        self.was_released = False
        self.duid = None
        self.problem = None

    def take(self):
        self.granted = self.client.wait_for_grant()

    def renew(self):
        self.renewed = self.client.wait_for_renewal()

    def release(self):
        self.client.release()

    def read_packets(self, verdict):
        """Released is what the packets show: no promise of the server to this client runs any more."""
        self.duid = verdict.duid_of(self.link_local)
        last = max((heard.time for heard in verdict.conversation.heard), default=0.0)
        self.was_released = self.granted is not None and not verdict.ledger.held_by(self.duid, last)

    def is_content(self, keep):
        return (self.problem is None and self.granted is not None and self.granted.is_whole()
                and self.renewed == self.granted and (keep or self.was_released))

    def row(self, keep):
        mark = {True: "✔", False: "✘"}
        return (self.client.program_name, self.duid.hex() if self.duid else "?", self.path,
                (self.granted and self.granted.address) or "✘", (self.granted and self.granted.prefix) or "✘",
                mark[self.renewed is not None and self.renewed == self.granted],
                "kept" if keep else mark[self.was_released])
