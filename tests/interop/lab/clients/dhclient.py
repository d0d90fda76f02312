"""ISC dhclient: one process asks for both, told apart in its script by the variables of each call."""

from .base import WAN, Client, Grant, private_copy


class Dhclient(Client):
    program_name = "dhclient"
    package = "isc-dhcp-client"

    def start(self):
        program = private_copy("dhclient", self.folder)
        (self.folder / "dhclient.conf").write_text(
            "timeout 30;\nalso request dhcp6.name-servers, dhcp6.domain-search;\n")
        (self.folder / "leases").touch()
        # -P alone would ask for a prefix only; -N brings the address back. -D LL: no DUID with a time in it.
        self._options = ["-6", "-N", "-P", "-D", "LL", "-cf", self.folder / "dhclient.conf",
                         "-lf", self.folder / "leases", "-pf", self.folder / "pid", "-sf", self.hook()]
        self.program = self.laboratory.spawn(self.host, [program, *self._options, "-d", WAN], self.name, {})
        return self

    def grant(self):
        address = prefix = None
        for event in self.events():
            gained = event.get("reason") in ("BOUND6", "RENEW6", "REBIND6")
            if gained and "new_ip6_address" in event:
                address = event["new_ip6_address"]
            if gained and "new_ip6_prefix" in event:
                prefix = event["new_ip6_prefix"]
        return Grant(address, prefix)

    def renewals(self):
        renewed = [event for event in self.events() if event.get("reason") in ("RENEW6", "REBIND6")]
        return min(sum("new_ip6_address" in event for event in renewed),
                   sum("new_ip6_prefix" in event for event in renewed))

    def release(self, timeout=15):
        # dhclient -r ends the running client by its pid file and releases what the lease file says.
        done = self.host.run([self.folder / "dhclient", *self._options, "-r", WAN], timeout=timeout, private_files={})
        self.program.wait(5)
        return done.stdout + done.stderr
