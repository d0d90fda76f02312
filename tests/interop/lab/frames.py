"""Ethernet frames of our own: with any extension header, tag or checksum that a test needs."""

import ipaddress
import socket
import struct
import time

from . import packets
from .probe import network_of

_ETH_P_ALL, _SOL_PACKET, _PACKET_AUXDATA = 3, 263, 8
_STATUS_HAS_TAG = 0x10

ALL_DHCP_SERVERS_MAC = "33:33:00:01:00:02"  # of ff02::1:2


def udp(source, destination, ports, payload, checksum_error=0, checksum=None):
    """A UDP datagram; the right checksum unless told otherwise."""
    head = struct.pack("!HHH", *ports, len(payload) + 8)
    right = packets.checksum(source, destination, packets.UDP, head + b"\0\0" + payload)
    return head + struct.pack("!H", right ^ checksum_error if checksum is None else checksum) + payload


def ipv6(source, destination, protocol, body, hop_limit=64):
    return (struct.pack("!IHBB", 6 << 28, len(body), protocol, hop_limit)
            + source.packed + destination.packed + body)


def ethernet(source_mac, destination_mac, packet, tags=()):
    """`tags`: (ethertype, VLAN id) of each tag, the outer one first."""
    head = bytes.fromhex(destination_mac.replace(":", "") + source_mac.replace(":", ""))
    for ethertype, vlan in tags:
        head += struct.pack("!HH", ethertype, vlan)
    return head + struct.pack("!H", packets.ETHERTYPE_IPV6) + packet


def fragments(source, destination, protocol, body, size, identification=1):
    """The IPv6 packets of a body cut into pieces of `size` octets (a multiple of 8)."""
    pieces = [body[at:at + size] for at in range(0, len(body), size)]
    for number, piece in enumerate(pieces):
        more = number + 1 < len(pieces)
        head = struct.pack("!BBHI", protocol, 0, number * size | more, identification)
        yield ipv6(source, destination, packets.FRAGMENT, head + piece)


class RawPort:
    """Sends and hears whole frames on an interface of a host."""

    def __init__(self, host, interface):
        with network_of(host):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
            self.socket.bind((interface, _ETH_P_ALL))
        # The kernel takes the outer tag off a frame before a socket sees it, and tells of it beside the frame.
        self.socket.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)
        self.mac = host.hardware_address(interface)
        self.link_local = ipaddress.IPv6Address(host.link_local(interface))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.socket.close()

    def send(self, packet, destination_mac=ALL_DHCP_SERVERS_MAC, tags=()):
        self.socket.send(ethernet(self.mac, destination_mac, packet, tags))

    def receive(self, timeout=2.0):
        """(tags, IPv6 packet or whatever it is) of the next frame to this host; None when none comes."""
        self.socket.settimeout(timeout)
        try:
            frame, extra, _, address = self.socket.recvmsg(65536, 256)
        except TimeoutError:
            return None
        if address[2] == socket.PACKET_OUTGOING:
            return (), b""
        tags = ()
        for layer, kind, data in extra:
            if (layer, kind) == (_SOL_PACKET, _PACKET_AUXDATA):
                status, _, _, _, _, tag, ethertype = struct.unpack("=IIIHHHH", data[:20])
                if status & _STATUS_HAS_TAG:
                    tags = ((ethertype, tag),)
        at, ethertype = 14, struct.unpack_from("!H", frame, 12)[0]
        while ethertype in packets.ETHERTYPES_VLAN:
            tag, following = struct.unpack_from("!HH", frame, at)
            tags += ((ethertype, tag),)
            ethertype, at = following, at + 4
        return tags, frame[at:]

    def tags_of_answer(self, transaction_id, timeout=2.0):
        """The tags of the frame with the answer to a direct message; None when there is no answer."""
        wanted = struct.pack("!I", transaction_id)[1:]
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0 and (heard := self.receive(left)):
            tags, packet = heard
            # IPv6 and UDP headers, then the type and the transaction-id.
            if packet[6:7] == bytes([packets.UDP]) and packet[49:52] == wanted:
                return tags
        return None
