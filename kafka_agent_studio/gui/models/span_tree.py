"""The spans of a run as a tree: the run at the top, below it what happened, each with its place on the time line.

Qt keeps the shape, so that a tree of thousands is laid out without asking Python about a row; what a row says is made
when it is in sight.
"""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon, QStandardItem, QStandardItemModel

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.state_look import RUN_LOOKS, SPAN_TONES
from kafka_agent_studio.gui.theme import Theme, Tone
from kafka_agent_studio.model.run import Run, RunStatus, Span, SpanKind

BAR_ROLE = int(Qt.ItemDataRole.UserRole) + 1
"""A Bar, in the time line's column."""

NAME, TIME_LINE, DURATION, TOKENS, COST = range(5)
_TITLES = ("Span", "Time line", "Duration", "Tokens", "Cost")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

_ROLES = frozenset(
    {
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.FontRole,
        Qt.ItemDataRole.DecorationRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.AccessibleTextRole,
        Qt.ItemDataRole.ForegroundRole,
        BAR_ROLE,
    }
)
"""Those that depend on the span: Qt asks about others as often."""

Index = QModelIndex | QPersistentModelIndex


class Bar(msgspec.Struct, frozen=True):
    """A piece of the run's time, as fractions from 0 to 1 of the whole."""

    begin: float
    end: float
    tone: Tone


class _Row(msgspec.Struct, frozen=True):
    """A row in sight. `span` None: the run's own; `attempts`: how many there were at what it did, itself included."""

    span: Span | None
    attempts: int = 1


class SpanTreeModel(QStandardItemModel):
    """`span_at(index)` is None for the run itself."""

    def __init__(self, *, theme: Theme, icons: Mapping[SpanKind, QIcon], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._theme = theme
        self._run: Run | None = None
        self._below: dict[str | None, list[Span]] = {}
        self._place: dict[str, tuple[str | None, int]] = {}
        self._items: dict[str | None, QStandardItem] = {}
        self._from_us = 0
        self._whole_us = 1
        self.setColumnCount(len(_TITLES))

    def show_run(self, run: Run, spans: Sequence[Span]) -> None:
        """Show the spans of a run, in order of their begin."""
        below, place = _tree_of(spans)
        items = _items_of(below)
        self.beginResetModel()
        # a reset is said once, not as rows that go and come
        was_blocked = self.blockSignals(True)
        self._items = {}
        self.removeRows(0, self.rowCount())
        self.appendRow(items[None])
        self.blockSignals(was_blocked)
        self._run, self._below, self._place, self._items = run, below, place, items
        begins = [span.started_at_us for span in spans] + ([run.started_at_us] if run.started_at_us else [])
        ends = [span.ended_at_us or span.started_at_us for span in spans] + (
            [run.ended_at_us] if run.ended_at_us else []
        )
        self._from_us = min(begins, default=0)
        self._whole_us = max(1, max(ends, default=1) - self._from_us)
        self.endResetModel()

    def span_at(self, index: Index) -> Span | None:
        """Return the span of a row; None for the run's own row."""
        rows = []
        above = index.parent()
        while above.isValid():
            rows.append(index.row())
            index, above = above, above.parent()
        span: Span | None = None
        for row in reversed(rows):
            span = self._below[None if span is None else span.span_id][row]
        return span

    def index_of(self, span_id: str) -> QModelIndex:
        """Return the row of a span; the run's where it is not there."""
        around, row = self._place.get(span_id, (None, -1))
        item = self._items.get(around) if row >= 0 else None
        return self.index(0, 0) if item is None else self.index(row, 0, item.index())

    # what Qt asks

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
        column = index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column >= DURATION else None
        if role not in _ROLES:
            return None
        span = self.span_at(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(column, index, span, self._run)
        if role == Qt.ItemDataRole.FontRole:
            return self._theme.heading if span is None and column == NAME else None
        if role == BAR_ROLE and column == TIME_LINE:
            return self._bar(span, self._run)
        if role == Qt.ItemDataRole.DecorationRole and column == NAME:
            return self._icons.get(SpanKind.AGENT if span is None else span.kind)
        if role == Qt.ItemDataRole.ToolTipRole:
            return None if span is None else _tip(self._row(index, span))
        if role == Qt.ItemDataRole.AccessibleTextRole and column == NAME:
            return f"agent {self._run.agent_name}" if span is None else _spoken(self._row(index, span))
        if role == Qt.ItemDataRole.ForegroundRole and span is not None and span.error is not None:
            return self._theme.tokens.color(Tone.FAILED)
        return None

    def _text(self, column: int, index: Index, span: Span | None, run: Run) -> str:
        if column == NAME:
            return run.agent_name if span is None else _name(self._row(index, span))
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

    def _row(self, index: Index, span: Span) -> _Row:
        around = self._place[span.span_id][0]
        return _Row(span, _attempts(self._below[around], index.row()))


def _tree_of(spans: Sequence[Span]) -> tuple[dict[str | None, list[Span]], dict[str, tuple[str | None, int]]]:
    """Return the spans below each by its id (None: the run), and where each of them stands."""
    # all first: what is around a span may be written down after it, within one microsecond
    ordered = {span.span_id: span for span in sorted(spans, key=attrgetter("started_at_us"))}
    below: dict[str | None, list[Span]] = {None: []}
    place: dict[str, tuple[str | None, int]] = {}
    for span_id, span in ordered.items():
        around = span.parent_id if span.parent_id in ordered else None
        there = below.setdefault(around, [])
        place[span_id] = around, len(there)
        there.append(span)
    return below, place


def _items_of(below: Mapping[str | None, list[Span]]) -> dict[str | None, QStandardItem]:
    """Return items with room for what is below them; only what has something below is an item itself."""
    items: dict[str | None, QStandardItem] = {None: QStandardItem()}
    waiting: list[str | None] = [None]
    while waiting:
        span_id = waiting.pop()
        item = items[span_id]
        item.setColumnCount(len(_TITLES))
        item.setRowCount(len(below[span_id]))
        for row, span in enumerate(below[span_id] if len(below) > 1 else ()):
            if span.span_id in below:
                items[span.span_id] = QStandardItem()
                item.setChild(row, 0, items[span.span_id])
                waiting.append(span.span_id)
    return items


def _attempts(spans: Sequence[Span], row: int) -> int:
    """Return how many attempts there were at what a span did: those of one thing follow one another, from 1."""
    last = spans[row]
    for after in spans[row + 1 :] if row + 1 < len(spans) and spans[row + 1].attempt > 1 else ():
        if (last.kind, last.name, last.attempt + 1) != (after.kind, after.name, after.attempt):
            break
        last = after
    return last.attempt


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
