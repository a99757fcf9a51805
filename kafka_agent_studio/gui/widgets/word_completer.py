"""Offers what the word at the cursor of a line may become; the arrows and Enter, or a click, take one."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QStringListModel
from PySide6.QtWidgets import QCompleter, QLineEdit

from kafka_agent_studio.gui.widgets.completion_popup import CompletionPopup

Offers = Callable[[str], Sequence[str]]
"""Returns what a word may become, the likeliest first."""


class WordCompleter(QObject):
    """Lives as long as its line. A word offered that ends in `:` or `>` asks for its value at once."""

    def __init__(self, *, field: QLineEdit, offers: Offers) -> None:
        super().__init__(field)
        self._field = field
        self._offers = offers
        self._model = QStringListModel(self)
        self._completer = QCompleter(self._model, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setWidget(field)
        self._popup = CompletionPopup(field)
        self._completer.setPopup(self._popup)
        self._completer.activated.connect(self._on_activated)
        field.textEdited.connect(lambda _text: self.offer())

    @property
    def words(self) -> list[str]:
        """What is offered now."""
        return self._model.stringList() if self._popup.isVisible() else []

    def offer(self) -> None:
        """Offer what fits at the cursor."""
        start, word = self._word()
        found = list(self._offers(word)) if word else []
        self._model.setStringList(found)
        if not found:
            self._popup.hide()
            return
        rect = self._field.rect()
        rect.setLeft(self._field.fontMetrics().horizontalAdvance(self._field.text()[:start]))
        rect.setWidth(max(self._popup.sizeHintForColumn(0) + 32, 200))
        self._completer.complete(rect)

    def take(self, word: str) -> None:
        """Put a word in the place of the one at the cursor."""
        start, before = self._word()
        text = self._field.text()
        is_whole = word[-1:] not in (":", ">")
        rest = text[start + len(before) :].lstrip()
        put = word + (" " if is_whole else "")
        self._field.setText(text[:start] + put + rest)
        self._field.setCursorPosition(start + len(put))
        if not is_whole:
            self.offer()

    def _on_activated(self, chosen: object) -> None:
        if isinstance(chosen, str):
            self.take(chosen)

    def _word(self) -> tuple[int, str]:
        at = self._field.cursorPosition()
        before = self._field.text()[:at]
        start = before.rfind(" ") + 1
        return start, before[start:]
