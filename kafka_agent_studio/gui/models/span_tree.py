"""The spans of a run as a tree: the run at the top, below it what happened, each with its place on the time line."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.state_look import RUN_LOOKS, SPAN_TONES
from kafka_agent_studio.gui.theme import Theme, Tone
from kafka_agent_studio.model.run import Run, RunStatus, Span, SpanKind

BAR_ROLE = int(Qt.ItemDataRole.UserRole) + 1
"""A Bar, in the time line's column."""

NAME, TIME_LINE, DURATION, TOKENS, COST = range(5)
_TITLES = ("Span", "Time line", "Duration", "Tokens", "Cost")
_ROOT = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

Index = QModelIndex | QPersistentModelIndex


class Bar(msgspec.Struct, frozen=True):
    """A piece of the run's time, as fractions from 0 to 1 of the whole."""

    begin: float
    end: float
    tone: Tone


class _Row(msgspec.Struct):
    span: Span | None
    parent: "_Row | None"
    number: int
    children: "list[_Row]" = msgspec.field(default_factory=list)
    attempts: int = 1
    """How many attempts there were at what this span did, itself included."""


class SpanTreeModel(QAbstractItemModel):
    """`span_at(index)` is None for the run itself."""

    def __init__(self, *, theme: Theme, icons: Mapping[SpanKind, QIcon]) -> None:
        super().__init__()
        self._icons = icons
        self._theme = theme
        self._run: Run | None = None
        self._top = _Row(None, None, 0)
        self._rows: dict[str | None, _Row] = {}
        self._from_us = 0
        self._whole_us = 1

    def show_run(self, run: Run, spans: Sequence[Span]) -> None:
        """Show the spans of a run, in order of their begin."""
        self.beginResetModel()
        self._run = run
        self._top = _Row(None, None, 0)
        ordered = sorted(spans, key=lambda s: s.started_at_us)
        # all first: what is around a span may be written down after it, within one microsecond
        rows: dict[str | None, _Row] = {span.span_id: _Row(span, self._top, 0) for span in ordered}
        for span in ordered:
            row = rows[span.span_id]
            parent = rows.get(span.parent_id, self._top)
            row.parent, row.number = parent, len(parent.children)
            parent.children.append(row)
        rows[None] = self._top
        for row in rows.values():
            _count_attempts(row.children)
        self._rows = rows
        times = [span.started_at_us for span in spans] + ([run.started_at_us] if run.started_at_us else [])
        ends = [span.ended_at_us or span.started_at_us for span in spans] + (
            [run.ended_at_us] if run.ended_at_us else []
        )
        self._from_us = min((at for at in times if at is not None), default=0)
        self._whole_us = max(1, max((at for at in ends if at is not None), default=1) - self._from_us)
        self.endResetModel()

    def span_at(self, index: Index) -> Span | None:
        """Return the span of a row; None for the run's own row."""
        return self._row(index).span if index.isValid() else None

    def index_of(self, span_id: str) -> QModelIndex:
        """Return the row of a span; the run's where it is not there."""
        row = self._rows.get(span_id)
        return self.index(0, 0) if row is None else self.createIndex(row.number, 0, row)

    # what Qt asks

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        """Return the index of a child."""
        if self._run is None or not 0 <= column < len(_TITLES):
            return QModelIndex()
        if not parent.isValid():
            return self.createIndex(0, column, self._top) if row == 0 else QModelIndex()
        children = self._row(parent).children
        return self.createIndex(row, column, children[row]) if 0 <= row < len(children) else QModelIndex()

    def parent(self, child: Index = _ROOT) -> QModelIndex | QObject:  # type: ignore[override]
        """Return the index of the span around it."""
        above = self._row(child).parent if child.isValid() else None
        return QModelIndex() if above is None else self.createIndex(above.number, 0, above)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of spans within."""
        if not parent.isValid():
            return 0 if self._run is None else 1
        return len(self._row(parent).children) if parent.column() == 0 else 0

    def columnCount(self, _parent: Index = _ROOT) -> int:
        """Return five: name, time line, duration, tokens, cost."""
        return len(_TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_TITLES):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section >= DURATION:
            return _RIGHT
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid() or self._run is None:
            return None
        span = self._row(index).span
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(index.column(), self._row(index), self._run)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if index.column() >= DURATION else None
        if role == Qt.ItemDataRole.FontRole:
            return self._theme.heading if span is None and index.column() == NAME else None
        if role == BAR_ROLE and index.column() == TIME_LINE:
            return self._bar(span, self._run)
        if role == Qt.ItemDataRole.DecorationRole and index.column() == NAME:
            return self._icons.get(SpanKind.AGENT if span is None else span.kind)
        if role == Qt.ItemDataRole.ToolTipRole:
            return None if span is None else _tip(self._row(index))
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == NAME:
            return f"agent {self._run.agent_name}" if span is None else _spoken(self._row(index))
        if role == Qt.ItemDataRole.ForegroundRole and span is not None and span.error is not None:
            return self._theme.tokens.color(Tone.FAILED)
        return None

    def _text(self, column: int, row: _Row, run: Run) -> str:
        span = row.span
        if column == NAME:
            return run.agent_name if span is None else _name(row)
        if column == DURATION:
            return formats.duration(run.duration_s if span is None else _duration_s(span))
        if column == TOKENS:
            return formats.tokens(run.token_usage if span is None else span.token_usage)
        if column == COST:
            return formats.cost(run.cost if span is None else span.cost)
        bar = self._bar(span, run)
        return f"{bar.begin:.0%} to {bar.end:.0%}"

    def _bar(self, span: Span | None, run: Run) -> Bar:
        if span is None:
            begin, end = run.started_at_us, run.ended_at_us
            tone = RUN_LOOKS[run.status].tone if run.status is not RunStatus.COMPLETED else Tone.MUTED
        else:
            begin, end = span.started_at_us, span.ended_at_us
            tone = Tone.FAILED if span.error is not None else SPAN_TONES[span.kind]
        first = 0.0 if begin is None else (begin - self._from_us) / self._whole_us
        last = 1.0 if end is None else (end - self._from_us) / self._whole_us
        return Bar(min(max(first, 0.0), 1.0), min(max(last, first), 1.0), tone)

    def _row(self, index: Index) -> _Row:
        row = index.internalPointer()
        assert isinstance(row, _Row)
        return row


def _count_attempts(rows: "list[_Row]") -> None:
    """Say of each attempt of how many it is one: those of one thing follow one another, counted from 1."""
    last: _Row | None = None
    for row in reversed(rows):
        span = row.span
        after = None if last is None else last.span
        is_followed = (
            span is not None
            and after is not None
            and (span.kind, span.name, span.attempt + 1) == (after.kind, after.name, after.attempt)
        )
        row.attempts = last.attempts if is_followed and last is not None else 1 if span is None else span.attempt
        last = row


def _name(row: _Row) -> str:
    span = row.span
    if span is None:
        return ""
    mark = "▲ " if span.error is not None else ""
    return f"{mark}{span.name} · {span.attempt}/{row.attempts}" if row.attempts > 1 else f"{mark}{span.name}"


def _spoken(row: _Row) -> str:
    span = row.span
    if span is None:
        return ""
    attempt = f", attempt {span.attempt} of {row.attempts}" if row.attempts > 1 else ""
    return f"{span.kind.value} {span.name}{attempt}" + (", failed" if span.error is not None else "")


def _tip(row: _Row) -> str:
    span = row.span
    if span is None or span.error is None:
        return _spoken(row)
    return f"{_spoken(row)}: {span.error.message[:300]}"


def _duration_s(span: Span) -> float | None:
    return None if span.ended_at_us is None else (span.ended_at_us - span.started_at_us) / 1e6
