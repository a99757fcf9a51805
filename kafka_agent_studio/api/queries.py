"""What commands carry and what they are answered with."""

from typing import Any

import msgspec

from kafka_agent_studio.model.run import Run, RunError, RunStatus, Span, TokenUsage


class RunQuery(msgspec.Struct, frozen=True):
    """Which runs to list; None does not filter. Times are epoch µs of the run's start; `text` is full text.

    Limits of tokens and cost (US dollars) are inclusive; a run whose cost is unknown counts as 0.
    """

    status: RunStatus | None = None
    agent: str | None = None
    connector: str | None = None
    key: str | None = None
    text: str | None = None
    place: str | None = None
    started_after_us: int | None = None
    started_before_us: int | None = None
    min_tokens: int | None = None
    max_tokens: int | None = None
    min_cost: float | None = None
    max_cost: float | None = None
    limit: int = 200
    cursor: str | None = None


class RunPage(msgspec.Struct, frozen=True):
    """Runs, newest first; `cursor` continues the list, None at its end."""

    runs: tuple[Run, ...]
    cursor: str | None


class ToolTrace(msgspec.Struct, frozen=True):
    """What trying an agent showed."""

    output: Any
    error: RunError | None
    spans: tuple[Span, ...]
    token_usage: TokenUsage
    cost: float | None
    stand_ins: tuple[str, ...]
    duration_s: float


class SecretStatus(msgspec.Struct, frozen=True):
    """`found` is environment, session, keyring or missing."""

    name: str
    found: str
