"""A switch in the strip: `sandbox off`, muted, while nothing stands in; SANDBOX on a tint while something does."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy

from kafka_agent_studio.gui.theme import GAP, SPACE, STRIP_HEIGHT, Theme, Tone

_RING = 2


class SwitchChip(QPushButton):
    """`clicked` asks for the other state; what is shown changes only by show_state()."""

    def __init__(self, word: str, *, theme: Theme, tone: Tone) -> None:
        super().__init__(_off(word))
        self._word = word
        self._theme = theme
        self._tone = tone
        self.is_on = False
        self.setFont(theme.font(px=-2, weight=theme.heading.weight()))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)
        # Painted here, but the style sheet says how high it is at least: as low as the texts beside it.
        self.setProperty("kind", "plain")

    def show_state(self, is_on: bool, tip: str) -> None:
        """Show whether it stands in, and say in `tip` what that means."""
        self.is_on = is_on
        self.setText(self._word.upper() if is_on else _off(self._word))
        self.setToolTip(tip)
        self.setAccessibleName(f"{self._word}: {'on' if is_on else 'off'}")
        self.setAccessibleDescription(tip)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As wide as the larger of its two texts, so that nothing moves when it is switched."""
        metrics = self.fontMetrics()
        width = max(metrics.horizontalAdvance(text) for text in (self._word.upper(), _off(self._word)))
        return QSize(width + 2 * GAP, STRIP_HEIGHT - SPACE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the tint, the word, and the ring of the focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self._theme.tokens
        area = self.rect().adjusted(1, 2, -1, -2)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.is_on:
            painter.setBrush(tokens.tint(self._tone, 0.1))
            painter.drawRoundedRect(area, SPACE, SPACE)
        elif self.underMouse():
            painter.setBrush(tokens.tint(Tone.TEXT, 0.06))
            painter.drawRoundedRect(area, SPACE, SPACE)
        painter.setPen(tokens.color(self._tone if self.is_on else Tone.MUTED))
        painter.setFont(self.font())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.hasFocus():
            pen = painter.pen()
            pen.setColor(tokens.color(Tone.ACCENT))
            pen.setWidth(_RING)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area, SPACE, SPACE)
        painter.end()


def _off(word: str) -> str:
    return f"{word.lower()} off"
