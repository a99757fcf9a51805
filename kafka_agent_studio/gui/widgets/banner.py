"""A tinted strip that says what one must know to read what is below it."""

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout

from kafka_agent_studio.gui.theme import GAP, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import label


class Banner(QFrame):
    """Hidden while it says nothing."""

    def __init__(self, *, theme: Theme, tone: Tone) -> None:
        super().__init__()
        self._theme = theme
        self._tone = tone
        self._text = label("", is_wrapped=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(GAP + SPACE, SPACE, GAP, SPACE)
        row.addWidget(self._text)
        self.hide()

    @property
    def text(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else self._text.text()

    def say(self, text: str) -> None:
        """Say something; nothing hides the banner."""
        self._text.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the tinted ground and its edge."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.tokens.tint(self._tone, 0.08))
        painter.fillRect(0, 0, 3, self.height(), self._theme.tokens.color(self._tone))
        painter.end()
