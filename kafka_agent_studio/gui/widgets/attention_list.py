"""What needs a person, worst first: each with what happened, what it means, what to do, and the button for it."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kafka_agent_studio.gui.attention import Concern
from kafka_agent_studio.gui.theme import GAP, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import button, label
from kafka_agent_studio.gui.widgets.state_badge import StateBadge

_MOST = 3
_STATE_WIDTH = 92


class _ConcernRow(QFrame):
    """One concern."""

    def __init__(self, concern: Concern, *, theme: Theme, parent: "AttentionList") -> None:
        super().__init__()
        self._theme = theme
        self._tone = concern.look.tone
        badge = StateBadge(theme=theme, look=concern.look, name=concern.subject)
        badge.setFixedWidth(_STATE_WIDTH)
        what = label(f"{concern.subject}: {concern.trouble.what}", font=theme.heading, is_wrapped=True)
        rest = " ".join(part for part in (concern.trouble.means, concern.trouble.remedy) if part)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(what)
        if rest:
            words.addWidget(label(rest, tone=Tone.MUTED, is_wrapped=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(GAP + SPACE, GAP, GAP, GAP)
        row.setSpacing(GAP)
        row.addWidget(badge)
        row.addLayout(words, 1)
        if concern.connector is not None:
            name = concern.connector
            row.addWidget(button("Try now", lambda: parent.retry_asked.emit(name)))
        row.addWidget(button("Open", lambda: parent.place_chosen.emit(concern.address)))
        self.setAccessibleName(f"{concern.subject}: {concern.trouble.text}")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the tinted ground and its edge."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.tokens.tint(self._tone, 0.07))
        painter.fillRect(0, 0, 3, self.height(), self._theme.tokens.color(self._tone))
        painter.end()


class AttentionList(QWidget):
    """Hidden while nothing needs anybody; the worst three, and how many more."""

    place_chosen = Signal(str)
    retry_asked = Signal(str)

    def __init__(self, *, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: tuple[tuple[str, str, str], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE)
        self._column.addWidget(label("Needs attention", font=theme.heading))
        self._rows: list[QWidget] = []
        self.hide()

    @property
    def count(self) -> int:
        """How many concerns are shown."""
        return len(self._shown)

    def show_concerns(self, concerns: Sequence[Concern]) -> None:
        """Show these; rows that stay the same are left alone, so that the focus stays where it is."""
        wanted = tuple((c.subject, c.look.word, c.trouble.text) for c in concerns)
        if wanted == self._shown:
            return
        self._shown = wanted
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [_ConcernRow(concern, theme=self._theme, parent=self) for concern in concerns[:_MOST]]
        if len(concerns) > _MOST:
            self._rows.append(label(f"and {len(concerns) - _MOST} more", tone=Tone.MUTED))
        for row in self._rows:
            self._column.addWidget(row)
        self.setVisible(bool(concerns))
