"""Options: what is sent, to whom, and when (RFC 8415 sections 18.3.6, 18.3.9 and 21)."""

import struct

import wire_case
from lab import configuration, dhcp6
from lab.dhcp6 import Option

LINK = {**configuration.DIRECT_LINK,
        "options": {"dns-servers": ["2001:db8::53"], "domain-search": ["example.net"], "sol-max-rt": "1h",
                    "64": {"name": "aftr.example.net"}}}
AFTR = 64


class TestOptions(wire_case.WireCase):
    links = [LINK, configuration.RELAYED_LINK]
    settings = {"preference": 7, "information-refresh-time": "1h", "domain-suffix": "example.net"}

    def test_only_what_is_requested(self):
        """S-047 S-160: each option when its code is requested, and not otherwise."""
        for codes in ((), (dhcp6.DNS_SERVERS,), (dhcp6.DOMAIN_SEARCH, AFTR), (dhcp6.SOL_MAX_RT,)):
            with self.subTest(codes=codes):
                answer = self.ask(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1), dhcp6.oro(*codes))
                self.assertEqual(set(answer.codes()) - {dhcp6.CLIENT_ID, dhcp6.SERVER_ID, dhcp6.IA_NA, dhcp6.PREFERENCE},
                                 set(codes))

    def test_values(self):
        """S-162 S-166: name servers, names in full, seconds."""
        codes = (dhcp6.DNS_SERVERS, dhcp6.DOMAIN_SEARCH, dhcp6.SOL_MAX_RT, AFTR)
        answer = self.ask(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1), dhcp6.oro(*codes))
        self.assertEqual([answer.find(code) for code in codes],
                         [bytes.fromhex("20010db8000000000000000000000053"), b"\x07example\x03net\x00",
                          struct.pack("!I", 3600), b"\x04aftr\x07example\x03net\x00"])

    def test_preference(self):
        """S-044: in the ADVERTISE, requested or not."""
        self.assertEqual(self.ask(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1)).find(dhcp6.PREFERENCE), b"\x07")

    def test_information_request(self):
        """S-109 S-110 S-112 S-113: configured options, no IA, the refresh time when requested."""
        answer = self.ask(dhcp6.INFORMATION_REQUEST, self.new_duid(),
                          dhcp6.oro(dhcp6.DNS_SERVERS, dhcp6.INFORMATION_REFRESH_TIME))
        self.assertEqual((answer.type, answer.ias()), (dhcp6.REPLY, []))
        self.assertEqual(answer.find(dhcp6.INFORMATION_REFRESH_TIME), struct.pack("!I", 3600))
        self.assertTrue(answer.has(dhcp6.DNS_SERVERS))

    def test_information_request_without_an_identifier(self):
        """S-111 S-112: the same options, and no Client Identifier in the answer."""
        answer = self.ask(dhcp6.INFORMATION_REQUEST, None, dhcp6.oro(dhcp6.DNS_SERVERS))
        self.assertEqual((answer.has(dhcp6.CLIENT_ID), answer.has(dhcp6.DNS_SERVERS)), (False, True))

    def test_information_request_that_names_us(self):
        """S-022"""
        self.assertIsNotNone(self.ask_ours(dhcp6.INFORMATION_REQUEST, self.new_duid()))

    def test_refresh_time_is_for_information_requests(self):
        """S-115"""
        answer = self.ask(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1), dhcp6.oro(dhcp6.INFORMATION_REFRESH_TIME))
        self.assertFalse(answer.has(dhcp6.INFORMATION_REFRESH_TIME))

    def test_client_fqdn(self):
        """S-244 S-247: only to a client that sent it and requested it; a partial name comes back complete."""
        name = Option(dhcp6.CLIENT_FQDN, b"\x00\x05house")
        request = dhcp6.oro(dhcp6.CLIENT_FQDN)
        self.assertFalse(self.ask(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1), name).has(dhcp6.CLIENT_FQDN))
        self.assertFalse(self.ask(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1), request).has(dhcp6.CLIENT_FQDN))
        answer = self.ask(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1), name, request)
        self.assertEqual(answer.find(dhcp6.CLIENT_FQDN)[1:], b"\x05house\x07example\x03net\x00")

    def test_reconfigure_is_not_offered(self):
        """S-200: no Reconfigure Accept and no key, because nothing is ever reconfigured by this server."""
        answer = self.ask(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1), Option(dhcp6.RECONF_ACCEPT))
        self.assertFalse(answer.has(dhcp6.RECONF_ACCEPT) or answer.has(dhcp6.AUTH))
