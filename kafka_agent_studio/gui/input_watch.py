"""Notices that a person clicks or types, whatever it is that they reach with it."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QWindow

# A key that is a shortcut arrives as ShortcutOverride alone.
_ACTS = frozenset(
    (
        QEvent.Type.KeyPress,
        QEvent.Type.ShortcutOverride,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
    )
)


class InputWatch(QObject):
    """Calls `on_input` before the event is worked on. It looks at what the desktop sends to the window alone."""

    def __init__(self, *, window: QWindow, on_input: Callable[[], object]) -> None:
        super().__init__(window)
        self._on_input = on_input
        window.installEventFilter(self)

    def eventFilter(self, _window: QObject, event: QEvent) -> bool:
        """Notice it and let it pass."""
        if event.type() in _ACTS:
            self._on_input()
        return False
