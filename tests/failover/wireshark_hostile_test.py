#!/usr/bin/env python3
"""Whatever a partner sends, our dissector for Wireshark shows it or says that it is malformed; it never
stumbles over it. Each message travels on a connection of its own, so none is lost behind another.
"""
import pathlib
import random
import shutil
import struct
import sys
import tempfile
import unittest

from tshark_agreement import GOLDEN, SKIPPED, golden, walk
from wireshark_capture import ALL_HEADS, SCRIPT, Capture, Seen

HEADER_SIZE = 8
SEED = 8156
MESSAGE_TYPES = (7, *range(23, 36))

# Options with one length, and the fewest octets of the others that must have some.
FIXED = (46, 100, 114, 115, *range(119, 129), 131, 132, 133, 134)
LEAST = {1: 3, 3: 12, 5: 24, 13: 2, 25: 12, 26: 25, 37: 5, 39: 1, 47: 50, 68: 1, 117: 1, 118: 1, 129: 4}


def framed(message: bytes) -> bytes:
    return struct.pack('!H', len(message)) + message


def option(code: int, value: bytes) -> bytes:
    return struct.pack('!HH', code, len(value)) + value


def update(options: bytes) -> bytes:
    return bytes.fromhex('18 000001 33000000') + options


def golden_messages():
    """Without their size."""
    return [golden(path.stem)[2:] for path in sorted(GOLDEN.glob('*.hex'))]


def ends_of_options(message: bytes):
    """Where a message may end and be whole."""
    at, ends = HEADER_SIZE, {HEADER_SIZE}
    while at < len(message):
        at += 4 + struct.unpack('!H', message[at + 2:at + 4])[0]
        ends.add(at)
    return ends


def mutated(octets: bytes, stream: random.Random) -> bytes:
    changed = bytearray(octets)
    for _ in range(stream.randint(1, 4)):
        changed[stream.randrange(len(changed))] = stream.choice((0, 1, 0x7f, 0xff, stream.randrange(256)))
    return bytes(changed)


def see_each(messages, script=SCRIPT) -> Seen:
    capture = Capture()
    for connection, message in enumerate(messages):
        capture.send(connection, framed(message))
    return Seen(capture, script=script)


class Hostile(unittest.TestCase):

    def see_each(self, messages):
        """Every one is shown, without an accident."""
        seen = see_each(messages)
        self.assertEqual(seen.accidents, [])
        self.assertEqual([len(frame.messages) for frame in seen.frames], [1] * len(messages))
        return seen.messages

    def test_every_beginning_of_a_message(self):
        """Framed as if it were whole: malformed unless it ends with an option."""
        messages = golden_messages()
        beginnings = [message[:size] for message in messages for size in range(len(message) + 1)]
        whole = [size in ends_of_options(message) for message in messages for size in range(len(message) + 1)]
        seen = self.see_each(beginnings)
        self.assertEqual([not message.malformed for message in seen], whole)

    def test_every_beginning_of_a_frame(self):
        """After which nothing comes: it waits."""
        capture = Capture()
        for message in golden_messages():
            for size in range(1, len(message)):
                capture.send(len(capture.records), framed(message)[:size + 1])
        seen = Seen(capture)
        self.assertEqual(seen.accidents, [])
        self.assertEqual(seen.messages, [])

    def test_lengths_that_an_option_cannot_have(self):
        values = {code: value for message in golden_messages()
                  for code, value in walk(message[HEADER_SIZE:], ALL_HEADS)}
        wrong = [option(code, values[code] + b'\0') for code in FIXED]
        wrong += [option(code, values[code][:-1]) for code in FIXED]
        wrong += [option(code, values[code][:least - 1]) for code, least in LEAST.items()]
        seen = self.see_each([update(octets) for octets in wrong])
        self.assertEqual([octets.hex(' ') for octets, message in zip(wrong, seen, strict=True)
                          if not message.malformed], [])

    def test_values_that_an_option_cannot_have(self):
        labels = ('05 686f7374', '40' + 64 * '61', 'c00c', '04 686f7374 00 00', '00 00')
        wrong = [option(117, bytes.fromhex(text)) for text in labels]
        wrong.append(option(26, bytes(8) + b'\x81' + bytes(16)))
        seen = self.see_each([update(octets) for octets in wrong])
        self.assertTrue(all(message.malformed for message in seen))

    def test_what_is_unknown_is_not_malformed(self):
        strange = [option(114, b'\xff'), option(132, b'\x0b'), option(131, b'\xff'), option(999, b'abc'),
                   option(13, b'\xff\xff'), option(1, bytes(3)), option(130, b'a\0\xff\x1b[2J\n'),
                   option(5, b'\xff' * 24), option(100, bytes(4)), option(17, bytes(4)),
                   option(17, bytes.fromhex('00007ed9 0001 000b 0102030405060708 0001 61'))]
        seen = self.see_each([update(octets) for octets in strange] + [bytes([77]) + bytes(20)])
        self.assertFalse(any(message.malformed for message in seen))
        self.assertIn('unknown_type', seen[-1].values)
        self.assertEqual(seen[10].first('fingerprint.digest'), '01:02:03:04:05:06:07:08')

    def test_texts(self):
        """They go to terminals, so no octet that is no character of UTF-8 does, and no control character."""
        texts = {'süd-1 \u20ac \U0001f600'.encode(): 'süd-1 \u20ac \U0001f600', b'a\xff\xffbc': 'a??bc',
                 b'\x1b[2J\r\n\0z': '?[2J???z', b'\xc2\x9b1m': '??1m', b'\xc0\xaf': '??', b'\xed\xa0\x80': '???',
                 b'\xf4\x90\x80\x80': '????', b'\xe2\x82': '??'}
        seen = self.see_each([update(option(130, octets)) for octets in texts])
        self.assertEqual([message.first('relationship_name') for message in seen], list(texts.values()))

    def test_options_in_options_without_end(self):
        """Deeper than Wireshark's tree can be, in each option that holds options."""
        nests = []
        for code, head_size in ALL_HEADS.items():
            value = b''
            while len(value) + head_size + 4 < 60000:
                value = option(code, bytes(head_size) + value)
            nests.append(update(value))
        self.assertTrue(all(message.malformed for message in self.see_each(nests)))

    def test_as_many_options_as_fit(self):
        self.see_each([update(option(code, b'') * 16000) for code in (45, 114, 999)])

    def test_octets_changed(self):
        stream = random.Random(SEED)
        messages = golden_messages()
        self.see_each([mutated(stream.choice(messages), stream) for _ in range(1000)])

    def test_frames_changed(self):
        """Their sizes too, so that what follows is out of step."""
        stream, capture = random.Random(SEED), Capture()
        frames = b''.join(framed(message) for message in golden_messages())
        for connection in range(200):
            octets = mutated(mutated(frames, stream), stream)
            for at in range(0, len(octets), 500):
                capture.send(connection, octets[at:at + 500])
        self.assertEqual(Seen(capture).accidents, [])

    def test_noise(self):
        stream = random.Random(SEED)
        noise = [bytes([kind]) + stream.randbytes(stream.randrange(200)) for kind in MESSAGE_TYPES * 20]
        self.assertTrue(any(message.malformed for message in self.see_each(noise)))

    def test_what_only_looks_like_tls(self):
        stream, capture = random.Random(SEED), Capture()
        for connection in range(100):
            capture.send(connection, bytes.fromhex('160303') + stream.randbytes(100))
        self.assertEqual(Seen(capture).complaints, [])


class WouldNotice(unittest.TestCase):
    """That the dissector has a fault."""

    def accidents_with(self, fault: str, place: str):
        """With `fault` in the place of `place`, which stands once in the walk of options."""
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(SCRIPT.parent, folder, dirs_exist_ok=True)
            path = pathlib.Path(folder) / 'tandem6_failover' / 'options.lua'
            text = path.read_text(encoding='utf-8')
            self.assertEqual(text.count(place), 1)
            path.write_text(text.replace(place, fault), encoding='utf-8')
            message = golden('connect')[2:]
            return see_each([message, message[:-1]], script=pathlib.Path(folder) / SCRIPT.name).accidents

    def test_without_a_fault(self):
        self.assertEqual(self.accidents_with('local options =', 'local options ='), [])

    def test_an_error_of_the_script(self):
        accidents = self.accidents_with("error('made') local code, length =", 'local code, length =')
        self.assertIn('_ws.lua.error', accidents)

    def test_a_read_past_the_end(self):
        self.assertIn('_ws.lua.error', self.accidents_with('if false then', 'if length > left then'))

    def test_a_script_that_cannot_be_loaded(self):
        accidents = self.accidents_with("error('made') local options =", 'local options =')
        self.assertIn('tshark: Lua: Error during loading:', accidents)


if __name__ == '__main__':
    if shutil.which('tshark') is None:
        print('tshark is not installed')
        sys.exit(SKIPPED)
    unittest.main()
