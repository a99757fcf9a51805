"""A button in the accent's colour. A ring around it could hardly be told from it, so its focus is a ring inside."""

from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication

from kafka_agent_studio.gui.theme import RADIUS
from kafka_agent_studio.gui.widgets.enter_button import EnterButton

_RING = 2
_FROM_EDGE = 3.0
"""From the edge to the middle of the ring, in px: as much of the accent is left around it."""


class FilledButton(EnterButton):
    """`is_round` is whether its ends are half circles."""

    def __init__(self, text: str, *, is_round: bool) -> None:
        super().__init__(text)
        self._is_round = is_round

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring over what the style sheet draws."""
        super().paintEvent(event)
        if self.hasFocus():
            area = self.rect().toRectF().adjusted(_FROM_EDGE, _FROM_EDGE, -_FROM_EDGE, -_FROM_EDGE)
            radius = area.height() / 2 if self._is_round else RADIUS - _FROM_EDGE
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QApplication.palette().base().color(), _RING))
            painter.drawRoundedRect(area, radius, radius)
            painter.end()
