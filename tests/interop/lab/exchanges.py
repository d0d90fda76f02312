"""Pairs what servers say in a capture with what they were asked."""

from dataclasses import dataclass

from . import dhcp6, packets


@dataclass(frozen=True)
class Heard:
    """One datagram with a DHCPv6 message in it."""

    datagram: packets.Datagram
    message: dhcp6.Message
    levels: tuple
    is_from_server: bool

    @property
    def time(self):
        return self.datagram.time

    @property
    def duid(self):
        return self.message.client_duid

    def __str__(self):
        relayed = f" through {len(self.levels)} relay(s)" if self.levels else ""
        return f"{self.message.name} {self.message.transaction_id:06x}{relayed} at {self.time:.6f}"


@dataclass(frozen=True)
class Exchange:
    answer: Heard
    question: Heard | None  # None: nobody asked


@dataclass
class Conversation:
    heard: list       # all messages, in order
    exchanges: list   # an Exchange for each message of a server
    unreadable: list  # (datagram, why) of those that servers sent


def _conversation_key(heard):
    # Answers are matched by transaction-id and by who asked; a question without an identifier has None there.
    peer = heard.levels[-1].peer_address if heard.levels else (
        heard.datagram.destination if heard.is_from_server else heard.datagram.source)
    return heard.message.transaction_id, peer


def _question_of(answer, candidates):
    """The newest question with the key of the answer; `candidates`: by message type, the newest one last.

    dibbler-client uses one transaction-id for a SOLICIT and a RENEW that are under way together."""
    if answer.message.type == dhcp6.ADVERTISE and dhcp6.SOLICIT in candidates:
        return candidates[dhcp6.SOLICIT]
    return next(reversed(candidates.values()), None)


def read(path, server_sources=None):
    """Reads a capture. `server_sources`: the addresses of servers, where tests of ours may send garbage from others."""
    conversation = Conversation([], [], [])
    asked = {}
    for datagram in packets.read_datagrams(path):
        may_be_server = server_sources is None or str(datagram.source) in server_sources
        try:
            unwrapped = dhcp6.decode(datagram.payload)
            heard = Heard(datagram, unwrapped.message, unwrapped.levels,
                          may_be_server and unwrapped.message.type in dhcp6.FROM_SERVER)
            heard.message.ias(), heard.message.status()
        except dhcp6.Malformed as why:
            if may_be_server:
                conversation.unreadable.append((datagram, str(why)))
            continue
        conversation.heard.append(heard)
        key = _conversation_key(heard)
        if heard.is_from_server:
            conversation.exchanges.append(Exchange(heard, _question_of(heard, asked.get(key, {}))))
        else:
            asked.setdefault(key, {}).pop(heard.message.type, None)
            asked[key][heard.message.type] = heard
    return conversation
