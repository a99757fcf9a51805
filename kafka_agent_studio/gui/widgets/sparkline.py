"""The last minutes of a figure as a line, without axes: a trend, not a chart."""

from collections import deque

from PySide6.QtCore import QPointF, QRect, QSize
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from kafka_agent_studio.gui.theme import Theme, Tone

_POINTS = 90


class Sparkline(QWidget):
    """Keeps the newest 90 values; drawn from zero to the greatest of them."""

    def __init__(self, *, theme: Theme, tone: Tone = Tone.ACCENT) -> None:
        super().__init__()
        self._theme = theme
        self._tone = tone
        self._values: deque[float] = deque(maxlen=_POINTS)
        theme.changed.connect(self.update)

    def add(self, value: float) -> None:
        """Append the newest value."""
        self._values.append(value)
        self.update()

    def sizeHint(self) -> QSize:
        """Return a small box."""
        return QSize(120, 24)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the line and a tint under it."""
        if len(self._values) < 2:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self._line(self.rect().adjusted(0, 2, 0, -2))
        area = QPainterPath(line)
        area.lineTo(self.width(), self.height())
        area.lineTo(line.elementAt(0).x, self.height())
        area.closeSubpath()
        color = self._theme.tokens.color(self._tone)
        painter.setPen(QPen(color, 1.5))
        painter.drawPath(line)
        color.setAlpha(28)
        painter.fillPath(area, color)
        painter.end()

    def _line(self, rect: QRect) -> QPainterPath:
        greatest = max(self._values) or 1
        step = rect.width() / (_POINTS - 1)
        left = rect.right() - step * (len(self._values) - 1)
        points = [
            QPointF(left + i * step, rect.bottom() - value / greatest * rect.height())
            for i, value in enumerate(self._values)
        ]
        path = QPainterPath(points[0])
        for point in points[1:]:
            path.lineTo(point)
        return path
