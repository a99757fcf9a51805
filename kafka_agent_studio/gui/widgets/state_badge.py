"""The one way a state is drawn: glyph, word and colour, in tables and alone."""

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from kafka_agent_studio.gui.state_look import Glyph, StateLook
from kafka_agent_studio.gui.theme import GAP, Theme

GLYPH_SIZE = 9


def paint_glyph(painter: QPainter, glyph: Glyph, color: QColor, center: QPointF, size: float = GLYPH_SIZE) -> None:
    """Draw a glyph `size` px wide around `center`."""
    half = size / 2
    square = QRectF(center.x() - half, center.y() - half, size, size)
    ring = square.adjusted(0.8, 0.8, -0.8, -0.8)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    if glyph is Glyph.DISC:
        painter.drawEllipse(square)
    elif glyph is Glyph.TRIANGLE:
        corners = [
            QPointF(center.x(), square.top()),
            QPointF(square.right() + 0.5, square.bottom()),
            QPointF(square.left() - 0.5, square.bottom()),
        ]
        painter.drawPolygon(QPolygonF(corners))
    elif glyph is Glyph.BARS:
        painter.drawRect(QRectF(square.left() + 1, square.top(), 2.4, size))
        painter.drawRect(QRectF(square.right() - 3.4, square.top(), 2.4, size))
    else:
        if glyph is Glyph.HALF:
            painter.drawPie(ring, 90 * 16, 180 * 16)
        pen = QPen(color, 1.6)
        if glyph is Glyph.DOTS:
            pen.setDashPattern([1.0, 1.2])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(ring)
    painter.restore()


def paint_state(painter: QPainter, look: StateLook, rect: QRect, theme: Theme) -> None:
    """Draw glyph and word from the left of `rect`, in the middle of its height."""
    color = theme.tokens.color(look.tone)
    paint_glyph(painter, look.glyph, color, QPointF(rect.left() + GLYPH_SIZE / 2, rect.center().y() + 1))
    painter.save()
    painter.setPen(color)
    text = rect.adjusted(GLYPH_SIZE + 7, 0, 0, 0)
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    word = painter.fontMetrics().elidedText(look.word, Qt.TextElideMode.ElideRight, text.width())
    painter.drawText(text, int(flags), word)
    painter.restore()


class StateBadge(QWidget):
    """A state by itself, in a header or the strip; `extra` follows the word in its colour."""

    def __init__(self, *, theme: Theme, look: StateLook, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._name = name
        self._look = look
        theme.changed.connect(self.update)
        self.show_look(look)

    def show_look(self, look: StateLook) -> None:
        """Show another state."""
        self._look = look
        self.setAccessibleName(f"{self._name}: {look.word}")
        self.setToolTip(f"{self._name}: {look.word}")
        self.updateGeometry()
        self.update()

    @property
    def look(self) -> StateLook:
        """What is shown."""
        return self._look

    def sizeHint(self) -> QSize:
        """Return room for glyph and word."""
        metrics = self.fontMetrics()
        return QSize(GLYPH_SIZE + 7 + metrics.horizontalAdvance(self._look.word) + 2, metrics.height() + GAP)

    def minimumSizeHint(self) -> QSize:
        """Return the same: a state is never cut."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the state."""
        painter = QPainter(self)
        paint_state(painter, self._look, self.rect(), self._theme)
        painter.end()
