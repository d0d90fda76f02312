"""Prefix delegation: lengths, hints (RFC 8168) and excluded prefixes (RFC 6603)."""

import ipaddress
import struct

import wire_case
from lab import configuration, dhcp6
from lab.dhcp6 import IA_PD, Option

PD_EXCLUDE = 67
SHORT_POOL, LONG_POOL = "2001:db8:5000::/40", "2001:db8:6000::/40"
LINK = {**configuration.DIRECT_LINK,
        "prefix-pools": [{"prefix": SHORT_POOL, "delegated-length": 48},
                         {"prefix": LONG_POOL, "delegated-length": 56, "excluded-length": 64}]}


def hint(length, address="::"):
    """An IA_PD with a hint: a length alone, or a prefix."""
    octets = ipaddress.IPv6Address(address).packed
    return dhcp6.ia_pd(1, extra=[Option(dhcp6.IAPREFIX, struct.pack("!IIB", 0, 0, length) + octets)])


class TestPrefixes(wire_case.WireCase):
    links = [LINK, configuration.RELAYED_LINK]

    def offered(self, *options, duid=None):
        return self.ask(dhcp6.SOLICIT, duid or self.new_duid(), *options).ia(IA_PD).leases[0]

    def test_a_length(self):
        """S-149: exactly the hinted length, where there is one."""
        self.assertEqual(self.offered(hint(48)).length, 48)
        self.assertEqual(self.offered(hint(56)).length, 56)

    def test_a_length_that_is_not_there(self):
        """S-150: the nearest shorter length, not a longer one."""
        self.assertEqual(self.offered(hint(52)).length, 48)
        self.assertEqual(self.offered(hint(60)).length, 56)

    def test_no_hint(self):
        """S-146: :: with length 0 is none."""
        self.assertIn(self.offered(hint(0)).length, (48, 56))

    def test_a_prefix(self):
        """S-151: the wish is granted while free, then its length counts."""
        wish = "2001:db8:6000:ab00::"
        self.assertEqual(str(self.offered(hint(56, wish))), f"{wish}/56")
        self.bind(self.new_duid(), hint(56, wish))
        other = self.offered(hint(56, wish))
        self.assertNotEqual(str(other), f"{wish}/56")
        self.assertEqual(other.length, 56)

    def test_the_same_length_again(self):
        """S-149: whatever the client had before."""
        duid = self.new_duid()
        self.bind(duid, hint(56))
        self.ask_ours(dhcp6.RELEASE, duid, dhcp6.ia_pd(1, str(self.offered(hint(56), duid=duid))))
        self.assertEqual(self.offered(hint(48), duid=duid).length, 48)

    def test_the_excluded_prefix(self):
        """S-154 S-155: only when option 67 is requested, inside the delegated prefix."""
        self.assertEqual(self.offered(hint(56)).options, ())
        lease = self.offered(hint(56), dhcp6.oro(PD_EXCLUDE))
        self.assertEqual([option.code for option in lease.options], [PD_EXCLUDE])
        length, subnet = lease.options[0].data[0], lease.options[0].data[1:]
        # RFC 6603 section 4.2: the bits behind the delegated prefix, up to the excluded length.
        self.assertEqual((length, len(subnet)), (64, 1))
        self.assertEqual(self.offered(hint(48), dhcp6.oro(PD_EXCLUDE)).options, ())

    def test_a_release_keeps_what_is_excluded(self):
        """S-159: after the release nobody has got the excluded prefix, and the whole prefix is delegated again."""
        duid = self.new_duid()
        lease = self.bind(duid, hint(56), dhcp6.oro(PD_EXCLUDE)).ia(IA_PD).leases[0]
        self.ask_ours(dhcp6.RELEASE, duid, dhcp6.ia_pd(1, str(lease)))
        self.assertEqual(str(self.offered(hint(56, lease.first))), str(lease))
