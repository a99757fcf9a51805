"""A check box drawn in the theme's colours, with a remark beside its text."""

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox

from kafka_agent_studio.gui.theme import GAP, ICON_SIZE, SPACE, Theme, Tone


class TickBox(QCheckBox):
    """The remark is cut where there is no room for it; the text never is."""

    def __init__(self, text: str, *, theme: Theme) -> None:
        super().__init__(text)
        self._theme = theme
        self.remark = ""

    def sizeHint(self) -> QSize:
        """Return room for box, text and remark."""
        metrics = self.fontMetrics()
        width = ICON_SIZE + GAP + metrics.horizontalAdvance(self.text()) + SPACE
        if self.remark:
            width += GAP * 2 + metrics.horizontalAdvance(self.remark)
        return QSize(width, max(ICON_SIZE, metrics.height()) + SPACE)

    def minimumSizeHint(self) -> QSize:
        """Return room for box and text."""
        metrics = self.fontMetrics()
        return QSize(ICON_SIZE + GAP + metrics.horizontalAdvance(self.text()) + SPACE, self.sizeHint().height())

    def hitButton(self, at: QPoint) -> bool:
        """Take a click on the remark, too."""
        return self.rect().contains(at)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the box with its tick, the text, and the remark as far as it fits."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = (self.height() - ICON_SIZE) / 2
        box = QRectF(1, top + 1, ICON_SIZE - 2, ICON_SIZE - 2)
        is_on = self.isChecked()
        edge = tokens.color(Tone.ACCENT if is_on or self.hasFocus() else Tone.OFF)
        painter.setPen(QPen(edge, 2 if self.hasFocus() else 1))
        painter.setBrush(tokens.color(Tone.ACCENT) if is_on else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 3, 3)
        if is_on:
            painter.setPen(QPen(tokens.color(Tone.ON_ACCENT), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawPolyline([QPointF(4, top + 8), QPointF(7, top + 11), QPointF(12, top + 5)])
        if self.hasFocus() and is_on:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(tokens.color(Tone.TEXT), 1))
            painter.drawRoundedRect(QRectF(0.5, top + 0.5, ICON_SIZE - 1, ICON_SIZE - 1), 4, 4)
        self._draw_words(painter)
        painter.end()

    def _draw_words(self, painter: QPainter) -> None:
        metrics, tokens = self.fontMetrics(), self._theme.tokens
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        left = ICON_SIZE + GAP
        painter.setPen(tokens.color(Tone.TEXT if self.isEnabled() else Tone.OFF))
        painter.drawText(self.rect().adjusted(left, 0, 0, 0), int(middle), self.text())
        left += metrics.horizontalAdvance(self.text()) + GAP * 2
        if self.remark and left < self.width():
            painter.setPen(tokens.color(Tone.MUTED))
            words = metrics.elidedText(self.remark, Qt.TextElideMode.ElideRight, self.width() - left)
            painter.drawText(self.rect().adjusted(left, 0, 0, 0), int(middle), words)
