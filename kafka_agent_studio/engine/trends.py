"""Once a second the counters become points; ten seconds and minutes are made of seconds."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from kafka_agent_studio.api.trends import KEPT_BY_STEP_S, TrendHistory, TrendPoint
from kafka_agent_studio.engine.counters import Counters
from kafka_agent_studio.engine.latency import LatencyHistogram


@dataclass(frozen=True, slots=True)
class Gauges:
    """What holds at this moment, over all inbound connectors; `lag` None where one does not know its own."""

    in_flight: int = 0
    lag: int | None = None


@dataclass(slots=True)
class _Sum:
    """What has been added up for the next point of a step."""

    messages: int = 0
    completed: int = 0
    failed: int = 0
    dead_letters: int = 0
    tokens: int = 0
    cost: float = 0.0
    in_flight: int = 0
    lag: int | None = None
    latency: LatencyHistogram = field(default_factory=LatencyHistogram)

    def add(self, other: "_Sum") -> None:
        self.messages += other.messages
        self.completed += other.completed
        self.failed += other.failed
        self.dead_letters += other.dead_letters
        self.tokens += other.tokens
        self.cost += other.cost
        self.in_flight = max(self.in_flight, other.in_flight)
        if other.lag is not None:
            self.lag = max(self.lag or 0, other.lag)
        self.latency.merge(other.latency)

    def point(self, step_s: int, at_s: int) -> TrendPoint:
        p50_ms, p95_ms, p99_ms = self.latency.percentiles_ms(0.5, 0.95, 0.99)
        return TrendPoint(
            step_s=step_s,
            at_s=at_s,
            messages=self.messages,
            completed=self.completed,
            failed=self.failed,
            dead_letters=self.dead_letters,
            tokens=self.tokens,
            cost=round(self.cost, 6),
            in_flight=self.in_flight,
            lag=self.lag,
            p50_ms=p50_ms,
            p95_ms=p95_ms,
            p99_ms=p99_ms,
        )


@dataclass(slots=True)
class _Before:
    """What a connector's counters were a second ago."""

    counters: Counters
    messages: int
    completed: int
    failed: int
    dead_letters: int
    tokens: int
    cost: float
    latency: LatencyHistogram


class Trends:
    """Feed it once a second; `history` is what a new window starts from."""

    def __init__(self) -> None:
        self.history = TrendHistory()
        self._before: dict[int, _Before] = {}
        self._last_s: int | None = None
        self._sums = {step_s: _Sum() for step_s in KEPT_BY_STEP_S}

    def tick(self, at_s: int, counters: Iterable[Counters], gauges: Gauges) -> tuple[TrendPoint, ...]:
        """Return the points that end with this second (epoch s): the second itself, and longer ones when complete."""
        second = _Sum(in_flight=gauges.in_flight, lag=gauges.lag)
        kept: dict[int, _Before] = {}
        for one in counters:
            kept[id(one)] = _add_since(second, one, self._before.get(id(one)))
        # the counters themselves are kept beside what they were: so no other object can get their id
        self._before = kept
        # a tick may come late: what counts is that the end of the step lies between it and the one before
        before_s = at_s - 1 if self._last_s is None else self._last_s
        self._last_s = at_s
        points = []
        for step_s, total in self._sums.items():
            total.add(second)
            if at_s // step_s != before_s // step_s:
                points.append(total.point(step_s, at_s))
                self._sums[step_s] = _Sum()
        self.history.add(points)
        return tuple(points)


def _add_since(second: _Sum, now: Counters, before: _Before | None) -> _Before:
    second.messages += now.messages - (before.messages if before else 0)
    # a result that the topic refused turns a completed run into a failed one
    second.completed += max(0, now.completed - (before.completed if before else 0))
    second.failed += now.failed - (before.failed if before else 0)
    second.dead_letters += now.dead_letters - (before.dead_letters if before else 0)
    second.tokens += now.tokens - (before.tokens if before else 0)
    second.cost += now.cost - (before.cost if before else 0.0)
    second.latency.merge(now.latency.since(before.latency if before else None))
    copy = LatencyHistogram(now.latency.counts)
    return _Before(now, now.messages, now.completed, now.failed, now.dead_letters, now.tokens, now.cost, copy)
