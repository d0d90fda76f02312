"""The usual scene: one server on a switch, watched from the switch's end of its cable."""

from . import configuration, relays
from .capture import Capture
from .clients.base import WAN
from .server import Server
from .verdict import judge

PORT = "access"  # the server's interface
# For clients that are to renew while we watch: dhcp6c turns a T2 under 30 s into T1 18 s and T2 30 s.
SHORT = {"preferred": "40s", "valid": "80s", "t1": "6s", "t2": "32s"}


def short_lived(link):
    return {**link, "lifetimes": dict(SHORT)}


class Scene:
    def __init__(self, laboratory, links=None, capture=True, **server_settings):
        self.laboratory = laboratory
        self.switch = laboratory.switch("switch")
        self.server_host = laboratory.host("server")
        port = self.switch.plug(self.server_host, PORT)
        self.capture = Capture(laboratory, self.switch.host, port) if capture else None
        self.server = Server(laboratory, self.server_host, PORT,
                             links or [configuration.DIRECT_LINK, configuration.RELAYED_LINK], **server_settings)

    def start(self):
        self.server.start()
        return self

    def add_host(self, name, switch=None, interface=WAN):
        """A host with one interface on the server's switch, or on another one."""
        host = self.laboratory.host(name)
        (switch or self.switch).plug(host, interface)
        host.link_local(interface)
        return host

    def add_client(self, kind, name=None, switch=None):
        """A client program on a host of its own; not started yet."""
        name = name or kind.program_name
        return kind(self.laboratory, self.add_host(name, switch), name)

    def add_relay(self, kind, name, lower_address, upper_address, upper_switch=None, server_address=None):
        """A relay between the server's switch (or another one) and a new switch, which comes back with it."""
        return relays.between(self.laboratory, kind, name, upper_switch or self.switch, lower_address, upper_address,
                              server_address)

    def verdict(self, server_sources=None):
        """Ends the capture and judges it."""
        return judge(self.capture.stop(), server_sources)
