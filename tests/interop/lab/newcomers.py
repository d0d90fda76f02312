"""A steady flow of new clients: each asks until it has a lease, with the first retransmission times of RFC 8415, and
remembers how long that took.

A REQUEST is for one server (RFC 8415 18.2.2). Whose server dies between its ADVERTISE and the REPLY asks in vain and then
begins again, which no other server can spare it."""

import time
from dataclasses import dataclass, field

from . import dhcp6, probe

RETRANSMISSION = 1.0  # SOL_TIMEOUT and REQ_TIMEOUT; the first ones are what a client notices
REQUEST_COUNT_MAX = 3  # fewer than REQ_MAX_RC, so that a test ends
UNDER_WAY_MAX = 64


@dataclass
class Newcomer:
    duid: bytes
    began: float
    question: object = None
    sent: float = 0.0
    retransmissions: int = 0
    began_again: bool = False  # its server died in the middle
    took: float | None = None
    leases: list = field(default_factory=list)
    server: bytes = b""
    since: float = 0.0  # when it was told

    def has_it_until(self, lease):
        return self.since + lease.valid


class Newcomers:
    def __init__(self, host, interface, first_number, with_prefix=True):
        self.mouth = probe.Probe(host, interface)
        self.mouth.socket.setsockopt(probe.socket.SOL_SOCKET, probe.socket.SO_RCVBUF, 1 << 22)
        self.everybody = []
        self._first_number = first_number
        self._options = (dhcp6.ia_na(1), dhcp6.ia_pd(1)) if with_prefix else (dhcp6.ia_na(1),)
        self._asking = {}  # transaction-id -> Newcomer

    def close(self):
        self.mouth.socket.close()

    def play(self, seconds=None, rate=50.0, count=None):
        """New clients at this rate, for so long or so many; then until each has its lease, or 10 s have passed."""
        began, begun = time.monotonic(), 0
        count = round(seconds * rate) if count is None else count
        while begun < count:
            due = min(count, int((time.monotonic() - began) * rate) + 1)
            while begun < due and len(self._asking) < UNDER_WAY_MAX:
                begun += 1
                self._come()
            self._go_on(0.002)
        return self

    def finish(self, patience=10):
        end = time.monotonic() + patience
        while self._asking and time.monotonic() < end:
            self._go_on(0.01)
        return self

    def _come(self):
        newcomer = Newcomer(dhcp6.duid_ll(self._first_number + len(self.everybody)), time.monotonic())
        self.everybody.append(newcomer)
        self._solicit(newcomer)

    def _solicit(self, newcomer):
        self._ask(newcomer, probe.message(dhcp6.SOLICIT, newcomer.duid, dhcp6.elapsed(), *self._options))

    def _ask(self, newcomer, question):
        newcomer.question, newcomer.sent = question, time.monotonic()
        self._asking[question.transaction_id] = newcomer
        self.mouth.send(question)

    def _go_on(self, wait):
        while answer := self.mouth.receive(wait):
            wait = 0
            self._hear(answer.message)
        now = time.monotonic()
        for newcomer in [each for each in self._asking.values() if now - each.sent > RETRANSMISSION]:
            newcomer.retransmissions += 1
            newcomer.sent = now
            if newcomer.question.type == dhcp6.REQUEST and newcomer.retransmissions >= REQUEST_COUNT_MAX:
                newcomer.began_again = True
                del self._asking[newcomer.question.transaction_id]
                self._solicit(newcomer)
            else:
                self.mouth.send(newcomer.question)

    def _hear(self, answer):
        newcomer = self._asking.get(answer.transaction_id)
        if newcomer is None:
            return
        if answer.type == dhcp6.ADVERTISE and newcomer.question.type == dhcp6.SOLICIT:
            taken = [option for option in answer.options if option.code in (dhcp6.IA_NA, dhcp6.IA_PD)]
            if not any(ia.leases for ia in answer.ias()):
                return
            del self._asking[answer.transaction_id]
            self._ask(newcomer, probe.message(dhcp6.REQUEST, newcomer.duid, dhcp6.elapsed(), *taken,
                                              server=answer.server_duid))
        elif answer.type == dhcp6.REPLY and newcomer.question.type == dhcp6.REQUEST:
            del self._asking[answer.transaction_id]
            newcomer.since = time.monotonic()
            newcomer.took = newcomer.since - newcomer.began
            newcomer.leases = [lease for ia in answer.ias() for lease in ia.leases]
            newcomer.server = answer.server_duid

    # Questions for tests.

    def served(self):
        return [each for each in self.everybody if each.took is not None]

    def most_retransmissions(self):
        """Of those whose server did not die in the middle."""
        return max(each.retransmissions for each in self.everybody if not each.began_again)

    def began_again(self):
        return [each for each in self.everybody if each.began_again]

    def running(self):
        """(newcomer, lease) of what has not run out: nobody here renews."""
        now = time.monotonic()
        return [(each, lease) for each in self.served() for lease in each.leases if each.has_it_until(lease) > now + 1]


def given_twice(*flows):
    """Leases that two clients had at one time, over all flows."""
    terms = {}
    for flow in flows:
        for each in flow.served():
            for lease in each.leases:
                terms.setdefault(str(lease), []).append((each.since, each.has_it_until(lease), each.duid))
    twice = []
    for lease, terms_of_it in terms.items():
        terms_of_it.sort()
        for (_, until, duid), (since, _, other) in zip(terms_of_it, terms_of_it[1:]):
            if since < until - 1 and duid != other:  # whole seconds
                twice.append(lease)
    return sorted(twice)
