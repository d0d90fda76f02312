"""Is each message of a server what RFC 8415 (as RFC 9915 restates it) lets a server say? One rule, one function.

Each rule gets an exchange and yields what is wrong with it, as text.
"""

from . import dhcp6
from .dhcp6 import (CLIENT_ID, IA_NA, IA_PD, IAADDR, IAPREFIX, INTERFACE_ID, PREFERENCE, RAPID_COMMIT,
                    RELAY_SOURCE_PORT, SERVER_ID, STATUS_CODE)

SINGLETONS = (CLIENT_ID, SERVER_ID, PREFERENCE, dhcp6.AUTH, STATUS_CODE, RAPID_COMMIT, dhcp6.RECONF_ACCEPT,
              dhcp6.INFORMATION_REFRESH_TIME, dhcp6.SOL_MAX_RT, dhcp6.INF_MAX_RT, dhcp6.CLIENT_FQDN)
# Options that may go out without being asked for in an Option Request option (RFC 8415 section 24).
UNREQUESTED = (CLIENT_ID, SERVER_ID, IA_NA, IA_PD, PREFERENCE, dhcp6.AUTH, STATUS_CODE, RAPID_COMMIT,
               dhcp6.RECONF_ACCEPT, dhcp6.RECONF_MSG)
IAS_REQUIRED = (dhcp6.REQUEST, dhcp6.RENEW, dhcp6.REBIND)
WITHOUT_IAS = (dhcp6.CONFIRM, dhcp6.INFORMATION_REQUEST)


def datagram(exchange):
    """S-002, S-003, S-004, S-010, S-011, S-125"""
    answer, question = exchange.answer.datagram, exchange.question.datagram
    if not answer.has_right_checksum:
        yield "wrong UDP checksum or length"
    if exchange.answer.levels:
        wanted_port = 547
        if exchange.question.levels and exchange.question.levels[0].find(RELAY_SOURCE_PORT) is not None:
            wanted_port = question.source_port
    else:
        wanted_port = 546
        if not answer.source.is_link_local:
            yield f"a direct answer from {answer.source}, not from a link-local address"
    if answer.destination_port != wanted_port:
        yield f"sent to port {answer.destination_port}, not {wanted_port}"
    if answer.source_port != 547:
        yield f"sent from port {answer.source_port}"
    if answer.destination != question.source:
        yield f"sent to {answer.destination}, asked by {question.source}"
    if not question.destination.is_multicast and answer.source != question.destination:
        yield f"sent from {answer.source}, asked at {question.destination}"
    if answer.packet.destination_mac != question.packet.source_mac:
        yield f"sent to MAC {answer.packet.destination_mac}, asked by {question.packet.source_mac}"


def relay_levels(exchange):
    """S-121, S-122, S-123, S-126, S-136"""
    ours, theirs = exchange.answer.levels, exchange.question.levels
    if len(ours) != len(theirs):
        yield f"{len(ours)} relay levels, asked through {len(theirs)}"
        return
    for number, (back, forth) in enumerate(zip(ours, theirs)):
        for what in ("hop_count", "link_address", "peer_address"):
            if getattr(back, what) != getattr(forth, what):
                yield f"relay level {number}: {what} {getattr(back, what)}, was {getattr(forth, what)}"
        for code in (INTERFACE_ID, RELAY_SOURCE_PORT):
            if back.find(code) != forth.find(code):
                yield f"relay level {number}: option {code} is not what the relay sent"
        if back.type != dhcp6.RELAY_REPL:
            yield f"relay level {number}: type {back.type}"


def kind_of_answer(exchange):
    """S-041, S-058, S-116, S-118"""
    answer, question = exchange.answer.message, exchange.question.message
    rapid = answer.has(RAPID_COMMIT)
    if question.type == dhcp6.SOLICIT:
        if answer.type == dhcp6.REPLY and not (rapid and question.has(RAPID_COMMIT)):
            yield "a REPLY to a SOLICIT, but not a rapid commit on both sides"
        elif answer.type == dhcp6.ADVERTISE and rapid:
            yield "Rapid Commit in an ADVERTISE"
    else:
        if answer.type != dhcp6.REPLY:
            yield f"{answer.name} to a {question.name}"
        if rapid:
            yield f"Rapid Commit in the answer to a {question.name}"


def identifiers(exchange):
    """S-043, S-079, S-082, S-110, S-111"""
    answer, question = exchange.answer.message, exchange.question.message
    if not answer.has(SERVER_ID):
        yield "no Server Identifier"
    if answer.client_duid != question.client_duid:
        yield "the Client Identifier is not a copy of the client's"
    if question.has(SERVER_ID) and answer.server_duid != question.server_duid:
        yield "another server answers"


def options(exchange):
    """S-040, S-127, S-137, S-160, S-168, S-199"""
    answer, question = exchange.answer.message, exchange.question.message
    codes = answer.codes()
    for code in SINGLETONS:
        if codes.count(code) > 1:
            yield f"option {code} is there {codes.count(code)} times"
    for code in (INTERFACE_ID, RELAY_SOURCE_PORT, dhcp6.UNICAST, IAADDR, IAPREFIX):
        if code in codes:
            yield f"option {code} in a message of a server"
    unasked = set(codes) - set(UNREQUESTED) - set(question.requested_codes())
    if unasked:
        yield f"options {sorted(unasked)} were not requested"


def status(exchange):
    """S-172, S-174"""
    message = exchange.answer.message
    for where, found in [("top level", message.status())] + [(f"IA {ia.iaid}", ia.status) for ia in message.ias()]:
        if found is None:
            continue
        if found.code == dhcp6.USE_MULTICAST or found.code > dhcp6.NO_PREFIX_AVAIL:
            yield f"{where}: status {found.code}"
        if found.text.endswith("\0"):
            yield f"{where}: the status message ends with NUL"


def identity_associations(exchange):
    """S-070, S-080, S-109"""
    answer, question = exchange.answer.message, exchange.question.message
    ours, theirs = [ia.key for ia in answer.ias()], [ia.key for ia in question.ias()]
    if len(set(ours)) != len(ours):
        yield "one IA twice"
    if set(ours) - set(theirs):
        yield f"IAs {sorted(set(ours) - set(theirs))} that nobody asked for"
    if question.type in WITHOUT_IAS and ours:
        yield f"an IA in the answer to a {question.name}"
    whole_message_refused = answer.status() is not None and answer.status().code != dhcp6.SUCCESS
    if question.type in IAS_REQUIRED and not whole_message_refused and set(theirs) - set(ours):
        yield f"IAs {sorted(set(theirs) - set(ours))} went unanswered"
    for ia in answer.ias():
        if ia.other_codes:
            yield f"options {ia.other_codes} in an IA"
        if len({lease.key for lease in ia.leases}) != len(ia.leases):
            yield f"one lease twice in IA {ia.iaid}"


def times(exchange):
    """S-063, S-089, S-097, S-180, S-181"""
    timed = [ia for ia in exchange.answer.message.ias() if any(lease.valid for lease in ia.leases)]
    if len({(ia.t1, ia.t2) for ia in timed}) > 1:
        yield f"several T1/T2 pairs in one message: {[(ia.t1, ia.t2) for ia in timed]}"
    for ia in timed:
        if 0 < ia.t2 < ia.t1:
            yield f"T1 {ia.t1} above T2 {ia.t2}"
        for lease in ia.leases:
            if lease.preferred > lease.valid:
                yield f"{lease}: preferred {lease.preferred} above valid {lease.valid}"


def prefixes(exchange):
    """S-147"""
    for ia in exchange.answer.message.ias():
        for lease in ia.leases:
            if int(lease.first) & ((1 << (128 - lease.length)) - 1):
                yield f"{lease}: bits set past the prefix length"


RULES = (datagram, relay_levels, kind_of_answer, identifiers, options, status, identity_associations, times, prefixes)


def faults(conversation):
    """Everything that servers did wrong in a conversation, as text."""
    found = [f"{datagram.time:.6f}: no DHCPv6 message: {why}" for datagram, why in conversation.unreadable]
    for exchange in conversation.exchanges:
        if exchange.question is None:
            found.append(f"{exchange.answer}: an answer to nothing")
            continue
        for rule in RULES:
            found += [f"{exchange.answer}: {rule.__name__}: {fault}" for fault in rule(exchange)]
    return found
