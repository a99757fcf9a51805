"""The style sheet of a window: put on all of it once it is built, and on one part after another when it changes.

Under a style sheet each widget costs some 0.15 ms to style anew, and a window has thousands. So its parts get the new
sheet over the old one, those in sight first, each in a turn of the event loop.
"""

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

_BETWEEN_MS = 4


class Dressing(QObject):
    """Keeps what the window and its parts wear. Parts may be added before the window is dressed, and after."""

    def __init__(self) -> None:
        super().__init__()
        self._window: QWidget | None = None
        self._parts: list[QWidget] = []
        self._undressed: list[QWidget] = []
        self._sheet = ""
        self._is_over = False
        """The parts wear another sheet over that of the window."""
        self._turns = QTimer(self)
        self._turns.setInterval(_BETWEEN_MS)
        self._turns.timeout.connect(self._dress_next)

    @property
    def is_settled(self) -> bool:
        """Whether every part wears the sheet that was put on last."""
        return not self._undressed

    def dress(self, window: QWidget, sheet: str) -> None:
        """Put the sheet on a window with all that is in it, at once."""
        self._window = window
        self._sheet = sheet
        window.setStyleSheet(sheet)

    def add_part(self, part: QWidget) -> None:
        """Let a part of the window change by itself. What lies in no part keeps the sheet it was dressed with."""
        self._parts.append(part)
        if self._is_over:
            part.setStyleSheet(self._sheet)

    def change(self, sheet: str) -> None:
        """Put on another sheet: at once where there are no parts, else in turns."""
        window = self._window
        if window is None or not isValid(window):
            return
        self._sheet = sheet
        if not self._parts:
            window.setStyleSheet(sheet)
            return
        if not self._is_over:
            self._is_over = True
            window.installEventFilter(self)
        self._parts = [part for part in self._parts if isValid(part)]
        dialogs = [child for child in window.children() if isinstance(child, QWidget) and child.isWindow()]
        self._undressed = sorted([*self._parts, *dialogs], key=lambda part: part.isVisible())
        self._turns.start()

    def _dress_next(self) -> None:
        if not self._undressed:
            self._turns.stop()
            return
        part = self._undressed.pop()
        if isValid(part):
            part.setStyleSheet(self._sheet)

    def eventFilter(self, _window: QObject, event: QEvent) -> bool:
        """Dress a dialog of the window before it is seen."""
        if event.type() == QEvent.Type.ChildPolished:
            child = event.child()  # type: ignore[attr-defined]
            if isinstance(child, QWidget) and child.isWindow():
                child.setStyleSheet(self._sheet)
        return False
