"""A running tcpdump that writes all of IPv6 to a file."""

import time

from . import process


class Capture:
    """Listens where the cable of the server ends (the switch), so that it sees what really left the server."""

    def __init__(self, laboratory, host, interface, name="capture"):
        self.path = laboratory.folder / f"{name}.pcap"
        # No privileges are dropped (-Z root): the folder is ours alone. A large buffer, for the load tests.
        self._program = laboratory.spawn(
            host, ["tcpdump", "-n", "-U", "--immediate-mode", "-B", "65536", "-s", "0", "-Z", "root",
                   "-i", interface, "-w", self.path,
                   "ip6 or vlan"], name)
        self._program.wait_for_output("listening on", 10)

    def stop(self):
        """Ends the capture once what was sent until now is in the file; returns the path."""
        size = -1
        while size != (size := self.path.stat().st_size):
            time.sleep(0.2)
        self._program.stop()
        lost = [line for line in self._program.output().splitlines() if "dropped by kernel" in line]
        if not lost or not lost[0].startswith("0 "):
            raise process.CommandFailed(f"the capture is not whole: {self._program.output()[-500:]}")
        return self.path
