"""Runs, newest first, each in its latest state."""

from collections.abc import Callable
from typing import Any

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.models.columns import Column
from kafka_agent_studio.gui.models.live_table import CAP, LiveTableModel
from kafka_agent_studio.gui.state_look import RUN_LOOKS
from kafka_agent_studio.gui.theme import Theme, Tone
from kafka_agent_studio.model.run import Run, iso_utc


def result_places(run: Run) -> str:
    """Return where a run's results landed, `order-results/0/991`."""
    return ", ".join(f"{p.topic}/{p.partition}/{p.offset}" for p in run.published) or formats.NOTHING


def outcome(run: Run) -> str:
    """Return a run's error or the beginning of its output, on one line."""
    if run.error is not None:
        return formats.one_line(f"{run.error.type.value}: {run.error.message}")
    if run.output is None:
        return formats.NOTHING
    return formats.one_line(run.output if isinstance(run.output, str) else formats.json_text(run.output))


def _number(read: Callable[[Run], float | int | None]) -> Callable[[Run], Any]:
    return lambda run: read(run) or 0


def _key(run: Run) -> str:
    return run.key or formats.NOTHING


def run_columns() -> list[Column[Run]]:
    """Return the columns of the runs page."""
    return [
        Column(
            "status",
            "Status",
            lambda r: RUN_LOOKS[r.status].word,
            width=108,
            sort=lambda r: RUN_LOOKS[r.status].order,
            look=lambda r: RUN_LOOKS[r.status],
        ),
        Column(
            "started",
            "Started",
            lambda r: formats.clock(r.started_at_us),
            width=108,
            sort=_number(lambda r: r.started_at_us),
            value=lambda r: iso_utc(r.started_at_us),
            tip=lambda r: formats.full_time(r.started_at_us),
            is_mono=True,
            tone=Tone.MUTED,
        ),
        Column("agent", "Agent", lambda r: r.agent_name, width=122),
        Column("message", "Message", lambda r: r.place, width=120, is_mono=True, sort=lambda r: (r.topic, r.offset)),
        Column("key", "Key", _key, width=110, is_mono=True, is_hidden=True, value=lambda r: r.key),
        Column(
            "duration",
            "Duration",
            lambda r: formats.duration(r.duration_s),
            width=78,
            sort=_number(lambda r: r.duration_s),
            value=lambda r: r.duration_s,
            is_right=True,
        ),
        Column(
            "tokens",
            "Tokens",
            lambda r: formats.tokens(r.token_usage),
            width=72,
            sort=lambda r: r.token_usage.total_tokens,
            value=lambda r: r.token_usage.total_tokens,
            is_right=True,
        ),
        Column(
            "cost",
            "Cost",
            lambda r: formats.cost(r.cost),
            width=72,
            sort=_number(lambda r: r.cost),
            value=lambda r: r.cost,
            is_right=True,
            is_hidden=True,
        ),
        Column(
            "outcome", "Outcome", outcome, width=260, value=lambda r: r.output if r.error is None else r.error.message
        ),
        Column("result", "Result", result_places, width=160, is_mono=True, is_hidden=True),
        Column("connector", "Connector", lambda r: r.connector, width=110, is_hidden=True),
        Column(
            "attempts",
            "Attempts",
            lambda r: str(r.attempts),
            width=72,
            sort=lambda r: r.attempts,
            value=lambda r: r.attempts,
            is_right=True,
            is_hidden=True,
        ),
        Column("run_id", "Run", lambda r: r.run_id, width=130, is_mono=True, is_hidden=True),
        Column(
            "stand_ins",
            "Stand-ins",
            lambda r: ", ".join(r.stand_ins) or formats.NOTHING,
            width=110,
            is_hidden=True,
            value=lambda r: list(r.stand_ins),
        ),
    ]


class RunTableModel(LiveTableModel[Run]):
    """Runs by id."""

    def __init__(self, *, theme: Theme, cap: int = CAP) -> None:
        super().__init__(columns=run_columns(), key_of=lambda r: r.run_id, theme=theme, cap=cap)
