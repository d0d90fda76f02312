"""From a capture file to UDP datagrams over IPv6: pcap, Ethernet with VLAN tags, extension headers, fragments."""

import ipaddress
import struct
from dataclasses import dataclass

ETHERTYPE_IPV6 = 0x86DD
ETHERTYPES_VLAN = (0x8100, 0x88A8)
HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION, UDP, ICMPV6 = 0, 43, 44, 60, 17, 58


@dataclass(frozen=True)
class Ipv6Packet:
    """One whole IPv6 packet, fragments joined; `body` starts at the upper-layer header."""

    time: float
    source_mac: str
    destination_mac: str
    source: ipaddress.IPv6Address
    destination: ipaddress.IPv6Address
    hop_limit: int
    protocol: int
    body: bytes


@dataclass(frozen=True)
class Datagram:
    packet: Ipv6Packet
    source_port: int
    destination_port: int
    payload: bytes
    has_right_checksum: bool

    @property
    def time(self):
        return self.packet.time

    @property
    def source(self):
        return self.packet.source

    @property
    def destination(self):
        return self.packet.destination


def read_frames(path):
    """(time, frame) of each packet in a pcap file (microseconds or nanoseconds, any byte order)."""
    data = path.read_bytes()
    magic = data[:4]
    order = "<" if magic[0] in (0xD4, 0x4D) else ">"
    fraction = 1e-9 if b"\x3c\x4d" in magic or b"\x4d\x3c" in magic else 1e-6
    at = 24
    while at + 16 <= len(data):
        seconds, part, kept, whole = struct.unpack_from(order + "IIII", data, at)
        at += 16
        if kept < whole:
            raise ValueError(f"{path}: a packet of {whole} octets was captured with {kept} only")
        if at + kept > len(data):
            break  # the last one was still being written
        yield seconds + part * fraction, data[at:at + kept]
        at += kept


def _mac(octets):
    return octets.hex(":")


class _Fragments:
    """Joins fragments in the order in which they come; enough for a link that does not reorder."""

    def __init__(self):
        self._parts = {}

    def add(self, key, offset, is_last, octets):
        parts = self._parts.setdefault(key, {"end": None, "at": {}})
        parts["at"][offset] = octets
        if is_last:
            parts["end"] = offset + len(octets)
        body = b""
        for start in sorted(parts["at"]):
            if start != len(body):
                return None
            body += parts["at"][start]
        if parts["end"] != len(body):
            return None
        del self._parts[key]
        return body


def read_packets(path):
    """All IPv6 packets of a capture file, in order."""
    fragments = _Fragments()
    for time, frame in read_frames(path):
        at, ethertype = 14, struct.unpack_from("!H", frame, 12)[0]
        while ethertype in ETHERTYPES_VLAN:
            ethertype = struct.unpack_from("!H", frame, at + 2)[0]
            at += 4
        if ethertype != ETHERTYPE_IPV6:
            continue
        length, protocol, hop_limit = struct.unpack_from("!HBB", frame, at + 4)
        source = ipaddress.IPv6Address(frame[at + 8:at + 24])
        destination = ipaddress.IPv6Address(frame[at + 24:at + 40])
        body = frame[at + 40:at + 40 + length]
        while protocol in (HOP_BY_HOP, ROUTING, DESTINATION, FRAGMENT):
            if protocol == FRAGMENT:
                following, _, where, identification = struct.unpack_from("!BBHI", body)
                body = fragments.add((source, destination, identification), where & ~7, not where & 1, body[8:])
                if body is None:
                    break
                protocol = following
            else:
                protocol, body = body[0], body[8 + 8 * body[1]:]
        if body is not None:
            yield Ipv6Packet(time, _mac(frame[6:12]), _mac(frame[:6]), source, destination, hop_limit, protocol, body)


def checksum(source, destination, protocol, body):
    """The Internet checksum over the IPv6 pseudo-header and `body`: 0 when `body` holds the right one."""
    octets = source.packed + destination.packed + struct.pack("!II", len(body), protocol) + body
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def read_datagrams(path, ports=(546, 547)):
    """The UDP datagrams to or from the given ports."""
    for packet in read_packets(path):
        if packet.protocol != UDP or len(packet.body) < 8:
            continue
        source_port, destination_port, length, sent_checksum = struct.unpack_from("!HHHH", packet.body)
        if source_port in ports or destination_port in ports:
            right = (sent_checksum != 0 and length == len(packet.body)
                     and checksum(packet.source, packet.destination, UDP, packet.body) == 0)
            yield Datagram(packet, source_port, destination_port, packet.body[8:], right)
