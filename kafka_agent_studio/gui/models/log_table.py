"""Lines of the log, newest first."""

from typing import NamedTuple

from kafka_agent_studio.api.events import Logged
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.models.columns import Column
from kafka_agent_studio.gui.models.live_table import CAP, LiveTableModel
from kafka_agent_studio.gui.state_look import Glyph, StateLook
from kafka_agent_studio.gui.theme import Theme, Tone

_LOOKS = {
    "DEBUG": StateLook(Glyph.RING, "debug", Tone.OFF, 4),
    "INFO": StateLook(Glyph.DISC, "info", Tone.MUTED, 3),
    "WARNING": StateLook(Glyph.DOTS, "warning", Tone.WAITING, 2),
    "ERROR": StateLook(Glyph.TRIANGLE, "error", Tone.FAILED, 1),
    "CRITICAL": StateLook(Glyph.TRIANGLE, "critical", Tone.FAILED, 0),
}


class LogRow(NamedTuple):
    """A line and its number since the window opened."""

    number: int
    line: Logged


def level_look(level: str) -> StateLook:
    """Return what a level looks like; an unknown one looks like information."""
    return _LOOKS.get(level.upper(), _LOOKS["INFO"])


def _message(row: LogRow) -> str:
    return formats.one_line(row.line.message)


def _logger(row: LogRow) -> str:
    return row.line.logger.removeprefix("kafka_agent_studio.")


def log_columns() -> list[Column[LogRow]]:
    """Return the columns of the log page."""
    return [
        Column(
            "level",
            "Level",
            lambda r: level_look(r.line.level).word,
            width=100,
            sort=lambda r: level_look(r.line.level).order,
            look=lambda r: level_look(r.line.level),
        ),
        Column(
            "time",
            "Time",
            lambda r: formats.clock(r.line.at_us),
            width=108,
            sort=lambda r: r.line.at_us,
            tip=lambda r: formats.full_time(r.line.at_us),
            is_mono=True,
            tone=Tone.MUTED,
        ),
        Column(
            "message", "Message", lambda r: formats.one_line(r.line.message), width=520, value=lambda r: r.line.message
        ),
        Column(
            "logger", "From", lambda r: r.line.logger.removeprefix("kafka_agent_studio."), width=170, tone=Tone.MUTED
        ),
        Column(
            "connector",
            "Connector",
            lambda r: r.line.connector or formats.NOTHING,
            width=130,
            value=lambda r: r.line.connector,
        ),
        Column(
            "run",
            "Run",
            lambda r: formats.short_id(r.line.run_id) if r.line.run_id else formats.NOTHING,
            width=90,
            value=lambda r: r.line.run_id,
            is_mono=True,
        ),
    ]


class LogTableModel(LiveTableModel[LogRow]):
    """The newest lines."""

    def __init__(self, *, theme: Theme, cap: int = CAP) -> None:
        super().__init__(columns=log_columns(), key_of=lambda r: r.number, theme=theme, cap=cap)

    def find_line(self, number: int) -> Logged | None:
        """Return a line by its number; None where it is not kept any more."""
        row = self.find(number)
        return None if row is None else row.line

    def add_lines(self, lines: list[Logged]) -> None:
        """Take in lines, oldest first."""
        first = self.seen
        self.upsert([LogRow(first + at, line) for at, line in enumerate(lines)])
