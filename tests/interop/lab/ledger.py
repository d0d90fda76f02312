"""Who was promised which lease until when, computed from the packets alone.

A promise begins when a REPLY with the lease passes, and ends when its valid lifetime has run out, when the server
withdraws it (valid lifetime 0), or when the client gives it back: from the moment that the RELEASE or DECLINE leaves
the client, it does not use the lease any more. What must never be seen:

  twice    a lease promised while another holder's promise of it, or of an overlapping one, still runs
  lost     a client renews a running promise and the REPLY does not extend that lease
  broken   a REQUEST takes up what the ADVERTISE had shown, nobody else took it, and the REPLY does not give it
  poisoned a declined address is promised again
"""

from bisect import bisect_left, insort
from dataclasses import dataclass, field

from . import dhcp6

GRANTING = (dhcp6.SOLICIT, dhcp6.REQUEST, dhcp6.RENEW, dhcp6.REBIND)
GIVING_BACK = (dhcp6.RELEASE, dhcp6.DECLINE)


@dataclass
class Promise:
    lease: dhcp6.Lease
    holder: tuple  # client DUID, IA option code, IAID
    server: bytes  # the DUID of the server that promised last
    since: float
    until: float
    renewals: int = 0

    def runs_at(self, time):
        return self.since <= time < self.until


@dataclass
class Ledger:
    promises: dict = field(default_factory=dict)  # lease key -> its newest promise
    history: list = field(default_factory=list)   # promises that ended and were replaced
    faults: list = field(default_factory=list)
    renewed: int = 0
    released: int = 0
    declined: dict = field(default_factory=dict)  # lease key -> when
    _offers: dict = field(default_factory=dict)   # holder -> server DUID -> lease keys shown last
    _ranges: list = field(default_factory=list)   # (first, last, lease key) of all leases ever seen, sorted

    # Questions for tests.

    def held_by(self, duid, at):
        """The leases that this client may use at that time."""
        return [p.lease for p in self.promises.values() if p.holder[0] == duid and p.runs_at(at)]

    def leases_ever(self):
        return len(self.promises)

    def holders_ever(self):
        return len({p.holder for p in list(self.promises.values()) + self.history})

    # The reading of a conversation.

    def _overlapping(self, lease):
        first = int(lease.first)
        last = first + (1 << (128 - lease.length)) - 1
        at = bisect_left(self._ranges, (first, 0, (0, 0)))
        # Leases are either equal, disjoint or nested: look right within the range, and left for one that encloses it.
        for left in range(at - 1, max(at - 64, -1), -1):
            if self._ranges[left][1] >= first:
                yield self._ranges[left][2]
        while at < len(self._ranges) and self._ranges[at][0] <= last:
            yield self._ranges[at][2]
            at += 1

    def _promise(self, lease, holder, time, why):
        known = self.promises.get(lease.key)
        for key in self._overlapping(lease):
            other = self.promises[key]
            if other.holder != holder and other.runs_at(time):
                self.faults.append(f"twice: {lease} promised to {_name(holder)} in {why}, while {other.lease} is "
                                   f"promised to {_name(other.holder)} for {other.until - time:.3f} s more")
        if lease.key in self.declined:
            self.faults.append(f"poisoned: {lease} was declined, and is promised again in {why}")
        until = float("inf") if lease.valid == dhcp6.INFINITE else time + lease.valid
        if known and known.holder == holder and known.runs_at(time):
            known.lease, known.until, known.server = lease, until, why.message.server_duid
            known.renewals += 1
            return
        if known:
            self.history.append(known)
        else:
            first = int(lease.first)
            insort(self._ranges, (first, first + (1 << (128 - lease.length)) - 1, lease.key))
        self.promises[lease.key] = Promise(lease, holder, why.message.server_duid, time, until)

    def _end(self, lease, holder, time):
        promise = self.promises.get(lease.key)
        if promise and promise.holder == holder and promise.runs_at(time):
            promise.until = time
            return True
        return False

    def give_back(self, heard):
        for ia in heard.message.ias():
            holder = (heard.duid, *ia.key)
            self._offers.pop(holder, None)  # it was made to a client that still held its lease
            for lease in ia.leases:
                promise = self.promises.get(lease.key)
                to_another = promise and promise.server != heard.message.server_duid  # which ignores it
                if not to_another and self._end(lease, holder, heard.time):
                    self.released += heard.message.type == dhcp6.RELEASE
                    if heard.message.type == dhcp6.DECLINE and ia.kind == dhcp6.IA_NA:
                        self.declined[lease.key] = heard.time

    def offer(self, answer):
        for ia in answer.message.ias():
            shown = self._offers.setdefault((answer.duid, *ia.key), {})
            shown[answer.message.server_duid] = {lease.key for lease in ia.leases}

    def grant(self, answer, question):
        for ia in answer.message.ias():
            holder = (answer.duid, *ia.key)
            asked = question.message.ia(*ia.key)
            given = {lease.key: lease for lease in ia.leases}
            if question.message.type in (dhcp6.RENEW, dhcp6.REBIND):
                self._check_renewal(asked, given, holder, answer)
            if question.message.type == dhcp6.REQUEST:
                self._check_offer(asked, given, holder, answer)
            for lease in ia.leases:
                if lease.valid == 0:
                    self._end(lease, holder, answer.time)
                else:
                    self._promise(lease, holder, answer.time, answer)

    def _check_renewal(self, asked, given, holder, answer):
        for lease in asked.leases if asked else ():
            promise = self.promises.get(lease.key)
            if promise and promise.holder == holder and promise.runs_at(answer.time):
                if lease.key in given and given[lease.key].valid > 0:
                    self.renewed += 1
                else:
                    self.faults.append(f"lost: {lease} of {_name(holder)} is not extended by {answer}")

    def _check_offer(self, asked, given, holder, answer):
        shown = self._offers.pop(holder, {}).get(answer.message.server_duid, set())
        taken_up = shown & {lease.key for lease in asked.leases} if asked else set()
        for key in taken_up - set(given):
            taken = self.promises.get(key)
            if not (taken and taken.holder != holder and taken.runs_at(answer.time)):
                self.faults.append(f"broken: {answer} does not give {_name(holder)} what the ADVERTISE had shown")


def _name(holder):
    duid, kind, iaid = holder
    return f"{duid.hex()}/{'NA' if kind == dhcp6.IA_NA else 'PD'}/{iaid:x}"


def keep(conversation):
    """The ledger of a conversation."""
    ledger = Ledger()
    exchanges = {id(exchange.answer): exchange for exchange in conversation.exchanges}
    for heard in conversation.heard:
        if heard.message.type in GIVING_BACK:
            ledger.give_back(heard)
        exchange = exchanges.get(id(heard))
        if exchange is None or exchange.question is None:
            continue
        if heard.message.type == dhcp6.ADVERTISE:
            ledger.offer(heard)
        elif heard.message.type == dhcp6.REPLY and exchange.question.message.type in GRANTING:
            ledger.grant(heard, exchange.question)
    return ledger
