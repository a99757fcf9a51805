"""Draws the cells of a table itself: one look at each row, column by column, with nothing asked twice.

Qt's own way asks the model six times a cell and its style sheet twice: a full table then takes the interpreter from the
engine for ten times as long.
"""

import re
from collections.abc import Iterable
from typing import Generic, TypeVar

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QTableView

from kafka_agent_studio.gui.models.columns import Column
from kafka_agent_studio.gui.models.live_table import LiveTableModel
from kafka_agent_studio.gui.state_look import StateLook
from kafka_agent_studio.gui.theme import BAR, CELL_MARGIN, Theme, Tone
from kafka_agent_studio.gui.widgets.state_badge import paint_state

RowT = TypeVar("RowT")

_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
_NARROWEST_LETTER = 2
_WIDEST_LETTER = 1.5
"""Of the size of the font: what surely fits is not measured."""


class RowPainter(Generic[RowT]):
    """Paints the rows of a model in a table whose rows are all of one height."""

    def __init__(self, *, table: QTableView, model: LiveTableModel[RowT], theme: Theme) -> None:
        self._table = table
        self._model = model
        self._theme = theme
        self._text_face = _Face(theme.font())
        self._mono_face = _Face(theme.mono)
        self._figures_face = _Face(theme.figures)

    def paint(self, painter: QPainter, dirty: QRect) -> None:
        """Draw what of the table lies in `dirty`, in the coordinates of its viewport."""
        count = self._model.rowCount()
        first = self._table.rowAt(dirty.top())
        if first < 0 or not count:
            return
        last = self._table.rowAt(dirty.bottom())
        numbers = range(first, last + 1 if last >= 0 else count)
        top = self._table.rowViewportPosition(first)
        height = self._table.rowHeight(first)
        rows = [self._model.row(number) for number in numbers]
        selected = self._selected(numbers)
        ground = QColor(self._theme.tokens.selection)
        for at in selected:
            painter.fillRect(QRect(0, top + at * height, self._width(), height), ground)
            painter.fillRect(QRect(0, top + at * height, BAR, height), self._theme.tokens.color(Tone.ACCENT))
        for number, column in enumerate(self._model.columns):
            if self._table.isColumnHidden(number):
                continue
            cell = QRect(self._table.columnViewportPosition(number), top, self._table.columnWidth(number), height)
            if cell.right() < dirty.left() or cell.left() > dirty.right():
                continue
            if column.look is None:
                self._paint_texts(painter, column, list(enumerate(rows)), cell, selected)
                continue
            looks = [column.look(row) for row in rows]
            self._paint_states(painter, looks, cell)
            without = [(at, row) for at, row in enumerate(rows) if looks[at] is None]
            self._paint_texts(painter, column, without, cell, selected)

    def _width(self) -> int:
        return min(self._table.horizontalHeader().length(), self._table.viewport().width())

    def _selected(self, numbers: range) -> frozenset[int]:
        """Return which of these rows are selected, counted from the first of them."""
        selection = self._table.selectionModel()
        if not selection.hasSelection():
            return frozenset()
        return frozenset(at for at, number in enumerate(numbers) if selection.isRowSelected(number))

    def _paint_states(self, painter: QPainter, looks: Iterable[StateLook | None], cell: QRect) -> None:
        painter.setFont(self._text_face.font)
        room = cell.adjusted(CELL_MARGIN, 0, -CELL_MARGIN // 2, 0)
        for look in looks:
            if look is not None:
                paint_state(painter, look, room, self._theme)
            room.translate(0, cell.height())

    def _paint_texts(
        self,
        painter: QPainter,
        column: Column[RowT],
        rows: Iterable[tuple[int, RowT]],
        cell: QRect,
        selected: frozenset[int],
    ) -> None:
        """Draw the texts of rows, given with their places from the top; `cell` is the topmost cell of the column."""
        face = self._mono_face if column.is_mono else self._figures_face if column.is_right else self._text_face
        color = self._theme.tokens.color(column.tone or Tone.TEXT)
        room = cell.width() - 2 * CELL_MARGIN
        left, right = cell.left() + CELL_MARGIN, cell.right() + 1 - CELL_MARGIN
        first = cell.top() + (cell.height() - face.height) / 2 + face.ascent
        of_selected = self._theme.tokens.color(Tone.TEXT)
        painter.setFont(face.font)
        painter.setPen(color)
        for at, row in rows:
            baseline = first + at * cell.height()
            text = face.fitting(column.text(row), room)
            x = right - face.width(text) if column.is_right else left
            if column.tone is not None and at in selected:
                painter.setPen(of_selected)
                painter.drawText(QPointF(x, baseline), text)
                painter.setPen(color)
            else:
                painter.drawText(QPointF(x, baseline), text)


class _Face:
    """A font, measured once."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self._metrics = QFontMetricsF(font)
        self.height = self._metrics.height()
        self.ascent = self._metrics.ascent()
        letters = {self._metrics.horizontalAdvance(letter) for letter in "iM0"}
        self._letter_width = letters.pop() if len(letters) == 1 else None
        """Of each ASCII letter of a font whose letters are all of one width."""
        self._widest = font.pixelSize() * _WIDEST_LETTER

    def width(self, text: str) -> float:
        """Return how wide a text is, in px."""
        if self._letter_width is not None and text.isascii():
            return len(text) * self._letter_width
        return self._metrics.horizontalAdvance(text)

    def fitting(self, text: str, room: float) -> str:
        """Return a text on one line, cut with an ellipsis where it is wider than `room` px."""
        # the rest of a long text is not even looked at
        text = text[: max(0, int(room / _NARROWEST_LETTER)) + 1]
        if not text.isprintable():
            text = _BREAKS.sub(" ", text)
        if self._letter_width is not None and text.isascii():
            letters = int(room / self._letter_width + 0.01)
            return text if len(text) <= letters else f"{text[: max(0, letters - 1)]}…"
        if len(text) * self._widest <= room:
            return text
        return self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
