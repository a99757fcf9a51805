"""Shows a conversation: each message under its role, in one text that can be searched with the eye and copied."""

from collections.abc import Sequence

from PySide6.QtGui import QShowEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.runs.chat import ChatPart
from kafka_agent_studio.gui.theme import GAP, Theme, Tone

MOST_CHARACTERS = 128_000
_MOST_OF_ONE = 32_000


class ChatView(QPlainTextEdit):
    """Read only. What is too long is cut, and says so: the JSON beside it has the whole."""

    def __init__(self, *, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setFont(theme.mono)
        self.setAccessibleName("Messages as sent, and the answer")
        self.document().setDocumentMargin(GAP)
        self._parts: tuple[ChatPart, ...] = ()
        self._is_due = False
        theme.changed.connect(self._on_theme)

    def show_chat(self, parts: Sequence[ChatPart]) -> None:
        """Show messages in order, at once or when somebody looks."""
        self._parts = tuple(parts)
        self._is_due = True
        if self.isVisible():
            self.fill()

    def showEvent(self, event: QShowEvent) -> None:
        """Somebody looks."""
        self.fill()
        super().showEvent(event)

    def fill(self) -> None:
        """Lay the messages out now, if that waits for somebody to look."""
        if not self._is_due:
            return
        self._is_due = False
        parts = self._parts
        self.clear()
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        room = MOST_CHARACTERS
        for number, part in enumerate(parts):
            if room <= 0:
                cursor.insertText(f"\n\n… and {len(parts) - number:,} more messages: see Input", self._heading())
                break
            text = _cut(part.text, min(room, _MOST_OF_ONE))
            room -= len(text)
            cursor.insertText(("\n\n" if number else "") + part.role + "\n", self._heading())
            cursor.insertText(text, self._plain())
        cursor.endEditBlock()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _on_theme(self) -> None:
        self.show_chat(self._parts)

    def _heading(self) -> QTextCharFormat:
        made = QTextCharFormat()
        made.setFont(self._theme.heading)
        made.setForeground(self._theme.tokens.color(Tone.ACCENT))
        return made

    def _plain(self) -> QTextCharFormat:
        made = QTextCharFormat()
        made.setFont(self._theme.mono)
        made.setForeground(self._theme.tokens.color(Tone.TEXT))
        return made


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return f"{text[:most]}… ({formats.count(len(text) - most)} more characters: see Input)"
