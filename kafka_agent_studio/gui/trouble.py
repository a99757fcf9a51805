"""What is wrong, in words for a person: what happened, what it means for the messages, what to do."""

from dataclasses import dataclass

from kafka_agent_studio.api.faults import Fault


@dataclass(frozen=True, slots=True)
class Trouble:
    """Three sentences; `means` and `remedy` may be empty."""

    what: str
    means: str = ""
    remedy: str = ""

    @property
    def text(self) -> str:
        """All of it on one line."""
        return " ".join(part for part in (self.what, self.means, self.remedy) if part)


def in_words(fault: Fault) -> Trouble:
    """Return a fault as a person reads it."""
    parameters = ", ".join(f"{name} {value}" for name, value in fault.parameters.items())
    return Trouble(f"{fault.code.value.replace('_', ' ').capitalize()}: {parameters}")
