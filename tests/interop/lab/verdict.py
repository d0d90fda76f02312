"""All judges over one capture."""

from dataclasses import dataclass

from . import dissector, exchanges, form, ledger


@dataclass(frozen=True)
class Verdict:
    conversation: exchanges.Conversation
    ledger: ledger.Ledger
    form_faults: list
    dissector_faults: list
    dissector_count: int  # DHCPv6 packets that the dissector saw

    def answers(self, *types):
        return [e for e in self.conversation.exchanges if not types or e.answer.message.type in types]

    def duid_of(self, link_local):
        """The DUID of the client with this link-local address, behind however many relays."""
        return next((h.duid for h in self.conversation.heard if link_local == str(
            h.levels[-1].peer_address if h.levels else h.datagram.source)), None)

    def questions(self, duid, *types):
        return [h.message for h in self.conversation.heard
                if not h.is_from_server and h.duid == duid and (not types or h.message.type in types)]


def judge(path, server_sources=None):
    """Judges a capture; `server_sources`: see exchanges.read."""
    conversation = exchanges.read(path, server_sources)
    return Verdict(conversation, ledger.keep(conversation), form.faults(conversation),
                   dissector.faults(path, server_sources), dissector.count(path))
