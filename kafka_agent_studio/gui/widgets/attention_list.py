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
    """One concern; its words and figures may change, what it is about does not."""

    def __init__(self, concern: Concern, *, theme: Theme, parent: "AttentionList") -> None:
        super().__init__()
        self._theme = theme
        self._tone = concern.look.tone
        badge = StateBadge(theme=theme, look=concern.look, name=concern.subject)
        badge.setFixedWidth(_STATE_WIDTH)
        self._what = label("", font=theme.heading, is_wrapped=True)
        self._rest = label("", tone=Tone.MUTED, is_wrapped=True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._what)
        words.addWidget(self._rest)
        row = QHBoxLayout(self)
        row.setContentsMargins(GAP + SPACE, GAP, GAP, GAP)
        row.setSpacing(GAP)
        row.addWidget(badge)
        row.addLayout(words, 1)
        if concern.connector is not None:
            name = concern.connector
            row.addWidget(button("Try now", lambda: parent.retry_asked.emit(name)))
        row.addWidget(button("Open", lambda: parent.place_chosen.emit(concern.address)))
        self.show_words(concern)

    def show_words(self, concern: Concern) -> None:
        """Say how it stands now."""
        rest = " ".join(part for part in (concern.trouble.means, concern.trouble.remedy) if part)
        self._what.setText(f"{concern.subject}: {concern.trouble.what}")
        self._rest.setText(rest)
        self._rest.setVisible(bool(rest))
        self.setAccessibleName(f"{concern.subject}: {concern.trouble.text}")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the tinted ground and its edge."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.tokens.tint(self._tone, 0.07))
        painter.fillRect(0, 0, 3, self.height(), self._theme.tokens.color(self._tone))
        painter.end()


_Key = tuple[str, str, str, str | None, str]


class AttentionList(QWidget):
    """Hidden while nothing needs anybody; the worst three, and how many more."""

    place_chosen = Signal(str)
    retry_asked = Signal(str)

    def __init__(self, *, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: dict[_Key, _ConcernRow] = {}
        self._count = 0
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._more = label("", tone=Tone.MUTED)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE)
        self._column.addWidget(label("Needs attention", font=theme.heading))
        self._column.addWidget(self._more)
        self.hide()

    @property
    def count(self) -> int:
        """How many concerns there are."""
        return self._count

    def show_concerns(self, concerns: Sequence[Concern]) -> None:
        """Show these; the row of what stays keeps its buttons, and with them the focus."""
        self._count = len(concerns)
        wanted = {_key(concern): concern for concern in concerns[:_MOST]}
        for key in self._rows.keys() - wanted.keys():
            row = self._rows.pop(key)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        for at, (key, concern) in enumerate(wanted.items(), 1):
            row = self._rows.get(key) or self._new_row(key, concern)
            row.show_words(concern)
            if self._column.indexOf(row) != at:
                self._column.insertWidget(at, row)
        more = len(concerns) - len(wanted)
        self._more.setText(f"and {more} more")
        self._more.setVisible(more > 0)
        self.setVisible(bool(concerns))

    def _new_row(self, key: _Key, concern: Concern) -> _ConcernRow:
        row = self._rows[key] = _ConcernRow(concern, theme=self._theme, parent=self)
        return row


def _key(concern: Concern) -> _Key:
    """What a row is about, whatever its figures are now."""
    return concern.subject, concern.look.word, concern.address, concern.connector, concern.about
