"""The words offered at the cursor, under it; the focus stays in the text."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QListWidget, QVBoxLayout, QWidget

from kafka_agent_studio.gui.agents_page.completion import Candidate
from kafka_agent_studio.gui.theme import GAP, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import label

_MOST_ROWS = 8
_WIDEST = 420
_NARROWEST = 180


class CompletionList(QFrame):
    """Hidden while nothing is offered. `chosen(candidate)` comes with a click; keys are the editor's."""

    chosen = Signal(object)

    def __init__(self, *, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self._parent = parent
        self.setObjectName("card")
        self._candidates: list[Candidate] = []
        self.list = QListWidget()
        self.list.setAccessibleName("What fits here")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFont(theme.mono)
        self.list.itemClicked.connect(lambda _item: self.chosen.emit(self.current))
        self.list.currentRowChanged.connect(lambda _row: self._say_hint())
        self._hint: QLabel = label("", font=theme.small, tone=Tone.MUTED, is_wrapped=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        column.setSpacing(SPACE)
        column.addWidget(self.list)
        column.addWidget(self._hint)
        self.hide()

    @property
    def current(self) -> Candidate | None:
        """The candidate that Enter takes; None while nothing is offered."""
        row = self.list.currentRow()
        return self._candidates[row] if 0 <= row < len(self._candidates) and not self.isHidden() else None

    @property
    def words(self) -> list[str]:
        """What is offered."""
        return [] if self.isHidden() else [known.word for known in self._candidates]

    def offer(self, candidates: Sequence[Candidate], at: QRect) -> None:
        """Show candidates below the rectangle of the cursor, or above it where there is no room."""
        self._candidates = list(candidates)
        self.list.clear()
        self.list.addItems([known.word for known in candidates])
        self.list.setCurrentRow(0)
        row = self.list.sizeHintForRow(0)
        self.list.setFixedHeight(row * min(len(candidates), _MOST_ROWS) + SPACE)
        room = self._parent.rect()
        wanted = self.list.sizeHintForColumn(0) + 2 * GAP + 2 * SPACE
        longest = max(self._hint.fontMetrics().horizontalAdvance(known.hint) for known in candidates) + 4 * SPACE
        width = min(max(wanted, longest, _NARROWEST), _WIDEST, room.width() - 2 * GAP)
        self.setFixedWidth(width)
        self.adjustSize()
        below = at.bottom() + SPACE
        top = below if below + self.height() <= room.height() else max(0, at.top() - self.height() - SPACE)
        self.move(max(0, min(at.left() - SPACE, room.width() - width - GAP)), top)
        self.show()
        self.raise_()

    def step(self, by: int) -> None:
        """Move on by some rows, around the ends."""
        self.list.setCurrentRow((self.list.currentRow() + by) % max(1, self.list.count()))

    def _say_hint(self) -> None:
        row = self.list.currentRow()
        hint = self._candidates[row].hint if 0 <= row < len(self._candidates) else ""
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
