"""WIDE dhcp6c: tells of its leases in its debug output only."""

import re
import signal

from .base import WAN, Client, Grant

_CONFIGURATION = """\
interface {wan} {{
  send ia-na 1;
  send ia-pd 2;
  request domain-name-servers;
  request domain-name;
  script "{hook}";
}};
id-assoc na 1 {{ }};
id-assoc pd 2 {{
  prefix-interface lan {{ sla-id 1; sla-len 8; }};
}};
"""


class Wide(Client):
    program_name = "dhcp6c"
    package = "wide-dhcpv6-client"

    def start(self):
        self.make_lan()
        configuration = self.folder / "dhcp6c.conf"
        configuration.write_text(_CONFIGURATION.format(hook=self.hook(), wan=WAN))
        self._files = {"/var/lib/dhcpv6": self.laboratory.work_folder(f"{self.name}/var")}
        self.program = self.laboratory.spawn(
            self.host, ["dhcp6c", "-f", "-D", "-c", configuration, "-p", self.folder / "pid", WAN],
            self.name, self._files)
        return self

    def _last(self, pattern):
        found = re.findall(pattern, self.program.output())
        return found[-1] if found else None

    def grant(self):
        return Grant(self._last(r"(?:create|update) an address (\S+) pltime"),
                     self._last(r"(?:create|update) a prefix (\S+) pltime"))

    def renewals(self):
        text = self.program.output()
        return min(text.count("update an address "), text.count("update a prefix "))

    def release(self, timeout=15):
        self.program.send(signal.SIGTERM)
        self.program.wait(timeout)
        return self.program.output()
