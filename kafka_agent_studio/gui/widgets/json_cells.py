"""Draws the cells of a JSON tree with one look at each: Qt's own way asks the model seven times a cell.

Each question waits for the interpreter, which the engine has for most of the time when it is busy.
"""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from kafka_agent_studio.gui.models.json_tree import JsonTreeModel
from kafka_agent_studio.gui.theme import Theme, Tone

_MARGIN = 7
"""From the edge of a cell to its text, as the theme's style sheet has it for trees."""


class JsonCells(QStyledItemDelegate):
    """Names and values in the fixed-width font, each in the colour of what it is."""

    def __init__(self, *, model: JsonTreeModel, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme
        self._font = theme.mono
        self._metrics = QFontMetricsF(self._font)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one cell."""
        text, tone = self._model.cell(index)
        tokens, rect = self._theme.tokens, option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(tokens.selection))
            tone = Tone.TEXT
        room = rect.width() - 2 * _MARGIN
        painter.setFont(self._font)
        painter.setPen(tokens.color(tone))
        shown = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        baseline = rect.top() + (rect.height() - self._metrics.height()) / 2 + self._metrics.ascent()
        painter.drawText(QPointF(rect.left() + _MARGIN, baseline), shown)
