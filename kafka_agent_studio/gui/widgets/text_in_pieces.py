"""Puts a long text into an editor piece by piece: laying out all of it at once would keep the window waiting."""

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

FIRST_CHARACTERS = 6_000
"""More than is in sight."""
_NEXT_CHARACTERS = 3_000
_BETWEEN_MS = 10


class TextInPieces(QObject):
    """The first piece is there at once, the others follow; who needs a later place first asks for it with `reach`."""

    def __init__(self, *, editor: QPlainTextEdit) -> None:
        super().__init__(editor)
        self._editor = editor
        self._text = ""
        self._until = 0
        editor.setUndoRedoEnabled(False)
        self._next = QTimer(self)
        self._next.setInterval(_BETWEEN_MS)
        self._next.timeout.connect(self._go_on)

    def show(self, text: str) -> None:
        """Show another text, from its beginning on."""
        self._text = text
        self._until = _end_of_line(text, FIRST_CHARACTERS)
        self._editor.setPlainText(text[: self._until])
        if self._until < len(text):
            self._next.start()
        else:
            self._next.stop()

    def reach(self, place: int) -> None:
        """Have the text up to a place, counted in its characters, in the editor now."""
        if self._until < min(place, len(self._text)):
            self._append(_end_of_line(self._text, place))

    def _go_on(self) -> None:
        self._append(_end_of_line(self._text, self._until + _NEXT_CHARACTERS))

    def _append(self, until: int) -> None:
        cursor = QTextCursor(self._editor.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(self._text[self._until : until])
        self._until = until
        if until >= len(self._text):
            self._next.stop()


def _end_of_line(text: str, place: int) -> int:
    """Return the end of the line at a place, so that no line is coloured by halves; a very long one is cut."""
    end = text.find("\n", place, place + FIRST_CHARACTERS)
    return min(place if end < 0 else end + 1, len(text))
