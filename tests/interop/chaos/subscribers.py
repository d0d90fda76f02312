"""Clients as RFC 8415 section 18.2 has them, with short patience: many on one host, in one loop.

They renew with the server that they have, rebind with any, release now and then, and come back."""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from lab import dhcp6, probe

from .silence import Question

TRY_AGAIN = 1.0      # a second, whatever is asked
REQUEST_TRIES = 3
RELEASE_TRIES = 2
RELEASE_SHARE = 0.08
T1, T2 = (4.0, 7.0), 9.0  # whatever the server proposes: this is about servers
AWAY = (0.0, 8.0)
FOR_ANYBODY = (dhcp6.SOLICIT, dhcp6.REBIND)


@dataclass
class Subscriber:
    duid: bytes
    due: float
    ias: list = field(default_factory=list)  # as options, with the leases it has
    server: bytes = b""
    renew_at: float = 0.0
    rebind_at: float = 0.0
    ends_at: float = 0.0
    message: object = None   # that it waits for an answer to
    question: Question | None = None


class Subscribers:
    def __init__(self, host, interface, count, seed):
        self.dice = random.Random(seed)
        self.mouth = probe.Probe(host, interface)
        self.mouth.socket.setsockopt(probe.socket.SOL_SOCKET, probe.socket.SO_RCVBUF, 1 << 22)
        now = time.time()
        self.everybody = [Subscriber(dhcp6.duid_ll(0x40000 + number), now + self.dice.uniform(0, 5))
                          for number in range(count)]
        self.questions = []  # those that any server may answer
        self.counts = Counter()
        self._asking = {}    # transaction-id -> Subscriber
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        self._stopping.set()
        self._thread.join()
        self.mouth.socket.close()

    def _live(self):
        while not self._stopping.is_set():
            self._hear(0.01)
            now = time.time()
            for each in self.everybody:
                if now >= each.due:
                    self._act(each, now)

    # --- What they do when their time has come.

    def _act(self, each, now):
        if each.message is not None:
            return self._try_again(each, now)
        if not each.ias:
            return self._ask(each, dhcp6.SOLICIT, [dhcp6.ia_na(1), dhcp6.ia_pd(1)], now)
        if self.dice.random() < RELEASE_SHARE:
            ias, each.ias = each.ias, []  # from now on it uses them no more
            return self._ask(each, dhcp6.RELEASE, ias, now, each.server)
        return self._ask(each, dhcp6.RENEW, each.ias, now, each.server)

    def _try_again(self, each, now):
        kind, tries = each.message.type, each.question.tries
        if each.ias and now >= each.ends_at:
            self.counts["leases that ran out"] += 1
            each.ias = []
            self._drop(each, now)
            return self._ask(each, dhcp6.SOLICIT, [dhcp6.ia_na(1), dhcp6.ia_pd(1)], now)
        if kind == dhcp6.REQUEST and tries >= REQUEST_TRIES:
            self._drop(each, now)
            return self._ask(each, dhcp6.SOLICIT, [dhcp6.ia_na(1), dhcp6.ia_pd(1)], now)
        if kind == dhcp6.RELEASE and tries >= RELEASE_TRIES:
            return self._leave(each, now)
        if kind == dhcp6.RENEW and now >= each.rebind_at:
            self._drop(each, now)
            return self._ask(each, dhcp6.REBIND, each.ias, now)
        each.question.tries += 1
        each.due = now + TRY_AGAIN
        self.mouth.send(each.message)

    def _ask(self, each, kind, options, now, server=None):
        each.message = probe.message(kind, each.duid, dhcp6.elapsed(), *options, server=server or None)
        each.question = Question(each.message.name, each.duid.hex(), now)
        each.due = now + TRY_AGAIN
        self._asking[each.message.transaction_id] = each
        if kind in FOR_ANYBODY:
            self.questions.append(each.question)
        self.mouth.send(each.message)

    def _drop(self, each, now):
        self._asking.pop(each.message.transaction_id, None)
        each.question.given_up = now
        each.message = None

    def _leave(self, each, now):
        self._drop(each, now)
        each.due = now + self.dice.uniform(*AWAY)

    # --- What they hear.

    def _hear(self, wait):
        while answer := self.mouth.receive(wait):
            wait = 0
            self._take(answer.message, time.time())

    def _take(self, answer, now):
        each = self._asking.get(answer.transaction_id)
        if each is None or each.message is None or each.message.transaction_id != answer.transaction_id:
            return
        kind = each.message.type
        leases = [lease for ia in answer.ias() for lease in ia.leases if lease.valid]
        if kind == dhcp6.SOLICIT and (answer.type != dhcp6.ADVERTISE or not leases):
            return
        each.question.answered = now
        self.counts[f"{each.message.name} answered"] += 1
        self._drop(each, now)
        if kind == dhcp6.SOLICIT:
            offered = [option for option in answer.options if option.code in (dhcp6.IA_NA, dhcp6.IA_PD)]
            return self._ask(each, dhcp6.REQUEST, offered, now, answer.server_duid)
        if kind == dhcp6.RELEASE:
            each.due = now + self.dice.uniform(*AWAY)
            return
        if not leases:  # it has to begin again
            each.ias, each.due = [], now
            return
        each.server = answer.server_duid
        each.ias = [dhcp6.ia_na(1, lease.first) if ia.kind == dhcp6.IA_NA else dhcp6.ia_pd(1, str(lease))
                    for ia in answer.ias() for lease in ia.leases if lease.valid]
        each.due = now + self.dice.uniform(*T1)
        each.rebind_at = now + T2
        each.ends_at = now + min(lease.valid for lease in leases) - 1
