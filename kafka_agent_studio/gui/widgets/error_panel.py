"""An error in place: what happened, what it means for the messages, what to do, one button; the details to copy."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from kafka_agent_studio.gui.theme import GAP, SPACE, Theme, Tone
from kafka_agent_studio.gui.trouble import Trouble
from kafka_agent_studio.gui.widgets.labels import button, label


class ErrorPanel(QFrame):
    """Hidden while there is no trouble."""

    def __init__(self, *, theme: Theme, action: str = "", on_action: Callable[[], object] | None = None) -> None:
        super().__init__()
        self._theme = theme
        self._tone = Tone.FAILED
        self._details = ""
        self._what = label("", font=theme.heading, is_wrapped=True)
        self._rest = label("", is_wrapped=True)
        for text in (self._what, self._rest):
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._copy = button("Copy details", self._on_copy, kind="link")
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP + SPACE, GAP, GAP, GAP)
        column.setSpacing(SPACE)
        column.addWidget(self._what)
        column.addWidget(self._rest)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        self.action = button(action or "Try again", on_action, kind="link") if on_action is not None else None
        if self.action is not None:
            row.addWidget(self.action)
        row.addWidget(self._copy)
        row.addStretch(1)
        column.addLayout(row)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return f"{self._what.text()} {self._rest.text()}".strip()

    def show_trouble(self, trouble: Trouble | None, *, details: str = "", tone: Tone = Tone.FAILED) -> None:
        """Show a trouble; None hides the panel. `details` is what "Copy details" copies."""
        self.setVisible(trouble is not None)
        if trouble is None:
            return
        self._tone = tone
        self._what.setText(trouble.what)
        self._rest.setText(" ".join(part for part in (trouble.means, trouble.remedy) if part))
        self._rest.setVisible(bool(self._rest.text()))
        self._details = details or trouble.text
        self.setAccessibleName(trouble.text)
        self.update()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._details)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the tinted ground and its edge."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.tokens.tint(self._tone, 0.08))
        painter.fillRect(0, 0, 3, self.height(), self._theme.tokens.color(self._tone))
        painter.end()
