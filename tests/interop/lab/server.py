"""A tandem6d on a host of the laboratory, and tandem6ctl to talk to it."""

import json
import os
import signal
import socket
from pathlib import Path

from . import configuration, process

ROOT = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("TANDEM6_BUILD", ROOT / "build"))
DAEMON = BUILD / "tandem6d"
CONTROL = BUILD / "tandem6ctl"
READY_TIMEOUT = 30

SERVER_ADDRESSES = ("fe80::1", "2001:db8:ffff::1")


def control(socket, *words, as_json=False, timeout=10):
    """Runs one tandem6ctl command; the finished process comes back, whatever its exit code."""
    options = ["--socket", str(socket)] + (["--json"] if as_json else [])
    return process.run([CONTROL, *options, *words], timeout=timeout, check=False)


class Server:
    """One daemon on one host: `interface` is the kernel interface that its port sits on."""

    def __init__(self, laboratory, host, interface, links, name="server", addresses=SERVER_ADDRESSES, **settings):
        self.laboratory = laboratory
        self.host = host
        self.name = name
        self.interface = interface
        self.addresses = addresses
        self.folder = laboratory.work_folder(name)
        self.configuration = configuration.for_server(
            links, interface, addresses, self.folder, f"t6-{laboratory.tag}-{name}", **settings)
        self.socket = Path(self.configuration["server"]["control-socket"])
        self.environment = {}  # what the daemon's has beside
        self.program = None

    def start(self):
        file = self.folder / "tandem6.yaml"
        file.write_text(configuration.to_yaml(self.configuration) + "\n")
        # /run is private to the daemon: DPDK's run-time files go with it.
        words = ["env", *[f"{name}={value}" for name, value in self.environment.items()], DAEMON, "--config", file]
        self.program = self.laboratory.spawn(self.host, words, self.name, private_files={})
        process.wait_until(self._ready, READY_TIMEOUT, f"{self.name} to be ready")
        return self

    def _ready(self):
        if not self.program.is_running():
            raise process.CommandFailed(f"{self.name} ended at start ({self.program.exit_code()}):\n"
                                        f"{self.program.output()[-3000:]}")
        return self.socket.exists() and self.ask("status").returncode == 0

    def ask(self, *words, as_json=False, timeout=10):
        return control(self.socket, *words, as_json=as_json, timeout=timeout)

    def call(self, method, **parameters):
        """The result of one JSON-RPC call on the control socket, without a tandem6ctl between."""
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(str(self.socket))
            line.sendall(json.dumps(request).encode() + b"\n")
            return json.loads(line.makefile().readline())["result"]

    def stop(self, signal_number=signal.SIGTERM, timeout=10):
        """Asks the daemon to end; its exit code comes back."""
        self.program.send(signal_number)
        return self.program.wait(timeout)

    def kill(self):
        return self.program.kill()
