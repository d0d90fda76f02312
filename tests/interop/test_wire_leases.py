"""Leases over their whole life, as RFC 8415 section 18.3 says it, one message at a time."""

import ipaddress

import wire_case
from lab import configuration, dhcp6, probe
from lab.dhcp6 import IA_NA, IA_PD, Option

POOL = ipaddress.IPv6Network(configuration.DIRECT_LINK["address-pools"][0])
FOREIGN = "2001:db8:dead::1"


def only_lease(message, kind=IA_NA, iaid=None):
    return message.ia(kind, iaid).leases[0]


class TestSolicitAndRequest(wire_case.WireCase):
    def test_without_an_ia(self):
        """S-054: valid, and answered with what there is."""
        answer = self.ask(dhcp6.SOLICIT, self.new_duid(), dhcp6.oro(dhcp6.DNS_SERVERS))
        self.assertEqual((answer.type, answer.ias()), (dhcp6.ADVERTISE, []))
        self.assertTrue(answer.has(dhcp6.DNS_SERVERS))

    def test_an_advertise_commits_nothing(self):
        """S-053"""
        before = self.scene.server.call("status")["bindings"]["count"]
        for _ in range(10):
            self.ask(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1), dhcp6.ia_pd(1))
        self.assertEqual(self.scene.server.call("status")["bindings"]["count"], before)

    def test_hints(self):
        """S-049 S-050: a free address of the pool is taken as a hint; a foreign one is not in the ADVERTISE."""
        wish = POOL[0x1234567]
        self.assertEqual(only_lease(self.ask(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1, wish))).first, wish)
        given = only_lease(self.ask(dhcp6.SOLICIT, self.new_duid(), dhcp6.ia_na(1, FOREIGN)))
        self.assertIn(given.first, POOL)

    def test_a_taken_hint(self):
        """S-050 S-061: the wish for another client's address brings another one."""
        taken = only_lease(self.bind(self.new_duid(), dhcp6.ia_na(1))).first
        other = only_lease(self.bind(self.new_duid(), dhcp6.ia_na(1, str(taken)))).first
        self.assertNotEqual(taken, other)

    def test_again_and_again(self):
        """S-065 S-066 S-067: a repeated REQUEST is answered anew, with the same lease."""
        duid = self.new_duid()
        first = self.bind(duid, dhcp6.ia_na(1))
        message = probe.message(dhcp6.REQUEST, duid, dhcp6.ia_na(1), server=self.server_duid)
        answers = [self.client.ask(message).message for _ in range(3)]
        self.assertEqual({only_lease(answer).first for answer in answers}, {only_lease(first).first})

    def test_off_link(self):
        """S-059: that IA comes back with NotOnLink, the other one is served."""
        reply = self.ask_ours(dhcp6.REQUEST, self.new_duid(), dhcp6.ia_na(1, FOREIGN), dhcp6.ia_na(2))
        self.assert_status(reply.ia(IA_NA, 1).status, dhcp6.NOT_ON_LINK)
        self.assertEqual(reply.ia(IA_NA, 1).leases, ())
        self.assertIn(only_lease(reply, IA_NA, 2).first, POOL)

    def test_na_and_pd_with_one_iaid(self):
        """S-069: IAID 0 of an IA_NA and of an IA_PD are two bindings."""
        reply = self.bind(self.new_duid(), dhcp6.ia_na(0), dhcp6.ia_pd(0))
        self.assertEqual({ia.key for ia in reply.ias() if ia.leases}, {(IA_NA, 0), (IA_PD, 0)})

    def test_leases_per_client_are_capped(self):
        """S-203: eight by default, the rest gets NoAddrsAvail."""
        reply = self.ask_ours(dhcp6.REQUEST, self.new_duid(), *[dhcp6.ia_na(number) for number in range(12)])
        with_lease = [ia for ia in reply.ias() if ia.leases]
        self.assertEqual((len(reply.ias()), len(with_lease)), (12, 8))
        for ia in reply.ias():
            if not ia.leases:
                self.assert_status(ia.status, dhcp6.NO_ADDRS_AVAIL)

    def test_a_client_that_moved(self):
        """S-073: behind a relay on another link the same client gets an address of that link."""
        duid = self.new_duid()
        here = only_lease(self.bind(duid, dhcp6.ia_na(1))).first
        there = only_lease(self.relayed(dhcp6.SOLICIT, duid, dhcp6.ia_na(1)).message).first
        self.assertIn(here, POOL)
        self.assertIn(there, ipaddress.IPv6Network(configuration.RELAYED_LINK["address-pools"][0]))


class TestConfirm(wire_case.WireCase):
    def test_on_link(self):
        """S-074 S-077 S-079: explicit Success, also for a client that was never seen here."""
        answer = self.ask(dhcp6.CONFIRM, self.new_duid(), dhcp6.ia_na(1, POOL[77]), dhcp6.ia_na(2, POOL[78]))
        self.assert_status(answer.status(), dhcp6.SUCCESS)

    def test_off_link(self):
        """S-074: one address that does not fit is enough."""
        answer = self.ask(dhcp6.CONFIRM, self.new_duid(), dhcp6.ia_na(1, POOL[77]), dhcp6.ia_na(2, FOREIGN))
        self.assert_status(answer.status(), dhcp6.NOT_ON_LINK)

    def test_prefixes_take_no_part(self):
        """S-080"""
        answer = self.ask(dhcp6.CONFIRM, self.new_duid(), dhcp6.ia_na(1, POOL[77]), dhcp6.ia_pd(1, "2001:db8:dead::/56"))
        self.assert_status(answer.status(), dhcp6.SUCCESS)

    def test_nothing_to_confirm(self):
        """S-076: no address, no answer."""
        for options in ((), (dhcp6.ia_na(1),), (dhcp6.ia_pd(1, "2001:db8:8000::/56"),)):
            with self.subTest(options=options):
                self.assertTrue(self.client.is_ignored(probe.message(dhcp6.CONFIRM, self.new_duid(), *options)))


class TestRenewAndRebind(wire_case.WireCase):
    links = [configuration.DIRECT_LINK | {"rapid-commit": True}, configuration.RELAYED_LINK]

    def test_a_renewal(self):
        """S-081 S-082 S-177 S-178"""
        duid = self.new_duid()
        had = self.bind(duid, dhcp6.ia_na(1), dhcp6.ia_pd(2))
        leases = str(only_lease(had)), str(only_lease(had, IA_PD))
        reply = self.ask_ours(dhcp6.RENEW, duid, dhcp6.ia_na(1, leases[0], t1=1, t2=1), dhcp6.ia_pd(2, leases[1]))
        self.assertEqual((str(only_lease(reply)), str(only_lease(reply, IA_PD))), leases)
        self.assertEqual({(ia.t1, ia.t2) for ia in reply.ias()}, {(1800, 2880)})
        self.assertEqual({lease.valid for ia in reply.ias() for lease in ia.leases}, {7200})

    def test_a_lease_that_does_not_fit_the_link(self):
        """S-085 S-091: back with both lifetimes 0. On a REBIND only what lies on another link of ours: the rest may be
        another server's for this link (RFC 6853)."""
        duid = self.new_duid()
        had = only_lease(self.bind(duid, dhcp6.ia_na(1)))
        for kind, server, unfit in ((dhcp6.RENEW, self.server_duid, FOREIGN), (dhcp6.REBIND, None, "2001:db8:9::5")):
            with self.subTest(kind=dhcp6.NAMES[kind]):
                leases = self.ask(kind, duid, dhcp6.ia_na(1, had.first, unfit), server=server).ia(IA_NA).leases
                self.assertEqual([(lease.preferred, lease.valid) for lease in leases if str(lease.first) == unfit], [(0, 0)])
                self.assertIn(had.first, [lease.first for lease in leases if lease.valid])

    def test_somebody_elses_lease(self):
        """S-086 S-095: never extended."""
        owner, thief = self.new_duid(), self.new_duid()
        taken = only_lease(self.bind(owner, dhcp6.ia_na(1))).first
        for kind in (dhcp6.RENEW, dhcp6.REBIND):
            server = self.server_duid if kind == dhcp6.RENEW else None
            reply = self.ask(kind, thief, dhcp6.ia_na(1, taken), server=server)
            extended = [lease for lease in reply.ia(IA_NA).leases if lease.valid and lease.first == taken]
            self.assertEqual(extended, [])
        kept = self.ask_ours(dhcp6.RENEW, owner, dhcp6.ia_na(1, taken))
        self.assertEqual(only_lease(kept).first, taken)

    def test_an_unknown_ia(self):
        """S-087 S-094: creation on Renew is the default, on Rebind it goes with rapid commit."""
        self.assertIn(only_lease(self.ask_ours(dhcp6.RENEW, self.new_duid(), dhcp6.ia_na(1))).first, POOL)
        self.assertIn(only_lease(self.ask(dhcp6.REBIND, self.new_duid(), dhcp6.ia_na(1))).first, POOL)

    def test_a_rebind(self):
        """S-090 S-097"""
        duid = self.new_duid()
        had = self.bind(duid, dhcp6.ia_na(1), dhcp6.ia_pd(1))
        reply = self.ask(dhcp6.REBIND, duid, dhcp6.ia_na(1, only_lease(had).first), dhcp6.ia_pd(1, str(only_lease(had, IA_PD))))
        self.assertEqual([str(lease) for ia in reply.ias() for lease in ia.leases],
                         [str(lease) for ia in had.ias() for lease in ia.leases])

    def test_rapid_commit(self):
        """S-116 S-118 S-119: a REPLY with the option, and the lease is bound at once."""
        duid = self.new_duid()
        reply = self.ask(dhcp6.SOLICIT, duid, Option(dhcp6.RAPID_COMMIT), dhcp6.ia_na(1))
        self.assertEqual((reply.type, reply.find(dhcp6.RAPID_COMMIT)), (dhcp6.REPLY, b""))
        found = self.scene.server.call("lease.find", what=str(only_lease(reply)))["leases"]
        self.assertEqual([row["duid"] for row in found], [duid.hex(":")])

    def test_rapid_commit_only_where_it_is_on(self):
        """S-116: on the other link the option brings a plain ADVERTISE."""
        answer = self.relayed(dhcp6.SOLICIT, self.new_duid(), Option(dhcp6.RAPID_COMMIT), dhcp6.ia_na(1)).message
        self.assertEqual((answer.type, answer.has(dhcp6.RAPID_COMMIT)), (dhcp6.ADVERTISE, False))


class TestNoCreation(wire_case.WireCase):
    """A link on which nothing is created by RENEW, and so by REBIND."""

    links = [configuration.DIRECT_LINK | {"create-on-renew": False}, configuration.RELAYED_LINK]

    def test_renew_of_an_unknown_ia(self):
        """S-088: NoBinding inside that IA; the other one is renewed."""
        duid = self.new_duid()
        had = only_lease(self.bind(duid, dhcp6.ia_na(1)))
        reply = self.ask_ours(dhcp6.RENEW, duid, dhcp6.ia_na(1, had.first), dhcp6.ia_na(2))
        self.assertEqual(only_lease(reply, IA_NA, 1).first, had.first)
        self.assert_status(reply.ia(IA_NA, 2).status, dhcp6.NO_BINDING)

    def test_rebind_of_an_unknown_client(self):
        """S-093: nothing to say, silence."""
        self.assertTrue(self.client.is_ignored(probe.message(dhcp6.REBIND, self.new_duid(), dhcp6.ia_na(1, POOL[5]))))


class TestReleaseAndDecline(wire_case.WireCase):
    def test_a_release(self):
        """S-098 S-100: Success on top, and the lease is free; the other IA stays."""
        duid = self.new_duid()
        had = self.bind(duid, dhcp6.ia_na(1), dhcp6.ia_na(2))
        first, second = only_lease(had, IA_NA, 1).first, only_lease(had, IA_NA, 2).first
        self.assert_status(self.ask_ours(dhcp6.RELEASE, duid, dhcp6.ia_na(1, first)).status(), dhcp6.SUCCESS)
        status = {row["lease"]: row["status"] for row in self.scene.server.call("lease.find", what=duid.hex(":"))["leases"]}
        self.assertEqual(status[str(second)], "ACTIVE")
        self.assertNotEqual(status.get(str(first)), "ACTIVE")

    def test_an_unknown_ia(self):
        """S-101 S-106: returned with NoBinding and nothing else inside, under a Success."""
        for kind in (dhcp6.RELEASE, dhcp6.DECLINE):
            with self.subTest(kind=dhcp6.NAMES[kind]):
                reply = self.ask_ours(kind, self.new_duid(), dhcp6.ia_na(7, POOL[9]))
                self.assert_status(reply.status(), dhcp6.SUCCESS)
                self.assert_status(reply.ia(IA_NA, 7).status, dhcp6.NO_BINDING)
                self.assertEqual(reply.ia(IA_NA, 7).leases, ())

    def test_repeats_and_forgeries(self):
        """S-099 S-103: only the owner releases, and once."""
        owner, forger = self.new_duid(), self.new_duid()
        lease = only_lease(self.bind(owner, dhcp6.ia_na(1))).first
        self.ask_ours(dhcp6.RELEASE, forger, dhcp6.ia_na(1, lease))
        self.ask_ours(dhcp6.RELEASE, owner, dhcp6.ia_na(2, lease))
        self.assertEqual(only_lease(self.ask_ours(dhcp6.RENEW, owner, dhcp6.ia_na(1, lease))).first, lease)
        for _ in range(2):
            self.assert_status(self.ask_ours(dhcp6.RELEASE, owner, dhcp6.ia_na(1, lease)).status(), dhcp6.SUCCESS)

    def test_a_returning_client(self):
        """S-102: gets what it had, while that is free."""
        duid = self.new_duid()
        had = self.bind(duid, dhcp6.ia_na(1), dhcp6.ia_pd(1))
        self.ask_ours(dhcp6.RELEASE, duid, dhcp6.ia_na(1, only_lease(had).first), dhcp6.ia_pd(1, str(only_lease(had, IA_PD))))
        again = self.bind(duid, dhcp6.ia_na(1), dhcp6.ia_pd(1))
        self.assertEqual([str(lease) for ia in again.ias() for lease in ia.leases],
                         [str(lease) for ia in had.ias() for lease in ia.leases])

    def test_a_declined_address(self):
        """S-104 S-105: it leaves the binding, and nobody gets it, not even who asks for it."""
        duid = self.new_duid()
        lease = only_lease(self.bind(duid, dhcp6.ia_na(1))).first
        self.assert_status(self.ask_ours(dhcp6.DECLINE, duid, dhcp6.ia_na(1, lease)).status(), dhcp6.SUCCESS)
        for asking in (duid, self.new_duid(), self.new_duid()):
            self.assertNotEqual(only_lease(self.bind(asking, dhcp6.ia_na(1, lease))).first, lease)

    def test_decline_again_release_request(self):
        """S-108: whatever follows a DECLINE, the server goes on."""
        duid = self.new_duid()
        lease = only_lease(self.bind(duid, dhcp6.ia_na(1))).first
        for kind in (dhcp6.DECLINE, dhcp6.DECLINE, dhcp6.RELEASE, dhcp6.REQUEST, dhcp6.RENEW):
            self.assertIsNotNone(self.ask_ours(kind, duid, dhcp6.ia_na(1, lease)))

    def test_prefixes_cannot_be_declined(self):
        """S-107"""
        duid = self.new_duid()
        prefix = str(only_lease(self.bind(duid, dhcp6.ia_pd(1)), IA_PD))
        self.ask_ours(dhcp6.DECLINE, duid, dhcp6.ia_pd(1, prefix))
        self.assertEqual(str(only_lease(self.ask_ours(dhcp6.RENEW, duid, dhcp6.ia_pd(1, prefix)), IA_PD)), prefix)


class TestSmallPools(wire_case.WireCase):
    """Two addresses and two prefixes, and three who want them."""

    links = [configuration.DIRECT_LINK | {"address-pools": ["2001:db8:7::8/127"],
                                          "prefix-pools": [{"prefix": "2001:db8:8000::/55", "delegated-length": 56}]},
             configuration.RELAYED_LINK]

    def test_nothing_left(self):
        """S-051 S-052 S-060 S-145: statuses inside the IAs; options come all the same, at no higher level."""
        for number in (1, 2):
            reply = self.bind(dhcp6.duid_ll(number), dhcp6.ia_na(1), dhcp6.ia_pd(1))
            self.assertEqual(len([lease for ia in reply.ias() for lease in ia.leases]), 2)
        wants = (dhcp6.ia_na(1), dhcp6.ia_pd(1), dhcp6.oro(dhcp6.DNS_SERVERS))
        for answer in (self.ask(dhcp6.SOLICIT, dhcp6.duid_ll(3), *wants),
                       self.ask_ours(dhcp6.REQUEST, dhcp6.duid_ll(3), *wants)):
            self.assertIsNone(answer.status())
            self.assert_status(answer.ia(IA_NA).status, dhcp6.NO_ADDRS_AVAIL)
            self.assert_status(answer.ia(IA_PD).status, dhcp6.NO_PREFIX_AVAIL)
            self.assertEqual((answer.ia(IA_NA).leases, answer.ia(IA_PD).leases), ((), ()))
            self.assertTrue(answer.has(dhcp6.DNS_SERVERS))
