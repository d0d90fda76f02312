"""Captures of failover connections, made from octets, and what tshark with our dissector sees in them."""
import datetime
import ipaddress
import pathlib
import struct
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree

from tshark_agreement import CONTAINER_HEADS, LINKTYPE_RAW, checksum

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / 'tools' / 'wireshark' / 'tandem6_failover.lua'
PROTOCOL = 'dhcpv6_failover'
PORT = 647
PRIMARY, SECONDARY = (ipaddress.ip_address(text).packed for text in ('2001:db8::a', '2001:db8::b'))
YEAR_2000 = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)
GOLDEN_NOW = 0x33000000  # the sent-time of the golden frames
CAPTURED = int(YEAR_2000.timestamp()) + GOLDEN_NOW
ACK = 0x10

# Unlike tshark itself, ours opens relay data (a peer address and a RELAY-FORW) and what removes a name.
ALL_HEADS = CONTAINER_HEADS | {47: 16 + 34, 116: 0}

# An error of the script, octets that it read past the end, a bug that Wireshark found in it.
ACCIDENTS = ('_ws.lua.error', '_ws.malformed', '_ws.dissector')


class Capture:
    """Segments, a second apart, on any number of connections from the primary (port 10000 up) to the secondary."""

    def __init__(self, port: int = PORT):
        self.port = port
        self.records = []
        self.next_octet = {}  # of (sending, receiving) port

    def send(self, connection: int, octets: bytes, answers: bool = False, kept: int | None = None):
        """`answers`: from the secondary. `kept`: what the snapshot length leaves of the octets."""
        ports = (10000 + connection, self.port)
        addresses = (PRIMARY, SECONDARY)
        if answers:
            ports, addresses = ports[::-1], addresses[::-1]
        sequence = self.next_octet.get(ports, 1)
        acknowledged = self.next_octet.get(ports[::-1], 1)
        self.next_octet[ports] = sequence + len(octets)
        head = struct.pack('!HHIIBBHHH', *ports, sequence, acknowledged, 5 << 4, ACK, 65535, 0, 0)
        pseudo = b''.join(addresses) + struct.pack('!IHBB', len(head) + len(octets), 0, 0, 6)
        summed = struct.pack('!H', checksum(pseudo + head + octets))
        packet = struct.pack('!IHBB', 0x60000000, len(head) + len(octets), 6, 64) + b''.join(addresses)
        packet += head[:16] + summed + head[18:]
        self.records.append((packet + octets[:kept], len(packet) + len(octets)))

    def file(self) -> bytes:
        parts = [struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, LINKTYPE_RAW)]
        for second, (packet, size) in enumerate(self.records):
            parts.append(struct.pack('<IIII', CAPTURED + second, 0, len(packet), size) + packet)
        return b''.join(parts)


class Message:
    """One message as the dissector shows it."""

    def __init__(self, element):
        self.options, self.names, self.values = [], {}, {}
        for field in element.iter('field'):
            name = field.get('name').removeprefix(PROTOCOL + '.')
            self.values.setdefault(name, []).append(field.get('show'))
            if name == 'option.code':
                self.options.append((int(field.get('show')),))
                self.names[int(field.get('show'))] = field.get('showname')
            elif name == 'option.length':
                self.options[-1] += (int(field.get('show')),)

    @property
    def malformed(self) -> bool:
        return 'malformed' in self.values

    def first(self, name: str) -> str | None:
        return self.values.get(name, [None])[0]


class Frame:
    def __init__(self, element):
        protocols = element.findall('proto')
        self.messages = [Message(proto) for proto in protocols if proto.get('name') == PROTOCOL]
        self.protocols = [proto.get('name') for proto in protocols]
        names = [field.get('name') for field in element.iter('field')] + self.protocols
        self.accidents = [name for name in names if name.startswith(ACCIDENTS)]


class Seen:
    """What tshark says of a capture: `frames`, what it says of the script on stderr, and the Info column."""

    def __init__(self, capture: Capture, *arguments: str, script: pathlib.Path = SCRIPT):
        with tempfile.NamedTemporaryFile(suffix='.pcap') as file:
            file.write(capture.file())
            file.flush()
            self.command = ['tshark', '-n', '-r', file.name, '-X', f'lua_script:{script}', *arguments]
            done = self._run('-T', 'pdml')
            self.information = self._run('-T', 'fields', '-e', '_ws.col.Info').stdout.splitlines()
        self.complaints = [line for line in done.stderr.splitlines() if 'Running as user' not in line]
        self.frames = [Frame(element) for element in ElementTree.fromstring(done.stdout).findall('packet')]

    def _run(self, *arguments: str):
        return subprocess.run([*self.command, *arguments], capture_output=True, text=True, timeout=100, check=True)

    @property
    def messages(self):
        return [message for frame in self.frames for message in frame.messages]

    @property
    def accidents(self):
        return self.complaints + [accident for frame in self.frames for accident in frame.accidents]


def date(text: str) -> datetime.datetime:
    """Of tshark's "Feb 10, 2027 09:06:56.000000000 UTC"."""
    parsed = datetime.datetime.strptime(' '.join(text.split()), '%b %d, %Y %H:%M:%S.000000000 UTC')
    return parsed.replace(tzinfo=datetime.timezone.utc)


def wire_date(seconds: int) -> datetime.datetime:
    return YEAR_2000 + datetime.timedelta(seconds=seconds)
