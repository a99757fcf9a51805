"""What a connection check says, stage by stage."""

from enum import StrEnum

import msgspec


class StageName(StrEnum):
    """The stages in their order."""

    RESOLVE = "resolve"
    TCP = "tcp"
    TLS = "tls"
    SASL = "sasl"
    METADATA = "metadata"
    LISTENERS = "listeners"
    TOPIC = "topic"
    PERMISSION = "permission"


class StageState(StrEnum):
    """How a stage ended; skipped: it does not apply, or an earlier one failed."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


class CheckStage(msgspec.Struct, frozen=True):
    """One stage. `reason` says what was found, `remedy` what to do about it (empty unless failed), in plain words."""

    name: StageName
    state: StageState
    reason: str
    remedy: str = ""
    duration_ms: int = 0


class CheckReport(msgspec.Struct, frozen=True):
    """A finished check of the connector or connection `target`."""

    target: str
    stages: tuple[CheckStage, ...]

    @property
    def is_ok(self) -> bool:
        """Whether no stage failed."""
        return all(stage.state is not StageState.FAILED for stage in self.stages)
