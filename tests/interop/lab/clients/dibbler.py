"""dibbler-client: fixed paths for everything, so it sees folders of the laboratory in their place."""

import signal

from .base import WAN, Client, Grant

_CONFIGURATION = """\
log-mode full
log-level 8
duid-type duid-ll
script "{hook}"
iface "{wan}" {{
  ia {{ }}
  pd {{ }}
  option dns-server
  option domain
}}
"""


class DibblerClient(Client):
    program_name = "dibbler-client"
    package = "dibbler-client"

    def start(self):
        etc = self.laboratory.work_folder(f"{self.name}/etc")
        state = self.laboratory.work_folder(f"{self.name}/var")
        (state / "client.pid").unlink(missing_ok=True)  # after a crash it would take itself for running
        self._files = {"/etc/dibbler": etc,
                       "/var/lib/dibbler": state,
                       "/var/log/dibbler": self.laboratory.work_folder(f"{self.name}/log")}
        (etc / "client.conf").write_text(_CONFIGURATION.format(hook=self.hook(), wan=WAN))
        self.program = self.laboratory.spawn(self.host, ["dibbler-client", "run"], self.name, self._files)
        return self

    def _replies(self, *messages):
        return [event for event in self.events()
                if event.get("SRV_MESSAGE") == "REPLY" and event.get("CLNT_MESSAGE") in messages]

    def grant(self):
        address = prefix = None
        for event in self._replies("SOLICIT", "REQUEST", "RENEW", "REBIND"):
            address = event.get("ADDR1", address)
            if "PREFIX1" in event:
                prefix = f"{event['PREFIX1']}/{event['PREFIX1LEN']}"
        return Grant(address, prefix)

    def renewals(self):
        # dibbler renews its address and its prefix in messages of their own.
        renewed = self._replies("RENEW", "REBIND")
        return min(sum("ADDR1" in event for event in renewed), sum("PREFIX1" in event for event in renewed))

    def release(self, timeout=15):
        self.program.send(signal.SIGTERM)
        self.program.wait(timeout)
        return self.program.output()
