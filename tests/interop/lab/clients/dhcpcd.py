"""dhcpcd: DHCPv6 alone, without waiting for a router; the prefix goes to a `lan` interface of the host."""

import signal

from .base import WAN, Client, Grant

_CONFIGURATION = """\
duid ll
ipv6only
noipv6rs
nohook resolv.conf, hostname, timezone, ntp.conf
script {hook}
option dhcp6_name_servers, dhcp6_domain_search
allowinterfaces {wan}
interface {wan}
  iaid 1
  ia_na 1
  ia_pd 2 lan/1
"""


class Dhcpcd(Client):
    program_name = "dhcpcd"
    package = "dhcpcd-base"

    def start(self):
        self.make_lan()
        configuration = self.folder / "dhcpcd.conf"
        configuration.write_text(_CONFIGURATION.format(hook=self.hook(), wan=WAN))
        self._files = {"/var/lib/dhcpcd": self.laboratory.work_folder(f"{self.name}/var")}
        self.program = self.laboratory.spawn(
            self.host, ["dhcpcd", "-B", "-d", "-6", "-f", configuration, WAN], self.name, self._files)
        return self

    def _leases(self):
        return [event for event in self.events() if event.get("interface") == WAN
                and event.get("reason") in ("BOUND6", "RENEW6", "REBIND6", "REBOOT6")]

    def grant(self):
        address = prefix = None
        for event in self._leases():
            address = event.get("new_dhcp6_ia_na1_ia_addr1", address)
            if "new_dhcp6_ia_pd1_prefix1" in event:
                prefix = f"{event['new_dhcp6_ia_pd1_prefix1']}/{event['new_dhcp6_ia_pd1_prefix1_length']}"
        return Grant(address, prefix)

    def renewals(self):
        return sum(event["reason"] in ("RENEW6", "REBIND6") for event in self._leases())

    def release(self, timeout=15):
        # SIGALRM is what `dhcpcd --release` sends: release, then exit.
        self.program.send(signal.SIGALRM)
        self.program.wait(timeout)
        return self.program.output()
