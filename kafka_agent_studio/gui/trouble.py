"""What is wrong, in words for a person: what happened, what it means for the messages, what to do."""

import msgspec

from kafka_agent_studio.api.faults import Fault
from kafka_agent_studio.api.words import sentence


class Trouble(msgspec.Struct, frozen=True):
    """Three sentences; `means` and `remedy` may be empty."""

    what: str
    means: str = ""
    remedy: str = ""

    @property
    def text(self) -> str:
        """All of it on one line."""
        return " ".join(part for part in (self.what, self.means, self.remedy) if part)


def in_words(fault: Fault) -> Trouble:
    """Return a fault as a person reads it: whole sentences, with capitals and full stops."""
    words = sentence(fault)
    return Trouble(_whole(words.what), _whole(words.means), _whole(words.remedy))


def _whole(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")
