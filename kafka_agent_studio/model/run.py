"""A run: one message through one agent, with what it cost and where its result went."""

from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

import msgspec

from kafka_agent_studio.model.message import Published, Record


class RunStatus(StrEnum):
    """queued → running → completed | failed | cancelled."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more will happen to the run."""
        return self in _TERMINAL


_TERMINAL = frozenset({RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED})


class ErrorType(StrEnum):
    """The `error.type` of an envelope (CONTRACT §3)."""

    TIMEOUT = "timeout"
    MODEL_ERROR = "model_error"
    MODEL_REFUSED = "model_refused"
    SCHEMA_MISMATCH = "schema_mismatch"
    MAX_ITERATIONS = "max_iterations"
    TOOL_ERROR = "tool_error"
    RESULT_TOO_LARGE = "result_too_large"
    CANCELLED = "cancelled"
    DROPPED = "dropped"
    INTERNAL = "internal"


class RunError(msgspec.Struct, frozen=True, gc=False):
    """Why a run failed: a type to automate against and a sentence to read."""

    type: ErrorType
    message: str


class TokenUsage(msgspec.Struct, frozen=True, gc=False):
    """Tokens used so far; zeros without a model."""

    prompt_tokens: int = 0
    candidates_tokens: int = 0
    total_tokens: int = 0

    def __add__(self, other: "TokenUsage") -> "TokenUsage":
        return TokenUsage(
            self.prompt_tokens + other.prompt_tokens,
            self.candidates_tokens + other.candidates_tokens,
            self.total_tokens + other.total_tokens,
        )


NO_TOKENS = TokenUsage()


class SpanKind(StrEnum):
    """What a span of a run's waterfall shows."""

    AGENT = "agent"
    MODEL = "model"
    TOOL = "tool"
    PUBLISH = "publish"


class Span(msgspec.Struct, frozen=True, gc=False):
    """One thing done inside a run. `attempt` counts from 1; `input` and `output` are JSON values; times are epoch µs.

    `parent_id` is None at the top of the run. A retried model request is a span per attempt.
    """

    span_id: str
    parent_id: str | None
    kind: SpanKind
    name: str
    started_at_us: int
    ended_at_us: int | None = None
    attempt: int = 1
    input: Any = None
    output: Any = None
    error: RunError | None = None
    token_usage: TokenUsage = NO_TOKENS
    cost: float | None = None


class RunChanges(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a rerun was given in the place of the agent's own prompt or model, or of the message; None: unchanged."""

    system_prompt: str | None = None
    model: str | None = None
    payload: dict[str, Any] | None = None


class Run(msgspec.Struct, frozen=True, gc=False):
    """The state of a run. Times are epoch µs; `cost` is US dollars, None where unknown; `attempts` counts from 1.

    `output` is a JSON value where the agent has an output_schema or is a tool agent, else text; None when failed.
    `key` is None, or the inbound key as text (base64 where it is not UTF-8). `stand_ins` names what stood in:
    "sandbox", "rehearsal". `changes` is UNSET, and takes no room in the store, for all but reruns with changes.
    """

    run_id: str
    agent_name: str
    status: RunStatus
    output: Any
    error: RunError | None
    started_at_us: int | None
    ended_at_us: int | None
    token_usage: TokenUsage
    connector: str
    topic: str
    partition: int
    offset: int
    timestamp_ms: int | None
    key: str | None
    parent_run_id: str | None = None
    attempts: int = 1
    cost: float | None = None
    published: tuple[Published, ...] = ()
    stand_ins: tuple[str, ...] = ()
    changes: RunChanges | msgspec.UnsetType = msgspec.UNSET

    @property
    def place(self) -> str:
        """`topic/partition/offset` of the message that started it."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def duration_s(self) -> float | None:
        """Seconds from start to end; None while either is unknown."""
        if self.started_at_us is None or self.ended_at_us is None:
            return None
        return (self.ended_at_us - self.started_at_us) / 1e6


def publish_spans(published: tuple[Published, ...]) -> tuple[Span, ...]:
    """Return a span for each result that landed and whose times are known: from sending to acknowledgement."""
    return tuple(
        Span(
            span_id=f"publish-{number}",
            parent_id=None,
            kind=SpanKind.PUBLISH,
            name=where.topic,
            started_at_us=where.sent_at_us,
            ended_at_us=where.acknowledged_at_us,
            output={"connector": where.connector, "place": where.place},
        )
        for number, where in enumerate(published, 1)
        if where.sent_at_us is not None
    )


class RunDetail(msgspec.Struct, frozen=True):
    """A run with everything that happened in it. `record` is None once payloads were forgotten."""

    run: Run
    spans: tuple[Span, ...]
    record: Record | None


def iso_utc(at_us: int | None) -> str | None:
    """Return epoch µs as ISO 8601 in UTC with `Z`, to the millisecond; None stays None."""
    return None if at_us is None else _iso_ms(at_us // 1000)


@lru_cache(maxsize=64)
def _iso_ms(at_ms: int) -> str:
    # a busy engine says the same millisecond many times
    second, rest_ms = divmod(at_ms, 1000)
    return f"{_iso_second(second)}.{rest_ms:03d}Z"


@lru_cache(maxsize=16)
def _iso_second(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def envelope(run: Run) -> dict[str, Any]:
    """Return the result envelope: the keys of the specification, in its order."""
    return {
        "run_id": run.run_id,
        "agent_name": run.agent_name,
        "status": run.status.value,
        "output": run.output,
        "error": None if run.error is None else {"type": run.error.type.value, "message": run.error.message},
        "started_at": iso_utc(run.started_at_us),
        "ended_at": iso_utc(run.ended_at_us),
        "token_usage": {
            "prompt_tokens": run.token_usage.prompt_tokens,
            "candidates_tokens": run.token_usage.candidates_tokens,
            "total_tokens": run.token_usage.total_tokens,
        },
    }


def run_record(run: Run) -> dict[str, Any]:
    """Return a run as lists and event lines print it: the envelope's keys, then where it came from and went."""
    return {
        **envelope(run),
        "parent_run_id": run.parent_run_id,
        "connector": run.connector,
        "topic": run.topic,
        "partition": run.partition,
        "offset": run.offset,
        "timestamp": run.timestamp_ms,
        "key": run.key,
        "attempts": run.attempts,
        "cost": run.cost,
        "published": [
            {"connector": p.connector, "topic": p.topic, "partition": p.partition, "offset": p.offset}
            for p in run.published
        ],
        "stand_ins": list(run.stand_ins),
    }
