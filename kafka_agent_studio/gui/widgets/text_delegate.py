"""Draws the cells of a live table: one look at the row a cell, where Qt's own asks the model six times.

Cells that are selected or have the focus are Qt's own affair; all others are text on the ground of the table.
"""

from typing import Any, Generic, TypeVar

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from kafka_agent_studio.gui.models.live_table import LiveTableModel
from kafka_agent_studio.gui.theme import CELL_MARGIN, Theme

RowT = TypeVar("RowT")

_ON_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
_ON_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
_OTHERWISE = QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_HasFocus
_NARROWEST_LETTER = 2


class TextDelegate(QStyledItemDelegate, Generic[RowT]):
    """For columns without a `look`."""

    def __init__(self, *, model: LiveTableModel[RowT], theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme
        self._mono, self._figures = theme.mono, theme.figures
        self._letter_width = QFontMetricsF(self._mono).horizontalAdvance("m")
        self._metrics: dict[int, QFontMetrics] = {}

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw a cell."""
        given: Any = option  # its fields are not in the type hints of PySide6
        if given.state & _OTHERWISE:
            super().paint(painter, option, index)
            return
        number = index.column()
        column = self._model.columns[number]
        text = column.text(self._model.row(index.row()))
        font = self._mono if column.is_mono else self._figures if column.is_right else given.font
        rect = given.rect.adjusted(CELL_MARGIN, 0, -CELL_MARGIN, 0)
        painter.setFont(font)
        painter.setPen(self._theme.tokens.color(column.tone) if column.tone else given.palette.text().color())
        shown = self._fitting(text, rect.width(), number, font, is_mono=column.is_mono)
        painter.drawText(rect, _ON_RIGHT if column.is_right else _ON_LEFT, shown)

    def _fitting(self, text: str, room: int, number: int, font: QFont, *, is_mono: bool) -> str:
        if is_mono and text.isascii():
            letters = int(room / self._letter_width)
            return text if len(text) <= letters else f"{text[: max(0, letters - 1)]}…"
        metrics = self._metrics.get(number)
        if metrics is None:
            metrics = self._metrics[number] = QFontMetrics(font)
        # the rest of a long text is not even measured
        return metrics.elidedText(text[: room // _NARROWEST_LETTER], Qt.TextElideMode.ElideRight, room)
