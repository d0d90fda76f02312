#!/usr/bin/env python3
"""Another reader of our octets: tshark knows options 45 to 134 by name, though not the messages of
failover (RFC 8156). So the options of each golden frame (which the C++ tests check against our
writer) go into a DHCPv6 message, and tshark must name each option, at its depth, read our values and
find nothing malformed. F-036 to F-060.
"""
import ipaddress
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

GOLDEN = pathlib.Path(__file__).resolve().parent / 'golden'
REPLY = 7  # where tshark lets an FQDN stand
LINKTYPE_RAW = 101
SKIPPED = 77  # the exit status that meson takes for "not run"

# Where options begin inside an option, by code. Those of 47 and 116 tshark leaves alone; they are
# shown to it apart.
CONTAINER_HEADS = {3: 12, 25: 12, 5: 24, 26: 25, 45: 0}

NAMES = {
    45: 'Leasequery Client Data',
    46: 'Client Last Transaction Time',
    47: 'Leasequery Relay Data',
    100: 'LQ Server Base Time',
    114: 'Failover Binding Status',
    115: 'Failover Connect Flags',
    116: 'Failover DNS Removal Info',
    117: 'Failover DNS Hostname',
    118: 'Failover DNS Zone Name',
    119: 'Failover DNS Flags',
    120: 'Failover Expiration Time',
    121: 'Failover Maximum Number Unacked BNDUPD Messages',
    122: 'Failover Maximum Client Lead Time (MCLT)',
    123: 'Failover Partner Lifetime',
    124: 'Failover Partner Lifetime Sent',
    125: 'Failover Partner Down Time',
    126: 'Failover Partner Raw Client Time',
    127: 'Failover Protocol Version',
    128: 'Failover Keepalive Time',
    129: 'Failover Reconfigure Data',
    130: 'Failover Relationship Name',
    131: 'Failover Server Flags',
    132: 'Failover Server State',
    133: 'Failover Start Time of State',
    134: 'Failover State Expiration Time',
}

# What the golden octets mean, in tshark's fields.
VALUES = {
    'connect': {
        'failover.protocol.major_version': '1', 'failover.protocol.minor_version': '0',
        'failover.mclt': '3600', 'failover.keepalive_time': '60',
        'failover.max_unacked_bndupd': '100', 'failover.connect.flags.f': '1',
        'failover.relationship_name': 'pair', 'vendoropts.enterprise': '32473',
        'vendoropts.enterprise.option_data': 'aa:bb:cc'},
    'connect_reply_refused': {'status_code': '14', 'status_msg': '1.0 only'},
    'state_partner_down': {
        'failover.server_state': '4', 'failover.server.flags.a': '1',
        'failover.server.flags.s': '1', 'failover.server.flags.c': '1',
        'failover.start_time_of_state': str(0x32ff0000),
        'failover.partner_down_time': str(0x32feffff)},
    'bndupd': {
        'iaid': '0000002a', 'iaid.t1': '1800', 'iaid.t2': '2880', 'iaaddr.ip': '2001:db8::101',
        'iaaddr.pref_lifetime': '3000', 'iaaddr.valid_lifetime': '3600',
        'failover.reconfigure_time': str(0x32ffff00),
        'failover.reconfigure_key': '11:22:33:44:55:66', 'lq_relay_data_peer_addr': '::',
        'failover.binding_status': '1', 'failover.start_time_of_state': str(0x32fffff0),
        'failover.state_expiration_time': str(0x33000e00), 'clt_time': '16',
        'failover.partner_lifetime': str(0x33040000),
        'failover.expiration_time': str(0x33020000),
        'failover.partner_raw_clt_time': str(0x32ffff80)},
    'bndupd_bare': {'iaprefix.pref_len': '40', 'iaprefix.pref_addr': '2001:db8:8000::',
                    'failover.binding_status': '6'},
    'bndreply': {'failover.partner_lifetime_sent': str(0x33040000),
                 'failover.state_expiration_time': str(0x33000e00)},
}


def golden(name: str) -> bytes:
    text = (GOLDEN / (name + '.hex')).read_text(encoding='ascii')
    return bytes.fromhex(' '.join(line.split('#')[0] for line in text.splitlines()))


def checksum(octets: bytes) -> int:
    if len(octets) % 2:
        octets += b'\0'
    total = sum(struct.unpack(f'!{len(octets) // 2}H', octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff or 0xffff


def packet(message: bytes) -> bytes:
    """IPv6 and UDP from port 547 to 547."""
    addresses = b''.join(ipaddress.ip_address(text).packed for text in ('2001:db8::a', '2001:db8::b'))
    head = struct.pack('!HHH', 547, 547, 8 + len(message))
    pseudo = addresses + struct.pack('!IHBB', 8 + len(message), 0, 0, 17)
    udp = head + struct.pack('!H', checksum(pseudo + head + b'\0\0' + message)) + message
    return struct.pack('!IHBB', 0x60000000, len(udp), 17, 64) + addresses + udp


def capture(messages) -> bytes:
    file = struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, LINKTYPE_RAW)
    for message in messages:
        octets = packet(message)
        file += struct.pack('<IIII', 0, 0, len(octets), len(octets)) + octets
    return file


def dissect(messages):
    with tempfile.NamedTemporaryFile(suffix='.pcap') as file:
        file.write(capture(messages))
        file.flush()
        done = subprocess.run(['tshark', '-n', '-r', file.name, '-T', 'pdml'], capture_output=True,
                              text=True, timeout=60, check=True)
    return ElementTree.fromstring(done.stdout).findall('packet')


def walk(octets: bytes, heads=CONTAINER_HEADS):
    """(code, value) of each option, containers before what they hold."""
    while octets:
        code, length = struct.unpack('!HH', octets[:4])
        value, octets = octets[4:4 + length], octets[4 + length:]
        assert len(value) == length
        yield code, value
        if code in heads:
            yield from walk(value[heads[code]:], heads)


class Dissection:
    """What tshark makes of one message."""

    def __init__(self, packet_element):
        self.root = packet_element.find("proto[@name='dhcpv6']")
        self.malformed = any(element.get('name') == '_ws.malformed'
                             for element in packet_element.iter())
        self.options, self.values, self.complaints = [], {}, []
        self._read(self.root, None)

    def _read(self, element, code):
        for field in element:
            name = field.get('name')
            if name == 'dhcpv6.option.type':
                code = int(field.get('show'))
            elif name == 'dhcpv6.option.length':
                self.options.append((code, int(field.get('show'))))
            # It takes the binary relay message for a text and warns of what follows its first NUL.
            elif name == '_ws.expert' and code != 47:
                self.complaints.append((code, field.get('showname')))
            elif name.startswith('dhcpv6.') and not name.startswith('dhcpv6.option.'):
                self.values.setdefault(name.removeprefix('dhcpv6.'), field.get('show'))
            self._read(field, code)

    def names(self):
        """Option code to its name."""
        return {int(field.get('show')): field.get('showname').removeprefix('Option: ')
                for field in self.root.iter('field') if field.get('name') == 'dhcpv6.option.type'}


class TsharkAgrees(unittest.TestCase):
    """On every golden frame, and on what it does not open by itself."""

    @classmethod
    def setUpClass(cls):
        cls.frames = {path.stem: golden(path.stem)[10:] for path in sorted(GOLDEN.glob('*.hex'))}
        full = dict(walk(cls.frames['bndupd']))
        cls.frames['dns'] = full[116]
        messages = [bytes([REPLY, 0, 0, 1]) + options for options in cls.frames.values()]
        messages.append(full[47][16:])  # a whole RELAY-FORW
        *seen, cls.relay = [Dissection(element) for element in dissect(messages)]
        cls.seen = dict(zip(cls.frames, seen, strict=True))

    def test_finds_nothing_malformed(self):
        for name, seen in self.seen.items():
            with self.subTest(name):
                self.assertFalse(seen.malformed)
                self.assertEqual(seen.complaints, [])

    def test_would_complain(self):
        """Of a length that does not fit; one that runs past the end it does not even show."""
        wrong = [bytes([REPLY, 0, 0, 1]) + bytes.fromhex(option)
                 for option in ('0072 0002 0101', '0085 0003 330000', '0085 0009 33000000')]
        status, time, overrun = [Dissection(element) for element in dissect(wrong)]
        for seen in (status, time):
            self.assertTrue(seen.malformed)
            self.assertNotEqual(seen.complaints, [])
        self.assertEqual(overrun.options, [])

    def test_sees_the_same_options(self):
        """Each code with its length, in the order in which they stand, containers opened. F-015"""
        for name, options in self.frames.items():
            with self.subTest(name):
                self.assertEqual(self.seen[name].options,
                                 [(code, len(value)) for code, value in walk(options)])

    def test_names_every_option(self):
        """F-036 to F-060"""
        names = {}
        for seen in self.seen.values():
            names.update(seen.names())
        self.assertEqual({code: names.get(code) for code in NAMES},
                         {code: f'{name} ({code})' for code, name in NAMES.items()})

    def test_reads_the_same_values(self):
        for name, values in VALUES.items():
            with self.subTest(name):
                seen = self.seen[name].values
                self.assertEqual({key: seen.get(key) for key in values}, values)

    def test_dns_removal_info(self):
        """F-038 to F-041"""
        seen = self.seen['dns'].values
        self.assertEqual(seen['failover.dns_hostname'].rstrip('.'), 'host')
        self.assertEqual(seen['failover.dns_zonename'].rstrip('.'), 'net')
        self.assertEqual([seen[f'failover.dns.flags.{bit}'] for bit in 'usrf'], ['1', '0', '1', '1'])

    def test_relay_data_is_a_relay_forward(self):
        """F-059"""
        self.assertFalse(self.relay.malformed)
        self.assertEqual(self.relay.values['msgtype'], '12')
        self.assertEqual(self.relay.options, [(18, 4), (37, 8)])
        self.assertEqual(self.relay.values['hopcount'], '0')


if __name__ == '__main__':
    if shutil.which('tshark') is None:
        print('tshark is not installed')
        sys.exit(SKIPPED)
    unittest.main()
