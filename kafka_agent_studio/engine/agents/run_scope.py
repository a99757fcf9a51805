"""What one run carries through its steps: the context that tools share, and the recorder."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from kafka_agent_studio.engine.clock import Clock
from kafka_agent_studio.engine.ports import RunRecorder, RunRequest
from kafka_agent_studio.model.run import NO_TOKENS, RunError, Span, SpanKind, TokenUsage


class RunScope:
    """One run, or one sub-agent of it. Spans are numbered within the run, from "1"."""

    __slots__ = ("_ids", "clock", "context", "parent_id", "recorder")

    def __init__(
        self,
        *,
        clock: Clock,
        context: dict[str, Any],
        recorder: RunRecorder,
        parent_id: str | None = None,
        ids: Iterator[int] | None = None,
    ) -> None:
        self.clock = clock
        self.context = context
        self.recorder = recorder
        self.parent_id = parent_id
        self._ids = ids or count(1)

    def within(self, parent_id: str) -> "RunScope":
        """Return the scope of a sub-agent whose span is `parent_id`."""
        return RunScope(
            clock=self.clock, context=self.context, recorder=self.recorder, parent_id=parent_id, ids=self._ids
        )

    def next_span_id(self) -> str:
        """Return an id for a span that begins now."""
        return str(next(self._ids))

    def saw_attempt(self, attempt: int) -> None:
        """The run needed this many attempts at something; those of a sub-agent are seen in its spans."""
        if self.parent_id is None and attempt > self.recorder.attempts:
            self.recorder.attempts = attempt

    def record(
        self,
        *,
        kind: SpanKind,
        name: str,
        started_at_us: int,
        span_id: str | None = None,
        attempt: int = 1,
        given: Any = None,
        output: Any = None,
        error: RunError | None = None,
        token_usage: TokenUsage = NO_TOKENS,
        cost: float | None = None,
    ) -> None:
        """Record a span that ends now; `given` and `output` are JSON values that nobody changes any more."""
        self.recorder.spans.append(
            Span(
                span_id or str(next(self._ids)),
                self.parent_id,
                kind,
                name,
                started_at_us,
                self.clock.now_us(),
                attempt,
                given,
                output,
                error,
                token_usage,
                cost,
            )
        )


def context_of(request: RunRequest) -> dict[str, Any]:
    """Return the context that tools get: six keys, and whatever they add."""
    return {
        "run_id": request.run_id,
        "agent_name": request.agent_name,
        "connector_id": request.connector,
        "timestamp": request.timestamp_ms,
        "payload": request.payload,
        "attempt": 1,
    }
