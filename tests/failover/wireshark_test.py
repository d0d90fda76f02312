#!/usr/bin/env python3
"""Our dissector for Wireshark (tools/wireshark) reads what our writer writes: tshark shows the golden
frames, which the C++ tests check against it, on connections as a network makes them. What a hostile
partner may send is in wireshark_hostile_test.py.
"""
import pathlib
import re
import shutil
import ssl
import sys
import tempfile
import unittest

from tshark_agreement import GOLDEN, SKIPPED, golden, walk
from wireshark_capture import ALL_HEADS, GOLDEN_NOW, PROTOCOL, Capture, Seen, date, wire_date

INFORMATION = {
    'bndreply': 'BNDREPLY 0x000007 ACTIVE 2001:db8::101',
    'bndreply_bare': 'BNDREPLY 0x000009 FREE-BACKUP 2001:db8:8000::/40',
    'bndreply_one_refused': 'BNDREPLY 0x000008 ACTIVE 2001:db8::1, EXPIRED 2001:db8::3 refused: '
                            'OutdatedBindingInformation, RELEASED 2001:db8:1:100::/56',
    'bndreply_refused': 'BNDREPLY 0x000007 ConfigurationConflict "no such VPN" ACTIVE 2001:db8::101',
    'bndupd': 'BNDUPD 0x000007 ACTIVE 2001:db8::101',
    'bndupd_bare': 'BNDUPD 0x000009 FREE-BACKUP 2001:db8:8000::/40',
    'bndupd_several': 'BNDUPD 0x000008 ACTIVE 2001:db8::1, EXPIRED 2001:db8::3, RELEASED 2001:db8:1:100::/56',
    'connect': 'CONNECT pair',
    'connect_reply': 'CONNECTREPLY',
    'connect_reply_refused': 'CONNECTREPLY NotSupported "1.0 only"',
    'contact': 'CONTACT',
    'disconnect': 'DISCONNECT ServerShuttingDown "going down"',
    'poolreq': 'POOLREQ 0x000003',
    'poolresp': 'POOLRESP 0x000003',
    'state': 'STATE NORMAL',
    'state_partner_down': 'STATE PARTNER-DOWN (in STARTUP)',
    'upddone': 'UPDDONE 0x000004',
    'updreq': 'UPDREQ 0x000004',
    'updreqall': 'UPDREQALL 0x000004',
}

# What the golden octets mean, in the dissector's fields.
VALUES = {
    'connect': {
        'type': ['31'], 'transaction_id': ['0x010203'], 'major_version': ['1'], 'minor_version': ['0'],
        'mclt': ['3600'], 'keepalive_time': ['60'], 'max_unacked_bndupd': ['100'],
        'connect_flags.fixed_pd_length': ['1'], 'relationship_name': ['pair'],
        'enterprise_number': ['32473'], 'fingerprint': ['aa:bb:cc']},
    'connect_reply_refused': {'status_code': ['14'], 'status_message': ['1.0 only']},
    'state': {'server_state': ['2'], 'server_flags.communicated': ['1'], 'server_flags.startup': ['0']},
    'state_partner_down': {
        'server_state': ['4'], 'server_flags.ack_startup': ['1'], 'server_flags.startup': ['1'],
        'server_flags.communicated': ['1']},
    'bndupd': {
        'client_id': ['00:03:00:01:02:00:5e:10:00:01'], 'duid.type': ['3'], 'iaid': ['42'], 't1': ['1800'],
        't2': ['2880'], 'address': ['2001:db8::101'], 'preferred_lifetime': ['3000'],
        'valid_lifetime': ['3600'], 'binding_status': ['1'], 'clt_time': ['16'],
        'reconfigure_key': ['11:22:33:44:55:66'], 'relay_data.peer_address': ['::'], 'relay.type': ['12'],
        'interface_id': ['65:74:68:30'], 'remote_id.enterprise_number': ['9'], 'remote_id': ['6f:6c:74:37'],
        'client_fqdn.flags.s': ['1'], 'client_fqdn': ['host'], 'dns_host_name': ['host.'],
        'dns_zone_name': ['net.'], 'dns_flags.using_requested_fqdn': ['1'],
        'dns_flags.synthesized_name': ['0'], 'dns_flags.rev_uptodate': ['1'], 'dns_flags.fwd_uptodate': ['1']},
    'bndupd_several': {
        'binding_status': ['1', '2', '3'], 'address': ['2001:db8::1', '2001:db8::3'],
        'prefix': ['2001:db8:1:100::'], 'prefix_length': ['56'], 'iaid': ['1', '1']},
    'bndreply_refused': {'status_code': ['17'], 'vss.type': ['0'], 'vss': ['76:70:6e']},
}

# The octets of each time, in the order in which they stand.
TIMES = {
    'connect_reply': {'sent_time': [GOLDEN_NOW + 1]},
    'state_partner_down': {
        'sent_time': [GOLDEN_NOW], 'start_time_of_state': [0x32ff0000], 'partner_down_time': [0x32feffff]},
    'bndupd': {
        'lq_base_time': [GOLDEN_NOW], 'reconfigure_time': [0x32ffff00], 'start_time_of_state': [0x32fffff0],
        'state_expiration_time': [0x33000e00], 'partner_lifetime': [0x33040000],
        'expiration_time': [0x33020000], 'partner_raw_clt_time': [0x32ffff80]},
    'bndupd_several': {'start_time_of_state': [0x32fffff0, 0x32fffe00, GOLDEN_NOW]},
    'bndreply': {'partner_lifetime_sent': [0x33040000], 'state_expiration_time': [0x33000e00]},
}

# RFC 8156 sections 5.5.1, 5.5.16 and 5.6; what comes before 16 is of RFC 8415, 5007, 5460 and 7653.
BINDING_STATUSES = ('ACTIVE', 'EXPIRED', 'RELEASED', 'PENDING-FREE', 'FREE', 'FREE-BACKUP', 'ABANDONED', 'RESET')
SERVER_STATES = (
    'STARTUP', 'NORMAL', 'COMMUNICATIONS-INTERRUPTED', 'PARTNER-DOWN', 'POTENTIAL-CONFLICT', 'RECOVER',
    'RECOVER-WAIT', 'RECOVER-DONE', 'RESOLUTION-INTERRUPTED', 'CONFLICT-DONE')
STATUS_CODES = (
    'UnspecFail', 'NoAddrsAvail', 'NoBinding', 'NotOnLink', 'UseMulticast', 'NoPrefixAvail', 'UnknownQueryType',
    'MalformedQuery', 'NotConfigured', 'NotAllowed', 'QueryTerminated', 'DataMissing', 'CatchUpComplete',
    'NotSupported', 'TLSConnectionRefused', 'AddressInUse', 'ConfigurationConflict', 'MissingBindingInformation',
    'OutdatedBindingInformation', 'ServerShuttingDown', 'DNSUpdateNotSupported', 'ExcessiveTimeSkew')

LEASE = bytes.fromhex('0005 001d 20010db8000000000000000000000001 0000003c 00000078 0072 0001 01')

CLEAR_TO_TLS = (bytes.fromhex('0004 17 000009'), bytes.fromhex('0004 07 000009'))
TLS_REFUSED = bytes.fromhex('000a 07 000009 000d 0002 000f')


def names_of_options():
    """Code to name, as the comments of the golden files have it."""
    text = ' '.join(path.read_text(encoding='ascii') for path in GOLDEN.glob('*.hex'))
    return {int(code): name for code, name in re.findall(r'(\d+) (OPTION_\w+)', text)}


class GoldenFrames(unittest.TestCase):
    """Each in a segment of its own."""

    @classmethod
    def setUpClass(cls):
        cls.octets = {path.stem: golden(path.stem) for path in sorted(GOLDEN.glob('*.hex'))}
        capture = Capture()
        for name, octets in cls.octets.items():
            capture.send(0, octets, answers='reply' in name)
        cls.all = Seen(capture)
        cls.seen = dict(zip(cls.octets, cls.all.messages, strict=True))

    def test_finds_nothing_malformed(self):
        self.assertEqual(self.all.accidents, [])
        for name, seen in self.seen.items():
            with self.subTest(name):
                self.assertFalse(seen.malformed)
                self.assertIsNone(seen.first('surplus'))

    def test_tells_each_in_a_line(self):
        self.assertEqual(dict(zip(self.octets, self.all.information, strict=True)), INFORMATION)

    def test_sees_every_option(self):
        """Each code with its length, in the order in which they stand, containers opened."""
        for name, octets in self.octets.items():
            with self.subTest(name):
                self.assertEqual(self.seen[name].options,
                                 [(code, len(value)) for code, value in walk(octets[10:], ALL_HEADS)])

    def test_names_every_option(self):
        seen = {}
        for message in self.seen.values():
            seen.update(message.names)
        names = {code: f'Option: {name} ({code})' for code, name in names_of_options().items()}
        self.assertLessEqual(set(range(114, 135)), set(names))
        self.assertEqual(seen, names)

    def test_reads_the_same_values(self):
        for name, values in VALUES.items():
            with self.subTest(name):
                self.assertEqual({key: self.seen[name].values.get(key) for key in values}, values)

    def test_shows_times_as_dates(self):
        for name, times in TIMES.items():
            for field, seconds in times.items():
                with self.subTest(name, field=field):
                    self.assertEqual([date(text) for text in self.seen[name].values[field]],
                                     [wire_date(second) for second in seconds])


class WellFormed(unittest.TestCase):

    def see(self, capture, *arguments):
        seen = Seen(capture, *arguments)
        self.assertEqual(seen.accidents, [])
        self.assertFalse([message for message in seen.messages if message.malformed])
        return seen


class Meanings(WellFormed):
    """What the golden frames do not say."""

    def lines_of(self, name: str, place: bytes, values) -> list[str]:
        """Of a golden frame with each of the values after what stands in it once."""
        octets, capture = golden(name), Capture()
        self.assertEqual(octets.count(place), 1)
        before, _, after = octets.partition(place)
        for value in values:
            capture.send(0, before + place + value + after[len(value):])
        return self.see(capture).information

    def test_binding_statuses(self):
        lines = self.lines_of('bndupd_bare', bytes.fromhex('00720001'), [bytes([value]) for value in range(1, 9)])
        self.assertEqual(lines, [f'BNDUPD 0x000009 {status} 2001:db8:8000::/40' for status in BINDING_STATUSES])

    def test_server_states(self):
        lines = self.lines_of('state', bytes.fromhex('00840001'), [bytes([value]) for value in range(1, 11)])
        self.assertEqual(lines, [f'STATE {state}' for state in SERVER_STATES])

    def test_status_codes(self):
        lines = self.lines_of('disconnect', bytes.fromhex('000d000c'), [bytes([0, code]) for code in range(1, 23)])
        self.assertEqual(lines, [f'DISCONNECT {name} "going down"' for name in STATUS_CODES])

    def test_the_nearest_time(self):
        """Of those that the 32 bits may stand for, up to half of the circle to both sides of the capture."""
        half, state, capture = 2 ** 31, golden('state'), Capture()
        ahead = [half - 100, -half + 100, -GOLDEN_NOW - 1]
        for seconds in ahead:
            wire = (GOLDEN_NOW + seconds) % 2 ** 32
            capture.send(0, state[:6] + wire.to_bytes(4, 'big') + state[10:-4] + bytes(4))
        messages = self.see(capture).messages
        self.assertEqual([date(message.first('sent_time')) for message in messages],
                         [wire_date(GOLDEN_NOW + seconds) for seconds in ahead])
        self.assertEqual({date(message.first('start_time_of_state')) for message in messages}, {wire_date(0)})

    def test_a_refusal_of_an_ia(self):
        """It stands behind a lease and is not of that lease alone."""
        self.assertEqual(self.line_of_ia(LEASE + bytes.fromhex('000d 0002 0004')),
                         'BNDREPLY 0x000007 NotOnLink ACTIVE 2001:db8::1')

    def test_more_leases_than_a_line_holds(self):
        self.assertEqual(self.line_of_ia(5 * LEASE),
                         'BNDREPLY 0x000007 ' + ', '.join(['ACTIVE 2001:db8::1'] * 3) + ' and 2 more')

    def line_of_ia(self, options: bytes) -> str:
        ia = bytes.fromhex('0003') + (12 + len(options)).to_bytes(2, 'big') + bytes(12) + options
        message = golden('bndreply')[2:10] + bytes.fromhex('002d') + len(ia).to_bytes(2, 'big') + ia
        capture = Capture()
        capture.send(0, len(message).to_bytes(2, 'big') + message)
        line, = self.see(capture).information
        return line


class Connections(WellFormed):
    """Messages as they lie in segments, and what belongs together."""

    def test_a_message_in_two_segments(self):
        """Cut after each of its octets."""
        octets, capture = golden('bndupd_bare'), Capture()
        for size in range(1, len(octets)):
            capture.send(size, octets[:size])
            capture.send(size, octets[size:])
        seen = self.see(capture)
        self.assertEqual([len(frame.messages) for frame in seen.frames], [0, 1] * (len(octets) - 1))
        self.assertEqual(seen.information[1::2], [INFORMATION['bndupd_bare']] * (len(octets) - 1))

    def test_a_message_octet_by_octet(self):
        capture = Capture()
        for octet in golden('state'):
            capture.send(0, bytes([octet]))
        self.assertEqual(self.see(capture).information[-1], INFORMATION['state'])

    def test_messages_in_one_segment(self):
        capture = Capture()
        capture.send(0, golden('connect') + golden('state') + golden('bndupd')[:100])
        capture.send(0, golden('bndupd')[100:] + golden('contact'))
        self.assertEqual(self.see(capture).information, [
            'CONNECT pair | STATE NORMAL', 'BNDUPD 0x000007 ACTIVE 2001:db8::101 | CONTACT'])

    def test_request_and_response(self):
        """Each side counts transactions for itself: the second BNDUPD is not of the first."""
        capture = Capture()
        capture.send(0, golden('bndupd'))
        capture.send(0, golden('bndupd'), answers=True)
        capture.send(0, golden('bndreply'), answers=True)
        capture.send(0, golden('bndreply'))
        capture.send(0, golden('updreqall'))
        capture.send(0, golden('upddone'), answers=True)
        messages = self.see(capture, '-2').messages
        self.assertEqual([message.first('response_in') for message in messages],
                         ['3', '4', None, None, '6', None])
        self.assertEqual([message.first('response_to') for message in messages],
                         [None, None, '1', '2', None, '5'])
        self.assertEqual([message.first('response_time') for message in messages],
                         [None, None, '2.000000000', '2.000000000', None, '1.000000000'])

    def test_what_the_capture_does_not_hold(self):
        """It is the capture that is cut short, and no fault of the sender."""
        octets, capture = golden('bndupd'), Capture()
        for size in range(1, len(octets)):
            capture.send(size, octets, kept=size)
        seen = self.see(capture)
        self.assertEqual({len(frame.messages) for frame in seen.frames}, {1})
        self.assertIn('cut_short', seen.messages[-1].values)

    def test_another_port(self):
        """By the preference, which leaves 647 to who had it before, or by Decode As."""
        elsewhere, at_home = Capture(port=700), Capture()
        for capture in (elsewhere, at_home):
            capture.send(0, golden('contact'))
        preferred = ('-o', f'{PROTOCOL}.port:700')
        for arguments in (preferred, ('-d', f'tcp.port==700,{PROTOCOL}')):
            with self.subTest(arguments):
                self.assertEqual(self.see(elsewhere, *arguments).information, ['CONTACT'])
        self.assertEqual(self.see(elsewhere).messages, [])
        self.assertIn('dhcpfo', Seen(at_home, *preferred).frames[0].protocols)


class TlsEnd:
    """One end of a TLS connection without certificates, its octets in memory."""

    def __init__(self, is_server: bool, key_log: str):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if is_server else ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers('AECDH-AES128-SHA:@SECLEVEL=0')
        context.keylog_filename = key_log
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=is_server)

    def shake_hands(self):
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass


class Tls(unittest.TestCase):
    """R-38"""

    def capture(self, key_log: str) -> Capture:
        capture = Capture()
        ends = [TlsEnd(is_server, key_log) for is_server in (False, True)]

        def send(sender: int):
            octets = ends[sender].outgoing.read()
            if octets:
                capture.send(0, octets, answers=bool(sender))
                ends[1 - sender].incoming.write(octets)

        for answers, octets in enumerate(CLEAR_TO_TLS):
            capture.send(0, octets, answers=bool(answers))
        for sender in (0, 1, 0, 1):
            ends[sender].shake_hands()
            send(sender)
        for octets in (golden('connect')[:20], golden('connect')[20:] + golden('state')):
            ends[0].tls.write(octets)
            send(0)
        return capture

    def test_after_starttls(self):
        """It is Wireshark's to read, and with a key log so is what lies in it."""
        with tempfile.TemporaryDirectory() as folder:
            key_log = str(pathlib.Path(folder) / 'keys')
            capture = self.capture(key_log)
            without_keys, with_keys = Seen(capture), Seen(capture, '-o', f'tls.keylog_file:{key_log}')
        for seen in (without_keys, with_keys):
            self.assertEqual(seen.accidents, [])
            self.assertEqual(seen.information[:2], ['STARTTLS', 'REPLY go ahead with TLS'])
            self.assertTrue(all('tls' in frame.protocols for frame in seen.frames[2:]))
        self.assertEqual(len(without_keys.messages), 2)
        self.assertEqual(with_keys.information[-1], 'CONNECT pair | STATE NORMAL')

    def test_refused(self):
        capture = Capture()
        capture.send(0, CLEAR_TO_TLS[0])
        capture.send(0, TLS_REFUSED, answers=True)
        seen = Seen(capture)
        self.assertEqual(seen.accidents, [])
        self.assertEqual(seen.information, ['STARTTLS', 'REPLY TLSConnectionRefused'])
        self.assertEqual(seen.messages[1].first('response_to'), '1')


if __name__ == '__main__':
    if shutil.which('tshark') is None:
        print('tshark is not installed')
        sys.exit(SKIPPED)
    unittest.main()
