"""A question in place: what is about to happen, and a button for each answer."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from kafka_agent_studio.gui.theme import GAP, MARGIN, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import button, label

Answer = tuple[str, Callable[[], object]]


class AskBar(QFrame):
    """One question at a time; hidden while there is none. Esc gives the last answer, the one that changes nothing.

    A question that can wait has no such answer: Esc leaves it standing and the focus goes back to where it was.
    """

    answered = Signal()

    def __init__(self, *, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._tone = Tone.WAITING
        self._text = label("", is_wrapped=True)
        self.buttons: list[QPushButton] = []
        self._on_escape: Callable[[], object] | None = None
        self._can_wait = False
        self._asked_from: QWidget | None = None
        self._row = QHBoxLayout()
        self._row.setSpacing(GAP)
        self._row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, GAP, MARGIN, GAP)
        column.setSpacing(SPACE)
        column.addWidget(self._text)
        column.addLayout(self._row)
        self.hide()

    @property
    def text(self) -> str:
        """The question; empty while there is none."""
        return "" if self.isHidden() else self._text.text()

    def ask(
        self,
        text: str,
        answers: Sequence[Answer],
        *,
        tone: Tone = Tone.WAITING,
        takes_focus: bool = True,
        can_wait: bool = False,
    ) -> None:
        """Ask; the last answer changes nothing and has the focus, also where another question had it."""
        before, self.buttons = self.buttons, []
        has_focus = any(made.hasFocus() for made in before)
        self._tone = tone
        self._text.setText(text)
        self.setAccessibleName(text)
        for number, (words, handler) in enumerate(answers):
            made = button(words, lambda handler=handler: self._answer(handler))  # type: ignore[misc]
            made.setAccessibleDescription(text)
            self.buttons.append(made)
            self._row.insertWidget(number, made)
            made.show()  # else, in a bar that is shown already, it comes too late for the focus
        self._on_escape = answers[-1][1]
        self._can_wait = can_wait
        self.show()
        self.update()
        self._remember_focus()
        if takes_focus or has_focus:
            self.buttons[-1].setFocus()
        self._remove(before)

    def take_focus(self) -> None:
        """Put the focus on the answer that changes nothing; it returns to where it was with the answer."""
        self._remember_focus()
        self.buttons[-1].setFocus()

    def clear(self) -> None:
        """Ask nothing any more."""
        self._give_focus_back()
        self._remove(self.buttons)
        self.buttons = []
        self._on_escape = None
        self._can_wait = False
        self.hide()

    def _remove(self, buttons: Sequence[QPushButton]) -> None:
        for made in buttons:
            self._row.removeWidget(made)
            made.hide()
            made.deleteLater()

    def press(self, words: str) -> None:
        """Give the answer that says `words`. Raises: StopIteration where there is none."""
        next(made for made in self.buttons if made.text() == words).click()

    def _remember_focus(self) -> None:
        before = QApplication.focusWidget()
        if before is not None and not self.isAncestorOf(before):
            self._asked_from = before

    def _give_focus_back(self) -> bool:
        """Put the focus where it was before the question took it; False where that is not possible.

        A button that is hidden with the focus hands it to the next control of the window, out of the form.
        """
        before, self._asked_from = self._asked_from, None
        is_there = before is not None and isValid(before) and before.isVisible()
        if before is None or not is_there or not any(made.hasFocus() for made in self.buttons):
            return False
        before.setFocus()
        return True

    def _answer(self, handler: Callable[[], object]) -> None:
        self.clear()
        handler()
        self.answered.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Esc as the answer that changes nothing, or as none yet where the question can wait."""
        if event.key() == Qt.Key.Key_Escape and self._can_wait:
            if not self._give_focus_back():
                super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Escape and self._on_escape is not None:
            self._answer(self._on_escape)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the tinted ground and its edge."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.tokens.tint(self._tone))
        painter.fillRect(0, 0, 3, self.height(), self._theme.tokens.color(self._tone))
        painter.end()
