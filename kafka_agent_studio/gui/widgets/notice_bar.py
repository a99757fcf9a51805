"""What went wrong (or was done) just now, in place above the page, with at most one button."""

from collections.abc import Callable

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy

from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.theme import GAP, MARGIN, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import button, icon_button, label


class NoticeBar(QFrame):
    """One notice at a time; hidden while there is none."""

    def __init__(self, *, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._tone = Tone.FAILED
        self._text = label("", is_wrapped=True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._on_action: Callable[[], object] = self.hide
        self._action = button("", lambda: self._on_action(), kind="link")
        self._close = icon_button("Dismiss this notice", icons.icon("x"), self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, SPACE, GAP, SPACE)
        row.addWidget(self._text, 1)
        row.addWidget(self._action)
        row.addWidget(self._close)
        self.hide()

    @property
    def text(self) -> str:
        """What the notice says."""
        return self._text.text()

    def say(
        self, text: str, *, tone: Tone = Tone.FAILED, action: str = "", on_action: Callable[[], object] | None = None
    ) -> None:
        """Show a notice; `action` names its button."""
        self._tone = tone
        self._text.setText(text)
        self._text.setAccessibleName(text)
        self._action.setText(action)
        self._action.setAccessibleName(action or "Dismiss")
        self._action.setVisible(bool(action))
        self._on_action = on_action or self.hide
        self.show()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the tinted ground and its edge."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.tokens.tint(self._tone))
        painter.fillRect(0, 0, 3, self.height(), self._theme.tokens.color(self._tone))
        painter.end()
