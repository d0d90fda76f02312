"""DHCPv6 messages (RFC 8415 sections 8, 9 and 21), read and written independently of the server's own code."""

import ipaddress
import struct
from dataclasses import dataclass, field

(SOLICIT, ADVERTISE, REQUEST, CONFIRM, RENEW, REBIND, REPLY, RELEASE, DECLINE, RECONFIGURE, INFORMATION_REQUEST,
 RELAY_FORW, RELAY_REPL) = range(1, 14)
NAMES = {1: "SOLICIT", 2: "ADVERTISE", 3: "REQUEST", 4: "CONFIRM", 5: "RENEW", 6: "REBIND", 7: "REPLY", 8: "RELEASE",
         9: "DECLINE", 10: "RECONFIGURE", 11: "INFORMATION-REQUEST", 12: "RELAY-FORW", 13: "RELAY-REPL"}
FROM_SERVER = (ADVERTISE, REPLY, RECONFIGURE)
RELAYING = (RELAY_FORW, RELAY_REPL)

CLIENT_ID, SERVER_ID, IA_NA, IA_TA, IAADDR, ORO, PREFERENCE, ELAPSED_TIME, RELAY_MSG = range(1, 10)
AUTH, UNICAST, STATUS_CODE, RAPID_COMMIT = 11, 12, 13, 14
INTERFACE_ID, RECONF_MSG, RECONF_ACCEPT = 18, 19, 20
DNS_SERVERS, DOMAIN_SEARCH = 23, 24
IA_PD, IAPREFIX, INFORMATION_REFRESH_TIME, REMOTE_ID = 25, 26, 32, 37
CLIENT_FQDN, CLIENT_LINKLAYER, SOL_MAX_RT, INF_MAX_RT, RELAY_SOURCE_PORT = 39, 79, 82, 83, 135

SUCCESS, UNSPEC_FAIL, NO_ADDRS_AVAIL, NO_BINDING, NOT_ON_LINK, USE_MULTICAST, NO_PREFIX_AVAIL = range(7)

INFINITE = 0xFFFFFFFF


class Malformed(ValueError):
    """Octets that are no DHCPv6 message."""


@dataclass(frozen=True)
class Option:
    code: int
    data: bytes = b""

    def encode(self):
        return struct.pack("!HH", self.code, len(self.data)) + self.data


def encode_options(options):
    return b"".join(option.encode() for option in options)


def decode_options(octets):
    options, at = [], 0
    while at < len(octets):
        if at + 4 > len(octets):
            raise Malformed(f"{len(octets) - at} stray octets where an option would start")
        code, length = struct.unpack_from("!HH", octets, at)
        at += 4
        if at + length > len(octets):
            raise Malformed(f"option {code} of {length} octets runs past its container")
        options.append(Option(code, octets[at:at + length]))
        at += length
    return options


@dataclass(frozen=True)
class Lease:
    """An IAADDR (length 128) or an IAPREFIX."""

    first: ipaddress.IPv6Address
    length: int
    preferred: int
    valid: int
    options: tuple = ()

    @property
    def key(self):
        return int(self.first), self.length

    def __str__(self):
        return str(self.first) if self.length == 128 else f"{self.first}/{self.length}"


@dataclass(frozen=True)
class Status:
    code: int
    text: str


def decode_status(data):
    if len(data) < 2:
        raise Malformed("a Status Code option under 2 octets")
    try:
        return Status(struct.unpack_from("!H", data)[0], data[2:].decode())
    except UnicodeDecodeError as wrong:
        raise Malformed("a status message that is not UTF-8") from wrong


def decode_lease(option):
    if option.code == IAADDR:
        if len(option.data) < 24:
            raise Malformed("an IAADDR under 24 octets")
        preferred, valid = struct.unpack_from("!II", option.data, 16)
        return Lease(ipaddress.IPv6Address(option.data[:16]), 128, preferred, valid,
                     tuple(decode_options(option.data[24:])))
    if len(option.data) < 25:
        raise Malformed("an IAPREFIX under 25 octets")
    preferred, valid, length = struct.unpack_from("!IIB", option.data)
    if length > 128:
        raise Malformed(f"a prefix of length {length}")
    return Lease(ipaddress.IPv6Address(option.data[9:25]), length, preferred, valid,
                 tuple(decode_options(option.data[25:])))


@dataclass(frozen=True)
class IdentityAssociation:
    kind: int  # IA_NA or IA_PD
    iaid: int
    t1: int
    t2: int
    leases: tuple
    status: Status | None
    other_codes: tuple = ()  # of options in it that are neither leases of its kind nor a status

    @property
    def key(self):
        return self.kind, self.iaid


def decode_ia(option):
    if len(option.data) < 12:
        raise Malformed("an identity association under 12 octets")
    iaid, t1, t2 = struct.unpack_from("!III", option.data)
    lease_code = IAADDR if option.code == IA_NA else IAPREFIX
    leases, status, others = [], None, []
    for inner in decode_options(option.data[12:]):
        if inner.code == lease_code:
            leases.append(decode_lease(inner))
        elif inner.code == STATUS_CODE:
            status = decode_status(inner.data)
        else:
            others.append(inner.code)
    return IdentityAssociation(option.code, iaid, t1, t2, tuple(leases), status, tuple(others))


@dataclass(frozen=True)
class Message:
    """A client's or a server's message."""

    type: int
    transaction_id: int
    options: tuple = ()

    @property
    def name(self):
        return NAMES.get(self.type, f"type {self.type}")

    def find(self, code):
        """The data of the first option with that code, or None."""
        return next((option.data for option in self.options if option.code == code), None)

    def has(self, code):
        return self.find(code) is not None

    def codes(self):
        return [option.code for option in self.options]

    @property
    def client_duid(self):
        return self.find(CLIENT_ID)

    @property
    def server_duid(self):
        return self.find(SERVER_ID)

    def ias(self):
        return [decode_ia(option) for option in self.options if option.code in (IA_NA, IA_PD)]

    def ia(self, kind, iaid=None):
        return next((ia for ia in self.ias() if ia.kind == kind and iaid in (None, ia.iaid)), None)

    def status(self):
        data = self.find(STATUS_CODE)
        return None if data is None else decode_status(data)

    def requested_codes(self):
        data = self.find(ORO) or b""
        return list(struct.unpack(f"!{len(data) // 2}H", data[:len(data) // 2 * 2]))

    def encode(self):
        return struct.pack("!I", self.type << 24 | self.transaction_id) + encode_options(self.options)


@dataclass(frozen=True)
class RelayLevel:
    type: int
    hop_count: int
    link_address: ipaddress.IPv6Address
    peer_address: ipaddress.IPv6Address
    options: tuple = ()  # without the Relay Message option

    def find(self, code):
        return next((option.data for option in self.options if option.code == code), None)

    def encode(self, inner):
        head = struct.pack("!BB", self.type, self.hop_count) + self.link_address.packed + self.peer_address.packed
        return head + encode_options(self.options) + Option(RELAY_MSG, inner).encode()


@dataclass(frozen=True)
class Unwrapped:
    """A message and the relay levels around it, the outermost first."""

    message: Message
    levels: tuple = field(default=())

    def encode(self):
        octets = self.message.encode()
        for level in reversed(self.levels):
            octets = level.encode(octets)
        return octets


def decode_message(octets):
    if len(octets) < 4:
        raise Malformed(f"a message of {len(octets)} octets")
    head = struct.unpack_from("!I", octets)[0]
    return Message(head >> 24, head & 0xFFFFFF, tuple(decode_options(octets[4:])))


def decode(octets):
    """The message in a UDP payload, relay levels peeled off."""
    levels = []
    while octets[:1] and octets[0] in RELAYING:
        if len(octets) < 34:
            raise Malformed(f"a relay header of {len(octets)} octets")
        options = decode_options(octets[34:])
        inner = [option.data for option in options if option.code == RELAY_MSG]
        if len(inner) != 1:
            raise Malformed(f"{len(inner)} Relay Message options in one level")
        levels.append(RelayLevel(octets[0], octets[1], ipaddress.IPv6Address(octets[2:18]),
                                 ipaddress.IPv6Address(octets[18:34]),
                                 tuple(option for option in options if option.code != RELAY_MSG)))
        octets = inner[0]
    return Unwrapped(decode_message(octets), tuple(levels))


# Writing: what a test needs to say something of its own.

def ia_na(iaid, *addresses, t1=0, t2=0, extra=()):
    inner = [Option(IAADDR, ipaddress.IPv6Address(a).packed + struct.pack("!II", 0, 0)) for a in addresses]
    return Option(IA_NA, struct.pack("!III", iaid, t1, t2) + encode_options(inner + list(extra)))


def ia_pd(iaid, *prefixes, t1=0, t2=0, extra=()):
    inner = []
    for prefix in prefixes:
        network = ipaddress.IPv6Network(prefix)
        inner.append(Option(IAPREFIX, struct.pack("!IIB", 0, 0, network.prefixlen) + network.network_address.packed))
    return Option(IA_PD, struct.pack("!III", iaid, t1, t2) + encode_options(inner + list(extra)))


def oro(*codes):
    return Option(ORO, struct.pack(f"!{len(codes)}H", *codes))


def elapsed(hundredths=0):
    return Option(ELAPSED_TIME, struct.pack("!H", hundredths))


def duid_ll(number):
    """A DUID-LL that differs for each number."""
    return bytes.fromhex("00030001") + bytes([0x02, 0x06]) + struct.pack("!I", number)
