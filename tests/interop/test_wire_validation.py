"""RFC 8415 section 16: which messages are dropped; and what must not be a reason to drop one."""

import struct

import wire_case
from lab import dhcp6, probe
from lab.dhcp6 import Option
from wire_case import SERVER, level

WITH_SERVER = (dhcp6.REQUEST, dhcp6.RENEW, dhcp6.DECLINE, dhcp6.RELEASE)
WITHOUT_SERVER = (dhcp6.SOLICIT, dhcp6.CONFIRM, dhcp6.REBIND)


class TestIdentifiers(wire_case.WireCase):
    def test_no_client_identifier(self):
        """S-015 S-019"""
        for kind in WITH_SERVER + WITHOUT_SERVER:
            with self.subTest(kind=dhcp6.NAMES[kind]):
                server = self.server_duid if kind in WITH_SERVER else None
                self.assert_dropped(probe.message(kind, None, dhcp6.ia_na(1, "2001:db8:7::5"), server=server), "rules")

    def test_a_server_identifier_where_none_belongs(self):
        """S-016: even our own"""
        for kind in WITHOUT_SERVER:
            with self.subTest(kind=dhcp6.NAMES[kind]):
                self.assert_dropped(probe.message(kind, self.new_duid(), dhcp6.ia_na(1, "2001:db8:7::5"),
                                                  server=self.server_duid), "rules")

    def test_no_server_identifier_where_one_belongs(self):
        """S-017"""
        for kind in WITH_SERVER:
            with self.subTest(kind=dhcp6.NAMES[kind]):
                self.assert_dropped(probe.message(kind, self.new_duid(), dhcp6.ia_na(1)), "rules")

    def test_another_server(self):
        """S-018 S-022: no answer, no binding touched."""
        duid = self.new_duid()
        reply = self.bind(duid, dhcp6.ia_na(1))
        lease = reply.ia(dhcp6.IA_NA).leases[0]
        for kind in (*WITH_SERVER, dhcp6.INFORMATION_REQUEST):
            with self.subTest(kind=dhcp6.NAMES[kind]):
                options = [] if kind == dhcp6.INFORMATION_REQUEST else [dhcp6.ia_na(1, str(lease.first))]
                self.assert_dropped(probe.message(kind, duid, *options, server=dhcp6.duid_ll(0xBAD)), "other_server")
        renewed = self.ask_ours(dhcp6.RENEW, duid, dhcp6.ia_na(1, str(lease.first)))
        self.assertEqual(renewed.ia(dhcp6.IA_NA).leases[0].first, lease.first)

    def test_identifiers_twice(self):
        """S-025: ambiguous identifiers drop the message."""
        self.assert_dropped(probe.message(dhcp6.SOLICIT, self.new_duid(), Option(dhcp6.CLIENT_ID, self.new_duid()),
                                          dhcp6.ia_na(1)), "dup_id")
        self.assert_dropped(probe.message(dhcp6.REQUEST, self.new_duid(), Option(dhcp6.SERVER_ID, self.server_duid),
                                          dhcp6.ia_na(1), server=self.server_duid), "dup_id")

    def test_length_of_a_duid(self):
        """S-029: 3 to 130 octets"""
        for length in (3, 130):
            duid = b"\xff\0" + bytes(length - 2)
            with self.subTest(length=length):
                self.assertEqual(self.ask(dhcp6.SOLICIT, duid, dhcp6.ia_na(1)).client_duid, duid)
        for length in (0, 1, 2, 131):
            with self.subTest(length=length):
                self.assert_dropped(probe.message(dhcp6.SOLICIT, bytes(length), dhcp6.ia_na(1)), "duid_len")

    def test_any_type_of_duid(self):
        """S-036 S-037: opaque octets, compared over their whole length."""
        first, second = b"\xff\xee" + bytes(20), b"\xff\xee" + bytes(21)
        leases = [self.bind(duid, dhcp6.ia_na(1)).ia(dhcp6.IA_NA).leases[0].first for duid in (first, second)]
        self.assertNotEqual(*leases)


class TestKinds(wire_case.WireCase):
    def test_messages_for_the_other_direction(self):
        """S-020"""
        for kind in (dhcp6.ADVERTISE, dhcp6.REPLY, dhcp6.RECONFIGURE):
            with self.subTest(kind=dhcp6.NAMES[kind]):
                self.assert_dropped(probe.message(kind, self.new_duid(), dhcp6.ia_na(1), server=self.server_duid),
                                    "direction")

    def test_a_relay_reply(self):
        """S-020"""
        before = self.counter("drop.direction")
        octets = level().encode(probe.message(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1)).encode())
        octets = bytes([dhcp6.RELAY_REPL]) + octets[1:]
        self.assertTrue(self.relay_is_ignored(lambda: self.relay.send_octets(octets, SERVER)))
        self.assertEqual(self.counter("drop.direction"), before + 1)

    def test_unknown_types(self):
        """S-035: direct and relayed, in silence."""
        for kind in (0, 37, 99, 254, 255):
            with self.subTest(kind=kind):
                self.assert_dropped(probe.message(kind, self.new_duid()), "unknown_type")
                self.assert_dropped(probe.message(kind, self.new_duid()), "unknown_type", levels=[level()])

    def test_an_information_request_with_an_ia(self):
        """S-021; an IA_TA is none any more (RFC 9915 section 21.5)."""
        for option in (dhcp6.ia_na(1), dhcp6.ia_pd(1)):
            with self.subTest(option=option.code):
                self.assert_dropped(probe.message(dhcp6.INFORMATION_REQUEST, self.new_duid(), option), "rules")


class TestOptions(wire_case.WireCase):
    def octets_are_dropped(self, octets, reason):
        before = self.counter(f"drop.{reason}")
        self.assertTrue(self.client.is_ignored_before(lambda: self.client.send_octets(octets)))
        self.assertEqual(self.counter(f"drop.{reason}"), before + 1)

    def test_too_short(self):
        for octets in (b"\x01", b"\x01\x00\x00"):
            self.octets_are_dropped(octets, "truncated")

    def test_past_the_end(self):
        """S-026: at each level the whole message is malformed."""
        head = probe.message(dhcp6.SOLICIT, self.new_duid()).encode()
        inner_runs_over = dhcp6.Option(dhcp6.IA_NA, bytes(12) + struct.pack("!HH", dhcp6.IAADDR, 25) + bytes(24))
        for name, octets in (("header cut", head + b"\0\x03\0"),
                             ("body cut", head + struct.pack("!HH", dhcp6.IA_NA, 13) + bytes(12)),
                             ("inside an IA", head + inner_runs_over.encode())):
            with self.subTest(name):
                self.octets_are_dropped(octets, "opt_overrun")

    def test_wrong_lengths(self):
        """S-027 S-028"""
        for option in (Option(dhcp6.RAPID_COMMIT, b"x"), Option(dhcp6.ELAPSED_TIME, b"x"), Option(dhcp6.IA_NA, bytes(11)),
                       Option(dhcp6.IA_PD, bytes(11)), Option(dhcp6.ORO, b"abc"), Option(dhcp6.RECONF_ACCEPT, b"x"),
                       dhcp6.ia_na(1, extra=[Option(dhcp6.IAADDR, bytes(23))]),
                       dhcp6.ia_pd(1, extra=[Option(dhcp6.IAPREFIX, bytes(24))]),
                       dhcp6.ia_pd(1, extra=[Option(dhcp6.IAPREFIX, bytes(8) + b"\x81" + bytes(16))])):
            with self.subTest(option=option):
                self.assert_dropped(probe.message(dhcp6.SOLICIT, self.new_duid(), option), "opt_len")

    def test_unknown_options_are_skipped(self):
        """S-033 S-034: at the top, in an IA, in a lease, and in a relay level."""
        unknown = Option(0xFEED, b"whatever")
        address = Option(dhcp6.IAADDR, bytes(24) + unknown.encode())
        options = [unknown, dhcp6.ia_na(1, extra=[unknown, address]), Option(17, struct.pack("!I", 99999) + b"abcd")]
        self.assertTrue(self.ask(dhcp6.SOLICIT, self.new_duid(), *options).ia(dhcp6.IA_NA).leases)
        answer = self.relayed(dhcp6.SOLICIT, self.new_duid(), *options, levels=[level(wire_case.RELAY, "fe80::7", 0, unknown)])
        self.assertTrue(answer.message.ia(dhcp6.IA_NA).leases)

    def test_codes_that_may_not_be_requested(self):
        """S-039 S-040: skipped without complaint, and no empty option for what is unknown."""
        request = dhcp6.oro(1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 16, 18, 19, 20, 25, 26, 0xFEED, dhcp6.DNS_SERVERS)
        answer = self.ask(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1), request)
        self.assertEqual(set(answer.codes()), {dhcp6.CLIENT_ID, dhcp6.SERVER_ID, dhcp6.IA_NA, dhcp6.DNS_SERVERS})

    def test_one_ia_twice(self):
        """S-032: two IAs of one type and IAID never make two bindings."""
        duid = self.new_duid()
        reply = self.bind(duid, dhcp6.ia_na(1), dhcp6.ia_na(1))
        self.assertEqual(len(reply.ias()), 1)

    def test_misplaced_options(self):
        """S-030: leases at the top, an IA in an IA, a prefix in an IA_NA: ignored, the rest is served."""
        misplaced = [Option(dhcp6.IAADDR, bytes(24)), Option(dhcp6.IAPREFIX, bytes(25)),
                     dhcp6.ia_na(1, extra=[Option(dhcp6.IAPREFIX, bytes(25)), dhcp6.ia_pd(9)])]
        answer = self.ask(dhcp6.SOLICIT, self.new_duid(), *misplaced)
        self.assertEqual([ia.key for ia in answer.ias()], [(dhcp6.IA_NA, 1)])

    def test_times_of_clients_are_ignored(self):
        """S-177 S-178: T1 above T2, lifetimes of all ones."""
        lease = struct.pack("!16sII", bytes(16), 0xFFFFFFFF, 1)
        ia = dhcp6.ia_na(1, t1=900, t2=1, extra=[Option(dhcp6.IAADDR, lease)])
        answer = self.ask(dhcp6.SOLICIT, self.new_duid(), ia).ia(dhcp6.IA_NA)
        self.assertEqual((answer.t1, answer.t2, answer.leases[0].preferred, answer.leases[0].valid),
                         (1800, 2880, 3600, 7200))

    def test_temporary_addresses_are_gone(self):
        """S-072: IA_TA is skipped like an unknown option."""
        answer = self.ask(dhcp6.SOLICIT, self.new_duid(), Option(dhcp6.IA_TA, bytes(4)), dhcp6.ia_na(1))
        self.assertNotIn(dhcp6.IA_TA, answer.codes())
        self.assertTrue(answer.ia(dhcp6.IA_NA).leases)
