"""Many clients on one host, in one loop: they ask, renew and give back at random, as fast as they are answered.

What a REPLY gave a client is a promise, whose end is counted from when the client asked: the least that the server
may remember. A client that was promised a lease must get it again, and nobody else may be offered it meanwhile.
"""

import random
import time
from collections import Counter
from dataclasses import dataclass

from . import dhcp6, probe

KINDS = (dhcp6.IA_NA, dhcp6.IA_PD)
WINDOW = 64           # questions under way
RATE = 2500           # questions a second at most: the capture must see every answer, on few cores
PATIENCE = 1.0        # seconds that a question waits for its answer
RELEASE_SHARE = 0.15  # of the questions of clients that hold something


@dataclass
class Promise:
    lease: dhcp6.Lease
    holder: tuple  # DUID, IA option code
    until: float


@dataclass
class Question:
    duid: bytes
    type: int
    sent: float
    expected: tuple = ()  # leases that a RENEW must bring back


class Population:
    def __init__(self, host, interface, count, seed, first_number=0x10000):
        self.random = random.Random(seed)
        self.clients = [dhcp6.duid_ll(first_number + number) for number in range(count)]
        self.mouth = probe.Probe(host, interface)
        self.mouth.socket.setsockopt(probe.socket.SOL_SOCKET, probe.socket.SO_RCVBUF, 1 << 22)
        self.promises = {}  # lease key -> Promise
        self.faults = []
        self.heard = Counter()  # answers by the type of the question
        self.unanswered = 0
        self._held = {duid: {} for duid in self.clients}  # DUID -> IA code -> Promise
        self._questions = {}  # transaction-id -> Question, of all times: a late REPLY is a promise too
        self._waiting = {}    # DUID -> transaction-id
        self._next_id = self.random.getrandbits(24)
        self._server = None

    def close(self):
        self.mouth.socket.close()

    def play(self, seconds):
        """Load for so long; then everybody waits for what is under way, unless the server was killed meanwhile."""
        began = time.monotonic()
        begun = 0
        while (passed := time.monotonic() - began) < seconds:
            while len(self._waiting) < WINDOW and begun < RATE * passed:
                begun += 1
                self._begin(self.random.choice(self.clients))
            self._hear(0.002)
            self._give_up_on(lambda question: time.time() - question.sent > PATIENCE)

    def finish(self, seconds=PATIENCE):
        """No more questions; hears what still comes."""
        end = time.monotonic() + seconds
        while self._waiting and time.monotonic() < end:
            self._hear(0.05)
        self._give_up_on(lambda question: True)

    def drain(self):
        """The server is dead: what it said is here, and nothing more comes."""
        self._hear(0)
        self._give_up_on(lambda question: True, counted=False)

    # What clients say.

    def _begin(self, duid):
        if duid in self._waiting:
            return
        held = self._held[duid]
        if not held:
            self._ask(duid, dhcp6.SOLICIT, [dhcp6.ia_na(1), dhcp6.ia_pd(1)])
        elif self.random.random() < RELEASE_SHARE:
            self._ask(duid, dhcp6.RELEASE, self._ias(held))
            for promise in list(held.values()):  # from now on the client uses them no more
                self._end(promise)
        else:
            self._ask(duid, dhcp6.RENEW, self._ias(held), tuple(promise.lease for promise in held.values()))

    @staticmethod
    def _ias(held):
        return [dhcp6.ia_na(1, promise.lease.first) if code == dhcp6.IA_NA else dhcp6.ia_pd(1, str(promise.lease))
                for code, promise in held.items()]

    def _ask(self, duid, kind, options, expected=()):
        self._next_id = (self._next_id + 1) % (1 << 24)
        server = None if kind == dhcp6.SOLICIT else self._server
        message = probe.message(kind, duid, dhcp6.elapsed(), *options, server=server, transaction_id=self._next_id)
        self._questions[self._next_id] = Question(duid, kind, time.time(), expected)
        self._waiting[duid] = self._next_id
        self.mouth.send(message)

    def _give_up_on(self, is_hopeless, counted=True):
        for duid, number in list(self._waiting.items()):
            if is_hopeless(self._questions[number]):
                del self._waiting[duid]
                self.unanswered += counted

    # What they hear.

    def _hear(self, timeout):
        answer = self.mouth.receive(timeout)
        while answer:
            self._take(answer.message)
            answer = self.mouth.receive(0)

    def _take(self, message):
        question = self._questions.get(message.transaction_id)
        if question is None or question.duid != message.client_duid:
            self.faults.append(f"{message.name} {message.transaction_id:06x} answers nobody")
            return
        self.heard[question.type] += 1
        self._server = message.server_duid
        if self._waiting.get(question.duid) == message.transaction_id:
            del self._waiting[question.duid]
        self.check_that_free(message)
        if message.type == dhcp6.ADVERTISE:
            self._take_up(message)
        elif question.type in (dhcp6.REQUEST, dhcp6.RENEW):
            self._note(message, question)

    def check_that_free(self, message):
        """No lease in an ADVERTISE or a REPLY is promised to somebody else."""
        for ia in message.ias():
            for lease in ia.leases:
                promise = self.promises.get(lease.key)
                if lease.valid and promise and promise.holder != (message.client_duid, ia.kind) and (
                        promise.until > time.time()):
                    self.faults.append(f"{message.name} gives {lease} to {message.client_duid.hex()}, and it is "
                                       f"promised to {promise.holder[0].hex()}")

    def _take_up(self, advertise):
        offered = [option for option in advertise.options
                   if option.code in KINDS and dhcp6.decode_ia(option).leases]
        if offered and advertise.client_duid not in self._waiting:
            self._ask(advertise.client_duid, dhcp6.REQUEST, offered)

    def _note(self, reply, question):
        given = {lease.key: (ia.kind, lease) for ia in reply.ias() for lease in ia.leases if lease.valid}
        for lease in question.expected:
            if lease.key not in given:
                self.faults.append(f"{question.duid.hex()} renews {lease}, and does not get it")
        for kind, lease in given.values():
            known = self._held[question.duid].get(kind)
            if known and known.lease.key != lease.key:
                self._end(known)
            promise = Promise(lease, (question.duid, kind), question.sent + lease.valid)
            self._held[question.duid][kind] = self.promises[lease.key] = promise

    def _end(self, promise):
        duid, kind = promise.holder
        self._held[duid].pop(kind, None)
        if self.promises.get(promise.lease.key) is promise:
            del self.promises[promise.lease.key]


def faults_of_leases(promises, rows, asked_until):
    """What `rows` of `tandem6ctl lease list`, complete at the time `asked_until`, lack of the promises."""
    active = {}
    for row in rows:
        if row["status"] == "ACTIVE":
            active.setdefault(row["lease"], []).append(row)
    faults = [f"{lease} is held by {len(holders)} clients" for lease, holders in active.items() if len(holders) > 1]
    for promise in promises:
        duid, kind = promise.holder
        row = active.get(str(promise.lease), [None])[0]
        if row is None:
            faults.append(f"{promise.lease}, promised to {duid.hex()}, is not there")
        elif row["duid"].replace(":", "") != duid.hex() or (row["ia_type"] == "IA_NA") != (kind == dhcp6.IA_NA):
            faults.append(f"{promise.lease}, promised to {duid.hex()}, is held by {row['duid']}")
        # Whole seconds on both sides.
        elif asked_until + row["state_expiration_time"]["left"] + 1 < promise.until:
            faults.append(f"{promise.lease} of {duid.hex()} ends {row['state_expiration_time']['left']} s from now, "
                          f"and was promised for {promise.until - asked_until:.1f} s")
    return faults
