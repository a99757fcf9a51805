"""How the figures went over time: points of one second, ten seconds and a minute, so that a day fits into a window."""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

KEPT_BY_STEP_S: Final = {1: 600, 10: 720, 60: 1_440}
"""Points kept by their length: ten minutes, two hours, a day."""


class TrendPoint(msgspec.Struct, frozen=True, gc=False):
    """What happened in the `step_s` seconds that ended at `at_s` (epoch s), all inbound connectors together.

    `dead_letters` are messages that a dead letter topic took. `in_flight` and `lag` are the highest in that time, `lag`
    None where unknown. Latency is from taking a message in until it was done with all its results acknowledged, in ms;
    None where no message was done. `cost` is US dollars.
    """

    step_s: int
    at_s: int
    messages: int = 0
    completed: int = 0
    failed: int = 0
    dead_letters: int = 0
    tokens: int = 0
    cost: float = 0.0
    in_flight: int = 0
    lag: int | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None


class DayUsage(msgspec.Struct, frozen=True):
    """What models used since midnight UTC: tokens, and US dollars where litellm knows a price."""

    tokens: int = 0
    cost: float = 0.0


class TrendHistory:
    """The newest points of each step, oldest first."""

    def __init__(self) -> None:
        self._points = {step_s: deque[TrendPoint](maxlen=kept) for step_s, kept in KEPT_BY_STEP_S.items()}

    def add(self, points: Iterable[TrendPoint]) -> None:
        """Take points in; of a step that is not kept, nothing."""
        for point in points:
            series = self._points.get(point.step_s)
            if series is not None:
                series.append(point)

    def reset(self, points: Iterable[TrendPoint]) -> None:
        """Begin anew."""
        for series in self._points.values():
            series.clear()
        self.add(points)

    def of(self, step_s: int) -> Sequence[TrendPoint]:
        """Return the points of a step."""
        return tuple(self._points[step_s])

    def all(self) -> tuple[TrendPoint, ...]:
        """Return every point, the shortest step first."""
        return tuple(point for series in self._points.values() for point in series)
