"""The judges themselves: each fault that they are there to find is made here, and found."""

import ipaddress
import struct
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

from lab import dhcp6, dissector, exchanges, form, frames, laboratory, ledger, packets
from lab.dhcp6 import CLIENT_ID, SERVER_ID, IA_NA, IA_PD, Message, Option, RelayLevel, Unwrapped
from lab.perfdhcp import read_report

CLIENT, SERVER = "fe80::c", "fe80::1"
ALICE, BOB = dhcp6.duid_ll(1), dhcp6.duid_ll(2)
SERVER_DUID = dhcp6.duid_ll(99)


def ia(kind, iaid, *leases, t1=10, t2=16, extra=()):
    """An IA with (text, preferred, valid) leases."""
    inner = []
    for text, preferred, valid in leases:
        network = ipaddress.IPv6Network(text, strict=False)
        octets = ipaddress.IPv6Address(text.split("/")[0]).packed
        inner.append(
            Option(dhcp6.IAADDR, octets + struct.pack("!II", preferred, valid)) if kind == IA_NA else
            Option(dhcp6.IAPREFIX, struct.pack("!IIB", preferred, valid, network.prefixlen) + octets))
    return Option(kind, struct.pack("!III", iaid, t1, t2) + dhcp6.encode_options(inner + list(extra)))


def frame(payload, source, destination, ports, checksum_error=0):
    source, destination = ipaddress.IPv6Address(source), ipaddress.IPv6Address(destination)
    macs = ("02:00:00:00:00:02", "02:00:00:00:00:01")
    if source == ipaddress.IPv6Address(CLIENT):
        macs = macs[::-1]
    datagram = frames.udp(source, destination, ports, payload, checksum_error)
    return frames.ethernet(*macs, frames.ipv6(source, destination, packets.UDP, datagram))


class Story:
    """Writes a capture, message by message, a second apart."""

    def __init__(self):
        self.frames = []
        self.now = 1_000_000.0
        self.transaction_id = 1

    def wait(self, seconds):
        self.now += seconds
        return self

    def client(self, kind, duid, *options, levels=()):
        self.transaction_id += 1
        head = [Option(CLIENT_ID, duid)] if duid else []
        if kind in (dhcp6.REQUEST, dhcp6.RENEW, dhcp6.RELEASE, dhcp6.DECLINE):
            head.append(Option(SERVER_ID, SERVER_DUID))
        message = Message(kind, self.transaction_id, (*head, *options))
        port = 547 if levels else 546
        return self.add(frame(Unwrapped(message, levels).encode(), CLIENT, "ff02::1:2", (port, 547)))

    def server(self, kind, duid, *options, levels=(), source=SERVER, port=None, checksum_error=0, xid=None):
        head = ([Option(CLIENT_ID, duid)] if duid else []) + [Option(SERVER_ID, SERVER_DUID)]
        message = Message(kind, xid or self.transaction_id, (*head, *options))
        port = port or (547 if levels else 546)
        return self.add(frame(Unwrapped(message, levels).encode(), source, CLIENT, (547, port), checksum_error))

    def add(self, octets):
        self.frames.append((self.now, octets))
        self.now += 1
        return self

    def lease(self, duid, *ias, asked=None):
        """REQUEST and REPLY."""
        return self.client(dhcp6.REQUEST, duid, *(asked or ias)).server(dhcp6.REPLY, duid, *ias)

    def write(self, path):
        with open(path, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
            for time, octets in self.frames:
                file.write(struct.pack("<IIII", int(time), int(time % 1 * 1e6), len(octets), len(octets)) + octets)

    def read(self):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "story.pcap"
            self.write(path)
            return exchanges.read(path)

    def ledger(self):
        return ledger.keep(self.read())

    def faults(self):
        return form.faults(self.read())


NA = ("2001:db8:7::1", 20, 60)
PD = ("2001:db8:8000::/56", 20, 60)


class TestLedger(unittest.TestCase):
    def assert_fault(self, story, word):
        found = story.ledger().faults
        self.assertEqual([fault.split(":")[0] for fault in found], [word], found)

    def test_an_honest_story_has_no_fault(self):
        book = (Story().lease(ALICE, ia(IA_NA, 1, NA), ia(IA_PD, 1, PD))
                .client(dhcp6.RENEW, ALICE, ia(IA_NA, 1, NA), ia(IA_PD, 1, PD))
                .server(dhcp6.REPLY, ALICE, ia(IA_NA, 1, NA), ia(IA_PD, 1, PD))
                .client(dhcp6.RELEASE, ALICE, ia(IA_NA, 1, NA)).server(dhcp6.REPLY, ALICE)
                .lease(BOB, ia(IA_NA, 1, NA))).ledger()
        self.assertEqual(book.faults, [])
        self.assertEqual((book.renewed, book.released, book.leases_ever()), (2, 1, 2))
        self.assertEqual([str(lease) for lease in book.held_by(ALICE, 1_000_010)], ["2001:db8:8000::/56"])

    def test_a_lease_given_twice_is_seen(self):
        self.assert_fault(Story().lease(ALICE, ia(IA_NA, 1, NA)).lease(BOB, ia(IA_NA, 1, NA)), "twice")

    def test_two_ias_of_one_client_are_two_holders(self):
        self.assert_fault(Story().lease(ALICE, ia(IA_NA, 1, NA)).lease(ALICE, ia(IA_NA, 2, NA)), "twice")

    def test_a_prefix_within_a_given_prefix_is_seen(self):
        inner = ("2001:db8:8000:1::/64", 20, 60)
        self.assert_fault(Story().lease(ALICE, ia(IA_PD, 1, PD)).lease(BOB, ia(IA_PD, 1, inner)), "twice")
        self.assert_fault(Story().lease(ALICE, ia(IA_PD, 1, inner)).lease(BOB, ia(IA_PD, 1, PD)), "twice")

    def test_a_lease_is_free_after_its_valid_lifetime_and_not_before(self):
        story = Story().lease(ALICE, ia(IA_NA, 1, NA)).wait(57)
        self.assert_fault(story.lease(BOB, ia(IA_NA, 1, NA)), "twice")
        story = Story().lease(ALICE, ia(IA_NA, 1, NA)).wait(59)
        self.assertEqual(story.lease(BOB, ia(IA_NA, 1, NA)).ledger().faults, [])

    def test_a_renewal_prolongs_the_promise(self):
        story = (Story().lease(ALICE, ia(IA_NA, 1, NA)).wait(30).client(dhcp6.RENEW, ALICE, ia(IA_NA, 1, NA))
                 .server(dhcp6.REPLY, ALICE, ia(IA_NA, 1, NA)).wait(40))
        self.assert_fault(story.lease(BOB, ia(IA_NA, 1, NA)), "twice")

    def test_infinite_is_for_ever(self):
        story = Story().lease(ALICE, ia(IA_NA, 1, ("2001:db8:7::1", dhcp6.INFINITE, dhcp6.INFINITE))).wait(10 ** 6)
        self.assert_fault(story.lease(BOB, ia(IA_NA, 1, NA)), "twice")

    def test_a_renewal_that_gives_another_lease_is_a_lost_lease(self):
        story = Story().lease(ALICE, ia(IA_NA, 1, NA)).client(dhcp6.RENEW, ALICE, ia(IA_NA, 1, NA))
        self.assert_fault(story.server(dhcp6.REPLY, ALICE, ia(IA_NA, 1, ("2001:db8:7::2", 20, 60))), "lost")

    def test_a_renewal_with_lifetime_zero_is_a_lost_lease(self):
        story = Story().lease(ALICE, ia(IA_NA, 1, NA)).client(dhcp6.RENEW, ALICE, ia(IA_NA, 1, NA))
        self.assert_fault(story.server(dhcp6.REPLY, ALICE, ia(IA_NA, 1, ("2001:db8:7::1", 0, 0))), "lost")

    def test_an_advertise_that_is_not_kept_is_seen(self):
        story = (Story().client(dhcp6.SOLICIT, ALICE, ia(IA_NA, 1))
                 .server(dhcp6.ADVERTISE, ALICE, ia(IA_NA, 1, NA))
                 .lease(ALICE, ia(IA_NA, 1, ("2001:db8:7::9", 20, 60)), asked=[ia(IA_NA, 1, NA)]))
        self.assert_fault(story, "broken")

    def test_a_declined_address_given_again_is_seen(self):
        story = (Story().lease(ALICE, ia(IA_NA, 1, NA)).client(dhcp6.DECLINE, ALICE, ia(IA_NA, 1, NA))
                 .server(dhcp6.REPLY, ALICE))
        self.assert_fault(story.lease(BOB, ia(IA_NA, 1, NA)), "poisoned")

    def test_a_release_of_somebody_elses_lease_frees_nothing(self):
        story = (Story().lease(ALICE, ia(IA_NA, 1, NA)).client(dhcp6.RELEASE, BOB, ia(IA_NA, 1, NA))
                 .server(dhcp6.REPLY, BOB))
        self.assert_fault(story.lease(BOB, ia(IA_NA, 1, NA)), "twice")

    def test_a_release_to_another_server_frees_nothing(self):
        story = Story().lease(ALICE, ia(IA_NA, 1, NA))
        message = Message(dhcp6.RELEASE, 99, (Option(CLIENT_ID, ALICE), Option(SERVER_ID, BOB), ia(IA_NA, 1, NA)))
        story.add(frame(message.encode(), CLIENT, "ff02::1:2", (546, 547)))
        self.assert_fault(story.lease(BOB, ia(IA_NA, 1, NA)), "twice")


class TestForm(unittest.TestCase):
    def assert_fault(self, story, rule, count=1):
        found = story.faults()
        self.assertEqual([fault.split(": ")[1] for fault in found], [rule] * count, found)

    def answer(self, *options, question=(), kind=dhcp6.REPLY, asked=dhcp6.REQUEST, **how):
        return Story().client(asked, ALICE, *question).server(kind, ALICE, *options, **how)

    def test_a_good_answer_has_no_fault(self):
        self.assertEqual(self.answer(ia(IA_NA, 1, NA), question=[ia(IA_NA, 1)]).faults(), [])

    def test_datagram(self):
        self.assert_fault(self.answer(checksum_error=0x0101), "datagram")
        self.assert_fault(self.answer(port=547), "datagram")
        self.assert_fault(self.answer(source="2001:db8::1"), "datagram")

    def test_an_answer_to_nothing(self):
        self.assertIn("answer to nothing", self.answer(xid=77).faults()[0])

    def test_kind_of_answer(self):
        self.assert_fault(self.answer(kind=dhcp6.ADVERTISE), "kind_of_answer")
        self.assert_fault(self.answer(asked=dhcp6.SOLICIT), "kind_of_answer")
        self.assert_fault(self.answer(Option(dhcp6.RAPID_COMMIT)), "kind_of_answer")

    def test_identifiers(self):
        story = Story().client(dhcp6.SOLICIT, ALICE).server(dhcp6.ADVERTISE, BOB)
        self.assert_fault(story, "identifiers")
        self.assert_fault(Story().client(dhcp6.INFORMATION_REQUEST, None).server(dhcp6.REPLY, ALICE), "identifiers")

    def test_options(self):
        dns = Option(dhcp6.DNS_SERVERS, bytes(16))
        self.assert_fault(self.answer(dns), "options")
        self.assertEqual(self.answer(dns, question=[dhcp6.oro(dhcp6.DNS_SERVERS)]).faults(), [])
        status = Option(dhcp6.STATUS_CODE, b"\0\0")
        self.assert_fault(self.answer(status, status), "options")
        self.assert_fault(self.answer(Option(dhcp6.INTERFACE_ID, b"x")), "options", 2)

    def test_status(self):
        self.assert_fault(self.answer(Option(dhcp6.STATUS_CODE, b"\0\0fine\0")), "status")
        self.assert_fault(self.answer(Option(dhcp6.STATUS_CODE, b"\0\5")), "status")

    def test_identity_associations(self):
        self.assert_fault(self.answer(question=[ia(IA_NA, 1)]), "identity_associations")
        self.assert_fault(self.answer(ia(IA_NA, 2, NA)), "identity_associations")
        twice = ia(IA_NA, 1, NA)
        self.assert_fault(self.answer(twice, twice, question=[ia(IA_NA, 1)]), "identity_associations")
        odd = ia(IA_NA, 1, NA, extra=[Option(dhcp6.DNS_SERVERS, bytes(16))])
        self.assert_fault(self.answer(odd, question=[ia(IA_NA, 1)]), "identity_associations")
        self.assert_fault(self.answer(ia(IA_NA, 1, NA), question=[ia(IA_NA, 1)], asked=dhcp6.CONFIRM),
                          "identity_associations")

    def test_times(self):
        question = [ia(IA_NA, 1), ia(IA_PD, 1)]
        self.assert_fault(self.answer(ia(IA_NA, 1, NA, t1=9), ia(IA_PD, 1, PD), question=question), "times")
        self.assert_fault(self.answer(ia(IA_NA, 1, NA, t1=17), question=question[:1]), "times")
        self.assert_fault(self.answer(ia(IA_NA, 1, ("2001:db8:7::1", 61, 60)), question=question[:1]), "times")

    def test_prefixes(self):
        dirty = ("2001:db8:8000:1::/56", 20, 60)
        self.assert_fault(self.answer(ia(IA_PD, 1, dirty), question=[ia(IA_PD, 1)]), "prefixes")

    def test_relay_levels(self):
        def level(kind=dhcp6.RELAY_FORW, hops=0, link="2001:db8:9::1", peer="fe80::77", interface=b"eth0"):
            return RelayLevel(kind, hops, ipaddress.IPv6Address(link), ipaddress.IPv6Address(peer),
                              (Option(dhcp6.INTERFACE_ID, interface),))

        def through(back):
            return Story().client(dhcp6.SOLICIT, ALICE, levels=(level(),)).server(dhcp6.ADVERTISE, ALICE, levels=back)

        self.assertEqual(through((level(dhcp6.RELAY_REPL),)).faults(), [])
        self.assert_fault(through((level(dhcp6.RELAY_REPL, hops=1),)), "relay_levels")
        self.assert_fault(through((level(dhcp6.RELAY_REPL, link="::"),)), "relay_levels")
        self.assert_fault(through((level(dhcp6.RELAY_REPL, interface=b"eth1"),)), "relay_levels")
        self.assert_fault(through((level(dhcp6.RELAY_FORW),)), "relay_levels")
        self.assert_fault(through((level(dhcp6.RELAY_REPL), level(dhcp6.RELAY_REPL))), "relay_levels")

    def test_octets_that_are_no_message(self):
        story = Story().client(dhcp6.SOLICIT, ALICE)
        story.add(frame(bytes([dhcp6.ADVERTISE, 0, 0, 2, 0, 1, 0, 9, 1]), SERVER, CLIENT, (547, 546)))
        self.assertIn("no DHCPv6 message", story.faults()[0])


class TestPackets(unittest.TestCase):
    def test_fragments_are_joined(self):
        source, destination = ipaddress.IPv6Address(SERVER), ipaddress.IPv6Address(CLIENT)
        whole = frames.udp(source, destination, (547, 546), b"x" * 64)
        story = Story()
        for packet in frames.fragments(source, destination, packets.UDP, whole, 40):
            story.add(frames.ethernet("02:00:00:00:00:02", "02:00:00:00:00:01", packet))
        with TemporaryDirectory() as folder:
            path = Path(folder) / "fragments.pcap"
            story.write(path)
            datagrams = list(packets.read_datagrams(path))
        self.assertEqual(len(story.frames), 2)
        self.assertEqual([d.payload for d in datagrams], [b"x" * 64])
        self.assertTrue(datagrams[0].has_right_checksum)


class TestDissector(unittest.TestCase):
    def faults_of(self, story):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "story.pcap"
            story.write(path)
            return dissector.count(path), dissector.faults(path)

    def test_good_and_bad(self):
        good = Story().lease(ALICE, ia(IA_NA, 1, NA))
        self.assertEqual(self.faults_of(good), (2, []))
        # An IA_NA of 4 octets. The dissector is lenient with options that run past the end; lab/dhcp6.py is not.
        bad = Story().add(frame(bytes([dhcp6.REPLY, 0, 0, 2, 0, 3, 0, 4, 0, 0, 0, 1]), SERVER, CLIENT, (547, 546)))
        self.assertEqual(len(self.faults_of(bad)[1]), 1)


class TestSanitizers(unittest.TestCase):
    def test_a_report_fails_the_laboratory(self):
        reason = laboratory.can_make_namespaces()
        if reason:
            self.skipTest(reason)
        for report in ("==1==ERROR: LeakSanitizer: detected memory leaks", "shard.cpp:1:2: runtime error: overflow"):
            with self.assertRaisesRegex(AssertionError, report), laboratory.Laboratory() as lab:
                program = lab.spawn(lab.host("one"), ["sh", "-c", f"echo '{report}'; exec sleep 60"], "one")
                program.wait_for_output(report, 5)


class TestPerfdhcpReport(unittest.TestCase):
    def test_counts_are_read(self):
        text = ("***Malformed Packets***\nMalformed packets: 3\n***Statistics for: REQUEST-REPLY***\n"
                "sent packets: 12\nreceived packets: 11\ndrops: 1\nrejected leases: 2\n\nmin delay: 1 ms\n")
        result = read_report(text)
        self.assertEqual(result.malformed, 3)
        self.assertEqual((result.of("REQUEST-REPLY").sent, result.of("REQUEST-REPLY").received,
                          result.of("REQUEST-REPLY").rejected), (12, 11, 2))
