"""The numbers beside an editor's lines, with a mark where a mistake is."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from kafka_agent_studio.gui.state_look import Glyph
from kafka_agent_studio.gui.theme import GAP, MARGIN, Theme, Tone
from kafka_agent_studio.gui.widgets.state_badge import paint_glyph

if TYPE_CHECKING:
    from kafka_agent_studio.gui.agents_page.code_editor import CodeEditor

_FEWEST_DIGITS = 2
_MARK_SIZE = 7


class LineNumbers(QWidget):
    """Draws what the editor tells it; `marks` are the tones of marked lines, counted from 0."""

    def __init__(self, *, editor: "CodeEditor", theme: Theme) -> None:
        super().__init__(editor)
        self._editor = editor
        self._theme = theme
        self.marks: Mapping[int, Tone] = {}
        self.setAccessibleName("Line numbers")

    def sizeHint(self) -> QSize:
        """Return as much room as the longest number and a mark need."""
        digits = max(_FEWEST_DIGITS, len(str(self._editor.blockCount())))
        return QSize(MARGIN + GAP + self._editor.fontMetrics().horizontalAdvance("9") * digits, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the numbers of the lines in sight."""
        painter = QPainter(self)
        tokens = self._theme.tokens
        painter.fillRect(event.rect(), self.palette().base())
        painter.setFont(self._editor.font())
        current = self._editor.textCursor().blockNumber()
        for number, rect in self._editor.lines_in_sight():
            if rect.bottom() < event.rect().top() or rect.top() > event.rect().bottom():
                continue
            painter.setPen(tokens.color(Tone.TEXT if number == current else Tone.MUTED))
            room = QRect(MARGIN - GAP // 2, rect.top(), self.width() - MARGIN - GAP // 2, rect.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, str(number + 1))
            tone = self.marks.get(number)
            if tone is not None:
                middle = QPointF(GAP, rect.top() + self._editor.fontMetrics().height() / 2)
                paint_glyph(painter, Glyph.TRIANGLE, tokens.color(tone), middle, _MARK_SIZE)
        painter.end()
