"""Ethernet frames of our own: with any extension header, tag or checksum that a test needs."""

import ipaddress
import socket
import struct

from . import packets
from .probe import network_of

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
    """Sends frames from an interface of a host, and hears the UDP answers of the kernel's socket beside it."""

    def __init__(self, host, interface):
        with network_of(host):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            self.socket.bind((interface, 0))
        self.mac = host.hardware_address(interface)
        self.link_local = ipaddress.IPv6Address(host.link_local(interface))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.socket.close()

    def send(self, packet, destination_mac=ALL_DHCP_SERVERS_MAC, tags=()):
        self.socket.send(ethernet(self.mac, destination_mac, packet, tags))
