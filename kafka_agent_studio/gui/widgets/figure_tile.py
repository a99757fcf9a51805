"""One figure: what it counts, the number, and where a click leads."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from kafka_agent_studio.gui.theme import GAP, SPACE, TILE_HEIGHT, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import label, set_tone


class FigureTile(QWidget):
    """A card that can be clicked, or pressed with Enter or Space; it has no border of its own but its focus."""

    chosen = Signal()

    def __init__(self, *, theme: Theme, caption: str) -> None:
        super().__init__()
        self._theme = theme
        self._caption = caption
        self._name = label(caption, tone=Tone.MUTED)
        self._number = label("0", font=theme.big_figure)
        self.setFixedHeight(TILE_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP + SPACE, GAP, GAP + SPACE, GAP)
        column.setSpacing(0)
        column.addWidget(self._name)
        column.addWidget(self._number)
        column.addStretch(1)
        theme.changed.connect(self.update)

    @property
    def text(self) -> str:
        """The number as shown."""
        return self._number.text()

    def show_value(self, text: str, *, tone: Tone | None = None, detail: str = "") -> None:
        """Show a number, in a tone where it is bad news; `detail` stands beside what it counts."""
        self._number.setText(text)
        self._name.setText(f"{self._caption}: {detail}" if detail else self._caption)
        set_tone(self._number, tone)
        self.setAccessibleName(f"{self._caption}: {text}{f', {detail}' if detail else ''}")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the card and, where it has the focus, the ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self._theme.tokens
        pen = QPen(tokens.color(Tone.ACCENT), 2) if self.hasFocus() else QPen(tokens.palette.mid().color(), 1)
        painter.setPen(pen)
        painter.setBrush(tokens.palette.base())
        painter.drawRoundedRect(self.rect().toRectF().adjusted(1, 1, -1, -1), GAP, GAP)
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose it."""
        if self.rect().contains(event.position().toPoint()):
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose it with Enter or Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)
