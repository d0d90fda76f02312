"""Real DHCPv6 relays: a router with `lower` towards clients and `upper` towards the server.

`server_address` None: the relay multicasts to All_DHCP_Servers (ff05::1:3), else it writes to that address, which may
be ff02::1:2 where the next relay is on the same link.
"""

from .clients.base import private_copy

LOWER, UPPER = "lower", "upper"


class Relay:
    program_name = "?"
    package = "?"

    def __init__(self, laboratory, host, name, lower_address, upper_address, server_address=None):
        self.laboratory = laboratory
        self.host = host
        self.name = name
        self.lower_address = lower_address
        self.server_address = server_address
        self.folder = laboratory.work_folder(name)
        self.program = None
        host.ip(f"address add {lower_address}/64 dev {LOWER} nodad", f"address add {upper_address}/64 dev {UPPER} nodad")
        for interface in (LOWER, UPPER):
            host.link_local(interface)

    def start(self):
        raise NotImplementedError

    def stop(self):
        return self.program.stop()


class IscRelay(Relay):
    """dhcrelay: tells the server the interface by Interface-Id as well (-I)."""

    program_name = "dhcrelay"
    package = "isc-dhcp-relay"

    def start(self):
        upper = f"{self.server_address}%{UPPER}" if self.server_address else UPPER
        self.program = self.laboratory.spawn(
            self.host, [private_copy("dhcrelay", self.folder), "-6", "-d", "--no-pid", "-I",
                        "-l", f"{self.lower_address}%{LOWER}", "-u", upper], self.name, {})
        # The last of its sockets.
        self.program.wait_for_output(f"Sending on   Socket/{LOWER}", 10)
        return self


_DIBBLER_CONFIGURATION = """\
log-level 8
log-mode full
iface {lower} {{
  client multicast yes
  client unicast {lower_address}
  interface-id 5020
}}
iface {upper} {{
  {server}
}}
"""


class DibblerRelay(Relay):
    """dibbler-relay: link-address is the first global address of the lower interface."""

    program_name = "dibbler-relay"
    package = "dibbler-relay"

    def start(self):
        etc = self.laboratory.work_folder(f"{self.name}/etc")
        server = f"server unicast {self.server_address}" if self.server_address else "server multicast yes"
        (etc / "relay.conf").write_text(_DIBBLER_CONFIGURATION.format(
            lower=LOWER, upper=UPPER, lower_address=self.lower_address, server=server))
        files = {"/etc/dibbler": etc,
                 "/var/lib/dibbler": self.laboratory.work_folder(f"{self.name}/var"),
                 "/var/log/dibbler": self.laboratory.work_folder(f"{self.name}/log")}
        self.program = self.laboratory.spawn(self.host, ["dibbler-relay", "run"], self.name, files)
        self.program.wait_for_output("Creating", 10)
        return self


def between(laboratory, kind, name, upper_switch, lower_address, upper_address, server_address=None):
    """A relay between a switch and a new one below it, which comes back with it; not started yet."""
    host = laboratory.host(name)
    upper_switch.plug(host, UPPER)
    below = laboratory.switch(f"{name}-below")
    below.plug(host, LOWER)
    return kind(laboratory, host, name, lower_address, upper_address, server_address), below


ALL = (IscRelay, DibblerRelay)
