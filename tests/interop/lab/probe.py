"""A client, or a relay, of our own: says exactly what a test wants said, and hears what comes back."""

import ctypes
import os
import random
import select
import socket
import time
from contextlib import contextmanager

from . import dhcp6
from .dhcp6 import CLIENT_ID, SERVER_ID, Message, Option, Unwrapped

ALL_SERVERS_AND_RELAYS, ALL_SERVERS = "ff02::1:2", "ff05::1:3"
CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def network_of(host):
    """While it lasts, sockets that this thread opens belong to `host`; they stay there afterwards."""
    ours, theirs = os.open("/proc/self/ns/net", os.O_RDONLY), os.open(f"/run/netns/{host.name}", os.O_RDONLY)
    try:
        if _libc.setns(theirs, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        try:
            yield
        finally:
            _libc.setns(ours, CLONE_NEWNET)
    finally:
        os.close(ours)
        os.close(theirs)


class Probe:
    """One UDP socket on one interface of a host.

    A client's (port 546, from its link-local address) by default; with `source` and port 547 it speaks as a relay.
    """

    fence_address = "2001:db8:ffff::1"  # where a relay's harmless question goes, see is_ignored_before()

    def __init__(self, host, interface, port=546, source=None):
        self.host = host
        self.interface = interface
        with network_of(host):
            self.index = socket.if_nametoindex(interface)
            self.socket = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, self.index)
        self.socket.bind((source or host.link_local(interface), port, 0, self.index))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.socket.close()

    def send_octets(self, octets, to=ALL_SERVERS_AND_RELAYS, port=547):
        self.socket.sendto(octets, (to, port, 0, self.index))

    def send(self, message, to=ALL_SERVERS_AND_RELAYS, levels=(), port=547):
        self.send_octets(Unwrapped(message, tuple(levels)).encode(), to, port)

    def receive(self, timeout=2.0):
        """The next message, unwrapped; None when nothing comes."""
        if not select.select([self.socket], [], [], timeout)[0]:
            return None
        return dhcp6.decode(self.socket.recv(65536))

    def ask(self, message, to=ALL_SERVERS_AND_RELAYS, levels=(), timeout=2.0):
        """Sends, and returns the answer with the same transaction-id; None when there is none in time."""
        self.send(message, to, levels)
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            answer = self.receive(left)
            if answer and answer.message.transaction_id == message.transaction_id:
                return answer
        return None

    def is_ignored(self, message):
        """True when the server says nothing to the message; certain, and quick: see is_ignored_before()."""
        return self.is_ignored_before(lambda: self.send(message))

    def is_ignored_before(self, say, levels=()):
        """Says something, then asks something harmless: when that is answered, and nothing came before it, the first
        was ignored, because the server answers in the order in which it hears."""
        say()
        fence = Message(dhcp6.INFORMATION_REQUEST, random.getrandbits(24))
        self.send(fence, self.fence_address if levels else ALL_SERVERS_AND_RELAYS, levels)
        answers = []
        while not answers or answers[-1].transaction_id != fence.transaction_id:
            answer = self.receive(3)
            if answer is None:
                raise TimeoutError("the server does not answer a harmless INFORMATION-REQUEST")
            answers.append(answer.message)
        return len(answers) == 1


def message(kind, duid=None, *options, server=None, transaction_id=None):
    """A client's message with a fresh transaction-id; identifiers first."""
    head = ([Option(CLIENT_ID, duid)] if duid is not None else []) + ([Option(SERVER_ID, server)] if server else [])
    number = random.getrandbits(24) if transaction_id is None else transaction_id
    return Message(kind, number, tuple(head + list(options)))


def acquire(probe, duid, *options, to=ALL_SERVERS_AND_RELAYS, levels=()):
    """SOLICIT, then REQUEST of what was advertised; both answers come back."""
    advertise = probe.ask(message(dhcp6.SOLICIT, duid, dhcp6.elapsed(), *options), to, levels)
    if advertise is None:
        raise TimeoutError("no ADVERTISE")
    taken = [option for option in advertise.message.options if option.code in (dhcp6.IA_NA, dhcp6.IA_PD)]
    rest = [option for option in options if option.code not in (dhcp6.IA_NA, dhcp6.IA_PD)]
    reply = probe.ask(message(dhcp6.REQUEST, duid, dhcp6.elapsed(), *taken, *rest,
                              server=advertise.message.server_duid), to, levels)
    if reply is None:
        raise TimeoutError("no REPLY to the REQUEST")
    return advertise.message, reply.message
