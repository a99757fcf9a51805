"""Which figures the charts show, and how they are said. Pure: points in, numbers and words out."""

from collections.abc import Callable, Sequence

import msgspec

from kafka_agent_studio.api.trends import TrendPoint
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.theme import Tone

Value = Callable[[TrendPoint], float | None]


class Series(msgspec.Struct, frozen=True):
    """One line: its name, colour and value at a point, None for none; `is_dashed` tells it without colour."""

    name: str
    tone: Tone
    value: Value
    is_dashed: bool = False


class ChartKind(msgspec.Struct, frozen=True):
    """A chart: its title, its lines, how a value is written, and what it reaches at least where all is quiet."""

    title: str
    series: tuple[Series, ...]
    written: Callable[[float], str]
    least: float = 1.0


class Range(msgspec.Struct, frozen=True):
    """What the charts cover: points of `step_s`, as many as lie in `span_s`."""

    words: str
    step_s: int
    span_s: int


RANGES = (Range("5 minutes", 1, 300), Range("1 hour", 10, 3_600), Range("24 hours", 60, 86_400))


def _milliseconds(value: float) -> str:
    return f"{value:.1f}" if 0 < value < 10 else f"{value:,.0f}"


def _rounded(value: float) -> str:
    return formats.count(round(value))


CHARTS = (
    ChartKind(
        "Throughput",
        (Series("messages", Tone.ACCENT, lambda p: p.messages / p.step_s),),
        formats.rate,
    ),
    # of their own, since a few among thousands of messages would be a line on the ground
    ChartKind(
        "Failures per minute",
        (
            Series("failed", Tone.FAILED, lambda p: p.failed * 60 / p.step_s),
            Series("dead letters", Tone.WAITING, lambda p: p.dead_letters * 60 / p.step_s, is_dashed=True),
        ),
        _rounded,
        least=4.0,
    ),
    ChartKind(
        "Latency in ms",
        (
            Series("p50", Tone.OK, lambda p: p.p50_ms),
            Series("p95", Tone.WAITING, lambda p: p.p95_ms),
            Series("p99", Tone.FAILED, lambda p: p.p99_ms, is_dashed=True),
        ),
        _milliseconds,
    ),
    ChartKind(
        "Backlog",
        (
            Series("lag", Tone.PAUSED, lambda p: p.lag),
            Series("in flight", Tone.WAITING, lambda p: p.in_flight, is_dashed=True),
        ),
        _rounded,
        least=4.0,
    ),
    ChartKind(
        "Tokens",
        (Series("per minute", Tone.ACCENT, lambda p: p.tokens * 60 / p.step_s),),
        _rounded,
        least=4.0,
    ),
)


def described(kind: ChartKind, points: Sequence[TrendPoint], span: Range) -> str:
    """Return a chart in words, for who cannot see it: each line's newest and highest value."""
    parts = []
    for series in kind.series:
        values = [value for point in points if (value := series.value(point)) is not None]
        if values:
            parts.append(f"{series.name} {kind.written(values[-1])} now, at most {kind.written(max(values))}")
    return f"{kind.title} over {span.words}: {'; '.join(parts) or 'nothing yet'}"


def at_moment(kind: ChartKind, point: TrendPoint) -> str:
    """Return what the lines are at a point, with its time."""
    parts = [
        f"{series.name} {kind.written(value)}" for series in kind.series if (value := series.value(point)) is not None
    ]
    return f"{formats.clock(point.at_s * 1_000_000)[:8]}  {'  '.join(parts)}"
