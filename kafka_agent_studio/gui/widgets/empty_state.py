"""An empty place says what belongs there, why it is empty, and offers what changes that."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.theme import GAP, MARGIN, READING_WIDTH, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import button, label

_ICON_SIZE = 40
_NARROWEST = 180


class EmptyState(QWidget):
    """Icon, a heading, an explanation, and one button (or none)."""

    def __init__(
        self,
        *,
        theme: Theme,
        icons: Icons,
        icon: str,
        heading: str,
        explanation: str,
        action: str = "",
        on_action: Callable[[], object] | None = None,
    ) -> None:
        super().__init__()
        self._picture = QLabel()
        self._icon = icons.icon(icon)
        self._draw()
        theme.changed.connect(self._draw)
        self._heading = label(heading, font=theme.font(px=2, weight=theme.heading.weight()))
        self._explanation = label(explanation, tone=Tone.MUTED, is_wrapped=True)
        self._explanation.setMinimumWidth(_NARROWEST)
        self._explanation.setMaximumWidth(READING_WIDTH)
        self._explanation.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self._explanation.setSizePolicy(policy)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(GAP)
        column.addStretch(2)
        center = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(self._picture, 0, center)
        column.addWidget(self._heading, 0, center)
        # Between stretches, not aligned: what is aligned gets the height of one line more or less than it needs.
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._explanation, 100)
        row.addStretch(1)
        column.addLayout(row)
        self.button: QPushButton | None = None
        if action and on_action is not None:
            column.addSpacing(GAP)
            self.button = button(action, on_action, kind="primary")
            self.setFocusProxy(self.button)
            column.addWidget(self.button, 0, center)
        column.addStretch(3)

    @property
    def text(self) -> str:
        """Heading and explanation."""
        return f"{self._heading.text()} {self._explanation.text()}"

    def say(self, heading: str, explanation: str) -> None:
        """Say something else."""
        self._heading.setText(heading)
        self._explanation.setText(explanation)

    def _draw(self) -> None:
        self._picture.setPixmap(self._icon.pixmap(QSize(_ICON_SIZE, _ICON_SIZE), self.devicePixelRatioF()))
