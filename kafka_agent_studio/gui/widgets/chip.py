"""A word on a tint: what stands in, what is marked."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel

from kafka_agent_studio.gui.theme import Theme, Tone


class Chip(QLabel):
    """A word on a tint of its tone."""

    def __init__(self, text: str, *, theme: Theme, tone: Tone, tip: str) -> None:
        super().__init__(text)
        self._theme = theme
        self._tone = tone
        self.setFont(theme.font(px=-2, weight=theme.heading.weight()))
        self.setProperty("tone", tone.value)
        self.setContentsMargins(6, 0, 6, 0)
        self.setToolTip(tip)
        self.setAccessibleName(f"{text}: {tip}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tint under the word."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.tokens.tint(self._tone, 0.1))
        painter.drawRoundedRect(self.rect().adjusted(0, 4, 0, -4), 4, 4)
        painter.end()
        super().paintEvent(event)
