"""What a person typed for a run to come and did not run yet: kept beside the run store, on this machine only."""

from dataclasses import dataclass, field

import msgspec

from kafka_agent_studio.api.commands import Command

MOST_DRAFTS = 50
"""The newest are kept."""
MOST_CHARACTERS = 262_144
"""Of one draft, all its texts together; a longer one is refused."""


class RerunDraft(msgspec.Struct, frozen=True):
    """Texts as they stand in their fields, no JSON needed; None: the field is as the run had it.

    `kept_at_us` is epoch µs, the engine's to say.
    """

    model: str | None = None
    system_prompt: str | None = None
    message: str | None = None
    kept_at_us: int = 0

    @property
    def size(self) -> int:
        """Characters of all texts."""
        return sum(len(text) for text in (self.model, self.system_prompt, self.message) if text is not None)


class GetDraft(Command[RerunDraft | None], msgspec.Struct, frozen=True):
    """What was typed for another try of this run; None: nothing."""

    run_id: str


@dataclass(frozen=True, slots=True)
class KeepDraft(Command[None]):
    """Keep a draft over restarts, in the place of the one before; None forgets it.

    Refused where it is too long, or where the workspace keeps no payloads and it has a message.
    """

    run_id: str
    draft: RerunDraft | None = field(repr=False)
